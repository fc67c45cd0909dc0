"""The figures of campaigns over a period: spend, credited revenue and what follows from them.

Everything is read from daily roll-ups, in the shop's currency and zone, under one attribution model (coupon
first, then last touch). A figure that is not defined is None, never zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, FilteredRelation, Q, Sum, Value
from django.db.models.functions import NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, Channel, CreditedDay
from campaigns.models.campaign import CampaignQuerySet
from marketing_site.lib.money import ZERO, ratio

# Longer periods are drawn by week.
DAYS_DRAWN_SINGLY = 45
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """Days of the shop's zone, both ends included."""

    start: date
    end: date

    @classmethod
    def weeks(cls, count: int, today: date) -> Self:
        """Return so many complete weeks (Monday to Sunday) and the days of this week so far."""
        monday = today - timedelta(days=today.weekday())
        return cls(monday - count * WEEK, today)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def by_week(self) -> bool:
        return self.days > DAYS_DRAWN_SINGLY

    def before(self) -> Self:
        """Return the period to compare with: as many days, a whole number of weeks earlier."""
        shift = -(-self.days // 7) * WEEK
        return type(self)(self.start - shift, self.end - shift)

    def steps(self) -> list[date]:
        """Return the first day of each step of a chart: every day, or the Monday of every week."""
        step = WEEK if self.by_week else timedelta(days=1)
        first = self.step_of(self.start)
        return [first + number * step for number in range((self.end - first) // step + 1)]

    def step_of(self, day: date) -> date:
        return day - timedelta(days=day.weekday()) if self.by_week else day


@dataclass(frozen=True)
class Figures:
    """What was spent and credited; every field adds up over days."""

    spend: Decimal = ZERO
    # Net revenue credited to campaigns, and of the whole shop (None where only some campaigns are asked for).
    net_revenue: Decimal = ZERO
    shop_revenue: Decimal | None = ZERO
    # Orders with some credit, their whole net revenue, and customers whose first order is among them.
    orders: int = 0
    order_revenue: Decimal = ZERO
    new_customers: int = 0
    redemptions: int = 0

    @classmethod
    def added_up(cls, parts: Iterable["Figures"]) -> "Figures":
        """Return the sum of parts that all know the shop's revenue, or all do not."""
        columns = zip(*map(VALUES, parts), strict=True)
        sums: list[Any] = [None if column[0] is None else sum(column) for column in columns]
        return cls(*sums)

    @property
    def roas_attributed(self) -> Decimal | None:
        """Net revenue credited, divided by spend."""
        return ratio(self.net_revenue, self.spend)

    @property
    def roi_attributed_pct(self) -> Decimal | None:
        """100 times what is left of the credited revenue after spend, divided by spend."""
        left = ratio(self.net_revenue - self.spend, self.spend)
        return None if left is None else 100 * left

    @property
    def aov(self) -> Decimal | None:
        """Average order value: whole net revenue of the credited orders, divided by their number."""
        return ratio(self.order_revenue, Decimal(self.orders))

    @property
    def cac(self) -> Decimal | None:
        """Customer acquisition cost: spend, divided by new customers credited."""
        return ratio(self.spend, Decimal(self.new_customers))

    @property
    def mer(self) -> Decimal | None:
        """Marketing efficiency ratio: the shop's whole net revenue, divided by all spend."""
        return ratio(self.shop_revenue, self.spend)


VALUES = attrgetter(*(field.name for field in fields(Figures)))

DEFINITIONS: dict[str, tuple[Promise, Promise]] = {
    "spend": (
        _("Spend"),
        _("Media, delivery, creative, fees and generation, as booked. Discounts are not spend."),
    ),
    "net_revenue": (
        _("Net revenue, credited"),
        _("Orders less discounts and refunds, without tax and shipping, as far as attribution (coupon first, "
          "then last touch) credits them to a campaign, by the day of the order."),
    ),
    "roas_attributed": (
        _("ROAS, attributed"),
        _("Net revenue credited ÷ spend. Attributed is not incremental: some would have bought anyway."),
    ),
    "roi_attributed_pct": (
        _("ROI, attributed"),
        _("100 × (net revenue credited − spend) ÷ spend. Cost of goods is not taken off."),
    ),
    "orders": (
        _("Orders credited"),
        _("Orders of which some net revenue is credited to a campaign; an order that two campaigns share "
          "counts once."),
    ),
    "aov": (
        _("Average order value"),
        _("Whole net revenue of the credited orders ÷ their number. Cancelled orders are left out."),
    ),
    "cac": (
        _("Cost per new customer"),
        _("Spend ÷ customers whose first order ever is credited to a campaign."),
    ),
    "mer": (
        _("Marketing efficiency"),
        _("All net revenue of the shop, credited or not, ÷ all spend."),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Basis:
    """What all figures rest on; a window is a number of days and the channels that it holds for."""

    windows: list[tuple[int, list[str]]]
    zone: str
    currency: str


def basis() -> Basis:
    """Return after how many days a touch claims nothing more, whose days are meant, and which currency."""
    channels: dict[int, list[str]] = defaultdict(list)
    for channel in Channel:
        channels[settings.ATTRIBUTION_WINDOW_DAYS[channel]].append(str(channel.label))
    return Basis(sorted(channels.items()), settings.TIME_ZONE, settings.SHOP_CURRENCY)


def daily(period: Period, campaigns: CampaignQuerySet | None = None) -> dict[date, Figures]:
    """Return the figures of each day on which something happened: of the shop, or of these campaigns.

    Of several campaigns an order that two of them share counts for each.
    """
    days = CampaignDay.objects.filter(model=MODEL, day__range=(period.start, period.end))
    if campaigns is not None:
        return {row.pop("day"): Figures(**row, shop_revenue=None) for row in _sums(days, campaigns)}
    counted = {row["day"]: row for row in _credited_days(period)}
    found = {}
    for row in _shop_sums(days):
        day = row.pop("day")
        found[day] = Figures(**row, **{key: counted[day][key] for key in COUNTED} if day in counted else {})
    return found


def total(days: dict[date, Figures], period: Period) -> Figures:
    """Add up the days of a period."""
    return Figures.added_up(one for day, one in days.items() if period.start <= day <= period.end)


def series(days: dict[date, Figures], period: Period) -> list[tuple[date, Figures]]:
    """Return each step of the period, oldest first, with its figures; empty steps are zero."""
    parts: dict[date, list[Figures]] = defaultdict(list)
    for day, one in days.items():
        if period.start <= day <= period.end:
            parts[period.step_of(day)].append(one)
    return [(step, Figures.added_up(parts[step])) for step in period.steps()]


def by_channel(period: Period) -> list[tuple[Channel, Figures]]:
    """Return spend and credited revenue of each channel with any, most revenue first."""
    days = CampaignDay.objects.filter(
        model=MODEL, day__range=(period.start, period.end), campaign__isnull=False
    )
    rows = days.values("campaign__channel").annotate(total_spend=Sum("spend"), revenue=Sum("net_revenue"))
    return [
        (Channel(row["campaign__channel"]), Figures(spend=row["total_spend"], net_revenue=row["revenue"]))
        for row in rows.order_by("-revenue", "campaign__channel")
    ]


def campaign_rows(period: Period, campaigns: CampaignQuerySet) -> CampaignQuerySet:
    """Return those campaigns that had spend, credit or a redemption in the period, with their totals."""
    in_period = Q(days__model=MODEL, days__day__range=(period.start, period.end))
    # By key: a join that the given query brings would multiply the sums.
    found = Campaign.objects.filter(pk__in=campaigns.order_by().values("pk"))
    days = found.annotate(active=FilteredRelation("days", condition=in_period)).filter(active__isnull=False)
    sums = days.annotate(**{name: Sum(f"active__{name}") for name in SUMMED})
    ratios = sums.annotate(roas_attributed=F("net_revenue") / NullIf(F("spend"), Value(ZERO)))
    return ratios.annotate(roi_attributed_pct=100 * (F("roas_attributed") - 1))


SUMMED = ("spend", "net_revenue", "orders", "redemptions")
COUNTED = ("orders", "order_revenue", "new_customers")


def _credited_days(period: Period) -> Sequence[dict[str, Any]]:
    days = CreditedDay.objects.filter(model=MODEL, day__range=(period.start, period.end))
    return list(days.values("day", *COUNTED))


def _shop_sums(days: "models.QuerySet[CampaignDay]") -> list[dict[str, Any]]:
    """Sum each day over all campaigns, with and without the part that is credited to none."""
    own = Q(campaign__isnull=False)
    sums = days.values("day").annotate(
        all_spend=Sum("spend"),
        credited=Sum("net_revenue", filter=own, default=ZERO),
        shop_revenue=Sum("net_revenue"),
        redeemed=Sum("redemptions"),
    )
    return [_named(dict(row)) for row in sums.order_by("day")]


def _sums(days: "models.QuerySet[CampaignDay]", campaigns: CampaignQuerySet) -> list[dict[str, Any]]:
    sums = days.filter(campaign__in=campaigns).values("day").annotate(
        all_spend=Sum("spend"),
        credited=Sum("net_revenue"),
        redeemed=Sum("redemptions"),
        **{f"sum_{name}": Sum(name) for name in COUNTED},
    )  # fmt: skip
    return [_named(dict(row)) for row in sums.order_by("day")]


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """Give sums the names of their columns back, which a query's own aliases may not have."""
    names = {"all_spend": "spend", "credited": "net_revenue", "redeemed": "redemptions"}
    return {names.get(name, name.removeprefix("sum_")): value for name, value in row.items()}


def has_holdout(campaign: Campaign) -> bool:
    """Tell whether what the campaign added can be measured at all."""
    return campaign.assignments.filter(arm="held_out").exists()
