"""One campaign's page: its tabs, what each person may do there, and what it says when it refuses."""

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns import launching
from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, Coupon, CouponProduct, Segment, Spend
from tests import make

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db
TABS = ("", "audience/", "copy/", "offers/", "outcome/", "history/")
STEPS = (
    "submit", "withdraw", "send-back", "approve", "launch", "pause", "resume", "end", "archive", "discard",
    "clone",
)  # fmt: skip


def url(campaign: Campaign, tab: str = "") -> str:
    return f"/campaigns/{campaign.pk}/{tab}"


def page(client: Client, campaign: Campaign, tab: str = "") -> str:
    return client.get(url(campaign, tab)).content.decode()


def said(response: "Response") -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def in_review() -> Campaign:
    author = make.user("marketer")
    campaign = make.complete_campaign("Coffee", author)
    launching.submit(campaign, author)
    return campaign


@pytest.mark.parametrize("role", ["viewer", "marketer", "approver", "administrator"])
def test_everybody_reads_every_tab(client: Client, role: str) -> None:
    campaigns = make.campaign("Empty"), make.approved_campaign("Full")
    client.force_login(make.user(role))
    for campaign in campaigns:
        for tab in TABS:
            response = client.get(url(campaign, tab))
            assert response.status_code == 200, tab
            assert campaign.name in response.content.decode()


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    campaign = make.campaign()
    for tab in TABS:
        assert client.get(url(campaign, tab))["Location"].startswith("/accounts/login/")


def test_a_campaign_that_does_not_exist_is_not_found(client: Client) -> None:
    client.force_login(make.user("approver"))
    assert client.get("/campaigns/999/").status_code == 404
    for step in STEPS:
        assert client.post(f"/campaigns/999/{step}/").status_code == 404, step


def test_a_draft_says_what_is_missing_and_where_to_settle_it(client: Client) -> None:
    client.force_login(make.user())
    campaign = make.campaign()
    shown = page(client, campaign)
    for step in ("basics", "audience", "products", "voice"):
        assert url(campaign, f"edit/{step}/") in shown


def test_from_review_to_the_end_through_the_page(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("approver"))
    for step, status in (
        ("approve", "approved"), ("launch", "live"), ("pause", "live"), ("resume", "live"), ("end", "ended"),
        ("archive", "archived"),
    ):  # fmt: skip
        assert url(campaign, f"{step}/") in page(client, campaign), step
        client.post(url(campaign, f"{step}/"))
        campaign.refresh_from_db()
        assert campaign.status == status
    assert "9 treated, 1 held out" in page(client, campaign)


def test_steps_are_taken_by_post_only(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("approver"))
    for step in STEPS:
        assert client.get(url(campaign, f"{step}/")).status_code == 405
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.IN_REVIEW


def test_a_viewer_may_take_no_step(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("viewer"))
    for step in STEPS:
        assert client.post(url(campaign, f"{step}/")).status_code == 403, step
        assert url(campaign, f"{step}/") not in page(client, campaign)
    assert campaign.decisions.count() == 2


def test_a_marketer_neither_approves_nor_launches(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("marketer"))
    for step in ("send-back", "approve", "launch", "pause", "resume", "end", "archive"):
        assert client.post(url(campaign, f"{step}/")).status_code == 403, step


def test_a_double_click_on_approve_is_told_that_it_is_done(client: Client) -> None:
    campaign, approver = in_review(), make.user("approver")
    client.force_login(approver)
    assert "Approved" in said(client.post(url(campaign, "approve/")))
    second = said(client.post(url(campaign, "approve/")))
    assert "Nothing was changed" in second
    assert approver.email in second
    assert campaign.assignments.count() == 10


def test_launch_without_approval_says_what_is_needed(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("approver"))
    assert "not approved yet" in said(client.post(url(campaign, "launch/")))
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.IN_REVIEW


def test_who_made_it_is_told_that_somebody_else_approves(client: Client) -> None:
    author = make.user("approver")
    campaign = make.complete_campaign(by=author)
    launching.submit(campaign, author)
    client.force_login(author)
    shown = page(client, campaign)
    assert "somebody else must approve" in shown
    assert url(campaign, "approve/") not in shown
    assert "somebody else must approve" in said(client.post(url(campaign, "approve/")))


def test_a_shop_without_four_eyes_says_so(client: Client, settings: Settings) -> None:
    settings.FOUR_EYES = False
    alone = make.user("approver")
    campaign = make.complete_campaign(by=alone)
    client.force_login(alone)
    client.post(url(campaign, "submit/"))
    assert "four-eyes rule is switched off" in page(client, campaign)
    client.post(url(campaign, "approve/"))
    for tab in ("", "history/"):
        assert "By its own author" in page(client, campaign, tab)


