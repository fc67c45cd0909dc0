"""Many products described on the whole way in a real browser: choose, start, write into them, undo."""

import pytest
from playwright.sync_api import Page, expect

from generation.models import Variant
from shop.models import Product
from tests import make
from tests.browser.accessibility import RULES, findings
from tests.browser.conftest import SignIn
from tests.generation import ledger


def looks_right(page: Page) -> None:
    """Say so where the page hinders anybody, wide and light or narrow and dark."""
    page.wait_for_load_state("networkidle")
    page.emulate_media(color_scheme="light")
    assert findings(page, RULES) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert findings(page, ["color-contrast", "target-size", "scrollable-region-focusable"]) == []
    page.set_viewport_size({"width": 1360, "height": 900})


@pytest.mark.django_db(transaction=True)
def test_products_are_described_from_the_filter_to_their_pages(sign_in: SignIn) -> None:
    for name in ("Wool scarf", "Wool hat"):
        make.product(name, attributes={"material": "merino wool"})
    make.product("Mug", description="Known.")
    page = sign_in(make.user("approver"))
    page.goto("/products/")
    page.get_by_role("link", name="Describe products").click()
    page.get_by_role("link", name="Describe products").last.click()
    page.get_by_label("Only products").select_option("empty")
    expect(page.get_by_role("button", name="Write 4 texts")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Write 4 texts").click()
    expect(page.get_by_text("4 texts are on their way")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    ledger.write_all()
    expect(page.get_by_text("4 of 4")).to_be_visible()
    Variant.objects.update(state="approved")
    page.reload()
    expect(page.get_by_role("link", name="Write into the products")).to_be_visible()
    looks_right(page)
    page.get_by_role("link", name="Write into the products").click()
    expect(page.get_by_role("button", name="Write into 2 products")).to_be_visible()
    looks_right(page)
    page.get_by_role("button", name="Write into 2 products").click()
    page.get_by_role("dialog").get_by_role("button", name="Write into the products").click()
    expect(page.get_by_text("2 products were written")).to_be_visible()
    assert Product.objects.exclude(seo_title="").exclude(description="").count() == 2
    page.get_by_role("link", name="Written into 2 products").click()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back: the products say what they said before.")).to_be_visible()
    looks_right(page)
    assert not Product.objects.exclude(seo_title="").exists()
    page.goto(Product.objects.get(name="Wool hat").get_absolute_url())
    expect(page.get_by_role("heading", name="Texts")).to_be_visible()
    looks_right(page)
