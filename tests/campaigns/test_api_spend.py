"""Costs through the API: booked once, counted at once, for one's own campaigns."""

from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignDay, Spend
from tests import make
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db


def cost(of: Campaign, **fields: Any) -> dict[str, Any]:
    body = {"campaign": of.pk, "category": "media", "amount": "12.50", "day": "2026-03-02"}
    return body | {"external_id": "S-1"} | fields


def test_a_cost_is_booked_once_and_stands_in_the_days_at_once() -> None:
    campaign, tool = make.campaign(), Tool("spend:write", "spend:read")
    assert tool.post("spend", cost(campaign)).status_code == 201
    assert tool.post("spend", cost(campaign)).status_code == 200
    assert CampaignDay.objects.get(campaign=campaign).spend == Decimal("12.5")
    assert tool.post("spend", cost(campaign, amount="20")).json()["amount"] == "20.0000"
    assert CampaignDay.objects.get(campaign=campaign).spend == 20
    assert Spend.objects.count() == 1
    assert tool.get("spend", campaign=campaign.pk).json()["results"][0]["origin"] == "api"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "-1"}, "/amount"),
        ({"category": "lunch"}, "/category"),
        ({"day": "02/03/2026"}, "/day"),
        ({"day": "9999-01-01"}, "/day"),
        ({"campaign": 999999}, "/campaign"),
        ({"source": "manual"}, "/source"),
    ],
)
def test_a_wrong_cost_is_refused(change: dict[str, Any], pointer: str) -> None:
    answer = Tool("spend:write").post("spend", cost(make.campaign(), **change))
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert not Spend.objects.exists()


def test_a_restricted_key_books_and_sees_its_own_campaigns_only() -> None:
    ours, theirs = make.campaign(), make.campaign(spent=["5"])
    tool = Tool("spend:write", "spend:read", campaigns=[ours])
    assert tool.post("spend", cost(theirs)).status_code == 400
    assert tool.get("spend").json()["results"] == []
    Tool("spend:write").post("spend", cost(theirs, external_id="S-9"))
    taken = tool.post("spend", cost(ours, external_id="S-9"))
    assert taken.status_code == 400
    assert Spend.objects.get(external_id="S-9").campaign == theirs
