"""What follows from the order lines: order totals, customer values, category days, months and cohorts.

All of it can be rebuilt.

Everything here is set-based SQL that recomputes whole keys, so it is safe to call twice and in any order.
Days are those of the shop's zone (settings.TIME_ZONE).

- Net revenue of an order is gross - discounts - refunds; a cancelled one keeps its sums, with net revenue 0.
- Lines with quantity 0 count in money and not as purchases, so a category day may have money and no order.
- A refund of one line lowers the category of that line; a refund of the whole order is shared by its lines in
  proportion to their amounts.
"""

import math
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, DurationField, ExpressionWrapper, Min
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from marketing_site.lib.arrays import array
from marketing_site.lib.statistics import refresh_statistics
from shop.models import DirtyKey

# `everything` is a constant to the planner, so each statement serves a rebuild and a few keys alike.
TOTALS = """
UPDATE shop_order SET gross = fresh.gross, discount = fresh.discount, refunded = fresh.refunded,
       net_revenue = fresh.net_revenue
FROM (
    SELECT placed.id, coalesce(line.gross, 0) AS gross, coalesce(line.discount, 0) AS discount,
           coalesce(refund.amount, 0) AS refunded,
           CASE WHEN placed.status = 'cancelled' THEN 0
                ELSE coalesce(line.gross, 0) - coalesce(line.discount, 0) - coalesce(refund.amount, 0)
           END AS net_revenue
    FROM shop_order AS placed
    LEFT JOIN (SELECT order_id, sum(gross) AS gross, sum(discount) AS discount FROM shop_orderline
               WHERE %(everything)s OR order_id = ANY(%(orders)s) GROUP BY order_id) AS line
           ON line.order_id = placed.id
    LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM shop_refund
               WHERE %(everything)s OR order_id = ANY(%(orders)s) GROUP BY order_id) AS refund
           ON refund.order_id = placed.id
    WHERE %(everything)s OR placed.id = ANY(%(orders)s)
) AS fresh
WHERE shop_order.id = fresh.id
  AND (shop_order.gross, shop_order.discount, shop_order.refunded, shop_order.net_revenue)
      IS DISTINCT FROM (fresh.gross, fresh.discount, fresh.refunded, fresh.net_revenue)
"""

CUSTOMER_VALUES = """
INSERT INTO shop_customerrfm (customer_id, first_order_at, last_order_at, orders, net_revenue)
SELECT customer_id, min(ordered_at), max(ordered_at), count(*), sum(net_revenue)
FROM shop_order
WHERE status <> 'cancelled' AND (%(everything)s OR customer_id = ANY(%(customers)s))
GROUP BY customer_id
ON CONFLICT (customer_id) DO UPDATE SET first_order_at = excluded.first_order_at,
    last_order_at = excluded.last_order_at, orders = excluded.orders, net_revenue = excluded.net_revenue
"""

CUSTOMER_VALUES_GONE = """
DELETE FROM shop_customerrfm AS known
WHERE (%(everything)s OR customer_id = ANY(%(customers)s))
  AND NOT EXISTS (SELECT FROM shop_order
                  WHERE customer_id = known.customer_id AND status <> 'cancelled')
"""

