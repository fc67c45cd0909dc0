"""The site in Chinese: what people read has no English left, but for what people and products are called."""

import re
from io import BytesIO

from django.contrib.auth.models import User
from django.utils.text import capfirst
from playwright.sync_api import Page, expect

from campaigns.models import BrandVoice, Campaign, Segment, Spend
from shop import importing
from shop.importing import lane, shapes
from shop.models import Category, Customer, CustomerProfile, ImportFile, Product
from tests import make
from tests.browser.conftest import SignIn
from tests.browser.test_main_pages import campaign_pages, shop_pages

# What is read on a page and on the parts that it loads by itself, as the server gives them: drawing each page
# would take much longer. Written copy says its own language; codes, zones and what files hold have none.
READ = """async (address) => {
  const lists = "#id_time_zone, #id_currency, #id_encoding";
  const skipped = `[lang]:not(html), script, style, noscript, code, bdi, kbd, pre, textarea, .code, ${lists}`;
  const answer = await (await fetch(address)).text();
  const page = new DOMParser().parseFromString(answer, "text/html");
  const found = [page.title];
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    if (!texts.currentNode.parentElement.closest(skipped)) found.push(texts.currentNode.data);
  for (const name of ["aria-label", "placeholder", "title", "data-confirm", "data-confirm-text"])
    for (const element of page.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
  const parts = [...page.querySelectorAll("[hx-get][hx-trigger~=load]")];
  return { found, parts: parts.map((part) => part.getAttribute("hx-get")) };
}"""
WORD, CHINESE, ADDRESS = re.compile(r"[A-Za-z]{3,}"), re.compile(r"[\u3400-\u9fff]"), re.compile(r"\S+@\S+")
MORE = (
    "/campaigns/new/", "/segments/", "/segments/new-list/", "/voices/", "/voices/new/", "/spend/new/",
    "/products/new/", "/accounts/password/change/", "/accounts/logout/", "/nowhere/",
)  # fmt: skip
# Written alike in both languages.
TERMS = {"Liftwright", "English", "ROAS", "ROI", "SKU", "CSV", "USD", "API", "Ctrl"}


def test_no_page_has_english_left_in_chinese(sign_in: SignIn, transactional_db: None) -> None:
    addresses = [*campaign_pages(), *shop_pages(), *people_pages(), *import_pages(), *MORE]
    page = sign_in(make.user("administrator"))
    page.goto("/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    names = sorted(given_names() | TERMS, key=len, reverse=True)
    given = re.compile("|".join(map(re.escape, names)))
    found = [
        f"{address}: {text}" for address in addresses for text in english(page, address, given, addresses)
    ]
    assert not found, "\n".join(found)


def people_pages() -> list[str]:
    """Return the page that erases a person, and two segments side by side."""
    customer, one = Customer.objects.earliest("pk"), Segment.objects.earliest("pk")
    other = make.segment("Second choice")
    return [
        f"{customer.get_absolute_url()}erase/",
        f"{one.get_absolute_url()}overlap/?with_segment={other.pk}",
    ]


def import_pages() -> list[str]:
    """Return the pages of a file in which the check found faults."""
    rows = b"order,customer,ordered_at,product,gross\nA1,C1,2026-03-02,MUG,dear\n"
    file = importing.receive("orders", BytesIO(rows), "march.csv")
    importing.inspect(file)
    importing.configure(file, shapes.plain(file.shape), file.mapping)
    importing.request_check(file)
    lane.work_off("test")
    return [file.get_absolute_url(), f"{file.get_absolute_url()}columns/"]


def english(page: Page, address: str, given: re.Pattern[str], addresses: list[str]) -> set[str]:
    """Return the texts that have words and nothing Chinese; add what the page loads to `addresses`."""
    read = page.evaluate(READ, address)
    addresses.extend(part for part in dict.fromkeys(read["parts"]) if part not in addresses)
    texts = [given.sub("", ADDRESS.sub("", text)) for text in read["found"]]
    return {text.strip() for text in texts if WORD.search(text) and not CHINESE.search(text)}


def given_names() -> set[str]:
    """Return what the shop and its people called things."""
    found = {spend.note for spend in Spend.objects.all()} | {voice.tone for voice in BrandVoice.objects.all()}
    found |= {user.username for user in User.objects.all()}
    found |= {capfirst(label) for customer in Customer.objects.all() for label in customer.attributes}
    for model in (Product, Category, Campaign, Segment, BrandVoice, CustomerProfile, ImportFile):
        found |= {str(row.name) for row in model._default_manager.all()}
    return found - {""}
