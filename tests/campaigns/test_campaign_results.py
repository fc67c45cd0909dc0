"""The Results tab of one campaign: its own figures, and honesty about what they cannot say."""

from decimal import Decimal

import pytest
from django.test import Client

from campaigns.attribution import MODEL
from campaigns.models import Assignment, CampaignDay
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make.user("viewer"))
    return client


def test_it_shows_the_campaigns_own_figures_and_no_others(viewer: Client) -> None:
    ours, theirs = make.campaign(), make.campaign()
    for campaign, revenue in ((ours, "30"), (theirs, "999")):
        CampaignDay.objects.create(
            campaign=campaign, model=MODEL, day=make.NOON.date(), spend=Decimal(20),
            net_revenue=Decimal(revenue), orders=3, order_revenue=Decimal(90),
        )  # fmt: skip
    page = viewer.get(f"/campaigns/{ours.pk}/results/").content.decode()
    assert "$30.00" in page
    assert "1.50×" in page
    assert "$999.00" not in page


def test_without_a_holdout_it_says_so(viewer: Client) -> None:
    campaign = make.campaign(status="live")
    url = f"/campaigns/{campaign.pk}/results/"
    assert "Not measurable without a holdout." in viewer.get(url).content.decode()
    Assignment.objects.create(
        campaign=campaign, customer=make.customer(), arm=Assignment.Arm.HELD_OUT, assigned_at=make.NOON
    )
    assert "Not measurable without a holdout." not in viewer.get(url).content.decode()


def test_before_approval_it_says_when_customers_are_held_out(viewer: Client) -> None:
    campaign = make.complete_campaign(holdout_percent=Decimal(25))
    page = viewer.get(f"/campaigns/{campaign.pk}/results/").content.decode()
    assert "At approval 25% of its customers are held out." in page
    assert "Nothing is spent or credited yet" in page
    assert "Not measurable" not in page
