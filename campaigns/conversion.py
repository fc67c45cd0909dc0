"""How many recipients of a campaign ordered, week by week after it reached them.

Recipients are those it was delivered to; where no delivery is known all treated customers, and then the
weeks count from its first day. Whoever was held out is no recipient. An order is any that was not cancelled,
whoever it is credited to: conversion says nothing about what the campaign caused.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from campaigns.models import Campaign
from campaigns.models.campaign import CampaignQuerySet
from shop.retention import Share

WEEK = timedelta(weeks=1)

FIRST_ORDERS = """
WITH delivered AS (
    SELECT campaign_id, customer_id, min(touched_at) AS since FROM campaigns_touch
    WHERE kind = 'delivery' AND campaign_id = ANY(%(campaigns)s)
    GROUP BY campaign_id, customer_id
), recipient AS (
    SELECT campaign_id, customer_id, since, true AS delivered FROM delivered
    UNION ALL
    SELECT campaign.id, assignment.customer_id,
           coalesce(campaign.starts_on::timestamp AT TIME ZONE %(zone)s, assignment.assigned_at), false
    FROM campaigns_campaign AS campaign
    JOIN campaigns_assignment AS assignment
      ON assignment.campaign_id = campaign.id AND assignment.arm = 'treated'
    WHERE campaign.id = ANY(%(campaigns)s) AND campaign.id NOT IN (SELECT campaign_id FROM delivered)
)
SELECT recipient.campaign_id, recipient.delivered,
       floor(extract(epoch FROM bought.at - recipient.since) / 604800)::int AS week,
       count(*), max(recipient.since)
FROM recipient
LEFT JOIN LATERAL (
    SELECT min(ordered_at) AS at FROM shop_order
    WHERE customer_id = recipient.customer_id AND status <> 'cancelled' AND ordered_at >= recipient.since
      AND ordered_at < recipient.since + make_interval(weeks => %(weeks)s)
) AS bought ON true
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Conversion:
    """One campaign: its recipients, and how many had ordered by the end of each week that is over for all."""

    campaign: Campaign
    recipients: int
    delivered: bool
    weeks: Sequence[Share]


def conversions(campaigns: CampaignQuerySet, weeks: int, now: datetime) -> list[Conversion]:
    """Return the conversion of these campaigns that have recipients, the latest start first."""
    found = {one.pk: one for one in campaigns.order_by("-starts_on", "-pk")}
    counted = _counted(found, weeks)
    return [_conversion(found[pk], counted[pk], weeks, now) for pk in found if pk in counted]


def started_between(campaigns: CampaignQuerySet, first: date, last: date) -> CampaignQuerySet:
    return campaigns.filter(starts_on__range=(first, last))


@dataclass(frozen=True)
class _Counted:
    delivered: bool
    week: int | None
    customers: int
    latest: datetime


def _counted(campaigns: Collection[int], weeks: int) -> dict[int, list[_Counted]]:
    parameters = {"campaigns": list(campaigns), "weeks": weeks, "zone": settings.TIME_ZONE}
    rows: dict[int, list[_Counted]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FIRST_ORDERS, parameters)
        for campaign, *values in cursor.fetchall():
            rows[campaign].append(_Counted(*values))
    return rows


def _conversion(campaign: Campaign, rows: list[_Counted], weeks: int, now: datetime) -> Conversion:
    recipients = sum(row.customers for row in rows)
    over = min((now - max(row.latest for row in rows)) // WEEK, weeks)
    ordered = [
        sum(row.customers for row in rows if row.week is not None and row.week < number)
        for number in range(1, over + 1)
    ]
    return Conversion(campaign, recipients, rows[0].delivered, [Share(one, recipients) for one in ordered])