# A refund is a line of money taken back and nothing bought. Each line counts in its product's category and in
# those above: whoever asks for a whole branch reads its own rows, and needs none of those below.
CATEGORY_DAYS = """
INSERT INTO shop_customercategoryday (category_id, day, customer_id, orders, lines, net_revenue)
SELECT branch.category_id, placed.day, placed.customer_id,
       count(DISTINCT line.order_id) FILTER (WHERE line.quantity > 0),
       count(*) FILTER (WHERE line.quantity > 0),
       sum(line.amount)
FROM (
    SELECT order_id, product_id, quantity, gross - discount AS amount FROM shop_orderline
    WHERE %(everything)s OR order_id = ANY(%(orders)s)
    UNION ALL
    SELECT order_id, line.product_id, 0, -refund.amount
    FROM shop_refund AS refund JOIN shop_orderline AS line USING (order_id, line_no)
    WHERE %(everything)s OR order_id = ANY(%(orders)s)
    UNION ALL
    SELECT line.order_id, line.product_id, 0,
           -round(refund.amount * (line.gross - line.discount) / (whole.gross - whole.discount), 4)
    FROM shop_refund AS refund
    JOIN shop_order AS whole ON whole.id = refund.order_id AND whole.gross <> whole.discount
    JOIN shop_orderline AS line ON line.order_id = refund.order_id
    WHERE refund.line_no IS NULL AND (%(everything)s OR refund.order_id = ANY(%(orders)s))
) AS line
JOIN (
    SELECT id, customer_id, (ordered_at AT TIME ZONE %(zone)s)::date AS day
    FROM shop_order WHERE status <> 'cancelled' AND (%(everything)s OR id = ANY(%(orders)s))
    OFFSET 0  -- the day is found once for each order, not for each of its lines
) AS placed ON placed.id = line.order_id
JOIN shop_product AS product ON product.id = line.product_id
JOIN (
    SELECT id, unnest(CASE path WHEN '' THEN ARRAY[id]
                      ELSE string_to_array(trim('/' FROM path), '/')::bigint[] END) AS category_id
    FROM shop_category
) AS branch ON branch.id = product.category_id
GROUP BY placed.customer_id, placed.day, branch.category_id
"""

CUSTOMER_MONTHS_GONE = """
DELETE FROM shop_customermonth WHERE %(everything)s OR customer_id = ANY(%(customers)s)
"""

CUSTOMER_MONTHS = """
INSERT INTO shop_customermonth (customer_id, month, orders, net_revenue)
SELECT customer_id, date_trunc('month', ordered_at AT TIME ZONE %(zone)s)::date, count(*), sum(net_revenue)
FROM shop_order
WHERE status <> 'cancelled' AND (%(everything)s OR customer_id = ANY(%(customers)s))
GROUP BY 1, 2
"""

# A cohort has too many customers to count anew for each order: what some customers' months add to its cells
# is taken away before these months are written anew, and added again after it. Both happen under one lock, so
# the cells stay the exact sums of the months.
COHORT_MONTHS = """
INSERT INTO shop_cohortmonth AS known (cohort, month, customers, kept, second_orders, orders, net_revenue)
SELECT cohort, month, %(sign)s * count(*), %(sign)s * count(*) FILTER (WHERE kept),
       %(sign)s * count(*) FILTER (WHERE so_far >= 2 AND so_far - orders < 2),
       %(sign)s * sum(orders), %(sign)s * sum(net_revenue)
FROM (
    SELECT month, orders, net_revenue, first_value(month) OVER own AS cohort,
           coalesce(lag(month) OVER own + interval '1 month' = month, false) AS kept,
           sum(orders) OVER own AS so_far
    FROM shop_customermonth WHERE %(everything)s OR customer_id = ANY(%(customers)s)
    WINDOW own AS (PARTITION BY customer_id ORDER BY month)
) AS active
GROUP BY cohort, month
ON CONFLICT (cohort, month) DO UPDATE
SET customers = known.customers + excluded.customers, kept = known.kept + excluded.kept,
    second_orders = known.second_orders + excluded.second_orders, orders = known.orders + excluded.orders,
    net_revenue = known.net_revenue + excluded.net_revenue
"""

COHORT_MONTHS_GONE = "DELETE FROM shop_cohortmonth WHERE customers = 0"

FROM_TOTALS = (CUSTOMER_VALUES, CUSTOMER_VALUES_GONE, CATEGORY_DAYS)

# Keys travel as arrays in Postgres' own writing: thousands of values are not read and written again.
TOUCHED_DAYS = """
SELECT coalesce(array_agg(customer_id)::text, '{}'), coalesce(array_agg(day)::text, '{}'),
       array(SELECT unnest(%(customers)s::bigint[]) UNION SELECT unnest(array_agg(customer_id)))::text
FROM (
    SELECT customer_id, (ordered_at AT TIME ZONE %(zone)s)::date AS day FROM shop_order
    WHERE id = ANY(%(orders)s) OR customer_id = ANY(%(customers)s)
    UNION
    SELECT customer_id, day FROM shop_customercategoryday WHERE customer_id = ANY(%(customers)s)
) AS touched
"""

CLEAR_CATEGORY_DAYS = """
DELETE FROM shop_customercategoryday AS known
USING unnest(%(day_customers)s::bigint[], %(days)s::date[]) AS touched (customer_id, day)
WHERE known.customer_id = touched.customer_id AND known.day = touched.day
"""

