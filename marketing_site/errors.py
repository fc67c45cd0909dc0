"""What a person reads when a page cannot be shown: what was wrong and what to do next."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from marketing_site.api.problems import plain_problem

# Never shown again, not even to the person who typed it.
SECRET_WORDS = ("password", "csrfmiddlewaretoken", "token")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return plain_problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such address in this API.")
    return render(request, "errors/404.html", status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without the database: it may be what failed."""
    if request.path.startswith("/api/"):
        return plain_problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "error", "The fault is ours. Repeat the call later."
        )
    return HttpResponseServerError(render_to_string("errors/500.html"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form from a page that is too old, and give back what was typed into it."""
    typed = [
        (name, text)
        for name, texts in request.POST.lists()
        if not any(word in name.lower() for word in SECRET_WORDS)
        for text in texts
        if text
    ]
    return render(request, "errors/csrf.html", {"typed": typed}, status=403)
