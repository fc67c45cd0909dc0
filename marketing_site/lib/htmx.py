"""How this site answers htmx: the page for a browser, its fragment for a swap."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """The request that every view behind the login gets."""

    htmx: HtmxDetails
    user: User


def render_page(
    request: Request, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render `fragment` for an htmx swap and `page`, which includes it, for everything else."""
    swap = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    response = render(request, fragment if swap else page, context, status=status)
    # One URL, two bodies: without this the browser's back button may show a bare fragment.
    patch_vary_headers(response, ["HX-Request"])
    return response
