"""A session that ends while somebody is writing: the page says so, keeps every word, and saves it later."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from generation.models import Variant
from tests import make
from tests.browser.conftest import SignIn
from tests.browser.sessions import press_beneath_dialogs, sign_in_elsewhere, sign_out_everywhere
from tests.generation import ledger

TYPED = "Typed with care"


@pytest.fixture
def author(transactional_db: None) -> User:
    return make.user("marketer")


def variant_page(author: User) -> str:
    campaign = make.complete_campaign("Coffee", author)
    run = ledger.run(campaign=campaign, requested_by=author)
    ledger.write_all()
    return Variant.objects.get(job__run=run).get_absolute_url()


def campaign_page(author: User) -> str:
    return f"/campaigns/{make.complete_campaign('Coffee', author).pk}/edit/basics/"


def segment_page(author: User) -> str:
    return "/segments/new/"


def product_page(author: User) -> str:
    return f"{make.product('Coffee').get_absolute_url()}edit/"


@pytest.mark.parametrize(
    ("made", "field", "button"),
    [
        (variant_page, "Text message", "Save"),
        (campaign_page, "Name", "Save and go on"),
        (segment_page, "Name", "Save segment"),
        (product_page, "Name", "Save"),
    ],
)
def test_nothing_typed_is_lost(
    sign_in: SignIn, author: User, made: Callable[[User], str], field: str, button: str
) -> None:
    page = sign_in(author)
    page.goto(made(author))
    page.get_by_label(field, exact=True).fill(TYPED)
    sign_out_everywhere()
    save = page.get_by_role("button", name=button, exact=True)
    press_beneath_dialogs(save)
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    sign_in_elsewhere(page, author)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_label(field, exact=True)).to_have_value(TYPED)
    save.click()
    expect(page.locator("#signed-out")).not_to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main").get_by_text(TYPED).first).to_be_visible()


def test_a_page_that_follows_a_run_says_it_once(sign_in: SignIn, author: User) -> None:
    run = ledger.run(campaign=make.complete_campaign("Coffee", author), requested_by=author)
    page = sign_in(author)
    page.goto(run.get_absolute_url())
    sign_out_everywhere()
    dialog = page.locator("#signed-out")
    expect(dialog).to_be_visible()
    with page.expect_response(lambda answer: answer.status == 401):
        dialog.get_by_role("button", name="Close", exact=True).click()
    page.wait_for_timeout(300)  # for the page to have taken that answer in
    expect(dialog).not_to_be_visible()
