"""The daily roll-ups of campaigns: touched days, recomputed whole from credits, touches and spend.

Credit and spend are separate columns, each recomputed from its own rows, so a marketer who books spend never
waits for a running recomputation, and neither overwrites the other.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction

# The name under which credits and days of "coupon first, then last touch" are kept.
MODEL = "coupon_first"

# A campaign's id, 0 for no campaign, and a day of the shop's zone.
Key = tuple[int, date]

# Written as a test of each order, for the first order of a customer is found by one look into the index.
IS_FIRST_ORDER = """
NOT EXISTS (SELECT FROM shop_order AS earlier
            WHERE earlier.customer_id = placed.customer_id AND earlier.status <> 'cancelled'
              AND earlier.ordered_at <= placed.ordered_at
              AND (earlier.ordered_at, earlier.id) < (placed.ordered_at, placed.id))
"""

CAMPAIGN_DAYS = f"""
WITH key AS (
    SELECT DISTINCT * FROM unnest(%(campaigns)s::bigint[], %(days)s::date[]) AS key (campaign, day)
), order_credit AS (
    SELECT key.campaign, key.day, credit.order_id, sum(credit.amount) AS amount
    FROM key JOIN campaigns_credit AS credit
        ON credit.day = key.day AND coalesce(credit.campaign_id, 0) = key.campaign
       AND credit.model = %(model)s
    GROUP BY 1, 2, 3
), credited AS (
    SELECT order_credit.campaign, order_credit.day, sum(order_credit.amount) AS net_revenue,
           count(*) AS orders, sum(placed.net_revenue) AS order_revenue,
           count(*) FILTER (WHERE {IS_FIRST_ORDER}) AS new_customers
    FROM order_credit JOIN shop_order AS placed ON placed.id = order_credit.order_id
    GROUP BY 1, 2
), redeemed AS (
    SELECT key.campaign, key.day, count(*) AS redemptions
    FROM key JOIN campaigns_touch AS touch
        ON touch.campaign_id = key.campaign AND touch.kind = 'coupon'
       AND touch.touched_at >= key.day::timestamp AT TIME ZONE %(zone)s
       AND touch.touched_at < (key.day + 1)::timestamp AT TIME ZONE %(zone)s
    GROUP BY 1, 2
)
INSERT INTO campaigns_campaignday (campaign_id, model, day, spend, net_revenue, orders, order_revenue,
                                   new_customers, redemptions)
SELECT nullif(key.campaign, 0), %(model)s, key.day, 0, coalesce(credited.net_revenue, 0),
       coalesce(credited.orders, 0), coalesce(credited.order_revenue, 0), coalesce(credited.new_customers, 0),
       coalesce(redeemed.redemptions, 0)
FROM key
LEFT JOIN credited ON credited.campaign = key.campaign AND credited.day = key.day
LEFT JOIN redeemed ON redeemed.campaign = key.campaign AND redeemed.day = key.day
ORDER BY key.campaign, key.day
ON CONFLICT (campaign_id, model, day) DO UPDATE
SET net_revenue = excluded.net_revenue, orders = excluded.orders, order_revenue = excluded.order_revenue,
    new_customers = excluded.new_customers, redemptions = excluded.redemptions
