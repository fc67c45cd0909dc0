"""Segments and campaigns through the API: a key drafts what it may see, and decides nothing."""

import pytest
from django.test import Client

from campaigns.models import Campaign, Segment
from tests import make
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db


def test_a_key_drafts_a_campaign_with_products_and_policy() -> None:
    mug, segment = make.product(sku="MUG"), make.segment()
    body = {
        "name": "Mugs", "segment": segment.pk, "products": ["MUG"], "starts_on": "2026-03-01",
        "ends_on": "2026-03-14", "offer_policy": {"kind": "percent", "value": "15"},
    }  # fmt: skip
    answer = Tool("campaigns:write", "campaigns:read").post("campaigns", body)
    assert answer.status_code == 201, answer.content
    made = Campaign.objects.get()
    assert made.status == Campaign.Status.DRAFT
    assert list(made.products.all()) == [mug]
    assert made.offer_policy.value == 15


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"starts_on": "2026-03-14", "ends_on": "2026-03-01"}, "/"),
        ({"status": "approved"}, "/status"),
        ({"holdout_percent": "140"}, "/holdout_percent"),
        ({"offer_policy": {"kind": "percent", "value": "140"}}, "/offer_policy"),
        ({"products": ["none"]}, "/products"),
    ],
)
def test_a_wrong_campaign_is_refused(change: dict[str, object], pointer: str) -> None:
    answer = Tool("campaigns:write", "campaigns:read").post("campaigns", {"name": "Mugs"} | change)
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert not Campaign.objects.exists()


def test_only_a_draft_changes() -> None:
    tool = Tool("campaigns:write", "campaigns:read")
    draft, live = make.campaign(), make.campaign(status=Campaign.Status.LIVE)
    assert tool.patch(f"campaigns/{draft.pk}", {"name": "New"}).json()["name"] == "New"
    answer = tool.patch(f"campaigns/{live.pk}", {"holdout_percent": "0"})
    assert answer.status_code == 409
    assert "locked" in answer.json()["detail"]


def test_a_restricted_key_sees_its_campaigns_and_no_others() -> None:
    ours, theirs = make.campaign("Ours"), make.campaign("Theirs")
    tool = Tool("campaigns:read", "campaigns:write", campaigns=[ours])
    assert [row["name"] for row in tool.get("campaigns").json()["results"]] == ["Ours"]
    assert tool.get(f"campaigns/{ours.pk}").status_code == 200
    foreign, random = tool.get(f"campaigns/{theirs.pk}"), tool.get("campaigns/999999")
    assert foreign.status_code == random.status_code == 404
    assert foreign.content == random.content
    assert tool.patch(f"campaigns/{theirs.pk}", {"name": "Mine"}).status_code == 404


def test_what_a_restricted_key_drafts_is_its_own_to_see() -> None:
    tool = Tool("campaigns:read", "campaigns:write", campaigns=[])
    assert tool.post("campaigns", {"name": "Draft"}).status_code == 201
    assert [row["name"] for row in tool.get("campaigns").json()["results"]] == ["Draft"]


def test_a_segment_comes_with_its_sentence_and_a_bad_rule_is_named() -> None:
    tool = Tool("segments:write", "segments:read")
    bad = tool.post("segments", {"name": "Bad", "rule": {"match": "all", "rules": [{"field": "moon"}]}})
    assert bad.status_code == 400
    assert bad.json()["errors"][0]["pointer"] == "/rule"
    assert not Segment.objects.exists()


def test_there_is_no_way_to_approve_or_delete(client: Client) -> None:
    tool, campaign = Tool("campaigns:read", "campaigns:write"), make.campaign()
    assert tool.client.delete(f"/api/v1/campaigns/{campaign.pk}/").status_code == 405
    assert tool.post(f"campaigns/{campaign.pk}/approve", {}).status_code == 404
