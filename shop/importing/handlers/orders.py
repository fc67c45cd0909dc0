"""Orders with their lines: one row a line. The rows of an order are all of its lines, as in `shop.ingest`."""

from typing import Any

from babel.numbers import get_currency_precision
from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from psycopg.errors import UniqueViolation

from shop.importing.handlers.columns import CUSTOMER, PRODUCT
from shop.importing.kinds import Column
from shop.importing.shapes import plain
from shop.importing.values import CURRENCIES
from shop.importing.writing import Batch, Busy, Handler, as_object, stub_customers, stub_products, unknown
from shop.ledger import hint_after_commit, total

STATUS = (
    ("placed", "placed"), ("paid", "placed"), ("completed", "placed"), ("complete", "placed"),
    ("shipped", "placed"), ("delivered", "placed"), ("fulfilled", "placed"), ("closed", "placed"),
    ("已付款", "placed"), ("已完成", "placed"), ("已发货", "placed"),
    ("cancelled", "cancelled"), ("canceled", "cancelled"), ("void", "cancelled"), ("已取消", "cancelled"),
)  # fmt: skip
WITHOUT_CENTS = sorted(one for one in CURRENCIES if not get_currency_precision(one))
# The order's own columns that a file can change.
COUPON_CODES = """
coalesce(to_jsonb(regexp_split_to_array(nullif(btrim(g.coupon_codes), ''), '\\s*[|,;]\\s*')), '[]'::jsonb)
"""
OWN = ("customer_id", "ordered_at", "status", "coupon_codes", "tax", "shipping", "original_currency",
       "original_total", "exchange_rate")  # fmt: skip
LINE = ("product_id", "customer_id", "ordered_at", "quantity", "gross", "discount", "coupon_value")

FOREIGN = "coalesce(g.currency, %(declared)s) <> %(shop)s"
IN_CURRENCY = "round({amount} * CASE WHEN " + FOREIGN + " THEN coalesce(g.rate, 0) ELSE 1 END, 4)"
GROUPS = """
SELECT g.grp, known.id AS known_id, {order_id} AS order_id, c.id AS customer_id, g.ordered_at,
       coalesce(g.status, 'placed') AS status, {coupon_codes} AS coupon_codes, {tax} AS tax, {shipping} AS
           shipping,
       CASE WHEN {foreign} THEN coalesce(g.currency, %(declared)s) ELSE '' END AS original_currency,
       CASE WHEN {foreign} THEN round(g.lines_total, 4) END AS original_total,
       CASE WHEN {foreign} THEN g.rate END AS exchange_rate,
       CASE WHEN {foreign} THEN g.rate ELSE 1 END AS factor,
       g."order" AS external_id, written.lines AS written,
       CASE WHEN c.id IS NULL OR c.erased_at IS NOT NULL OR {foreign} OR g.order_total IS NOT NULL
            THEN nullif(array_remove(ARRAY[
           CASE WHEN c.erased_at IS NOT NULL OR (c.id IS NULL AND {refuses_unknown})
                THEN 'customer:unknown_customer' END,
           CASE WHEN {foreign} AND coalesce(g.rate, 0) <= 0 THEN 'currency:currency' END,
           CASE WHEN g.order_total IS NOT NULL AND written.lines IS NULL AND g.lines_total <> g.order_total
                THEN 'order_total:sum' END
       ]::text[], NULL), '{{}}') END AS faults
FROM import_group AS g
LEFT JOIN LATERAL (SELECT id, erased_at FROM shop_customer WHERE external_id = g.customer LIMIT 1)
    AS c ON true
LEFT JOIN LATERAL (SELECT id FROM shop_order WHERE source = %(source)s AND external_id = g."order" LIMIT 1)
    AS known ON true
LEFT JOIN LATERAL (SELECT lines FROM shop_importedorder WHERE file_id = %(file)s AND order_id = known.id
                   LIMIT 1) AS written ON true
"""

