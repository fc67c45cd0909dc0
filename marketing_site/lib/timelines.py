"""One timeline out of several tables, newest first, a page at a time: each app adds the sources it owns.

A source is asked for a few entries after a place, whichever source that place is from, so page 500 costs what
page 1 costs and nothing is shown twice.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

M = TypeVar("M", bound=models.Model)
Text = str | Promise


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `kind` and `pk` tell entries of one moment apart. Texts are never markup."""

    at: datetime
    kind: str
    pk: int
    title: Text
    url: str = ""
    about: Text = ""
    about_url: str = ""
    # The words of a person, shown in quotation marks.
    words: str = ""
    note: Text = ""


@dataclass(frozen=True)
class Place:
    """Where a page ends: the moment, kind and key of its last entry. Ordered by -at, kind, -pk."""

    at: datetime
    kind: str
    pk: int


@dataclass(frozen=True)
class Span:
    """Which entries a source is asked for: so many, after a place."""

    size: int
    after: Place | None = None

    def of(self, rows: models.QuerySet[M], kind: str, moment: str) -> models.QuerySet[M]:
        """Return the rows of this span, by the field that holds their moment."""
        if self.after:
            beyond = Q(**{f"{moment}__lt": self.after.at})
            if kind == self.after.kind:
                beyond |= Q(**{moment: self.after.at, "pk__lt": self.after.pk})
            elif kind > self.after.kind:
                beyond |= Q(**{moment: self.after.at})
            # The first condition follows from the second; it lets the index start where the page does.
            rows = rows.filter(Q(**{f"{moment}__lte": self.after.at}) & beyond)
        return rows.order_by(f"-{moment}", "-pk")[: self.size]


@dataclass(frozen=True)
class Source:
    """One kind of entries: whose permission it needs, and how to get those of a span."""

    kind: str
    label: Text
    permission: str
    entries: Callable[[int, User, Span], Iterable[Entry]]


@dataclass(frozen=True)
class Timeline:
    """One page: its entries, and the query for older ones, "" where there are none."""

    entries: Sequence[Entry]
    older: str
    first: bool


def read(sources: Iterable[Source], pk: int, user: User, cursor: str, size: int) -> Timeline:
    """Return the page after a cursor of what this user may see; a cursor that makes no sense is the first."""
    after = _decoded(cursor)
    span = Span(size + 1, after)
    seen = [source for source in sources if user.has_perm(source.permission)]
    found = [entry for source in seen for entry in source.entries(pk, user, span)]
    found.sort(key=attrgetter("pk"), reverse=True)
    found.sort(key=attrgetter("kind"))
    found.sort(key=attrgetter("at"), reverse=True)
    shown = list(islice(found, size))
    return Timeline(shown, _encoded(shown[-1]) if len(found) > size else "", after is None)


def _encoded(last: Entry) -> str:
    place = [last.at.isoformat(), last.kind, last.pk]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _decoded(text: str) -> Place | None:
    try:
        at, kind, pk = json.loads(base64.urlsafe_b64decode(text))
        moment: Any = parse_datetime(at)
        if moment is None or moment.tzinfo is None or not isinstance(kind, str):
            return None
        return Place(moment, kind, int(pk))
    except (ValueError, TypeError, binascii.Error):
        return None
