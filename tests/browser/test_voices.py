"""Brand voices in a browser: suggestions taken over, two voices compared, all of it on a phone too."""

from playwright.sync_api import expect

from campaigns.models import BrandVoice
from generation.models import Run
from tests import make
from tests.browser.conftest import SignIn
from tests.browser.test_main_pages import troubles
from tests.generation import ledger
from tests.generation.test_voices import approved


def test_a_word_is_taken_over_and_two_voices_are_compared(sign_in: SignIn, transactional_db: None) -> None:
    own, calm = approved(10), BrandVoice.objects.create(name="Calm", tone="calm", exclamations=False)
    make.product("Harbor candle", attributes={"wax": "soy wax"})
    ledger.writer_alive()
    page = sign_in(make.user("approver"))
    page.goto(f"/voices/{own.pk}/")
    page.get_by_role("button", name="Take over: Add “cosy”").click()
    expect(page.get_by_text("Taken over: Add “cosy”")).to_be_visible()
    own.refresh_from_db()
    assert own.use_words == "cosy"

    page.get_by_role("link", name="Compare with another voice").click()
    page.get_by_label("Product", exact=True).select_option(label="Harbor candle")
    page.get_by_label("One voice").select_option(label=own.name)
    page.get_by_label("The other").select_option(label="Calm")
    page.get_by_role("button", name="Write both").click()
    expect(page.get_by_role("heading", name="Calm")).to_be_visible()
    ledger.write_all()
    expect(page.locator("#voice-preview .review-text")).to_have_count(2)

    preview = f"/voices/preview/?run={Run.objects.get(purpose='preview').pk}"
    addresses = ["/voices/", f"/voices/{calm.pk}/", preview, "/voices/preview/", "/rules/"]
    assert [f"{address}: {trouble}" for address in addresses for trouble in troubles(page, address)] == []
