"""Asking for texts of many kinds on a phone, and the pages of texts that belong to no campaign."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from generation.models import Variant
from shop.models import Event
from tests import make
from tests.browser.accessibility import findings
from tests.browser.conftest import SignIn
from tests.generation import ledger

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = ViewportSize(width=390, height=844)


def fits(page: Page) -> bool:
    """Say whether nothing of the page is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_kinds_stand_in_groups_that_fit_a_phone_and_open_where_something_is_chosen(
    sign_in: SignIn, page: Page
) -> None:
    by = make.user()
    campaign = make.complete_campaign("Coffee", by)
    sign_in(by)
    page.set_viewport_size(PHONE)
    page.goto(f"/campaigns/{campaign.pk}/copy/panel/")
    kinds = page.locator(".kinds")
    expect(kinds.get_by_label("E-mail")).to_be_checked()
    expect(kinds.get_by_label("Facebook post")).to_be_hidden()
    kinds.get_by_text("Social").click()
    kinds.get_by_label("Facebook post").check()
    assert fits(page)
    assert findings(page) == []
    page.get_by_role("button", name="Write copy").click()
    expect(page.get_by_text("4 texts are on their way.")).to_be_visible()
    ledger.write_all()
    assert set(Variant.objects.values_list("kind", flat=True)) == {"email", "social_facebook"}


def test_a_reply_a_category_and_a_translation_on_a_phone(sign_in: SignIn, page: Page) -> None:
    by = make.user()
    category = make.category("Coffee")
    product = make.product("House blend", category=category)
    review = Event.objects.create(
        source="shop", external_id=str(uuid4()), customer=make.customer(), kind=Event.Kind.REVIEW,
        product=product, occurred_at=make.NOON, text="The delivery was late", rating=2,
    )  # fmt: skip
    sign_in(by)
    page.set_viewport_size(PHONE)
    page.goto("/categories/")
    page.get_by_role("link", name="Coffee").click()
    page.get_by_role("button", name="Write texts").click()
    expect(page.get_by_text("2 texts are on their way.")).to_be_visible()
    assert fits(page)
    assert findings(page) == []
    page.goto(f"/products/{product.pk}/")
    page.get_by_role("link", name="Draft a reply").click()
    page.get_by_role("button", name="Draft a reply").click()
    ledger.write_all()
    expect(page.get_by_text("We are sorry")).to_be_visible()
    assert fits(page)
    assert findings(page) == []
    page.goto(f"/variants/{Variant.objects.get(job__review=review).pk}/")
    page.get_by_role("button", name="Translate").click()
    expect(page.get_by_text("The translation is on its way.")).to_be_visible()
    ledger.write_all()
    expect(page.locator("#variant-translations [lang=zh-hans]")).to_contain_text("非常抱歉")
    assert fits(page)
