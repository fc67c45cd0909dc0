"""Known orders and known spend in, known figures out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from campaigns import attribution, reports
from campaigns.models import Campaign, Channel
from campaigns.reports import Figures, Period
from shop import ledger
from tests import make
from tests.make import NOON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def shop() -> dict[str, Campaign]:
    """Return two campaigns that share an order of 20, while a second order of 30 belongs to nobody."""
    coffee, tea = make.product(), make.product()
    campaigns = {
        "coffee": make.campaign("Coffee", spent=["8"], channel=Channel.EMAIL),
        "tea": make.campaign("Tea", spent=["2", "2"], channel=Channel.SOCIAL),
    }
    buyer = make.customer()
    make.redemption(make.coupon(campaigns["coffee"], [coffee]), buyer)
    make.redemption(make.coupon(campaigns["tea"], [tea]), buyer)
    shared = make.order(buyer, [(coffee, "16", "1"), (tea, "4", "1")])
    orders = [shared, make.order(lines=[(make.product(), "30")], at=NOON + DAY)]
    ledger.refresh([order.pk for order in orders])
    attribution.refresh([order.pk for order in orders])
    attribution.refresh_spend([(campaign.pk, NOON.date()) for campaign in campaigns.values()])
    return campaigns


@pytest.mark.usefixtures("shop")
def test_all_campaigns_together_count_a_shared_order_and_its_buyer_once() -> None:
    whole = reports.total(reports.daily(MARCH), MARCH)
    assert whole == Figures(
        spend=Decimal(12), net_revenue=Decimal(20), shop_revenue=Decimal(50), orders=1,
        order_revenue=Decimal(20), new_customers=1, redemptions=2,
    )  # fmt: skip
    assert whole.roas_attributed == Decimal(20) / 12
    assert whole.roi_attributed_pct == 100 * Decimal(8) / 12
    assert (whole.aov, whole.cac, whole.mer) == (Decimal(20), Decimal(12), Decimal(50) / 12)


def test_one_campaign_has_its_own_figures_and_says_nothing_of_the_shop(shop: dict[str, Campaign]) -> None:
    own = reports.total(reports.daily(MARCH, Campaign.objects.filter(pk=shop["tea"].pk)), MARCH)
    assert (own.spend, own.net_revenue, own.order_revenue) == (Decimal(4), Decimal(4), Decimal(20))
    assert (own.roi_attributed_pct, own.mer) == (Decimal(0), None)


def test_what_cannot_be_divided_is_none_and_never_zero() -> None:
    nothing = reports.total(reports.daily(MARCH), MARCH)
    figures = (nothing.roas_attributed, nothing.roi_attributed_pct, nothing.aov, nothing.cac, nothing.mer)
    assert figures == (None,) * 5
    assert nothing.spend == 0


@pytest.mark.usefixtures("shop")
def test_channels_and_campaigns_add_up_to_the_whole() -> None:
    channels = {channel: one.net_revenue for channel, one in reports.by_channel(MARCH)}
    assert channels == {Channel.EMAIL: Decimal(16), Channel.SOCIAL: Decimal(4)}
    rows = reports.campaign_rows(MARCH, Campaign.objects.all()).by_revenue()
    assert [(row.name, row.net_revenue, row.orders) for row in rows] == [  # type: ignore[attr-defined]
        ("Coffee", Decimal(16), 1),
        ("Tea", Decimal(4), 1),
    ]
    outside = Period(date(2026, 4, 1), date(2026, 4, 2))
    assert not reports.campaign_rows(outside, Campaign.objects.all()).exists()


@pytest.mark.usefixtures("shop")
def test_a_chart_has_every_day_or_every_week_of_the_period() -> None:
    days = reports.daily(MARCH)
    by_day = reports.series(days, MARCH)
    assert len(by_day) == 31
    assert [day.day for day, one in by_day if one.shop_revenue] == [2, 3]
    quarter = Period(date(2026, 2, 1), date(2026, 4, 30))
    by_week = reports.series(days, quarter)
    assert all(monday.weekday() == 0 for monday, _one in by_week)
    assert sum(one.net_revenue for _monday, one in by_week) == 20


def test_a_period_is_compared_with_as_many_days_on_the_same_weekdays() -> None:
    period = Period.weeks(4, date(2026, 3, 4))  # a Wednesday
    assert (period.start, period.end) == (date(2026, 2, 2), date(2026, 3, 4))
    before = period.before()
    assert before.days == period.days
    assert before.end < period.start
    assert (before.start.weekday(), before.end.weekday()) == (0, 2)


def test_the_basis_names_every_channel_with_its_window() -> None:
    windows = reports.basis().windows
    assert sorted(name for _days, names in windows for name in names) == sorted(map(str, Channel.labels))
    assert reports.basis().currency == settings.SHOP_CURRENCY
