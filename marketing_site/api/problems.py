"""What an error looks like: one shape for all of them, RFC 9457 problem details."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework.exceptions import APIException, ErrorDetail, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into a problem document; None lets a real bug reach the error log."""
    response = exception_handler(error, context)
    if response is None:
        return None
    status = HTTPStatus(response.status_code)
    document: dict[str, Any] = {
        "type": f"urn:liftwright:problem:{code_of(error)}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail_of(error),
    }
    if isinstance(error, ValidationError):
        document["errors"] = list(entries(error.detail))
    response.data = document
    response.content_type = MEDIA_TYPE
    return response


def plain_problem(status: HTTPStatus, code: str, detail: str) -> JsonResponse:
    """Return a problem document for what never reached a view of the API."""
    document = {
        "type": f"urn:liftwright:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    return JsonResponse(document, status=status, content_type=MEDIA_TYPE)


def code_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not-found"
    if isinstance(error, PermissionDenied):
        return "forbidden"
    if isinstance(error, ValidationError):
        return "invalid"
    code = error.default_code if isinstance(error, APIException) else "error"
    return code.replace("_", "-")


def detail_of(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "Some values were refused: see `errors`. Nothing was written."
    if isinstance(error, Http404):
        return "There is nothing here that you may see."
    if isinstance(error, NotAuthenticated):
        return "Send a key: `Authorization: Api-Key <key>`."
    return str(error.detail) if isinstance(error, APIException) else "You may not do this."


def entries(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested errors to one entry per fault, with a JSON pointer to its value."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from entries(inner, path if name in {"non_field_errors", "__all__"} else f"{path}/{name}")
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        for number, inner in enumerate(detail):
            yield from entries(inner, f"{path}/{number}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from entries(inner, path)
    else:
        code = detail.code if isinstance(detail, ErrorDetail) else "invalid"
        yield {"pointer": path or "/", "code": str(code), "detail": str(detail)}
