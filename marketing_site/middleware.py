"""What holds for every answer: private pages are not kept, sessions end, swaps say what happened."""

from collections.abc import Callable
from time import time

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django_htmx.http import trigger_client_event

Answer = Callable[[HttpRequest], HttpResponse]
MINUTE_SECONDS = 60
# With one of these the browser loads a page, and the page shows the messages.
PAGE_LOADS = ("HX-Redirect", "HX-Refresh", "HX-Location")


def private_pages(get_response: Answer) -> Answer:
    """Tell browsers and proxies to keep nothing that a signed-in person was shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def session_limits(get_response: Answer) -> Answer:
    """End a session after an idle hour, and some hours after its start whatever happened.

    Requests that a page makes by itself (polling) do not count as the person's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now, session = int(time()), request.session
            started = session.setdefault("started_at", now)
            seen = session.get("seen_at", now)
            if now - started > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - session.get("seen_at", 0) > MINUTE_SECONDS and "X-Background" not in request.headers:
                session["seen_at"] = now
        return get_response(request)

    return middleware


def answers_to_swaps(get_response: Answer) -> Answer:
    """Keep an htmx page whole: no sign-in form inside it, and messages as toasts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.headers.get("HX-Request"):
            return response
        if _leads_to_login(response):
            # The form and all that was typed into it stay; site.js opens a dialog.
            return trigger_client_event(HttpResponse(status=401), "signedOut")
        _show_messages(request, response)
        return response

    return middleware


def _leads_to_login(response: HttpResponse) -> bool:
    login = resolve_url(settings.LOGIN_URL)
    return isinstance(response, HttpResponseRedirect) and response.url.split("?")[0] == login


def _show_messages(request: HttpRequest, response: HttpResponse) -> None:
    if response.status_code // 100 == 3 or any(name in response for name in PAGE_LOADS):
        return
    toasts = [{"text": str(one), "level": one.level_tag} for one in get_messages(request)]
    if toasts:
        trigger_client_event(response, "toasts", {"toasts": toasts})
