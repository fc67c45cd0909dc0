"""A preview shows what stands in the form, also where somebody types while the last one is on its way."""

import pytest
from playwright.sync_api import expect

from generation.models import Variant
from tests import make
from tests.browser.conftest import SignIn
from tests.generation import ledger

# A change that comes just after the first request has left, and so before its answer.
TYPES_ON = """([name, value]) => document.addEventListener("htmx:beforeRequest", () => {
  const field = document.getElementsByName(name)[0];
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}, { once: true })"""


@pytest.mark.parametrize(
    ("field", "first", "then", "preview", "shown"),
    [
        ("rule-0-count", "2", "3", "#segment-preview", "at least 3 times"),
        ("holdout_percent", "20", "40", "#audience-preview", "Held out 4"),
        ("text", "One", "Another", "#variant-check", "Another"),
    ],
)
def test_the_last_word_counts(
    sign_in: SignIn, transactional_db: None, field: str, first: str, then: str, preview: str, shown: str
) -> None:
    page = sign_in(make.user("marketer"))
    page.goto(page_with(field))
    page.evaluate(TYPES_ON, [field, then])
    page.locator(f"[name={field}]").first.fill(first)
    expect(page.locator(preview)).to_contain_text(shown)
    assert page.locator(f"[name={field}]").first.input_value() == then


def page_with(field: str) -> str:
    if field == "rule-0-count":
        return "/segments/new/"
    campaign = make.complete_campaign("Coffee")
    if field == "holdout_percent":
        return f"/campaigns/{campaign.pk}/edit/audience/"
    run = ledger.run(campaign=campaign)
    ledger.write_all()
    return Variant.objects.get(job__run=run).get_absolute_url()
