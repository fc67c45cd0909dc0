"""When credits and days are recomputed: for changed orders, for keys that the ledger marked, or for all."""

from collections.abc import Collection

from django.db import connection, transaction

from campaigns.attribution.crediting import NAMED_BY_ORDER, credit
from campaigns.attribution.days import Key, rebuild_days, refresh_credit
from campaigns.models import Touch
from campaigns.models.membership import note_buyers
from marketing_site.lib.arrays import array
from marketing_site.lib.statistics import refresh_statistics
from shop import ledger
from shop.models import Order

# Orders that one set of statements of a rebuild credits.
CHUNK = 20_000

# A failing database loses the figures together with the taking of their keys, which are then drained again;
# so the commit waits for no disk. Sums over so many orders fit into this memory.
IN_A_DRAIN = "SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '64MB'"

# One recomputation at a time: two would each miss what the other has not committed.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('campaigns.attribution'))"

# What orders left behind that were deleted without a mark.
LEFT_BEHIND = "DELETE FROM campaigns_credit WHERE NOT EXISTS (SELECT FROM shop_order WHERE id = order_id)"

# Whose statistics the planner needs fresh: a rebuild writes all of the credits at once.
TABLES = ("campaigns_credit", "campaigns_touch")

# The order that was a customer's first before a change, or is it now, gains or loses a new customer. Of the
# orders that did not change themselves only the first of each customer can be one of the two, and only if a
# changed order is placed before it or may have been. One that no credit knows yet, and that is not cancelled,
# was never anywhere else: whatever moves an order names its customer.
FIRST_OF_OTHERS = """
WITH changed AS (
    SELECT id, customer_id, ordered_at, status = 'cancelled'
           OR EXISTS (SELECT FROM campaigns_credit WHERE order_id = shop_order.id) AS may_have_moved
    FROM shop_order WHERE id = ANY(%(orders)s)
), buyer AS (
    SELECT customer_id, bool_or(may_have_moved) AS may_have_moved, min(ordered_at) AS first_change
    FROM (SELECT customer_id, ordered_at, may_have_moved FROM changed
          UNION ALL SELECT unnest(%(customers)s::bigint[]), NULL, true) AS told
    GROUP BY customer_id
)
SELECT coalesce(credit.campaign_id, 0), credit.day
FROM (
    SELECT DISTINCT ON (other.customer_id) other.id, other.ordered_at, buyer.may_have_moved, first_change
    FROM buyer
    JOIN shop_order AS other ON other.customer_id = buyer.customer_id AND other.status <> 'cancelled'
    LEFT JOIN changed ON changed.id = other.id
    WHERE changed.id IS NULL
    ORDER BY other.customer_id, other.ordered_at, other.id
) AS first
JOIN campaigns_credit AS credit ON credit.order_id = first.id
WHERE may_have_moved OR first_change <= first.ordered_at
"""


@transaction.atomic
def refresh(order_ids: Collection[int], customer_ids: Collection[int] = ()) -> None:
    """Credit these orders, and every order of these customers, anew, and recompute the days they touch.

    The orders' totals must be up to date (`shop.ledger.refresh`). Safe to call twice and in any order.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
    refresh_statistics(*TABLES)
    orders = {*order_ids, *Order.objects.filter(customer__in=customer_ids).values_list("pk", flat=True)}
    # Before the credits are written anew: they tell which of the orders were counted already.
    others = _first_of_others(orders, customer_ids)
    refresh_credit(others | credit(orders, customer_ids))


@transaction.atomic
def rebuild() -> None:
    """Recompute every credit and every day; the result is the one that `refresh` keeps."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
        cursor.execute(LEFT_BEHIND)
    Touch.objects.filter(source=NAMED_BY_ORDER, order=None).delete()
    order_ids = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(order_ids), CHUNK):
        credit(order_ids[start : start + CHUNK])
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
    rebuild_days()


@transaction.atomic
def drain_dirty_keys(limit: int = 50_000) -> int:
    """Bring all that follows from the oldest marked orders and customers up to date; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(IN_A_DRAIN)
    keys = ledger.take_dirty_keys(limit)
    if not (keys.orders or keys.customers):
        return 0
    ledger.refresh(keys.orders, keys.customers, keys.summed)
    refresh(keys.orders, keys.customers)
    note_buyers(keys.orders, keys.customers)
    if _some_are_gone(keys.orders):
        # Their credits went with them, so the days they stood on are not known any more.
        Touch.objects.filter(source=NAMED_BY_ORDER, order=None).delete()
        rebuild_days()
    return len(keys.orders) + len(keys.customers)


def _first_of_others(order_ids: Collection[int], customer_ids: Collection[int]) -> set[Key]:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_OF_OTHERS, {"orders": array(order_ids), "customers": array(customer_ids)})
        return set(cursor.fetchall())


def _some_are_gone(order_ids: Collection[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shop_order WHERE id = ANY(%s)", [array(order_ids)])
        return int(cursor.fetchone()[0]) < len(order_ids)
