"""A shop of any size with the distributions of the demo data, made by SQL and the same every time.

Every order of the generated shop is a copy of an order of the demo, line by line: what is bought together,
for how much, with which discounts and on which day is the demo's own. Only who bought is new: the customers
are dealt out evenly to the demo's households, and each copy goes to one of its household's, by a hash. So
baskets, categories, amounts, days and the uneven spend of households stay those of the demo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from campaigns import attribution
from shop import ledger

# What the generator copies from; made once, from the demo as it was loaded.
TEMPLATES = """
CREATE UNLOGGED TABLE bench_order AS
SELECT o.id, o.source, o.ordered_at, o.gross, o.discount, o.refunded, o.net_revenue, o.coupon_codes,
       dense_rank() OVER (ORDER BY o.customer_id)::int - 1 AS household, count(*)::int AS lines,
       row_number() OVER (ORDER BY o.id)::bigint AS number
FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id GROUP BY o.id;
CREATE UNLOGGED TABLE bench_line AS SELECT * FROM shop_orderline;
CREATE UNLOGGED TABLE bench_touch AS
SELECT DISTINCT ON (t.id) t.id, t.campaign_id, t.coupon_id, t.kind, t.touched_at, o.id AS order_id
FROM campaigns_touch t JOIN shop_order o ON o.customer_id = t.customer_id
 AND (o.ordered_at AT TIME ZONE %(zone)s)::date = (t.touched_at AT TIME ZONE %(zone)s)::date
ORDER BY t.id, o.id;
ANALYZE bench_order, bench_line, bench_touch
"""

EMPTY = """
TRUNCATE shop_order, shop_orderline, shop_refund, shop_event, shop_customerrfm, shop_customercategoryday,
         shop_customermonth, shop_cohortmonth, shop_dirtykey, campaigns_credit, campaigns_touch,
         campaigns_assignment, campaigns_campaignday, campaigns_creditedday,
         shop_customer, shop_customerprofile, shop_consent, shop_consentevent CASCADE
"""

GIVEN = (
    "Anna Ben Clara David Emma Felix Grace Henry Ida Jonas Karin Leo Mia Noah Olga Paul Rosa Sam Tina Victor"
)
FAMILY = (
    "Abbott Baker Carter Doyle Evans Foster Graham Hughes Irwin Jansen Keller Lopez Meyer Novak Parker Stone"
)
SURNAMES = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗"
CALLED = "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 小红 建国 志强 海燕 文博 雨桐"

# Three in ten have a Chinese name, so that words of one and two characters are common.
CUSTOMERS = """
INSERT INTO shop_customer (id, external_id, locale, time_zone, attributes, created_at)
SELECT n, 'B' || n, CASE WHEN {hash} %% 10 < 3 THEN 'zh-hans' ELSE 'en' END, '',
       jsonb_build_object(
           'age', (ARRAY['19-24', '25-34', '35-44', '45-54', '55-64', '65+'])[1 + {hash} %% 6]), '2020-01-01'
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO shop_customerprofile (customer_id, name, email, phone, synthetic)
SELECT n, CASE WHEN {hash} %% 10 < 3
               THEN (%(surnames)s::text[])[1 + {hash} / 10 %% 20]
                    || (%(called)s::text[])[1 + {hash} / 200 %% 24]
               ELSE (%(given)s::text[])[1 + {hash} / 10 %% 20] || ' '
                    || (%(family)s::text[])[1 + {hash} / 200 %% 16] END,
       'b' || n || '@example.invalid', '', true
FROM generate_series(1, %(customers)s) AS n;
INSERT INTO shop_consent (customer_id, purpose, channel, state, updated_at)
SELECT n, 'marketing', 'email', CASE WHEN {hash} %% 5 = 0 THEN 'withdrawn' ELSE 'granted' END, '2020-01-01'
FROM generate_series(1, %(customers)s) AS n
""".replace("{hash}", "(hashint8extended(n, 1) & 9007199254740991)")

# Copy 0 is the demo itself; the last copy ends where the lines are enough.
ORDERS = """
CREATE UNLOGGED TABLE bench_copy AS
SELECT copy * 10000000 + id AS id, id AS original, copy, lines,
       1 + household * (%(customers)s / %(households)s)
         + (hashint8extended(copy * 10000000 + id, 2) & 9007199254740991)
           %% (%(customers)s / %(households)s) AS customer_id
