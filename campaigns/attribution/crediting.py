"""The credits of orders: who claims which line, and what is left for the last touch or for no campaign.

Set-based SQL over given orders. A line is claimed once: by the earliest redemption that covers it, then the
one with the lowest id. A refund of a line lowers that line; a refund of the order, or a rounding in it, is
shared by its lines in proportion to their amounts, so credit is taken back with the weights it was given.
"""

import json
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.attribution.days import MODEL, Key
from marketing_site.lib.arrays import array

# Redemptions that are known only by the codes an order names.
NAMED_BY_ORDER = "order"

FORGET_UNNAMED = """
DELETE FROM campaigns_touch AS touch USING shop_order AS placed
WHERE touch.order_id = placed.id AND placed.id = ANY(%(orders)s) AND touch.source = %(source)s
  AND (placed.status = 'cancelled' OR NOT placed.coupon_codes ? split_part(touch.external_id, ':', 2))
"""

# A code may serve several campaigns: the customer's own coupon first, then the earliest, then the lowest id.
REDEEM_NAMED = """
INSERT INTO campaigns_touch AS touch
    (campaign_id, customer_id, kind, coupon_id, order_id, touched_at, received_at, source, external_id)
SELECT DISTINCT ON (placed.id, named.code)
       coupon.campaign_id, placed.customer_id, 'coupon', coupon.id, placed.id, placed.ordered_at, now(),
       %(source)s, placed.id || ':' || named.code
FROM shop_order AS placed
CROSS JOIN LATERAL jsonb_array_elements_text(placed.coupon_codes) AS named (code)
JOIN campaigns_coupon AS coupon ON coupon.code = named.code
    AND (placed.ordered_at AT TIME ZONE %(zone)s)::date
        BETWEEN coalesce(coupon.valid_from, '-infinity') AND coalesce(coupon.valid_until, 'infinity')
WHERE placed.id = ANY(%(orders)s) AND placed.status <> 'cancelled' AND placed.coupon_codes <> '[]'
  AND NOT EXISTS (SELECT FROM campaigns_touch AS told
                  WHERE told.order_id = placed.id AND told.coupon_id = coupon.id
                    AND told.source <> %(source)s)
ORDER BY placed.id, named.code, (coupon.customer_id = placed.customer_id) DESC NULLS LAST,
         coupon.valid_from NULLS LAST, coupon.id
ON CONFLICT (source, external_id) DO UPDATE SET campaign_id = excluded.campaign_id,
    customer_id = excluded.customer_id, coupon_id = excluded.coupon_id, touched_at = excluded.touched_at
WHERE (touch.campaign_id, touch.customer_id, touch.coupon_id, touch.touched_at)
      IS DISTINCT FROM (excluded.campaign_id, excluded.customer_id, excluded.coupon_id, excluded.touched_at)
"""

# The redemptions that may claim something of an order: those that name it, and those of the same customer on
# the same day of the shop's zone that name no order. `covers` pairs them with the lines that they claim.
SCOPE = """
WITH scope AS (
    SELECT id, customer_id, ordered_at, net_revenue,
           date_trunc('day', ordered_at, %(zone)s) AS day_starts,
           (ordered_at AT TIME ZONE %(zone)s)::date AS day
    FROM shop_order WHERE id = ANY(%(orders)s) AND status <> 'cancelled'
), redemption AS (
    SELECT touch.id, touch.campaign_id, touch.coupon_id, touch.touched_at, scope.id AS order_id
    FROM scope JOIN campaigns_touch AS touch ON touch.order_id = scope.id AND touch.kind = 'coupon'
    UNION ALL
    SELECT touch.id, touch.campaign_id, touch.coupon_id, touch.touched_at, scope.id
    FROM scope JOIN campaigns_touch AS touch
        ON touch.customer_id = scope.customer_id AND touch.order_id IS NULL AND touch.kind = 'coupon'
       AND touch.source <> %(source)s
       AND touch.touched_at >= scope.day_starts
       AND touch.touched_at < date_add(scope.day_starts, interval '1 day', %(zone)s)
), covers AS (
    SELECT line.order_id, line.line_no, redemption.id AS touch_id, redemption.campaign_id,
           redemption.touched_at
    FROM redemption JOIN shop_orderline AS line ON line.order_id = redemption.order_id
    WHERE (line.coupon_value > 0 AND EXISTS (
              SELECT FROM campaigns_couponproduct AS named
              WHERE named.coupon_id = redemption.coupon_id AND named.product_id = line.product_id))
       OR NOT EXISTS (SELECT FROM campaigns_couponproduct AS named
                      WHERE named.coupon_id = redemption.coupon_id)
)
"""

