"""What everybody meets on every page, in a real browser."""

import pytest
from playwright.sync_api import Dialog, Page, expect
from pytest_django import Settings

from campaigns.models import Campaign
from shop.models import SetupStep
from tests import make
from tests.browser.accessibility import findings
from tests.browser.conftest import SignIn
from tests.browser.sessions import press_beneath_dialogs, sign_in_elsewhere, sign_out_everywhere


@pytest.fixture(autouse=True)
def component_pages(settings: Settings, transactional_db: None) -> None:
    settings.ROOT_URLCONF = "tests.browser.component_pages"
    settings.LOGIN_REDIRECT_URL = "/"


def test_people_sign_in_by_form_and_sign_out_by_menu(page: Page) -> None:
    user = make.user()
    page.goto("/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Components")).to_be_visible()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_hinders_people_with_a_disability(sign_in: SignIn, page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto("/accounts/login/")
    assert findings(page) == []
    sign_in(make.user("administrator")).goto("/")
    assert findings(page) == []
    page.get_by_role("button", name="Save").click()
    page.keyboard.press("Control+k")
    assert findings(page) == []


def test_errors_come_first_and_lead_to_their_fields(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.locator("#plain [name=name]").evaluate("field => field.required = false")
    page.locator("#plain [name=channel]").first.evaluate("field => field.form.noValidate = true")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.locator(".error-summary").get_by_role("link", name="Name").click()
    assert "id_name_error" in str(page.locator("#id_name").get_attribute("aria-describedby"))


def test_the_theme_is_kept_and_rendered_by_the_server(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert page.request.get("/").text().count('data-theme="dark"') == 1


def test_the_language_is_one_press_away(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_palette_finds_pages_and_campaigns(sign_in: SignIn) -> None:
    Campaign.objects.create(name="Spring coffee")
    page = sign_in(make.user())
    page.goto("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("coffee")
    expect(page.locator("#palette-results").get_by_text("Spring coffee")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()


def test_single_keys_can_be_switched_off(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_be_visible()


def test_a_chart_is_read_by_arrow_keys(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.locator(".plot").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-say]")).to_have_text("Week of 16 Mar: Revenue $240.00, Spend –")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".chart-tip")).to_contain_text("-$20.00")


def test_a_definition_shows_on_focus_and_goes_on_escape(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.locator(".hint-button").first.focus()
    expect(page.get_by_role("tooltip").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".hint-text").first).not_to_be_visible()


def test_what_cannot_be_undone_is_asked_first(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.get_by_role("button", name="End it").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("It has ended.")).to_have_count(0)
    page.get_by_role("button", name="End it").click()
    page.locator("#confirm-yes").click()
    expect(page.get_by_text("It has ended.")).to_be_visible()


def test_a_swap_says_what_happened_in_a_toast(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    page.get_by_label("Words").fill("fresh")
    page.get_by_role("button", name="Swap").click()
    expect(page.locator(".toast")).to_contain_text("Kept “fresh”.")


@pytest.mark.parametrize(
    ("field", "button", "saved"),
    [("Words", "Swap", "Kept “precious”."), ("Name", "Save", "Saved precious.")],
)
def test_a_session_that_ended_mid_edit_loses_nothing(
    sign_in: SignIn, field: str, button: str, saved: str
) -> None:
    user = make.user()
    page = sign_in(user)
    page.goto("/")
    page.get_by_label(field, exact=True).fill("precious")
    page.get_by_label("E-mail").check()
    sign_out_everywhere()
    save = page.get_by_role("button", name=button)
    press_beneath_dialogs(save)
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    sign_in_elsewhere(page, user)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_label(field, exact=True)).to_have_value("precious")
    save.click()
    expect(page.get_by_text(saved)).to_be_visible()


def test_unsaved_changes_are_not_left_by_accident(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.goto("/")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_label("Name", exact=True).press_sequentially("x")
    page.get_by_role("link", name="Approve").click()
    assert asked == ["beforeunload"]


def test_the_set_up_is_followed_to_its_end_and_then_asked_no_more(sign_in: SignIn) -> None:
    step = SetupStep.objects.create(name="a", label="Demo data", done=5, total=10, state="running")
    page = sign_in(make.user())
    page.goto("/")
    expect(page.locator("#setup")).to_contain_text("5 of 10")
    SetupStep.objects.filter(pk=step.pk).update(state="done", done=10)
    expect(page.locator("#setup")).to_contain_text("Everything is set up.")
    assert page.locator("[hx-trigger='every 2s']").count() == 0
    page.reload()
    assert page.locator("#setup").count() == 0


def test_a_first_visit_is_light(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert sum(sizes) < 150_000


def test_a_phone_shows_all_with_large_targets(sign_in: SignIn) -> None:
    page = sign_in(make.user())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    heights = page.locator(".bar :is(a, button)").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 44
    page.get_by_role("button", name="More").click()
    expect(page.locator("#palette")).to_be_visible()
    assert findings(page) == []