FROM (
    SELECT copy, bench_order.*, sum(lines) OVER (ORDER BY copy, number) AS so_far
    FROM generate_series(0, %(copies)s) AS copy CROSS JOIN bench_order
) AS endless WHERE so_far - lines < %(lines)s;
INSERT INTO shop_order (id, source, external_id, customer_id, ordered_at, status, coupon_codes, tax, shipping,
                        original_currency, gross, discount, refunded, net_revenue)
SELECT c.id, 'bench', c.id::text, c.customer_id, o.ordered_at, 'placed', '[]', 0, 0, '', o.gross, o.discount,
       0, o.net_revenue
FROM bench_copy c JOIN bench_order o ON o.id = c.original;
INSERT INTO shop_orderline (order_id, line_no, product_id, customer_id, ordered_at, quantity, gross, discount,
                            coupon_value)
SELECT c.id, l.line_no, l.product_id, c.customer_id, l.ordered_at, l.quantity, l.gross, l.discount,
       l.coupon_value
FROM bench_copy c JOIN bench_line l ON l.order_id = c.original;
INSERT INTO campaigns_touch (campaign_id, customer_id, kind, coupon_id, order_id, touched_at, received_at,
                             source, external_id)
SELECT t.campaign_id, c.customer_id, t.kind, t.coupon_id, c.id, t.touched_at, t.touched_at, 'bench',
       t.id || '-' || c.copy
FROM bench_touch t JOIN bench_copy c ON c.original = t.order_id;
DROP TABLE bench_copy
"""

# Built anew after the rows are in, which takes a fraction of the time.
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(
    ARRAY['shop_order', 'shop_orderline', 'shop_customerprofile', 'campaigns_touch']::regclass[])
  AND NOT indisunique
"""
VACUUM = (
    "shop_customer", "shop_customerprofile", "shop_order", "shop_orderline", "shop_customerrfm",
    "shop_customercategoryday", "shop_customermonth", "shop_cohortmonth", "campaigns_credit",
    "campaigns_campaignday", "campaigns_creditedday", "campaigns_touch", "shop_product",
)  # fmt: skip


def prepare(zone: str) -> None:
    """Keep what the loaded demo bought as templates; call it once."""
    run(TEMPLATES, zone=zone)


def build(lines: int, customers: int) -> None:
    """Fill the shop with so many lines (the last order whole) and customers, and all that follows."""
    [(households, own_lines)] = run("SELECT count(DISTINCT household), sum(lines) FROM bench_order")
    with _without_triggers():
        run(EMPTY)
        indexes = run(INDEXES)
        for name, _definition in indexes:
            run(f"DROP INDEX {name}")
        run(
            CUSTOMERS, customers=customers, given=GIVEN.split(), family=FAMILY.split(),
            surnames=SURNAMES.split(), called=CALLED.split(),
        )  # fmt: skip
        copies = lines // int(own_lines)
        run(ORDERS, customers=customers, households=households, copies=copies, lines=lines)
        for _name, definition in indexes:
            run(definition)
        run("ANALYZE")
    ledger.rebuild()
    ledger.score_customers()
    attribution.rebuild()
    # Not inside a transaction: as autovacuum would have done it by and by.
    run(f"VACUUM ANALYZE {', '.join(VACUUM)}")


def run(statements: str, **parameters: Any) -> list[Any]:
    """Run statements one after the other, and return the rows of the last."""
    with connection.cursor() as cursor:
        for statement in statements.split(";"):
            cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Load rows as a restore does: foreign keys hold by construction, and nobody follows single rows."""
    run("SET session_replication_role = replica; SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'")
    try:
        yield
    finally:
        run("RESET session_replication_role; RESET work_mem; RESET maintenance_work_mem")
