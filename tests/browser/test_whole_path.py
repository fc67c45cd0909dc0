"""The whole job, as a marketer and an approver do it: from signing in to what the campaign has earned."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.utils.timezone import localdate, now
from playwright.sync_api import Locator, Page, expect

from campaigns import attribution
from tests import make
from tests.browser.conftest import NewContext
from tests.browser.small_shop import SmallShop, opened
from tests.browser.swaps import settled
from tests.generation import ledger
from tests.marketing_site.api import Tool

NAME = "Win back coffee buyers"
TEXT = "{name} is back. Take {discount} with {code}."


def test_from_signing_in_to_what_the_campaign_earned(new_context: NewContext, transactional_db: None) -> None:
    shop = opened()
    marketer, approver = new_context().new_page(), new_context().new_page()
    sign_in_by_form(marketer, make.user("marketer"))
    sign_in_by_form(approver, make.user("approver"))
    ledger.writer_alive()
    home_says(marketer, revenue="$100.00", spend="$40.00", roas="2.50×")
    build_segment(marketer)
    plan_campaign(marketer)
    address = marketer.url
    approve_and_launch(approver, address)
    write_copy(marketer, address)
    edit_copy(marketer)
    approve_copy_by_keyboard(approver)
    write_offers(marketer, address)
    code, customer = approve_and_export_offers(approver, address)
    book_spend(marketer, address)
    order_comes_in(shop, customer, code)
    results_say(marketer, address)
    home_says(marketer, revenue="$270.00", spend="$125", roas="2.16×")
    in_home_table = marketer.get_by_role("row").filter(has_text=NAME)
    expect(in_home_table).to_contain_text("2.00×")


def sign_in_by_form(page: Page, user: User) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()


def tile(page: Page, label: str) -> Locator:
    named = page.get_by_role("button", name=f"What is {label}?")
    return page.locator(".tile").filter(has=named)


def home_says(page: Page, revenue: str, spend: str, roas: str) -> None:
    page.get_by_role("link", name="Home").first.click()
    expect(tile(page, "Net revenue, credited")).to_contain_text(revenue)
    expect(tile(page, "Spend")).to_contain_text(spend)
    expect(tile(page, "ROAS, attributed")).to_contain_text(roas)
    expect(page.get_by_text(f"{roas} for each 1 spent.")).to_be_visible()


def build_segment(page: Page) -> None:
    """Bought coffee at least once, and not in the last 60 days."""
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="New segment").first.click()
    page.get_by_label("Name").fill("Lapsed coffee buyers")
    first = page.get_by_role("group", name="Condition 1")
    first.get_by_label("Condition").select_option(label="Bought in category")
    first.get_by_label("Category").fill("Coffee")
    count = page.locator("#segment-preview")
    expect(count).to_contain_text("9 customers")
    page.get_by_role("button", name="Add condition").click()
    second = page.get_by_role("group", name="Condition 2")
    expect(second).to_be_visible()
    settled(page)
    second.get_by_label("Condition").select_option(label="Bought in category")
    expect(second.get_by_label("Category")).to_be_visible()
    settled(page)
    second.get_by_label("How").select_option(label="Not at all")
    second.get_by_label("Category").fill("Coffee")
    second.get_by_label("In the last (days)").fill("60")
    expect(count).to_contain_text("8 customers")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name="Lapsed coffee buyers")).to_be_visible()
    expect(page.get_by_text("Lapsed Person 0")).to_be_visible()


def plan_campaign(page: Page) -> None:
    """Go through the four steps and submit."""
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Goal").select_option(label="Win back lapsed buyers")
    page.get_by_label("Channel").select_option(label="E-mail")
    page.get_by_label("Starts on").fill(localdate().isoformat())
    page.get_by_label("Ends on").fill((localdate() + timedelta(days=14)).isoformat())
    page.get_by_label("Budget").fill("100")
    go_on = page.get_by_role("button", name="Save and go on")
    go_on.click()
    page.get_by_label("Segment").select_option(label="Lapsed coffee buyers")
    page.get_by_label("Holdout").fill("25")
    expect(page.locator("#audience-preview")).to_contain_text("8 of 8 can be contacted")
    go_on.click()
    page.get_by_label("Search products").fill("coffee")
    page.get_by_role("button", name="House blend coffee").click()
    page.get_by_label("Discount", exact=True).select_option(label="Percent off")
    page.get_by_label("Value").fill("15")
    go_on.click()
    page.get_by_label("Brand voice").select_option(label="House voice")
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.locator("#campaign-head")).to_contain_text("In review")


def approve_and_launch(page: Page, address: str) -> None:
    page.goto(address)
    confirmed(page, "Approve")
    expect(page.locator("#campaign-head")).to_contain_text("Approved")
    page.get_by_role("link", name="Audience").click()
    frozen = page.get_by_role("region", name="Frozen at approval")
    expect(frozen).to_contain_text(re.compile(r"Treated\s+6\s+Held out\s+2"))
    confirmed(page, "Launch")
    expect(page.locator("#campaign-head")).to_contain_text("Live")


def confirmed(page: Page, act: str) -> None:
    page.locator("#campaign-head").get_by_role("button", name=act).click()
    page.locator("#confirm-yes").click()


def write_copy(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Copy").click()
    page.get_by_role("group", name="What to write").get_by_label("SMS").check()
    page.get_by_label("Variants of each").fill("1")
    page.get_by_role("button", name="Write copy").click()
    panel = page.locator("#copy-panel")
    expect(panel).to_contain_text("0 of 2")
    ledger.write_all()
    expect(panel.get_by_role("article")).to_have_count(2)
    expect(panel.get_by_text("Every check passed.").first).to_be_visible()


def edit_copy(page: Page) -> None:
    page.get_by_role("article").filter(has_text="SMS").get_by_role("link", name="Open and edit").click()
    page.get_by_label("Text message").fill(TEXT)
    seen = page.locator("#variant-check")
    expect(seen).to_contain_text("House blend coffee is back. Take 15% off")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(seen.locator("ins").first).to_be_visible()
    expect(seen.locator("del").first).to_be_visible()


def approve_copy_by_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/review/")  # with its scripts: before them its keys do nothing
    waiting = page.locator("#review-list")
    expect(waiting).to_contain_text("2 texts wait.")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(waiting).to_contain_text("1 text waits.")
    page.keyboard.press("a")
    expect(waiting).to_contain_text("Nothing waits for you")


def write_offers(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Offers").click()
    panel = page.locator("#offers-panel")
    expect(panel).to_contain_text("6 recipients have none yet")
    page.get_by_role("button", name="Write offers").click()
    expect(panel).to_contain_text("0 of 6")
    ledger.write_all()
    page.get_by_role("link", name="Browse").click()
    expect(page.locator("#offer-list").get_by_role("row")).to_have_count(7)
    expect(page.get_by_text("$17.00").first).to_be_visible()


def approve_and_export_offers(page: Page, address: str) -> tuple[str, str]:
    """Return the code and the customer of the first offer in the file."""
    page.goto(address)
    page.get_by_role("link", name="Offers").click()
    page.get_by_role("link", name="Look at a sample and approve").click()
    page.get_by_role("button", name="Approve all 6 offers").click()
    expect(page.locator("#offer-list").get_by_text("Approved")).to_have_count(6)
    page.goto(address)
    page.get_by_role("link", name="Offers").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    written = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert len(rows) == 6
    return rows[0]["code"], rows[0]["customer"]


def book_spend(page: Page, address: str) -> None:
    page.get_by_role("link", name="Spend").click()
    page.get_by_role("link", name="Add spend").click()
    page.get_by_label("Campaign").select_option(label=NAME)
    page.get_by_label("Amount").fill("85")
    page.get_by_label("Category").select_option(label="Media")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text=NAME).first).to_contain_text("$85.00")


def order_comes_in(shop: SmallShop, customer: str, code: str) -> None:
    line = {
        "product": shop.coffee.sku,
        "quantity": 10,
        "gross": "200",
        "discount": "30",
        "coupon_value": "30",
    }
    body = {
        "external_id": "O-1000", "customer": customer, "ordered_at": now().isoformat(),
        "coupon_codes": [code], "lines": [line],
    }  # fmt: skip
    answer = Tool("orders:write").post("orders", body)
    assert answer.status_code == 201, answer.content
    attribution.drain_dirty_keys()


def results_say(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Results").click()
    expect(tile(page, "Net revenue, credited")).to_contain_text("$170.00")
    expect(tile(page, "Spend")).to_contain_text("$85.")
    expect(tile(page, "ROAS, attributed")).to_contain_text("2.00×")
