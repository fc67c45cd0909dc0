"""Whether the roll-ups are what a full rebuild would make of the facts.

The rebuild is done for real, from nothing, and rolled back: what is compared is what `rebuild` would write.
"""

from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import SerializationFailure

from campaigns.attribution.crediting import NAMED_BY_ORDER
from campaigns.attribution.days import MODEL
from campaigns.attribution.refreshing import drain_dirty_keys, rebuild
from shop import ledger

EXAMPLES = 5

# What is rolled up, by name: the statement that reads it, and its columns for people. A day on which nothing
# happened may have a row of zeros or none.
ROLLUPS: dict[str, str] = {
    "order totals": "SELECT id AS order_id, gross, discount, refunded, net_revenue FROM shop_order",
    "customer values": """
        SELECT customer_id, first_order_at, last_order_at, orders, net_revenue FROM shop_customerrfm""",
    "category days": """
        SELECT category_id, day, customer_id, orders, lines, net_revenue FROM shop_customercategoryday""",
    "customer months": "SELECT customer_id, month, orders, net_revenue FROM shop_customermonth",
    "cohort months": """
        SELECT cohort, month, customers, kept, second_orders, orders, net_revenue FROM shop_cohortmonth""",
    "redemptions named by orders": """
        SELECT order_id, campaign_id, customer_id, coupon_id, touched_at, external_id
        FROM campaigns_touch WHERE source = %(named_by_order)s""",
    "credits": """
        SELECT order_id, campaign_id, touch_id, weight, amount, day
        FROM campaigns_credit WHERE model = %(model)s""",
    "campaign days": """
        SELECT campaign_id, day, spend, net_revenue, orders, order_revenue, new_customers, redemptions
        FROM campaigns_campaignday WHERE model = %(model)s
         AND (spend, net_revenue, orders, order_revenue, new_customers, redemptions) <> (0, 0, 0, 0, 0, 0)""",
    "credited days": """
        SELECT day, orders, order_revenue, new_customers FROM campaigns_creditedday
        WHERE model = %(model)s AND (orders, order_revenue, new_customers) <> (0, 0, 0)""",
}

# So that the rebuild cannot lean on what it should find by itself.
FORGET = (
    "DELETE FROM shop_customerrfm",
    "DELETE FROM campaigns_credit WHERE model = %(model)s",
    "DELETE FROM campaigns_campaignday WHERE model = %(model)s",
    "DELETE FROM campaigns_creditedday WHERE model = %(model)s",
)

KEEP = "CREATE TEMPORARY TABLE {kept} ON COMMIT DROP AS {now}"
DIFFERENCE = """
SELECT 'kept' AS which, * FROM (TABLE {kept} EXCEPT ALL ({now})) AS gone
UNION ALL
SELECT 'rebuilt', * FROM (({now}) EXCEPT ALL TABLE {kept}) AS come
"""

ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
# How often somebody else may write what the check is just rebuilding.
TRIES = 5


class Disturbed(Exception):
    """Others wrote all the time; the message says what to do."""


@dataclass(frozen=True)
class Difference:
    """A roll-up that is not what it should be: how many rows differ, and some of them in words."""

    rollup: str
    rows: int
    examples: list[str]


def differences() -> list[Difference]:
    """Compare every roll-up with a full rebuild, which is taken back; nothing is changed.

    Keys that are marked are drained first: being behind is no difference. While it runs, whoever books spend
    or drains keys waits. Raises Disturbed.
    """
    for _try in range(TRIES):
        try:
            return _differences()
        except OperationalError as error:
            if not isinstance(error.__cause__, SerializationFailure):
                raise
    raise Disturbed("Orders or spend came in all the time: check again at a quieter hour.")


def _differences() -> list[Difference]:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            _execute(ONE_MOMENT)
        while drain_dirty_keys():
            continue
        for number, statement in enumerate(ROLLUPS.values()):
            _execute(KEEP.format(kept=f"kept_{number}", now=statement))
        for statement in FORGET:
            _execute(statement)
        rebuild_all()
        found = [_difference(name, number) for number, name in enumerate(ROLLUPS)]
        transaction.set_rollback(True)
    return [one for one in found if one.rows]


@transaction.atomic
def rebuild_all() -> None:
    """Recompute every roll-up of the shop and of its campaigns from the facts."""
    ledger.rebuild()
    rebuild()


def _difference(name: str, number: int) -> Difference:
    statement = DIFFERENCE.format(kept=f"kept_{number}", now=ROLLUPS[name])
    [(rows,)] = _execute(f"SELECT count(*) FROM ({statement}) AS difference")  # noqa: S608  # our own words
    shown = _described(f"{statement} ORDER BY 2, 3, 1 LIMIT {EXAMPLES}") if rows else []
    return Difference(name, rows, shown)


def _described(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters())
        names = [column.name for column in cursor.description][1:]
        return [
            f"{which}: " + ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
            for which, *values in cursor.fetchall()
        ]


def _execute(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _parameters())
        return cursor.fetchall() if cursor.description else []


def _parameters() -> dict[str, Any]:
    return {"model": MODEL, "named_by_order": NAMED_BY_ORDER}