ORDERS_OF_DAYS = """
SELECT coalesce(array_agg(placed.id)::text, '{}'),
       coalesce(array_agg(placed.id) FILTER (WHERE placed.id <> ALL(%(summed)s))::text, '{}')
FROM unnest(%(day_customers)s::bigint[], %(days)s::date[]) AS touched (customer_id, day)
JOIN shop_order AS placed ON placed.customer_id = touched.customer_id
 AND placed.ordered_at >= touched.day::timestamp AT TIME ZONE %(zone)s
 AND placed.ordered_at < (touched.day + 1)::timestamp AT TIME ZONE %(zone)s
"""

# As an array: this table is empty most of the time, and a join would be planned for an empty one.
TAKE_OLDEST = """
DELETE FROM shop_dirtykey
WHERE id = ANY(ARRAY(SELECT id FROM shop_dirtykey ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))
RETURNING kind, key
"""

ORDERS_WITH_PRODUCTS = """
INSERT INTO shop_dirtykey (kind, key, marked_at)
SELECT DISTINCT 'order', order_id, now() FROM shop_orderline WHERE product_id = ANY(%s)
ON CONFLICT (kind, key) DO UPDATE SET marked_at = excluded.marked_at
"""

# Score k of 5 = the smallest whole number not below 5 × (share of customers with this value or less):
# counting with peers keeps ties together, in whole numbers.
SCORES = """
UPDATE shop_customerrfm AS known SET recency_score = fresh.recency, frequency_score = fresh.frequency,
       monetary_score = fresh.monetary
FROM (
    SELECT customer_id,
           (5 * count(*) OVER (ORDER BY last_day) + size - 1) / size AS recency,
           (5 * count(*) OVER (ORDER BY orders) + size - 1) / size AS frequency,
           (5 * count(*) OVER (ORDER BY net_revenue) + size - 1) / size AS monetary
    FROM (SELECT *, (last_order_at AT TIME ZONE %(zone)s)::date AS last_day, count(*) OVER () AS size
          FROM shop_customerrfm) AS measured
) AS fresh
WHERE known.customer_id = fresh.customer_id
  AND (known.recency_score, known.frequency_score, known.monetary_score)
      IS DISTINCT FROM (fresh.recency, fresh.frequency, fresh.monetary)
"""

# What the statements above read and write.
FACTS = ("shop_order", "shop_orderline", "shop_refund")
ROLLUPS = ("shop_customerrfm", "shop_customercategoryday", "shop_customermonth", "shop_cohortmonth")
# After a rebuild the planner must not take the roll-ups for the empty tables that they were.
FRESH_STATISTICS = f"ANALYZE shop_order, {', '.join(ROLLUPS)}"

# One recomputation at a time: two could insert the same category day.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('shop.ledger'))"


class Backlog(NamedTuple):
    """How many changed orders and customers no roll-up holds yet, and the seconds that the oldest waits."""

    keys: int
    seconds: float

    @property
    def whole_seconds(self) -> int:
        return math.ceil(self.seconds)


class DirtyKeys(NamedTuple):
    """Orders whose own day is out of date, and customers of whom every day is.

    The sums of those in `summed` are right: no change of such an order waits but that it is new.
    """

    orders: list[int]
    customers: list[int]
    summed: list[int]


def mark_dirty(*, orders: Iterable[int] = (), customers: Iterable[int] = ()) -> None:
    """Note that these need recomputing; call it in the transaction that changes them.

    Name the customer where an order left a day or a customer behind. The row is written anew where it
    exists: its lock keeps a worker from taking the key before this change is committed.
    """
    keys = {(DirtyKey.Kind.ORDER, key) for key in orders} | {
        (DirtyKey.Kind.CUSTOMER, key) for key in customers
    }
    DirtyKey.objects.bulk_create(
        [DirtyKey(kind=kind, key=key) for kind, key in sorted(keys)],
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["marked_at"],
    )
    hint_after_commit()


def hint_after_commit() -> None:
    """Have the marked keys drained as soon as they are committed, rather than by the clock.

    Call it wherever keys are marked by other means than `mark_dirty`. A lost hint costs seconds, no figure.
    """
    transaction.on_commit(import_string(settings.ROLLUPS_HINT), robust=True)


