"""Every address of the site: closed to strangers, and never changed by looking."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import make

pytestmark = pytest.mark.django_db

# What anybody may open: the way in, the choice of language and theme, and what the API can do.
PUBLIC = {
    "account_login", "account_logout", "account_inactive", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "admin:logout", "set_language", "theme", "session_check",
    "api_schema", "api_docs",
}  # fmt: skip
SAMPLES: dict[str, Any] = {"int": 1, "str": "x", "slug": "x", "uuid": UUID(int=1), "path": "x"}
ARGUMENTS = {"admin:app_list": ["shop"]}


def routes(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, inner)
        elif pattern.name:
            yield f"{space}{pattern.name}", pattern


def addresses() -> dict[str, str]:
    found = {}
    for name, pattern in routes(get_resolver()):
        values = {key: SAMPLES[kind] for key, kind in converters(pattern).items()}
        unnamed = ARGUMENTS.get(name, ["1"] * (0 if values else pattern.pattern.regex.groups))
        found[name] = reverse(name, kwargs=values or None, args=unnamed or None)
    return found


def converters(pattern: URLPattern) -> dict[str, str]:
    kinds = {"IntConverter": "int", "UUIDConverter": "uuid", "SlugConverter": "slug", "PathConverter": "path"}
    given = getattr(pattern.pattern, "converters", {})
    return {key: kinds.get(type(one).__name__, "str") for key, one in given.items()}


OURS = ("campaigns:", "shop:", "generation:", "setup", "search")


def test_there_are_pages_to_test() -> None:
    assert len([name for name in addresses() if name.startswith(OURS)]) > 40


def test_a_stranger_is_sent_to_the_sign_in_page_or_refused(client: Client) -> None:
    wrong = {}
    for name, address in addresses().items():
        if name in PUBLIC:
            continue
        answer = client.get(address)
        closed = answer.status_code in {401, 405} or "/login" in answer.get("Location", "")
        if not closed:
            wrong[name] = answer.status_code
    assert wrong == {}


def test_no_role_gets_a_server_error_from_any_address(client: Client) -> None:
    wrong = {}
    client.raise_request_exception = False
    for role in ("viewer", "administrator"):
        client.force_login(make.user(role))
        for name, address in addresses().items():
            if name != "account_logout" and client.get(address).status_code >= 500:
                wrong[f"{role} {name}"] = address
    assert wrong == {}


def test_a_post_without_its_token_is_refused_everywhere() -> None:
    careful = Client(enforce_csrf_checks=True)
    user: User = make.user("administrator")
    careful.force_login(user)
    wrong = {
        name: status
        for name, address in addresses().items()
        if name.startswith(OURS) and (status := careful.post(address).status_code) not in {403, 405}
    }
    assert wrong == {}


@pytest.mark.parametrize("role", ["viewer"])
def test_a_viewer_changes_nothing(role: str) -> None:
    """Every address that takes a POST refuses a viewer, whether or not its object exists."""
    client = Client()
    client.force_login(make.user(role))
    wrong = {
        name: status
        for name, address in addresses().items()
        if name.startswith(("campaigns:", "shop:", "generation:"))
        and (status := client.post(address, {"name": "changed"}).status_code) not in {403, 404, 405}
    }
    assert wrong == {}
