"""What customers did: a table of events, and the two shapes in which the field hands them around.

Events are never corrected: a known id leaves what is stored as it is, and so does a repeated row.
"""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from shop.importing.handlers.columns import CUSTOMER, EXTERNAL_ID_ALIASES, PRODUCT_ALIASES
from shop.importing.kinds import Column
from shop.importing.writing import (
    Batch,
    Busy,
    Handler,
    TableHandler,
    first_of_each,
    stub_customers,
    stub_products,
    unknown,
)

KINDS = (
    ("search", "search"), ("搜索", "search"),
    ("view", "view"), ("pv", "view"), ("click", "view"), ("page_view", "view"), ("product_view", "view"),
    ("浏览", "view"), ("点击", "view"),
    ("cart", "cart"), ("add_to_cart", "cart"), ("addtocart", "cart"), ("加购", "cart"),
    ("coupon", "coupon"), ("领券", "coupon"),
    ("purchase", "purchase"), ("buy", "purchase"), ("transaction", "purchase"), ("order", "purchase"),
    ("购买", "purchase"),
    ("review", "review"), ("rating", "review"), ("评价", "review"), ("评论", "review"),
)  # fmt: skip
TIME_ALIASES = ("time", "timestamp", "date", "event_time", "created_at", "at", "时间", "日期")
# An event without an id of its own is known by what it says.
BY_CONTENT = (
    "'h' || md5(concat_ws(E'\\x1f', s.customer, s.kind, lower(s.product), "
    "extract(epoch from s.occurred_at), s.text, s.rating))"
)
UNKNOWN_CUSTOMER = (
    "c.id IS NULL AND ({refuses} OR EXISTS (SELECT FROM shop_customer WHERE external_id = s.customer))"
)


class Events(TableHandler):
    """Searches, views, carts, purchases and reviews, one a row."""

    name = "events"
    label = _("Events: searches, views, carts, purchases, reviews")
    help = _("One row for each thing that a customer did. Events are never corrected.")
    orphans = ("reject", "stub")
    table = "shop_event"
    tables = {"shop_event": "id", "shop_customer": "id", "shop_product": "id"}
    corrects = False
    joins = (
        "LEFT JOIN shop_customer AS c ON c.external_id = s.customer AND c.erased_at IS NULL "
        "LEFT JOIN shop_product AS p ON lower(p.sku) = lower(s.product) "
        f"CROSS JOIN LATERAL (SELECT coalesce(s.external_id, {BY_CONTENT}) AS known_by) AS id"
    )
    match = "known.source = %(source)s AND known.external_id = id.known_by"
    values = {
        "source": "%(source)s",
        "external_id": "id.known_by",
        "customer_id": "c.id",
        "product_id": "p.id",
        "kind": "s.kind",
        "occurred_at": "s.occurred_at",
        "text": "coalesce(s.text, '')",
        "rating": "s.rating::smallint",
    }
    created = {"received_at": "now()", "synthetic": "false"}
    columns: ClassVar[tuple[Column, ...]] = (
        Column(
            "external_id",
            _("Event"),
            max_length=64,
            example="E-1",
            aliases=("event", "event_id", "log_id", "事件编号", *EXTERNAL_ID_ALIASES),
            help=_("Without an id, events that say the same are one event."),
        ),
        CUSTOMER,
        Column(
            "kind",
            _("Kind of event"),
            "choice",
            required=True,
            choices=KINDS,
            example="view",
            aliases=(
                "event_type",
                "type",
                "action",
                "behavior",
                "behaviour",
                "behavior_type",
                "行为",
                "行为类型",
                "类型",
            ),
        ),
        Column(
            "occurred_at",
            _("Time"),
            "time",
            required=True,
            example="2026-03-02T12:00:00Z",
            aliases=TIME_ALIASES,
        ),
        Column("product", _("Product"), max_length=64, example="MUG-BLUE", aliases=PRODUCT_ALIASES),
        Column(
            "text",
            _("Text"),
            max_length=10_000,
            example="",
            aliases=(
                "query",
                "search",
                "keyword",
                "keywords",
                "words",
                "review",
                "comment",
                "content",
                "关键词",
                "内容",
                "评论内容",
            ),
        ),
        Column("rating", _("Rating"), "rating", example="", aliases=("stars", "score", "评分", "星级")),
    )

    def prepare(self, batch: Batch) -> None:
        if batch.stubs and batch.writes:
            stub_customers(batch)
            if "product" in batch.mapped:
                stub_products(batch)

    def all_checks(self, batch: Batch) -> dict[str, str]:
        refuses = "false" if batch.stubs else "true"
        return {
            "customer:unknown_customer": UNKNOWN_CUSTOMER.format(refuses=refuses),
            "product:unknown_product": f"s.product IS NOT NULL AND p.id IS NULL AND {refuses}",
            "rating:rating": "s.rating IS NOT NULL AND s.kind <> 'review'",
        }

    def resolve(self, batch: Batch) -> None:
        super().resolve(batch)
        first_of_each(batch)

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        return unknown(batch)


