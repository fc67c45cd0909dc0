"""Sessions that end while a page is open, and what the person does then."""

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from playwright.sync_api import Locator, Page, expect


def sign_out_everywhere() -> None:
    Session.objects.all().delete()


def press_beneath_dialogs(button: Locator) -> None:
    """Press what a dialog may lie over: a page that asks by itself may tell of the ended session first."""
    button.dispatch_event("click")


def sign_in_elsewhere(page: Page, user: User) -> None:
    """Follow the dialog's link to a new tab and sign in there; wait until that tab is in."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    other = opened.value
    other.get_by_label("Email").fill(user.email)
    other.get_by_label("Password", exact=True).fill("correct horse battery")
    other.get_by_role("button", name="Sign in").click()
    expect(other.locator("details.menu")).to_be_visible()
