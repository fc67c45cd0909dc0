"""What every template may use: the frame's links, the person's role, and the choices kept in cookies."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from marketing_site.navigation import Navigation, address
from marketing_site.roles import ROLE_NAMES

THEMES = ("auto", "light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the frame; what needs the database waits until it is used."""
    theme = request.COOKIES.get("theme", "auto")
    user = getattr(request, "user", AnonymousUser())
    return {
        "theme": theme if theme in THEMES else "auto",
        "single_keys": "off" if request.COOKIES.get("keys") == "off" else "on",
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        "home_url": address("campaigns:home") or "/",
        "search_url": reverse("search"),
        "session_check_url": reverse("session_check"),
        "setup_slot": "" if request.COOKIES.get("setup") == "done" else reverse("setup"),
        "navigation": Navigation(request),
        "initials": SimpleLazyObject(lambda: initials(user)),
        "role_names": SimpleLazyObject(lambda: role_names(user)),
        "shop_name": settings.SHOP_NAME,
    }


def initials(user: User | AnonymousUser) -> str:
    """Return one or two letters for the round sign of the user menu."""
    if isinstance(user, AnonymousUser):
        return ""
    names = [user.first_name, user.last_name]
    return "".join(name[0] for name in names if name) or (user.email or user.username)[:1]


def role_names(user: User | AnonymousUser) -> str:
    """Return the person's roles in the language of the page."""
    groups = user.groups.order_by("name").values_list("name", flat=True)
    return ", ".join(str(ROLE_NAMES.get(name, name)) for name in groups)