class Taobao(Events):
    """The public behaviour logs of Taobao: `user_id,item_id,category_id,behavior_type,timestamp`."""

    name = "taobao"
    label = _("Behaviour log (user_id, item_id, category_id, behavior_type, timestamp)")
    help = _(
        "With or without a header; pv and fav count as views. Unknown customers and products are added "
        "with their id alone."
    )
    orphans = ("stub", "reject")
    headerless = ("customer", "product", "category", "kind", "occurred_at")
    columns = (
        CUSTOMER,
        Column(
            "product", _("Product"), required=True, max_length=64, example="2268318", aliases=PRODUCT_ALIASES
        ),
        Column(
            "category",
            _("Category"),
            max_length=64,
            example="2520377",
            aliases=("category_id", "item_category", "cat_id", "类目"),
            help=_("Not stored."),
        ),
        Column(
            "kind",
            _("Kind of event"),
            "choice",
            required=True,
            choices=(*KINDS, ("fav", "view"), ("收藏", "view")),
            example="pv",
            aliases=("behavior_type", "behavior", "behaviour", "behaviour_type", "type", "行为"),
        ),
        Column("occurred_at", _("Time"), "epoch", required=True, example="1511544070", aliases=TIME_ALIASES),
        Column("external_id", _("Event"), max_length=64),
        Column("text", _("Text")),
        Column("rating", _("Rating"), "rating"),
    )


# A cell with a list: JSON, or parts between ; or |. What it is about is told by the names in an object.
LISTED = """
CREATE TEMP TABLE import_listed ON COMMIT DROP AS
SELECT s.row_no, s.customer, kind, place, coalesce(one->>'text', one->>'query', one->>'keyword',
    one->>'review',
           one->>'comment', one->>'content', one #>> '{}') AS said,
       coalesce(one->>'product', one->>'product_id', one->>'sku', one->>'item', one->>'item_id',
           one->>'item_id',
           CASE WHEN kind = 'purchase' THEN one #>> '{}' END) AS product,
       coalesce(one->>'time', one->>'timestamp', one->>'date') AS told, one->>'rating' AS rating,
           s.occurred_at
FROM import_stage AS s
CROSS JOIN LATERAL (VALUES ('search', s.search_record), ('purchase', s.purchase_record), ('review', s.review))
    AS cell (kind, content)
CROSS JOIN LATERAL (
    SELECT value, ordinality FROM jsonb_array_elements(CASE WHEN cell.content IS JSON ARRAY THEN
        cell.content::jsonb
        ELSE '[]' END) WITH ORDINALITY
    UNION ALL
    SELECT to_jsonb(btrim(value)), ordinality FROM regexp_split_to_table(CASE WHEN cell.content IS JSON
        ARRAY THEN ''
        ELSE cell.content END, '[;|]') WITH ORDINALITY AS part (value, ordinality) WHERE btrim(value) <> ''
) AS part (one, place)
"""
BEHAVIOUR = """
CREATE TEMP TABLE import_event ON COMMIT DROP AS
SELECT l.row_no, 'b' || md5(concat_ws(E'\\x1f', l.customer, l.kind, l.place, l.said, l.product)) AS
    external_id,
       c.id AS customer_id, p.id AS product_id, l.kind,
       coalesce(CASE WHEN pg_input_is_valid(l.told, 'timestamptz') THEN l.told::timestamptz END,
           l.occurred_at, %(sent)s)
           AS occurred_at,
       CASE WHEN l.kind = 'purchase' THEN '' ELSE left(coalesce(l.said, ''), 10000) END AS text,
       CASE WHEN l.kind = 'review' AND l.rating ~ '^[1-5]$' THEN l.rating::smallint END AS rating,
       l.customer, lower(l.product) AS sku, known.id AS known_id
FROM import_listed AS l
LEFT JOIN shop_customer AS c ON c.external_id = l.customer AND c.erased_at IS NULL
LEFT JOIN shop_product AS p ON lower(p.sku) = lower(l.product)
LEFT JOIN shop_event AS known ON known.source = %(source)s
     AND known.external_id = 'b' || md5(concat_ws(E'\\x1f', l.customer, l.kind, l.place, l.said, l.product))
"""
BEHAVIOUR_ROWS = """
SELECT row_no, faults, CASE WHEN faults <> '{{}}' THEN 'rejected' WHEN is_new THEN 'new' ELSE 'unchanged'
    END AS act
FROM (
    SELECT s.row_no, coalesce(bool_or(e.known_id IS NULL AND e.row_no IS NOT NULL), false) AS is_new,
           array_remove(ARRAY[
               CASE WHEN c.id IS NULL AND ({refuses} OR EXISTS (SELECT FROM shop_customer WHERE
                   external_id = s.customer))
                    THEN 'customer:unknown_customer' END,
               CASE WHEN {refuses} AND bool_or(e.sku IS NOT NULL AND e.product_id IS NULL)
                    THEN 'purchase_record:unknown_product' END,
               CASE WHEN bool_or(length(e.sku) > 64) THEN 'purchase_record:cell_too_long' END
           ]::text[], NULL) AS faults
    FROM import_stage AS s
    LEFT JOIN shop_customer AS c ON c.external_id = s.customer AND c.erased_at IS NULL
    LEFT JOIN import_event AS e USING (row_no)
    GROUP BY s.row_no, s.customer, c.id
) AS found
"""