def test_sending_back_shows_the_reason_to_the_author(client: Client) -> None:
    campaign = in_review()
    client.force_login(make.user("approver"))
    assert "Say what should be changed" in said(client.post(url(campaign, "send-back/"), {"reason": " "}))
    client.post(url(campaign, "send-back/"), {"reason": "Too <b>dear</b>."})
    shown = page(client, campaign)
    assert "Too &lt;b&gt;dear&lt;/b&gt;." in shown


def test_the_audience_tab_shows_who_was_frozen(client: Client) -> None:
    campaign = make.approved_campaign(size=3, holdout_percent=Decimal(0))
    name = campaign.assignments.first().customer.profile.name  # type: ignore[union-attr]
    client.force_login(make.user("marketer"))
    shown = page(client, campaign, "audience/")
    assert "3 of 3 can be contacted" in shown
    assert "Frozen at approval" in shown
    assert name in shown
    client.force_login(make.user("viewer"))
    assert name not in page(client, campaign, "audience/")


# Committed step by step: within one transaction everything would happen at the same moment.
@pytest.mark.django_db(transaction=True)
def test_a_segment_that_changed_after_the_freeze_is_shown_as_it_was(client: Client) -> None:
    campaign = make.approved_campaign()
    segment = campaign.segment
    assert segment
    rule = {"match": "all", "rules": [{"field": "orders", "operator": "at_least", "count": 1, "days": 30}]}
    Segment.objects.filter(pk=segment.pk).update(kind=Segment.Kind.RULE, rule=rule)
    client.force_login(make.user())
    assert "has been changed since" in page(client, campaign, "audience/")


def test_assumed_cost_is_called_so(client: Client) -> None:
    campaign = make.approved_campaign()
    client.force_login(make.user("viewer"))
    for shown in (page(client, campaign), client.get("/campaigns/").content.decode()):
        assert "ssumed cost" not in shown
    Spend.objects.create(
        campaign=campaign, category="media", amount=Decimal(1), day=make.NOON.date(), source=Spend.Source.DEMO
    )
    for shown in (page(client, campaign), client.get("/campaigns/").content.decode()):
        assert "ssumed cost" in shown


def test_the_overview_of_a_live_campaign_has_its_figures(client: Client) -> None:
    campaign = make.approved_campaign(budget=Decimal(80))
    CampaignDay.objects.create(
        campaign=campaign, model=MODEL, day=make.NOON.date(), spend=Decimal(40), net_revenue=Decimal(100)
    )
    client.force_login(make.user("viewer"))
    shown = page(client, campaign)
    for figure in ("$40.00", "$100.00", "2.50×", "$80.00", "50% spent"):
        assert figure in shown


def test_a_clone_opens_as_a_draft(client: Client) -> None:
    campaign = make.approved_campaign("Coffee")
    client.force_login(make.user())
    response, again = (client.post(url(campaign, "clone/")) for _click in range(2))
    copy = Campaign.objects.get(name="Copy of Coffee")
    assert response["Location"] == again["Location"] == url(copy, "edit/basics/")


@pytest.mark.django_db(transaction=True)
def test_the_history_tells_each_change_in_words(client: Client) -> None:
    client.force_login(writer := make.user("marketer"))
    basics = {"name": "Coffee", "goal": "repeat", "channel": "email", "budget": "100"}
    client.post("/campaigns/new/", basics)
    campaign = Campaign.objects.get()
    client.post(url(campaign, "edit/basics/"), basics | {"budget": "250", "channel": "sms"})
    product = make.product("Arabica")
    client.post(url(campaign, "products/add/"), {"product": product.pk})
    client.post(url(campaign, "products/remove/"), {"product": product.pk})
    client.post(url(campaign, "edit/products/"), {"kind": "none", "code_policy": "unique", "valid_days": "7"})
    shown = page(client, campaign, "history/")
    for words in ("$100.00", "$250.00", "e-mail", "SMS", "Arabica", "no discount", writer.email):
        assert words in shown
    assert (
        shown.index("Changed the offer policy") < shown.index("Changed the products") < shown.index("Created")
    )


def test_the_product_page_gets_the_campaigns_of_a_product(client: Client) -> None:
    product = make.product()
    chosen, by_coupon, other = make.campaign("Chosen"), make.campaign("By coupon"), make.campaign("Other")
    chosen.products.add(product)
    coupon = Coupon.objects.create(campaign=by_coupon, code="X")
    CouponProduct.objects.create(coupon=coupon, product=product)
    client.force_login(make.user("viewer"))
    shown = client.get(f"/products/{product.pk}/campaigns/").content.decode()
    assert [name in shown for name in ("Chosen", "By coupon", other.name)] == [True, True, False]
    assert (
        "No campaign has promoted" in client.get(f"/products/{make.product().pk}/campaigns/").content.decode()
    )
