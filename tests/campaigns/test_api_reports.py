"""Reports through the API: the figures of the pages, and of one's own campaigns only."""

from decimal import Decimal

import pytest

from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, CreditedDay
from tests import make
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db
DAY = make.NOON.date()
PERIOD = {"start": DAY.isoformat(), "end": DAY.isoformat()}


@pytest.fixture
def campaigns() -> list[Campaign]:
    made = [make.campaign("Ours"), make.campaign("Theirs")]
    for campaign, revenue in zip(made, ("30", "70"), strict=True):
        CampaignDay.objects.create(
            campaign=campaign, model=MODEL, day=DAY, spend=Decimal(20), net_revenue=Decimal(revenue), orders=2
        )
    CampaignDay.objects.create(campaign=None, model=MODEL, day=DAY, net_revenue=Decimal(900))
    CreditedDay.objects.create(model=MODEL, day=DAY, orders=3, order_revenue=Decimal(150))
    return made


def test_the_summary_is_that_of_the_home_page(campaigns: list[Campaign]) -> None:
    figures = Tool("reports:read").get("reports/summary", **PERIOD).json()
    assert figures["net_revenue"] == "100.0000"
    assert figures["roas_attributed"] == "2.5000"
    assert figures["shop_revenue"] == "1000.0000"
    assert figures["orders"] == 3
    assert figures["cac"] is None


def test_a_restricted_key_counts_its_own_campaigns_only(campaigns: list[Campaign]) -> None:
    tool = Tool("reports:read", campaigns=campaigns[:1])
    figures = tool.get("reports/summary", **PERIOD).json()
    assert figures["net_revenue"] == "30.0000"
    assert figures["shop_revenue"] is None
    assert [row["name"] for row in tool.get("reports/campaigns", **PERIOD).json()] == ["Ours"]
    assert [row["net_revenue"] for row in tool.get("reports/daily", **PERIOD).json()] == ["30.0000"]


def test_reversed_days_are_refused(campaigns: list[Campaign]) -> None:
    answer = Tool("reports:read").get("reports/summary", start="2026-03-02", end="2026-03-01")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/end"


def test_a_period_without_facts_has_no_return(campaigns: list[Campaign]) -> None:
    figures = Tool("reports:read").get("reports/summary", start="2020-01-01", end="2020-01-02").json()
    assert figures["spend"] == "0.0000"
    assert figures["roas_attributed"] is None
