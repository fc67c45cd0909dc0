"""A new campaign in four steps, each saved; what is refused, what is locked, and what only warns."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils.timezone import localdate

from campaigns import launching
from campaigns.models import BrandVoice, Campaign, OfferPolicy
from tests import make

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
BASICS = {
    "name": "Coffee",
    "goal": "win_back",
    "channel": "email",
    "starts_on": "",
    "ends_on": "",
    "budget": "",
}
POLICY = {"kind": "percent", "value": "15", "code_policy": "unique", "valid_days": "14"}
EDITS = ("basics", "audience", "products", "voice", "plan")


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def edit(campaign: Campaign, step: str) -> str:
    return f"/campaigns/{campaign.pk}/edit/{step}/"


def said(response: "Response") -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def saved() -> Campaign:
    return Campaign.objects.get()


def test_four_steps_lead_from_nothing_to_review(marketer: Client) -> None:
    today = localdate()
    dates = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    response = marketer.post("/campaigns/new/", BASICS | dates | {"budget": "500"})
    campaign = saved()
    assert response["Location"] == edit(campaign, "audience")
    assert campaign.decisions.get().action == "create"
    segment, product = make.audience(), make.product("Arabica")
    response = marketer.post(edit(campaign, "audience"), {"segment": segment.pk, "holdout_percent": "20"})
    assert response["Location"] == edit(campaign, "products")
    marketer.post(f"/campaigns/{campaign.pk}/products/add/", {"product": product.pk})
    response = marketer.post(edit(campaign, "products"), POLICY)
    assert response["Location"] == edit(campaign, "voice")
    voice = BrandVoice.objects.create(name="House", tone="warm")
    response = marketer.post(edit(campaign, "voice"), {"brand_voice": voice.pk, "then": "submit"})
    assert response["Location"] == campaign.get_absolute_url()
    campaign = saved()
    assert (campaign.status, campaign.segment, campaign.brand_voice) == ("in_review", segment, voice)
    assert (campaign.budget, campaign.holdout_percent) == (Decimal(500), Decimal(20))
    assert list(campaign.products.all()) == [product]
    assert (campaign.offer_policy.kind, campaign.offer_policy.value) == ("percent", Decimal(15))


def test_a_double_click_makes_one_campaign(marketer: Client) -> None:
    first, second = (marketer.post("/campaigns/new/", BASICS) for _click in range(2))
    assert first["Location"] == second["Location"] == edit(saved(), "audience")


def test_each_step_shows_what_was_saved(marketer: Client) -> None:
    campaign = make.complete_campaign("Coffee", budget=Decimal("99.5"))
    assert 'value="99.50"' in marketer.get(edit(campaign, "basics")).content.decode()
    assert "10 of 10 can be contacted" in marketer.get(edit(campaign, "audience")).content.decode()
    assert campaign.products.get().name in marketer.get(edit(campaign, "products")).content.decode()
    assert "Save and submit" in marketer.get(edit(campaign, "voice")).content.decode()


def test_submitting_too_early_stays_beside_the_list_of_what_is_missing(marketer: Client) -> None:
    marketer.post("/campaigns/new/", BASICS)
    response = marketer.post(edit(saved(), "voice"), {"brand_voice": "", "then": "submit"})
    assert response["Location"] == edit(saved(), "voice")
    assert "A segment" in said(response)
    assert saved().status == "draft"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "required"),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "swap the two dates"),
        ({"budget": "-1"}, "cannot be negative"),
        ({"budget": "much"}, "number"),
        ({"channel": "pigeon"}, "valid choice"),
        ({"starts_on": "soon"}, "valid date"),
    ],
)
def test_wrong_basics_are_refused_and_kept_in_the_form(
    marketer: Client, wrong: dict[str, str], why: str
) -> None:
    response = marketer.post("/campaigns/new/", BASICS | {"name": "Typed"} | wrong)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert wrong.get("name", "Typed") in response.content.decode()
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"value": ""}, "above zero"),
        ({"value": "101"}, "more than 100 percent"),
        ({"value": "-5"}, "above zero"),
        ({"code_policy": "shared"}, "Name the shared code"),
        ({"code_policy": "shared", "shared_code": "ten off"}, "letters, digits"),
        ({"valid_days": "0"}, "1 to 366 days"),
        ({"cap": "-1"}, "cannot be negative"),
        ({"margin_floor": "120"}, "less than or equal to 100"),
    ],
)
def test_a_wrong_offer_policy_is_refused(marketer: Client, wrong: dict[str, str], why: str) -> None:
    response = marketer.post(edit(make.campaign(), "products"), POLICY | wrong)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not OfferPolicy.objects.exists()


def test_no_discount_needs_no_value_and_forgets_an_old_one(marketer: Client) -> None:
    campaign = make.complete_campaign()
    marketer.post(edit(campaign, "products"), POLICY | {"kind": "none", "value": "15", "cap": "3"})
    policy = OfferPolicy.objects.get()
    assert (policy.kind, policy.value, policy.cap) == ("none", None, None)


def test_a_shared_code_belongs_to_one_campaign(marketer: Client) -> None:
    first, second = make.campaign("First"), make.campaign("Second")
    shared = POLICY | {"code_policy": "shared", "shared_code": "COFFEE10"}
    assert marketer.post(edit(first, "products"), shared).status_code == 302
    assert marketer.post(edit(first, "products"), shared).status_code == 302
    response = marketer.post(edit(second, "products"), shared | {"shared_code": "coffee10"})
    assert "First" in response.content.decode()
    assert not OfferPolicy.objects.filter(campaign=second).exists()


def test_a_budget_below_what_is_spent_warns_and_is_saved(marketer: Client) -> None:
    campaign = make.campaign(spent=["60", "40"])
    response = marketer.post(edit(campaign, "basics"), BASICS | {"budget": "99"})
    assert "$100.00" in said(response)
    assert saved().budget == Decimal(99)
    marketer.get("/campaigns/")  # shows the message, and forgets it
    assert "booked" not in said(marketer.post(edit(campaign, "basics"), BASICS | {"budget": "100"}))


def test_the_preview_counts_while_the_form_is_filled_in(marketer: Client) -> None:
    campaign, segment = make.campaign(), make.audience(20)
    url = f"/campaigns/{campaign.pk}/audience/preview/"
    shown = marketer.get(f"{url}?segment={segment.pk}&holdout_percent=25").content.decode()
    assert "20 of 20 can be contacted" in shown
    assert "<dd>15</dd>" in shown
    assert "can be told from chance" in shown
    assert "Choose a segment" in marketer.get(url, {"segment": "x"}).content.decode()
    empty = make.audience(0)
    assert "Nobody is in the segment" in marketer.get(url, {"segment": empty.pk}).content.decode()
    assert saved().segment is None


@pytest.mark.parametrize("share", ["-1", "91", "100", "x", ""])
def test_a_holdout_that_cannot_be_is_refused(marketer: Client, share: str) -> None:
    campaign = make.campaign()
    response = marketer.post(
        edit(campaign, "audience"), {"segment": make.audience().pk, "holdout_percent": share}
    )
    assert response.status_code == 422
    assert saved().segment is None


def test_products_are_searched_added_and_removed(marketer: Client) -> None:
    campaign = make.campaign()
    arabica, robusta, retired = (
        make.product("Arabica"),
        make.product("Robusta"),
        make.product("Arabica old", active=False),
    )
    search = f"/campaigns/{campaign.pk}/products/search/"
    assert marketer.get(search, {"q": "a\0"}).status_code == 200
    found = marketer.get(search, {"q": "arabica"}, headers={"HX-Request": "true"}).content.decode()
    assert arabica.sku in found
    assert robusta.sku not in found
    assert retired.sku not in found
    add, remove = (f"/campaigns/{campaign.pk}/products/{act}/" for act in ("add", "remove"))
    shown = marketer.post(
        add, {"product": [arabica.pk, robusta.pk, retired.pk]}, headers={"HX-Request": "true"}
    )
    assert robusta.name in shown.content.decode()
    assert set(campaign.products.all()) == {arabica, robusta}
    assert marketer.post(add, {"product": [arabica.pk]}).status_code == 302
    assert campaign.products.count() == 2
    marketer.post(remove, {"product": [arabica.pk, "x"]})
    marketer.post(remove, {"product": [robusta.pk]})
    assert list(campaign.products.all()) == [arabica]


def test_a_viewer_edits_nothing(client: Client) -> None:
    campaign, product = make.complete_campaign("Coffee"), make.product()
    client.force_login(make.user("viewer"))
    assert client.post("/campaigns/new/", BASICS).status_code == 403
    for step in EDITS:
        assert client.get(edit(campaign, step)).status_code == 403
        assert client.post(edit(campaign, step), BASICS | POLICY).status_code == 403
    for act in ("add", "remove"):
        assert (
            client.post(f"/campaigns/{campaign.pk}/products/{act}/", {"product": product.pk}).status_code
            == 403
        )
    assert saved().name == "Coffee"


def test_after_approval_audience_products_and_offer_are_locked(marketer: Client) -> None:
    campaign = make.approved_campaign("Coffee")
    before = (campaign.segment, campaign.holdout_percent, list(campaign.products.all()))
    for step in ("basics", "audience", "products", "voice"):
        answer = said(marketer.get(edit(campaign, step)))
        assert "locked" in answer, step
        data = BASICS | POLICY | {"segment": make.audience().pk, "holdout_percent": "0"}
        assert marketer.post(edit(campaign, step), data)["Location"] == campaign.get_absolute_url()
    marketer.post(f"/campaigns/{campaign.pk}/products/add/", {"product": make.product().pk})
    campaign.refresh_from_db()
    assert (campaign.segment, campaign.holdout_percent, list(campaign.products.all())) == before
    assert campaign.offer_policy.value == Decimal(10)


def test_name_dates_and_budget_may_change_after_approval(marketer: Client) -> None:
    campaign = make.approved_campaign()
    later = localdate() + timedelta(days=40)
    plan = {
        "name": "Coffee again",
        "starts_on": localdate().isoformat(),
        "ends_on": later.isoformat(),
        "budget": "7",
    }
    assert marketer.post(edit(campaign, "plan"), plan).status_code == 302
    assert (saved().name, saved().ends_on, saved().budget) == ("Coffee again", later, Decimal(7))
    for day in ("", "2020-01-01"):
        assert marketer.post(edit(campaign, "plan"), plan | {"ends_on": day}).status_code == 422
    launching.launch(campaign, make.user("approver"))
    marketer.post(edit(campaign, "plan"), plan | {"starts_on": "2020-01-01", "name": "Live"})
    assert (saved().name, saved().starts_on) == ("Live", localdate())


def test_a_draft_has_no_plan_page_and_one_in_review_says_take_it_back(marketer: Client) -> None:
    campaign, author = make.complete_campaign(), make.user()
    assert marketer.get(edit(campaign, "plan")).status_code == 302
    launching.submit(campaign, author)
    assert "take it back" in said(marketer.post(edit(campaign, "basics"), BASICS))
