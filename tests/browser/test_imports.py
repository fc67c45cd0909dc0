"""A file on its whole way in a real browser: upload, columns, dry run, apply, report, and back."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from shop.importing import lane
from shop.models import Order
from tests import make
from tests.browser.accessibility import RULES, findings
from tests.browser.conftest import SignIn
from tests.shop.imports import small_shop
from tests.shop.malformed_files import orders

LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Work off the lane beside the browser, as `manage.py up` does."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.2):
            lane.work_off("test", over)

    thread = threading.Thread(target=work, name="test-importer")
    thread.start()
    yield
    over.set()
    thread.join()


def choose(page: Page, content: bytes, name: str = "march.csv") -> None:
    """Send a file of orders by the form."""
    page.goto("/data/")
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("What is in the file").select_option("orders")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Send and look at the columns").click()


def looks_right(page: Page) -> None:
    """Say so where the page hinders anybody, wide and light or narrow and dark."""
    page.wait_for_load_state("networkidle")
    page.set_viewport_size({"width": 1360, "height": 900})
    page.emulate_media(color_scheme="light")
    assert findings(page, RULES) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert findings(page, LOOKS) == []
    page.set_viewport_size({"width": 1360, "height": 900})
    page.emulate_media(color_scheme="light")


def test_a_file_goes_in_and_comes_out_again(sign_in: SignIn, worker: None) -> None:
    small_shop()
    page = sign_in(make.user("marketer"))
    choose(page, orders({}, {}, {"quantity": "3"}).replace(b"gross", b"Worth of the line"))
    expect(page.get_by_text("Guessed: please check").first).to_be_visible()
    looks_right(page)
    page.get_by_label("Worth of the line").select_option("gross")
    page.get_by_role("button", name="That is right: check the file").click()
    expect(page.locator("#import")).to_contain_text("Applying it stores 3 new and 0 changed rows.")
    looks_right(page)
    assert Order.objects.count() == 1
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#import h2").first).to_have_text("Rows are stored")
    looks_right(page)
    assert Order.objects.count() == 4
    page.get_by_role("button", name="Undo this import").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#import h2").first).to_have_text("Undone: everything is as it was before")
    assert Order.objects.count() == 1
    page.goto("/data/")
    expect(page.locator("#import-list")).to_contain_text("Undone")
    looks_right(page)


def test_wrong_rows_are_shown_downloaded_and_set_aside(sign_in: SignIn, worker: None) -> None:
    small_shop()
    page = sign_in(make.user("marketer"))
    choose(page, orders({}, {"quantity": "two", "ordered_at": "02/03/04"}, {"product": "NONE"}))
    page.get_by_role("button", name="That is right: check the file").click()
    wrong = page.locator(".cell-wrong")
    expect(wrong.filter(has_text="This is not a whole number.")).to_be_visible()
    expect(wrong.filter(has_text="No product has this SKU.")).to_be_visible()
    looks_right(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rejected rows").click()
    assert download.value.suggested_filename.startswith("rejected-")
    page.get_by_label("Unknown products and customers").select_option("stub")
    page.get_by_role("button", name="Check again with these choices").click()
    expect(page.locator(".tile .big").first).to_have_text("2")
    page.get_by_role("button", name="Go on without the faulty rows").click()
    page.locator("#confirm-yes").click()
    expect(page.locator("#import")).to_contain_text("1 rejected row is left out.")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#import h2").first).to_have_text("Rows are stored")
    assert Order.objects.count() == 3


def test_a_file_that_cannot_be_read_says_why_beside_the_field(
    sign_in: SignIn, transactional_db: None
) -> None:
    page = sign_in(make.user("marketer"))
    choose(page, b"%PDF-1.7 not a table", "march.csv")
    expect(page.get_by_role("alert")).to_contain_text("save it as CSV UTF-8")
    looks_right(page)
