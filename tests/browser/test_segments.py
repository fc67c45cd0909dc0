"""The rule builder in a real browser: by keyboard with a live count, on a phone, and without a script."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from campaigns import segmenting
from campaigns.models import Segment
from shop import ledger
from tests import make
from tests.browser.conftest import SignIn
from tests.browser.swaps import settled

pytestmark = pytest.mark.django_db(transaction=True)


def coffee_shop() -> None:
    """Make two lapsed coffee buyers and one who came back."""
    beans = make.product(category=make.category("Coffee", make.category("Drinks")))
    for last in (70, 80, 5):
        buyer = make.customer(attributes={"age": "35-44"})
        for days in (last, 120, 200):
            make.order(buyer, [(beans, "10")], now() - timedelta(days=days))
    ledger.rebuild()


def test_a_segment_is_built_with_the_keyboard_while_the_count_follows(sign_in: SignIn) -> None:
    coffee_shop()
    page = sign_in(make.user("marketer"))
    page.goto("/segments/new/")
    preview = page.locator("#segment-preview")
    expect(preview).to_contain_text("3 customers")
    page.get_by_label("Name").fill("Lapsed coffee buyers")
    page.get_by_label("Condition", exact=True).select_option("category")
    page.get_by_label("Category").press_sequentially("coff")
    expect(page.locator("datalist option")).to_have_attribute("value", "Drinks › Coffee")
    page.get_by_label("Category").fill("Drinks › Coffee")
    page.get_by_label("Times").fill("3")
    expect(preview).to_contain_text("Customers who bought in category Coffee at least 3 times.")
    page.get_by_role("button", name="Add condition").press("Enter")
    second = page.get_by_role("group", name="Condition 2")
    expect(second.get_by_label("Condition")).to_be_focused()
    settled(page)
    second.get_by_label("Condition").select_option("category")
    second.get_by_label("Category").fill("coffee")
    second.get_by_label("How").select_option("none")
    second.get_by_label("In the last (days)").fill("60")
    expect(preview).to_contain_text("2 customers")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Lapsed coffee buyers")).to_be_visible()
    assert segmenting.count(Segment.objects.get().rule) == 2


def test_nested_groups_fit_a_phone_in_the_dark(sign_in: SignIn) -> None:
    coffee_shop()
    page = sign_in(make.user("marketer"))
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/segments/new/")
    page.get_by_role("button", name="Add group").first.click()
    group = page.get_by_role("group", name="Group 2")
    expect(group).to_be_visible()
    settled(page)
    group.get_by_role("button", name="Add group").click()
    inner = page.get_by_role("group", name="Condition 2.2.1")
    expect(inner).to_be_visible()
    settled(page)
    inner.get_by_label("Condition").select_option("attribute")
    expect(inner.get_by_label("Attribute")).to_be_visible()
    settled(page)
    inner.get_by_label("Attribute").select_option("age")
    inner.get_by_label("35-44").check()
    expect(page.locator("#segment-preview")).to_contain_text("have age 35-44")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Remove group 2", exact=True).click()
    expect(group).to_have_count(0)


def test_everything_works_without_a_script(browser: Browser, live_server: LiveServer) -> None:
    coffee_shop()
    client = Client()
    client.force_login(make.user("marketer"))
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/segments/new/")
    page.get_by_label("Name").fill("Coffee")
    page.get_by_label("Condition", exact=True).select_option("category")
    page.get_by_role("button", name="Show the fitting inputs").click()
    page.get_by_label("Category").fill("Coffee")
    page.get_by_role("button", name="Add condition").click()
    page.get_by_role("button", name="Remove condition 2").click()
    expect(page.locator("#segment-preview")).to_contain_text("3 customers")
    page.get_by_role("button", name="Save segment").last.click()
    expect(page.get_by_role("heading", name="Coffee")).to_be_visible()
    context.close()