# Faults are looked for where one of their conditions holds: few rows pay for naming them. Most files write a
# product's id as the shop does, and comparing small letters costs ten times as much.
LINES = """
SELECT found.*, CASE WHEN found.faults IS NOT NULL THEN 'rejected' WHEN {is_new} THEN 'new'
                     WHEN {is_changed} THEN 'changed' ELSE 'unchanged' END AS act
FROM (
    SELECT s.row_no, s.grp, g.known_id, g.order_id, {number}::int AS line_no, p.id AS product_id,
        g.customer_id,
           g.ordered_at, coalesce(s.quantity, 1)::int AS quantity, {gross} AS gross, {discount} AS discount,
           {coupon_value} AS coupon_value,
           CASE WHEN g.faults IS NOT NULL OR p.id IS NULL OR s.discount > s.gross OR s.differs OR {line_wrong}
                     OR g.original_currency <> ''
                THEN nullif(coalesce(g.faults, '{{}}') || array_remove(ARRAY[
               CASE WHEN p.id IS NULL AND {refuses_unknown} THEN 'product:unknown_product' END,
               CASE WHEN s.discount > s.gross THEN 'discount:range' END,
               CASE WHEN s.differs THEN 'order:differs' END,
               CASE WHEN s.line_no < 1 THEN 'line_no:range' END,
               CASE WHEN s.line_no = ANY(g.written) OR s.repeated THEN 'line_no:duplicate' END,
               CASE WHEN {has_cents} THEN 'gross:currency' END
           ]::text[], NULL), '{{}}') END AS faults
    FROM import_stage AS s
    JOIN import_header AS g USING (grp)
    LEFT JOIN shop_product AS exact ON exact.sku = s.product
    LEFT JOIN LATERAL (
        SELECT coalesce(exact.id, (SELECT id FROM shop_product WHERE lower(sku) = lower(s.product))) AS id
    ) AS p ON true
) AS found {known}
"""
KNOWN_LINES = """
LEFT JOIN (SELECT * FROM shop_orderline WHERE order_id = ANY(%(known)s)) AS line
       ON line.order_id = found.known_id AND line.line_no = found.line_no
LEFT JOIN (SELECT * FROM shop_order WHERE id = ANY(%(known)s)) AS placed ON placed.id = found.known_id
LEFT JOIN import_header AS header ON header.grp = found.grp
"""

SUMS = """
SELECT grp, min(order_id) AS order_id, min(known_id) AS known_id, sum(gross) AS gross, sum(discount) AS
    discount,
       {lines} AS lines
FROM import_work WHERE act <> 'rejected' GROUP BY grp
"""
# With the keys that they make out of date: one statement, one look at each order.
NEW_ORDERS = """
WITH fresh AS (
    INSERT INTO shop_order (id, source, external_id, customer_id, ordered_at, status, coupon_codes, tax,
        shipping,
        original_currency, original_total, exchange_rate, gross, discount, refunded, net_revenue)
    SELECT g.order_id, %(source)s, g.external_id, g.customer_id, g.ordered_at, g.status, g.coupon_codes,
        g.tax,
           g.shipping, g.original_currency, g.original_total, g.exchange_rate, sums.gross, sums.discount, 0,
           CASE WHEN g.status = 'cancelled' THEN 0 ELSE sums.gross - sums.discount END
    FROM import_header AS g JOIN import_sum AS sums USING (grp)
    WHERE sums.known_id IS NULL
    RETURNING id
){kept}
INSERT INTO shop_dirtykey (kind, key, marked_at) SELECT 'new_order', id, now() FROM fresh
"""
KEPT = """, kept AS (
    INSERT INTO shop_importimage (file_id, model, key, before, after)
    SELECT %(file)s, 'shop_order', id, NULL, '' FROM fresh
)"""
NEW_LINES = """
INSERT INTO shop_orderline (order_id, line_no, product_id, customer_id, ordered_at, quantity, gross, discount,
    coupon_value)
SELECT order_id, line_no, product_id, customer_id, ordered_at, quantity, gross, discount, coupon_value
FROM import_work WHERE act = 'new' AND known_id IS {known}
"""
CORRECT_LINES = (
    NEW_LINES.replace("act = 'new'", "act IN ('new', 'changed')").format(known="NOT NULL")
    + """
ON CONFLICT (order_id, line_no) DO UPDATE SET product_id = excluded.product_id,
    customer_id = excluded.customer_id, ordered_at = excluded.ordered_at, quantity = excluded.quantity,
    gross = excluded.gross, discount = excluded.discount, coupon_value = excluded.coupon_value
"""
)
# What makes a known order another one than the file says: its own columns, a line, or a line too many.
TOUCHED = """
SELECT DISTINCT w.known_id AS order_id FROM import_work AS w WHERE w.known_id IS NOT NULL AND w.act IN
    ('new', 'changed')
UNION SELECT line.order_id FROM shop_orderline AS line
JOIN (SELECT known_id, array_agg(line_no) AS lines FROM import_work
      WHERE known_id = ANY(%(first)s) AND act <> 'rejected' GROUP BY known_id) AS now ON now.known_id =
          line.order_id
WHERE line.order_id = ANY(%(first)s) AND NOT line.line_no = ANY(now.lines)
"""
LINES_GONE = """
DELETE FROM shop_orderline AS line
USING (SELECT known_id, array_agg(line_no) AS lines FROM import_work
       WHERE known_id = ANY(%(first)s) AND act <> 'rejected' GROUP BY known_id) AS now
WHERE line.order_id = now.known_id AND NOT line.line_no = ANY(now.lines)
"""
WRITTEN = """
INSERT INTO shop_importedorder (file_id, order_id, lines) SELECT %(file)s, order_id, lines FROM import_sum
WHERE known_id IS NULL
"""
WRITTEN_AGAIN = """
INSERT INTO shop_importedorder (file_id, order_id, lines) SELECT %(file)s, order_id, lines FROM import_sum
WHERE known_id IS NOT NULL
ON CONFLICT (file_id, order_id) DO UPDATE SET lines = shop_importedorder.lines || excluded.lines
"""
# An order is kept with its lines: they come and go with it.
IMAGES = """
INSERT INTO shop_importimage (file_id, model, key, before, after)
SELECT %(file)s, 'shop_order', placed.id, to_jsonb(placed) || jsonb_build_object('lines',
    (SELECT jsonb_agg(to_jsonb(line) ORDER BY line_no) FROM shop_orderline AS line WHERE line.order_id =
        placed.id)), ''
FROM shop_order AS placed WHERE placed.id = ANY(%(orders)s) ON CONFLICT DO NOTHING
"""