# Line values are rounded along the running sum, so that those of an order sum exactly to its net revenue.
CREDIT = f"""{SCOPE}
, claim AS (
    SELECT DISTINCT ON (order_id, line_no) order_id, line_no, touch_id, campaign_id
    FROM covers ORDER BY order_id, line_no, touched_at, touch_id
), line AS (
    SELECT sold.order_id, sold.line_no, sold.gross - sold.discount AS amount,
           coalesce(own.amount, 0) AS refunded
    FROM shop_orderline AS sold
    LEFT JOIN (SELECT order_id, line_no, sum(amount) AS amount FROM shop_refund
               WHERE order_id = ANY(%(orders)s) GROUP BY order_id, line_no) AS own
           ON own.order_id = sold.order_id AND own.line_no = sold.line_no
    WHERE sold.order_id IN (SELECT order_id FROM claim)
), whole AS (
    SELECT line.order_id, sum(line.amount) AS amount, count(*) AS lines,
           sum(line.amount - line.refunded) - scope.net_revenue AS refunded
    FROM line JOIN scope ON scope.id = line.order_id GROUP BY line.order_id, scope.net_revenue
), exact AS (
    SELECT line.order_id, line.line_no, line.amount - line.refunded
           - whole.refunded * coalesce(line.amount / nullif(whole.amount, 0), 1.0 / whole.lines) AS value
    FROM line JOIN whole ON whole.order_id = line.order_id
), rounded AS (
    SELECT order_id, line_no, round(sum(value) OVER running, 4)
           - coalesce(round(sum(value) OVER before, 4), 0) AS value
    FROM exact
    WINDOW running AS (PARTITION BY order_id ORDER BY line_no),
           before AS (running ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), claimed AS (
    SELECT claim.order_id, claim.campaign_id, claim.touch_id, sum(rounded.value) AS amount
    FROM claim JOIN rounded USING (order_id, line_no) GROUP BY 1, 2, 3
), remaining AS (
    SELECT scope.*, scope.net_revenue - coalesce(taken.amount, 0) AS amount
    FROM scope LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM claimed GROUP BY order_id) AS taken
        ON taken.order_id = scope.id
    WHERE taken.order_id IS NULL OR taken.amount <> scope.net_revenue
), part AS (
    SELECT order_id, campaign_id, touch_id, amount FROM claimed
    UNION ALL
    SELECT remaining.id, latest.campaign_id, latest.id, remaining.amount
    FROM remaining LEFT JOIN LATERAL (
        SELECT touch.id, touch.campaign_id FROM campaigns_touch AS touch
        WHERE touch.customer_id = remaining.customer_id AND touch.kind IN ('click', 'delivery')
          AND touch.touched_at <= remaining.ordered_at
          AND touch.touched_at > remaining.ordered_at - make_interval(days => %(longest)s)
          AND touch.touched_at > remaining.ordered_at - (
              SELECT make_interval(days => (%(windows)s::jsonb ->> channel)::int)
              FROM campaigns_campaign WHERE id = touch.campaign_id)
        ORDER BY touch.touched_at DESC, touch.id LIMIT 1
    ) AS latest ON true
)
INSERT INTO campaigns_credit (order_id, campaign_id, touch_id, model, weight, amount, day)
SELECT part.order_id, part.campaign_id, part.touch_id, %(model)s,
       CASE WHEN abs(part.amount) < 99 * abs(scope.net_revenue)
            THEN round(part.amount / scope.net_revenue, 10) END,
       part.amount, scope.day
FROM part JOIN scope ON scope.id = part.order_id
RETURNING coalesce(campaign_id, 0), day
"""  # noqa: S608  # our own words

FORGET_CREDIT = """
DELETE FROM campaigns_credit WHERE order_id = ANY(%(orders)s) AND model = %(model)s
RETURNING coalesce(campaign_id, 0), day
"""

# A redemption counts on its day, whether or not it claims a line.
REDEEMED = """
SELECT campaign_id, (touched_at AT TIME ZONE %(zone)s)::date FROM campaigns_touch
WHERE order_id = ANY(%(orders)s) AND kind = 'coupon'
UNION
SELECT campaign_id, (touched_at AT TIME ZONE %(zone)s)::date FROM campaigns_touch
WHERE customer_id = ANY(%(customers)s) AND kind = 'coupon'
"""

LINKED = SCOPE + "SELECT count(DISTINCT touch_id) FROM covers"  # noqa: S608  # our own words


def credit(order_ids: Collection[int], customer_ids: Collection[int] = ()) -> set[Key]:
    """Replace the credits of these orders; return the campaigns and days that lost or gained something.

    Of `customer_ids` the days of every redemption are returned as well. `Order.net_revenue` must be up to
    date. Call it inside a transaction.
    """
    parameters = _parameters(order_ids) | {"customers": array(customer_ids)}
    keys: set[Key] = set()
    with connection.cursor() as cursor:
        for statement in (FORGET_CREDIT, REDEEMED):
            cursor.execute(statement, parameters)
            keys |= set(cursor.fetchall())
        cursor.execute(FORGET_UNNAMED, parameters)
        cursor.execute(REDEEM_NAMED, parameters)
        for statement in (REDEEMED, CREDIT):
            cursor.execute(statement, parameters)
            keys |= set(cursor.fetchall())
    return keys


def linked_redemptions(order_ids: Collection[int]) -> int:
    """Count the redemptions that cover at least one line of these orders, first come or not."""
    with connection.cursor() as cursor:
        cursor.execute(LINKED, _parameters(order_ids))
        return int(cursor.fetchone()[0])


def _parameters(order_ids: Collection[int]) -> dict[str, Any]:
    windows = settings.ATTRIBUTION_WINDOW_DAYS
    return {
        "orders": array(order_ids),
        "zone": settings.TIME_ZONE,
        "source": NAMED_BY_ORDER,
        "model": MODEL,
        "windows": json.dumps(windows),
        "longest": max(windows.values()),
    }
