"""A real Chromium against the real site; script errors, refused resources and outside requests fail tests."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from tests import chromium

# Playwright's loop runs in this thread; the tests' own queries are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH_POLICY = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));"""
# The browser and htmx report each refused request; tests about refusals expect them.
REFUSED = ("Failed to load resource", "Response Status Error Code")
# What htmx reports when a newer request replaces one that is under way; a failed one is "htmx:sendError".
REPLACED = ("htmx:afterRequest, ", "htmx:sendAbort, ")

# Long, since a wait ends when what was promised is there: only a failure on a busy machine takes so long.
PATIENCE = 30_000  # ms
expect.set_options(timeout=PATIENCE)

SignIn = Callable[[User], Page]
NewContext = Callable[[], BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.path()
    assert path, chromium.MISSING
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@pytest.fixture
def new_context(browser: Browser, live_server: LiveServer) -> Iterator[NewContext]:
    """Open fresh browser profiles, one for each person; their troubles fail the test that caused them."""
    made: list[BrowserContext] = []
    troubles: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED + REPLACED):
            troubles.append(message.text)

    def request(sent: Request) -> None:
        if not sent.url.startswith((live_server.url, "data:")):
            troubles.append(f"outside request: {sent.url}")

    def opened() -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1360, "height": 900})
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH_POLICY)
        context.on("console", console)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("request", request)
        made.append(context)
        return context

    yield opened
    for context in made:
        context.close()
    assert not troubles


@pytest.fixture
def context(new_context: NewContext) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def sign_in(context: BrowserContext, page: Page, live_server: LiveServer) -> SignIn:
    """Sign a user in without the form, and return the page."""

    def signed_in(user: User) -> Page:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        return page

    return signed_in
