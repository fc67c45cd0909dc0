"""Texts through the API: tools read and comment, people decide, and every refusal is a problem document."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generation.models import Variant
from tests import make
from tests.generation.test_review import written
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make.user()


@pytest.fixture
def variant(author: User) -> Variant:
    return written(author)


def post(client: Client, variant: Variant, act: str, **body: Any) -> Any:
    return client.post(f"/api/v1/variants/{variant.pk}/{act}/", body, content_type="application/json")


def test_a_tool_lists_texts_by_what_the_checks_found(variant: Variant) -> None:
    tool = Tool("variants:read")
    [row] = tool.get("variants", with_findings="false", state="ready").json()["results"]
    assert (row["id"], row["version"], row["texts"], row["learn"]) == (variant.pk, 1, variant.fields, True)
    assert tool.get("variants", with_findings="true").json()["results"] == []


def test_an_approver_approves_what_they_read(client: Client, variant: Variant) -> None:
    client.force_login(make.user("approver"))
    answer = post(client, variant, "approve", version=1)
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    stale = post(client, variant, "reject", version=1, code="dull")
    assert stale.status_code == 409
    assert stale["Content-Type"] == "application/problem+json"
    assert "read the text again" in stale.json()["detail"]
    assert post(client, variant, "reopen").json()["state"] == "ready"


def test_a_rejection_says_why(client: Client, variant: Variant) -> None:
    client.force_login(make.user("approver"))
    assert post(client, variant, "reject", version=1).status_code == 409
    assert post(client, variant, "reject", version=1, code="loud").status_code == 400
    assert post(client, variant, "reject", version=1, code="voice").json()["state"] == "rejected"
    assert variant.decisions.get().code == "voice"


def test_the_four_eyes_rule_holds_here_too(client: Client) -> None:
    approver = make.user("approver")
    variant = written(approver)
    client.force_login(approver)
    answer = post(client, variant, "approve", version=1)
    assert answer.status_code == 409
    assert "somebody else" in answer.json()["detail"]


@pytest.mark.parametrize("act", ["approve", "reject", "reopen"])
def test_neither_keys_nor_marketers_decide(client: Client, variant: Variant, author: User, act: str) -> None:
    tool = Tool("variants:read", "variants:write")
    assert tool.post(f"variants/{variant.pk}/{act}", {"version": 1, "code": "dull"}).status_code == 403
    client.force_login(author)
    assert post(client, variant, act, version=1, code="dull").status_code == 403
    variant.refresh_from_db()
    assert variant.state == "ready"


def test_a_tool_comments_in_its_own_name(client: Client, variant: Variant) -> None:
    tool = Tool("variants:read", "variants:write")
    path = f"variants/{variant.pk}/comments"
    made = tool.post(path, {"text": "Too long for our printer."})
    assert made.status_code == 201
    [said] = tool.get(path).json()["results"]
    assert (said["text"], said["author"]) == ("Too long for our printer.", "tool")
    client.force_login(make.user("viewer"))
    assert "Too long for our printer." in client.get(variant.get_absolute_url()).content.decode()


def test_a_comment_needs_its_scope_and_words(variant: Variant) -> None:
    path = f"variants/{variant.pk}/comments"
    assert Tool("variants:read").post(path, {"text": "Hello"}).status_code == 403
    refused = Tool("variants:read", "variants:write").post(path, {"text": "", "by": "me"})
    assert refused.status_code == 400
    assert {error["pointer"] for error in refused.json()["errors"]} >= {"/by"}


def test_a_restricted_key_comments_on_its_campaigns_only(variant: Variant) -> None:
    tool = Tool("variants:read", "variants:write", campaigns=[make.campaign()])
    assert tool.post(f"variants/{variant.pk}/comments", {"text": "Hello"}).status_code == 404
    assert not variant.comments.exists()