def backlog() -> Backlog:
    """Return what waits to be counted; the database's clock tells how long."""
    waits = ExpressionWrapper(Now() - Min("marked_at"), output_field=DurationField())
    found = DirtyKey.objects.aggregate(keys=Count("*"), waits=waits)
    return Backlog(found["keys"], max(found["waits"].total_seconds(), 0) if found["waits"] else 0)


def mark_orders_of(product_ids: Collection[int]) -> None:
    """Note that every order with one of these products needs recomputing: a product changed its category."""
    with connection.cursor() as cursor:
        cursor.execute(ORDERS_WITH_PRODUCTS, [list(product_ids)])
    hint_after_commit()


def take_dirty_keys(limit: int = 50_000) -> DirtyKeys:
    """Remove the oldest keys and return them; the caller recomputes them in the same transaction.

    The more are taken, the fewer times the customers of a large import are summed up anew; on two slow cores
    the default takes about ten seconds for orders of ten lines.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE_OLDEST, [limit])
        taken = cursor.fetchall()
    changed, new, customers = (
        {key for kind, key in taken if kind == one}
        for one in (DirtyKey.Kind.ORDER, DirtyKey.Kind.NEW_ORDER, DirtyKey.Kind.CUSTOMER)
    )
    return DirtyKeys(sorted(changed | new), sorted(customers), sorted(new - changed))


def total(order_ids: Collection[int]) -> None:
    """Recompute the sums that these orders carry, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"everything": False, "orders": array(order_ids)})


@transaction.atomic
def refresh(
    order_ids: Collection[int], customer_ids: Collection[int] = (), summed: Collection[int] = ()
) -> None:
    """Recompute these orders' totals, their customers' values, and the category days they fall on.

    Of `customer_ids` every order and every day is recomputed; the totals of `summed` are left as they are.
    """
    keys: dict[str, Any] = {"everything": False, "zone": settings.TIME_ZONE}
    keys |= {"orders": array(order_ids), "customers": array(customer_ids), "summed": array(summed)}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
        refresh_statistics(*FACTS, *ROLLUPS)
        cursor.execute(TOUCHED_DAYS, keys)
        keys["day_customers"], keys["days"], keys["customers"] = cursor.fetchone()
        cursor.execute(CLEAR_CATEGORY_DAYS, keys)
        cursor.execute(ORDERS_OF_DAYS, keys)
        keys["orders"], unsummed = cursor.fetchone()
        cursor.execute(TOTALS, keys | {"orders": unsummed})
        for statement in FROM_TOTALS:
            cursor.execute(statement, keys)
        cursor.execute(COHORT_MONTHS, keys | {"sign": -1})
        _months(keys)


@transaction.atomic
def rebuild() -> None:
    """Recompute the totals, values, category days, months and cohorts of the whole shop."""
    keys = {"everything": True, "zone": settings.TIME_ZONE, "orders": [], "customers": []}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
        cursor.execute("DELETE FROM shop_customercategoryday")
        for statement in (TOTALS, *FROM_TOTALS):
            cursor.execute(statement, keys)
        cursor.execute("DELETE FROM shop_cohortmonth")
        _months(keys)
        cursor.execute(FRESH_STATISTICS)


def _months(keys: dict[str, Any]) -> None:
    """Write the customers' months anew, and add them to their cohorts."""
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMER_MONTHS_GONE, keys)
        cursor.execute(CUSTOMER_MONTHS, keys)
        cursor.execute(COHORT_MONTHS, keys | {"sign": 1})
        cursor.execute(COHORT_MONTHS_GONE)


@transaction.atomic
def forget_customers(customer_ids: Collection[int]) -> None:
    """Take customers out of their cohorts; call it in the transaction that deletes them."""
    keys: dict[str, Any] = {"everything": False, "customers": array(customer_ids)}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
        cursor.execute(COHORT_MONTHS, keys | {"sign": -1})
        cursor.execute(CUSTOMER_MONTHS_GONE, keys)
        cursor.execute(COHORT_MONTHS_GONE)


def score_customers() -> None:
    """Give every customer with an order scores from 1 to 5 by fifths; equal values share a score."""
    with connection.cursor() as cursor:
        cursor.execute(SCORES, {"zone": settings.TIME_ZONE})
