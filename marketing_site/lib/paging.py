"""Pages of a long list by key: each page starts after the last row of the one before, however far down."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from marketing_site.lib.figures import number

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """The rows of one page and the addresses of its neighbours ("" where there is none)."""

    rows: Sequence[M]
    next: str
    previous: str
    total: int | None

    @property
    def summary(self) -> str:
        if self.total is None:
            return _("%(shown)s shown") % {"shown": number(len(self.rows))}
        return _("%(shown)s of %(total)s shown") % {
            "shown": number(len(self.rows)),
            "total": number(self.total),
        }


def keyset_page(
    rows: models.QuerySet[M],
    query: QueryDict,
    *,
    order: str,
    size: int = 50,
    total: int | None = None,
) -> Page[M]:
    """Return the page of `rows` that the query string asks for.

    `order` is a field or annotation without NULLs, with "-" for descending; ties break by primary key.
    A cursor that makes no sense shows the first page.
    """
    backwards = "before" in query
    cursor = _decoded(query.get("before") or query.get("after") or "")
    try:
        found = _rows(rows, order, cursor, backwards=backwards and bool(cursor), size=size)
    except (ValidationError, ValueError, TypeError, FieldError):
        found, cursor = _rows(rows, order, None, backwards=False, size=size), None
    backwards = backwards and cursor is not None
    more, shown = len(found) > size, found[:size]
    shown = shown[::-1] if backwards else shown
    has_next, has_previous = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows=shown,
        next=_address(query, "after", shown[-1], order) if shown and has_next else "",
        previous=_address(query, "before", shown[0], order) if shown and has_previous else "",
        total=total,
    )


def _rows(
    rows: models.QuerySet[M], order: str, cursor: list[Any] | None, *, backwards: bool, size: int
) -> list[M]:
    field, descending = order.removeprefix("-"), order.startswith("-") != backwards
    sign = "-" if descending else ""
    if cursor is not None:
        value, key = cursor
        side = "lt" if descending else "gt"
        beyond = Q(**{f"{field}__{side}": value}) | Q(**{field: value, f"pk__{side}": key})
        # The first condition follows from the second; it lets the index start where the page does.
        rows = rows.filter(Q(**{f"{field}__{side}e": value}) & beyond)
    return list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])


def _address(query: QueryDict, name: str, row: models.Model, order: str) -> str:
    value = row
    for part in order.removeprefix("-").split("__"):
        value = getattr(value, part)
    parameters = query.copy()
    for old in ("after", "before", "page"):
        parameters.pop(old, None)
    parameters[name] = _encoded([value, row.pk])
    return "?" + parameters.urlencode()


def _encoded(cursor: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor, default=str).encode()).decode()


def _decoded(text: str) -> list[Any] | None:
    try:
        cursor = json.loads(base64.urlsafe_b64decode(text))
    except (ValueError, binascii.Error):
        return None
    return cursor if isinstance(cursor, list) and len(cursor) == 2 else None