class UserBehavior(Handler):
    """One row for each customer: what they searched, bought and wrote, as lists in cells."""

    name = "user_behavior"
    label = _("Behaviour of customers (search_record, purchase_record, review)")
    help = _(
        "One row for each customer; a list is one cell, separated by ; or | or as JSON. What has no "
        "time gets the "
        "time of the upload. Unknown customers and products are added with their id alone."
    )
    orphans = ("stub", "reject")
    key = ("customer",)
    tables = {"shop_event": "id", "shop_customer": "id", "shop_product": "id"}
    columns = (
        CUSTOMER,
        Column(
            "search_record",
            _("Searches"),
            "list",
            max_length=65_536,
            example="blue mug;tea",
            aliases=("search", "searches", "search_history", "搜索记录"),
        ),
        Column(
            "purchase_record",
            _("Purchases"),
            "list",
            max_length=65_536,
            example="MUG-BLUE|TEA-1",
            aliases=("purchase", "purchases", "purchase_history", "购买记录"),
            help=_("SKUs."),
        ),
        Column(
            "review",
            _("Reviews"),
            "list",
            max_length=65_536,
            example="Lovely mug",
            aliases=("reviews", "comment", "comments", "评论", "评价"),
        ),
        Column("occurred_at", _("Time"), "time", example="", aliases=TIME_ALIASES),
    )

    def resolve(self, batch: Batch) -> None:
        batch.run("DROP TABLE IF EXISTS import_listed, import_event")
        batch.run(LISTED)
        if batch.stubs and batch.writes:
            stub_customers(batch)
            stub_products(batch, "import_listed")
        batch.run(BEHAVIOUR, sent=batch.file.created_at)
        batch.temporary("import_work", BEHAVIOUR_ROWS.format(refuses="false" if batch.stubs else "true"))

    def write(self, batch: Batch) -> None:
        which = (
            "FROM import_event AS e JOIN import_work AS w USING (row_no) "
            "WHERE w.act = 'new' AND e.known_id IS NULL"
        )
        [(expected,)] = batch.rows(f"SELECT count(*) {which}")
        made = batch.keep_created(
            "shop_event",
            "INSERT INTO shop_event (source, external_id, customer_id, product_id, kind, occurred_at, "
            "received_at, "
            "text, rating, synthetic) SELECT %(source)s, e.external_id, e.customer_id, e.product_id, e.kind, "
            f"e.occurred_at, now(), e.text, e.rating, false {which} ON CONFLICT DO NOTHING",
        )
        if made != expected:
            raise Busy

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        products = batch.rows(
            "SELECT DISTINCT sku FROM import_event WHERE sku IS NOT NULL AND product_id IS NULL"
        )
        return unknown(batch) | {"products": [row[0] for row in products]}
