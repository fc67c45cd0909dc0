"""Every main page, with data on it: for people with a disability, in both themes, and on a phone."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page

from campaigns import launching
from campaigns.models import Campaign
from generation import jobs
from generation.models import Run, Variant
from tests import make
from tests.browser.accessibility import RULES, findings
from tests.browser.conftest import SignIn
from tests.browser.small_shop import opened
from tests.generation import ledger

TABS = ("", "audience/", "copy/", "offers/", "outcome/", "history/")
STEPS = ("basics", "audience", "products", "voice")
# What may differ between the themes, and between a wide and a narrow screen.
LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]


@pytest.mark.parametrize("area", ["campaigns", "shop"])
def test_nothing_hinders_and_nothing_is_cut_off(sign_in: SignIn, transactional_db: None, area: str) -> None:
    addresses = campaign_pages() if area == "campaigns" else shop_pages()
    page = sign_in(make.user("approver"))
    found = [f"{address}: {trouble}" for address in addresses for trouble in troubles(page, address)]
    assert not found, "\n".join(found)


def troubles(page: Page, address: str) -> list[str]:
    """Return what is wrong with a page on a wide light screen, then on a narrow dark one."""
    page.set_viewport_size({"width": 1360, "height": 900})
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    assert answer
    assert answer.ok, (address, answer.status)
    page.wait_for_load_state("networkidle")
    found = findings(page, RULES)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than a phone")
    return found + findings(page, LOOKS)


def campaign_pages() -> list[str]:
    campaign = running_campaign()
    run, variant = Run.objects.latest("created_at"), Variant.objects.latest("pk")
    return [
        *(f"/campaigns/{campaign.pk}/{tab}" for tab in TABS),
        f"/campaigns/{campaign.pk}/offers/list/",
        f"/campaigns/{campaign.pk}/offers/sample/",
        "/campaigns/",
        "/review/",
        variant.get_absolute_url(),
        "/generation/",
        run.get_absolute_url(),
    ]


def shop_pages() -> list[str]:
    shop, draft = opened(), make.complete_campaign("Spring coffee")
    assert draft.segment
    coffee = shop.coffee.get_absolute_url()
    return [
        "/",
        *(f"/campaigns/{draft.pk}/edit/{step}/" for step in STEPS),
        "/segments/new/",
        draft.segment.get_absolute_url(),
        "/products/",
        coffee,
        f"{coffee}edit/",
        "/customers/",
        shop.loyal.get_absolute_url(),
        *(f"/reports/{report}" for report in ("", "cohorts/", "repurchase/", "conversion/")),
        "/spend/",
        "/data/",
        "/data/new/",
        "/demo/",
    ]


def running_campaign() -> Campaign:
    """Return a live campaign with a text and with offers, all of them waiting for a decision."""
    campaign, author = make.approved_campaign("Coffee for you"), make.user("marketer")
    launching.launch(campaign, make.user("approver"))
    ledger.run(campaign=campaign, requested_by=author)
    jobs.request_offers(campaign, jobs.OfferOrder("warm", "en"), author, uuid4())
    ledger.writer_alive()
    ledger.write_all()
    return campaign