"""  # noqa: S608  # our own words

# Orders that two campaigns share count once here; adding up their campaigns would count them twice.
CREDITED_DAYS = f"""
WITH credited AS (
    SELECT DISTINCT day, order_id FROM campaigns_credit
    WHERE day = ANY(%(days)s) AND campaign_id IS NOT NULL AND model = %(model)s
), counted AS (
    SELECT credited.day, count(*) AS orders, sum(placed.net_revenue) AS order_revenue,
           count(*) FILTER (WHERE {IS_FIRST_ORDER}) AS new_customers
    FROM credited JOIN shop_order AS placed ON placed.id = credited.order_id
    GROUP BY credited.day
)
INSERT INTO campaigns_creditedday (model, day, orders, order_revenue, new_customers)
SELECT %(model)s, day.day, coalesce(orders, 0), coalesce(order_revenue, 0), coalesce(new_customers, 0)
FROM (SELECT DISTINCT unnest(%(days)s::date[]) AS day) AS day
LEFT JOIN counted ON counted.day = day.day
ORDER BY day.day
ON CONFLICT (model, day) DO UPDATE
SET orders = excluded.orders, order_revenue = excluded.order_revenue, new_customers = excluded.new_customers
"""  # noqa: S608  # our own words

ALL_KEYS = """
SELECT coalesce(campaign_id, 0), day FROM campaigns_credit WHERE model = %(model)s
UNION SELECT campaign_id, (touched_at AT TIME ZONE %(zone)s)::date FROM campaigns_touch WHERE kind = 'coupon'
UNION SELECT coalesce(campaign_id, 0), day FROM campaigns_campaignday WHERE model = %(model)s
UNION SELECT 0, day FROM campaigns_creditedday WHERE model = %(model)s
"""

# Three statements, for the last must see what was committed while the second waited for its locks.
SPEND_DAYS = (
    """
INSERT INTO campaigns_campaignday (campaign_id, model, day, spend, net_revenue, orders, order_revenue,
                                   new_customers, redemptions)
SELECT DISTINCT campaign, %(model)s, day, 0, 0, 0, 0, 0, 0
FROM unnest(%(campaigns)s::bigint[], %(days)s::date[]) AS key (campaign, day)
ORDER BY campaign, day ON CONFLICT (campaign_id, model, day) DO NOTHING
""",
    """
SELECT known.id FROM campaigns_campaignday AS known
JOIN unnest(%(campaigns)s::bigint[], %(days)s::date[]) AS key (campaign, day)
  ON known.campaign_id = key.campaign AND known.day = key.day
WHERE known.model = %(model)s ORDER BY known.campaign_id, known.day FOR UPDATE OF known
""",
    """
UPDATE campaigns_campaignday AS known SET spend = coalesce(fresh.amount, 0)
FROM (SELECT DISTINCT * FROM unnest(%(campaigns)s::bigint[], %(days)s::date[]) AS key (campaign, day)) AS key
LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM campaigns_spend
                   WHERE campaign_id = key.campaign AND day = key.day) AS fresh ON true
WHERE known.model = %(model)s AND known.campaign_id = key.campaign AND known.day = key.day
""",
)

ALL_SPEND_KEYS = """
SELECT campaign_id, day FROM campaigns_spend
UNION SELECT campaign_id, day FROM campaigns_campaignday WHERE spend <> 0
"""


@transaction.atomic
def refresh_credit(keys: Collection[Key]) -> None:
    """Recompute everything but spend for these campaigns on these days."""
    with connection.cursor() as cursor:
        for statement in (CAMPAIGN_DAYS, CREDITED_DAYS):
            cursor.execute(statement, _parameters(keys))


@transaction.atomic
def refresh_spend(keys: Collection[Key]) -> None:
    """Recompute the spend of these campaigns on these days; call it in the transaction that changed it."""
    with connection.cursor() as cursor:
        for statement in SPEND_DAYS:
            cursor.execute(statement, _parameters(keys))


@transaction.atomic
def rebuild_days() -> None:
    """Recompute every day of every campaign from the credits, touches and spend as they are."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_KEYS, _parameters([]))
        credited = cursor.fetchall()
        cursor.execute(ALL_SPEND_KEYS)
        spent = cursor.fetchall()
    refresh_credit(credited)
    refresh_spend(spent)


def _parameters(keys: Collection[Key]) -> dict[str, Any]:
    return {
        "campaigns": [campaign for campaign, _ in keys],
        "days": [day for _, day in keys],
        "model": MODEL,
        "zone": settings.TIME_ZONE,
    }
