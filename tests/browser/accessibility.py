"""What axe finds on a page."""

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """Return each rule that the page breaks, with the first element that breaks it."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    response: dict[str, Any] = Axe().run(page, options=options).response
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in response["violations"]]
