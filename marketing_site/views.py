"""The pages of the frame itself: set-up progress, search, theme, and whether a session still lives."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import Campaign
from marketing_site.context import THEMES
from marketing_site.lib.htmx import Request
from shop.models import Customer, Product, SetupStep
from shop.searching import find_keys
from shop.views.customers import described

YEAR_SECONDS, HOUR_SECONDS = 365 * 24 * 60 * 60, 60 * 60
FOUND_AT_MOST = 6


@require_safe
@never_cache
def session_check(request: HttpRequest) -> HttpResponse:
    """Answer 204 to a signed-in person and 401 to everybody else; forms ask before they are sent."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie and go back to where the person was."""
    response = HttpResponseRedirect(_way_back(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax")
    return response


@require_safe
@login_required
def setup(request: Request) -> HttpResponse:
    """Show how far the installation is; the strip asks again until every step has ended."""
    steps = list(SetupStep.objects.order_by("name"))
    ended = (SetupStep.State.DONE, SetupStep.State.FAILED)
    context = {
        "steps": steps,
        "unfinished": any(step.state not in ended for step in steps),
        "failed": any(step.state == SetupStep.State.FAILED for step in steps),
        "watched": "watched" in request.GET,
    }
    response = render(request, "_setup.html", context)
    if not context["unfinished"] and not context["failed"]:
        response.set_cookie("setup", "done", max_age=HOUR_SECONDS, samesite="Lax")
    return response


@require_safe
@login_required
def search(request: Request) -> HttpResponse:
    """Find campaigns, products and customers for the palette."""
    words = request.GET.get("q", "").strip()
    found = found_by(words, request.user) if words else {}
    return render(
        request, "_search_results.html", {"words": words, "nothing": not any(found.values())} | found
    )


def found_by(words: str, user: User) -> dict[str, Iterable[Any]]:
    """Return the first of what this person may see; names of customers for those who may see them."""
    found: dict[str, Iterable[Any]] = {
        "campaigns": Campaign.objects.visible_to(user).search(words).order_by("name")[:FOUND_AT_MOST]
    }
    if user.has_perm("shop.view_product"):
        found["products"] = Product.objects.search(words).order_by("name")[:FOUND_AT_MOST]
    if user.has_perm("shop.view_customer"):
        personal = user.has_perm("shop.view_personal_data")
        keys = find_keys(words, FOUND_AT_MOST, personal=personal)
        customers = Customer.objects.present().filter(pk__in=keys).select_related("profile")
        found["customers"] = described(customers.order_by("external_id"), personal=personal)
    return found


def _way_back(request: HttpRequest) -> str:
    address = request.POST.get("next", "/")
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure())
    return address if safe else "/"
