"""A run on its page, which asks every two seconds how far it is."""

from playwright.sync_api import expect

from tests import make
from tests.browser.conftest import SignIn
from tests.generation import ledger


def test_a_run_is_cancelled_however_long_the_question_is_read(
    sign_in: SignIn, transactional_db: None
) -> None:
    marketer = make.user("marketer")
    run = ledger.run(jobs=3, campaign=make.complete_campaign("Coffee", marketer), requested_by=marketer)
    page = sign_in(marketer)
    page.goto(run.get_absolute_url())
    page.get_by_role("button", name="Cancel the run").click()
    page.wait_for_timeout(2500)  # longer than the page waits before it asks again
    page.locator("#confirm-yes").click()
    expect(page.locator("#run")).to_contain_text("3 cancelled")


def test_the_focus_stays_on_a_button_while_the_page_follows(sign_in: SignIn, transactional_db: None) -> None:
    marketer = make.user("marketer")
    run = ledger.run(jobs=3, campaign=make.complete_campaign("Coffee", marketer), requested_by=marketer)
    page = sign_in(marketer)
    page.goto(run.get_absolute_url())
    with page.expect_response(lambda answer: "/runs/" in answer.url):
        page.get_by_role("button", name="Cancel the run").focus()
    page.wait_for_timeout(200)
    expect(page.get_by_role("button", name="Cancel the run")).to_be_focused()