class Orders(Handler):
    """Orders with lines: an order of the same source and id is corrected, nothing is doubled."""

    name = "orders"
    label = _("Orders with lines")
    help = _("One row for each line of an order; give all lines of an order.")
    orphans = ("reject", "stub")
    group = "order"
    group_fields = (
        "customer", "ordered_at", "status", "coupon_codes", "tax", "shipping", "currency", "rate",
        "order_total",
    )  # fmt: skip
    tables = {"shop_order": "id", "shop_customer": "id", "shop_product": "id"}
    parts = ("shop_orderline",)
    columns = (
        Column(
            "order",
            _("Order"),
            required=True,
            max_length=64,
            example="A-5001",
            aliases=(
                "order_id",
                "orderid",
                "order_no",
                "order_number",
                "basket_id",
                "invoice",
                "invoice_no",
                "invoiceno",
                "transaction_id",
                "external_id",
                "订单",
                "订单号",
                "订单编号",
                "订单id",
            ),
            help=_("The order's id in its source."),
        ),
        CUSTOMER,
        Column(
            "ordered_at",
            _("Ordered at"),
            "time",
            required=True,
            example="2026-03-02T12:00:00Z",
            aliases=(
                "date",
                "time",
                "timestamp",
                "order_date",
                "ordered_on",
                "order_time",
                "created_at",
                "purchase_date",
                "invoice_date",
                "invoicedate",
                "transaction_timestamp",
                "下单时间",
                "订单时间",
                "日期",
                "时间",
            ),
        ),
        PRODUCT,
        Column(
            "quantity",
            _("Quantity"),
            "integer",
            example="2",
            low=0,
            high=10_000,
            aliases=("qty", "count", "units", "items", "数量", "件数"),
            help=_("1 if the file has none."),
        ),
        Column(
            "gross",
            _("Amount before discounts"),
            "money",
            required=True,
            example="20.00",
            low=0,
            high=1_000_000,
            aliases=(
                "amount",
                "line_total",
                "gross_amount",
                "sales_value",
                "line_amount",
                "subtotal",
                "金额",
                "销售额",
                "小计",
            ),
        ),
        Column(
            "discount",
            _("Discount"),
            "money",
            example="5.00",
            low=0,
            high=1_000_000,
            aliases=("discount_amount", "retail_disc", "优惠", "折扣", "优惠金额"),
        ),
        Column(
            "coupon_value",
            _("Value of coupons"),
            "money",
            example="0.00",
            low=0,
            aliases=("coupon_disc", "coupon_amount", "优惠券金额"),
        ),
        Column(
            "line_no",
            _("Line number"),
            "integer",
            example="1",
            low=1,
            aliases=("line", "line_number", "position", "行号"),
            help=_("If the file has none, the rows of an order are numbered."),
        ),
        Column(
            "status",
            _("Status"),
            "choice",
            choices=STATUS,
            example="placed",
            aliases=("order_status", "state", "状态", "订单状态"),
        ),
        Column(
            "coupon_codes",
            _("Coupon codes"),
            max_length=1000,
            example="SPRING10",
            aliases=("coupon", "coupons", "coupon_code", "discount_code", "voucher", "优惠码", "优惠券"),
            help=_("Several are separated by |."),
        ),
        Column("tax", _("Tax"), "money", example="0.00", aliases=("tax_amount", "vat", "税", "税额")),
        Column(
            "shipping",
            _("Shipping"),
            "money",
            example="0.00",
            aliases=("shipping_amount", "freight", "delivery_fee", "运费"),
        ),
        Column(
            "currency",
            _("Currency"),
            "currency",
            example="",
            aliases=("currency_code", "币种", "货币"),
            help=_("A currency other than the shop's needs the rate."),
        ),
        Column(
            "rate",
            _("Rate to the shop's currency"),
            "rate",
            example="",
            aliases=("exchange_rate", "fx_rate", "汇率"),
        ),
        Column(
            "order_total",
            _("Total of the order"),
            "money",
            example="",
            aliases=("total", "order_amount", "grand_total", "订单金额", "总金额"),
            help=_("After discounts; the lines must add up to it."),
        ),
    )

    def prepare(self, batch: Batch) -> None:
        if batch.stubs and batch.writes:
            stub_products(batch)
            stub_customers(batch, "import_group")

    def resolve(self, batch: Batch) -> None:
        refuses = "false" if batch.stubs else "true"
        # Looking up the sequence's name costs more than taking a number from it.
        [(numbers,)] = batch.rows("SELECT pg_get_serial_sequence('shop_order', 'id')")
        order_id = f"coalesce(known.id, nextval('{numbers}'))"
        select = GROUPS.format(
            order_id=order_id if batch.writes else "known.id",
            refuses_unknown=refuses,
            foreign=FOREIGN,
            coupon_codes=COUPON_CODES if "coupon_codes" in batch.mapped else "'[]'::jsonb",
            tax=IN_CURRENCY.format(amount="coalesce(g.tax, 0)") if "tax" in batch.mapped else "0",
            shipping=IN_CURRENCY.format(amount="coalesce(g.shipping, 0)")
            if "shipping" in batch.mapped
            else "0",
        )
        declared = plain(batch.file.shape).get("currency") or settings.SHOP_CURRENCY
        batch.looked_up("import_header", select, declared=declared, shop=settings.SHOP_CURRENCY)
        batch.run("ANALYZE import_header")
        one_currency = declared == settings.SHOP_CURRENCY and "currency" not in batch.mapped
        self._lines(batch, refuses, "{}" if one_currency else "round({} * g.factor, 4)")

    def _lines(self, batch: Batch, refuses: str, amount: str) -> None:
        known = batch.rows("SELECT known_id, written IS NULL FROM import_header WHERE known_id IS NOT NULL")
        batch.memory["known"] = [row[0] for row in known]
        batch.memory["first"] = [row[0] for row in known if row[1]]
        numbered = "line_no" in batch.mapped
        after = (
            "s.number + coalesce((SELECT max(one) FROM unnest(g.written) AS one), 0)" if known else "s.number"
        )
        own = " AND ".join(f"placed.{name} IS NOT DISTINCT FROM header.{name}" for name in OWN)
        line = " AND ".join(f"line.{name} IS NOT DISTINCT FROM found.{name}" for name in LINE)
        no_cents = ", ".join(f"'{one}'" for one in WITHOUT_CENTS)
        select = LINES.format(
            is_new="line.order_id IS NULL" if known else "true",
            is_changed=f"NOT ({own}) OR NOT ({line})" if known else "false",
            number="coalesce(s.line_no, s.number)" if numbered else after,
            gross=amount.format("s.gross"),
            discount=amount.format("coalesce(s.discount, 0)"),
            coupon_value=amount.format("coalesce(s.coupon_value, 0)"),
            line_wrong="s.line_no < 1 OR s.line_no = ANY(g.written) OR s.repeated" if numbered else "false",
            refuses_unknown=refuses,
            has_cents=f"g.original_currency IN ({no_cents}) AND s.gross <> trunc(s.gross)",
            known=KNOWN_LINES if known else "",
        )
        make = batch.looked_up if known else batch.temporary
        make("import_work", select, known=batch.memory["known"])

    def write(self, batch: Batch) -> None:
        known, first = batch.memory["known"], batch.memory["first"]
        numbered = "line_no" in batch.mapped
        lines = "array_agg(line_no)" if numbered else "ARRAY[max(line_no)]"
        batch.temporary("import_sum", SUMS.format(lines=lines))
        try:
            batch.run(NEW_ORDERS.format(kept=KEPT if batch.images else ""))
        except IntegrityError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise Busy from error
            raise
        batch.run(NEW_LINES.format(known="NULL"))
        batch.run(WRITTEN)
        if known:
            self._correct(batch, [row[0] for row in batch.rows(TOUCHED, first=first)], first)
            batch.run(WRITTEN_AGAIN)
        hint_after_commit()

    def _correct(self, batch: Batch, touched: list[int], first: list[int]) -> None:
        """Write what the file says differently of known orders, and mark where they were before."""
        if batch.images:
            batch.run(IMAGES, orders=touched)
        batch.mark_dirty(
            "SELECT 'customer', unnest(ARRAY[placed.customer_id, g.customer_id]) FROM import_header AS g "
            "JOIN shop_order AS placed ON placed.id = g.known_id WHERE g.known_id = ANY(%(touched)s) "
            "AND (placed.customer_id, placed.ordered_at) IS DISTINCT FROM (g.customer_id, g.ordered_at) "
            "GROUP BY 2",
            touched=touched,
        )
        sets = ", ".join(f"{name} = g.{name}" for name in OWN)
        batch.run(
            f"UPDATE shop_order AS placed SET {sets} FROM import_header AS g "
            "WHERE placed.id = g.known_id AND g.known_id = ANY(%(touched)s) AND g.faults IS NULL",
            touched=touched,
        )
        batch.run(LINES_GONE, first=first)
        batch.run(CORRECT_LINES)
        total(touched)
        batch.mark_dirty("SELECT 'order', unnest(%(touched)s::bigint[])", touched=touched)

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        return unknown(batch, "import_group")

    def samples(self, batch: Batch, act: str, limit: int) -> list[dict[str, Any]]:
        rows = batch.rows(
            "SELECT w.row_no, to_jsonb(w), to_jsonb(g), to_jsonb(line), to_jsonb(placed) FROM "
            "import_work AS w "
            "JOIN import_header AS g USING (grp) "
            "LEFT JOIN LATERAL (SELECT * FROM shop_orderline AS one WHERE one.order_id = w.known_id "
            "AND one.line_no = w.line_no) AS line ON true "
            "LEFT JOIN LATERAL (SELECT * FROM shop_order AS one WHERE one.id = w.known_id) AS placed ON true "
            "WHERE w.act = %(act)s ORDER BY w.row_no LIMIT %(limit)s",
            act=act, limit=limit,
        )  # fmt: skip
        return [_sample(act, row, *(as_object(one or {}) for one in found)) for row, *found in rows]


def _sample(
    act: str,
    row: int,
    line: dict[str, Any],
    header: dict[str, Any],
    old: dict[str, Any],
    placed: dict[str, Any],
) -> dict[str, Any]:
    now = {name: header[name] for name in ("external_id", *OWN)} | {name: line[name] for name in LINE}
    before = {name: placed.get(name) for name in ("external_id", *OWN)} | {
        name: old.get(name) for name in LINE
    }
    if act == "changed":
        known_by = ("external_id", "product_id")
        differing = [name for name in now if name in known_by or now[name] != before[name]]
        return {
            "row": row,
            "before": {name: before[name] for name in differing},
            "after": {name: now[name] for name in differing},
        }
    return {
        "row": row,
        "before": {},
        "after": {name: value for name, value in now.items() if value not in (None, "", [])},
    }
