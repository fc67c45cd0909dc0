"""The review desk by keyboard alone, and what it promises about words that are half typed."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from generation.models import Rewrite, Variant
from tests import make
from tests.browser.accessibility import findings
from tests.browser.conftest import SignIn
from tests.browser.sessions import press_beneath_dialogs, sign_in_elsewhere, sign_out_everywhere
from tests.browser.swaps import settled
from tests.generation import ledger

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def author(transactional_db: None) -> User:
    return make.user("marketer")


def texts(author: User, count: int) -> list[Variant]:
    campaign = make.complete_campaign("Coffee", author)
    product = campaign.products.get()
    product.name, product.attributes = "Blue mug", {"material": "hand-thrown stoneware"}
    product.save()
    run = ledger.run(jobs=count, campaign=campaign, requested_by=author)
    ledger.write_all()
    return list(Variant.objects.filter(job__run=run).order_by("pk"))


def current(page: Page) -> Locator:
    return page.locator(".review[aria-current=true]")


def is_current(page: Page, variant: Variant) -> None:
    expect(current(page)).to_have_id(f"variant-{variant.pk}")


def state_of(variant: Variant) -> str:
    return Variant.objects.values_list("state", flat=True).get(pk=variant.pk)


def queue(page: Page) -> Page:
    page.goto("/review/")
    expect(current(page)).to_have_count(1)
    return page


def test_the_queue_is_worked_off_by_keys(sign_in: SignIn, author: User) -> None:
    first, second, third = texts(author, 3)
    page = queue(sign_in(make.user("approver")))
    is_current(page, first)
    page.keyboard.press("j")
    is_current(page, second)
    expect(current(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    is_current(page, third)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("k")
    is_current(page, first)
    page.keyboard.press("a")
    expect(page.locator("#review-list")).to_contain_text("2 texts wait.")
    is_current(page, second)
    expect(current(page)).to_be_focused()
    expect(page.locator("#review-say")).to_contain_text("2 texts wait. Text 1 of 2")
    page.keyboard.press("r")
    expect(current(page).get_by_label("Reason")).to_be_focused()
    current(page).get_by_label("Reason").select_option(label="Says too little")
    page.keyboard.press("Tab")
    page.keyboard.type("Say more, and j k a r u are words here")
    page.keyboard.press("Enter")
    expect(page.locator("#review-list")).to_contain_text("1 text waits.")
    decision = second.decisions.get()
    assert (decision.code, decision.reason) == ("dull", "Say more, and j k a r u are words here")
    page.keyboard.press("u")
    expect(page.locator("#review-list")).to_contain_text("2 texts wait.")
    is_current(page, second)
    assert [state_of(one) for one in (first, second, third)] == ["approved", "ready", "ready"]


def test_comment_pick_edit_and_help_by_keys(sign_in: SignIn, author: User) -> None:
    first, _second = texts(author, 2)
    page = queue(sign_in(make.user("approver")))
    page.keyboard.press("c")
    page.keyboard.type("Is that true?")
    page.keyboard.press("Escape")
    expect(current(page)).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(current(page).locator("summary", has_text="1 comment")).to_be_visible()
    is_current(page, first)
    page.keyboard.press("x")
    expect(current(page).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("undo your last decision")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_label("Text message")).to_be_visible()
    page.get_by_role("heading", name="SMS").click()
    page.keyboard.press("j")
    page.wait_for_url(re.compile(rf"/variants/{_second.pk}/"))
    page.keyboard.press("k")
    page.wait_for_url(re.compile(rf"/variants/{first.pk}/"))


def test_single_keys_stay_off_where_somebody_said_so(sign_in: SignIn, author: User) -> None:
    first, _second = texts(author, 2)
    page = sign_in(make.user("approver"))
    page.goto("/review/")
    page.evaluate("document.cookie = 'keys=off;path=/'")
    queue(page)
    for key in ("j", "ArrowDown", "a", "u"):
        page.keyboard.press(key)
    is_current(page, first)
    assert state_of(first) == "ready"


def test_the_next_page_is_one_key_further(sign_in: SignIn, author: User) -> None:
    made = texts(author, 11)
    page = queue(sign_in(make.user("approver")))
    for _ in range(9):
        page.keyboard.press("j")
    is_current(page, made[9])
    page.keyboard.press("j")
    is_current(page, made[10])


def test_many_are_picked_and_approved_and_all_after_a_look(sign_in: SignIn, author: User) -> None:
    made = texts(author, 3)
    page = queue(sign_in(make.user("approver")))
    page.keyboard.press("x")
    page.get_by_role("button", name="Approve picked").click()
    expect(page.locator("main")).to_contain_text("1 text approved.")
    page.get_by_label("All 2 texts of this filter").check()
    page.get_by_role("button", name="Approve picked").click()
    expect(page.get_by_role("heading", name="Approve many texts")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Approve all 2 texts").click()
    expect(page.locator("#review-list")).to_contain_text("Nothing waits for you")
    assert {state_of(one) for one in made} == {"approved"}


def test_words_begun_on_one_card_outlive_a_decision_on_another(sign_in: SignIn, author: User) -> None:
    first, second = texts(author, 2)
    page = queue(sign_in(make.user("approver")))
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.type("half a thought")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.locator("#review-list")).to_contain_text("1 text waits.")
    is_current(page, second)
    expect(current(page).get_by_label("Comment", exact=True)).to_have_value("half a thought")
    assert state_of(first) == "approved"


@pytest.mark.parametrize(
    ("where", "label", "button"),
    [
        ("queue", "Comment", "Comment"),
        ("queue", "In your words", "Reject"),
        ("text", "Your comment", "Comment"),
        ("text", "What you wish (optional)", "Ask for it"),
    ],
)
def test_a_session_that_ends_loses_no_word(
    sign_in: SignIn, author: User, where: str, label: str, button: str
) -> None:
    [variant] = texts(author, 1)
    approver = make.user("approver")
    page = sign_in(approver)
    page.goto("/review/" if where == "queue" else variant.get_absolute_url())
    part = page.locator("article.review[tabindex], #comments, #rewriting")
    for fold in part.locator("summary").all():
        fold.click()
    if button == "Ask for it":
        part.get_by_label("Make it").select_option(value="words")
    field = part.get_by_label(label, exact=True)
    field.fill("Typed with care")
    sign_out_everywhere()
    send = part.get_by_role("button", name=button, exact=True)
    press_beneath_dialogs(send)
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    sign_in_elsewhere(page, approver)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(field).to_have_value("Typed with care")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        send.click()
    assert answered.value.ok
    kept = [
        *variant.comments.values_list("text", flat=True),
        *variant.decisions.values_list("reason", flat=True),
        *variant.rewrites.values_list("words", flat=True),
    ]
    assert kept == ["Typed with care"]


def test_selected_words_are_written_anew_and_taken(sign_in: SignIn, author: User) -> None:
    [variant] = texts(author, 1)
    text = "Take a look at {name}: hand-thrown stoneware and more. See it in our shop."
    Variant.objects.filter(pk=variant.pk).update(fields={"text": text})
    ledger.writer_alive()
    page = sign_in(make.user("marketer"))
    page.goto(variant.get_absolute_url())
    field, asking = page.get_by_label("Text message"), page.locator("#rewriting")
    field.evaluate("field => { field.focus(); field.setSelectionRange(56, 62); }")
    expect(asking.locator("q")).to_have_text(text[56:62])
    asking.get_by_label("Make it").select_option(label="Warmer")
    asking.get_by_label("What you wish").fill("")
    field.press_sequentially("")
    asking.get_by_role("button", name="Ask for it").click()
    expect(asking).to_contain_text("Being written")
    page.get_by_label("Your comment").fill("typed while it is written")
    ledger.write_all()
    expect(asking.locator("ins").first).to_be_visible()
    expect(page.get_by_label("Your comment")).to_have_value("typed while it is written")
    page.get_by_label("Your comment").fill("")
    proposal = Rewrite.objects.get()
    assert (proposal.after or {})["text"].startswith("Take a look at {name}: hand-thrown stoneware and more.")
    asking.get_by_role("button", name="Take it").click()
    expect(page.get_by_label("Text message")).to_have_value((proposal.after or {})["text"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_hinders_anybody_and_all_fits_a_phone(sign_in: SignIn, author: User, theme: str) -> None:
    first, _second = texts(author, 2)
    Variant.objects.filter(pk=first.pk).update(fields={"text": "{name}, the best of all, for $3."})
    page = sign_in(make.user("approver"))
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    for address in ("/review/", first.get_absolute_url()):
        page.goto(address)
        settled(page)
        assert findings(page) == []
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
        page.set_viewport_size({"width": 1360, "height": 900})
