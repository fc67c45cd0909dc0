"""When a part that htmx has swapped in is ready for the next step."""

from playwright.sync_api import Page, expect


def settled(page: Page) -> None:
    """Wait until no swap is under way: a part listens only 20 ms after it is seen."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
