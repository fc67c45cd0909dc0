"""What a cell may hold, one cell at a time: the exact reason for a cell that the masks refused."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies

from shop.importing.kinds import Column

FIRST_TIME, FIRST_DAY, LAST_DAY = datetime(1990, 1, 1, tzinfo=UTC), date(2000, 1, 1), date(2099, 12, 31)
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
ODD_LETTERS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufffe\uffff"
ODD_TEXT = re.compile(f"[{ODD_LETTERS}]")
TIME = r"^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::([0-5]\d)(\.\d{1,6})?)?)?\s?(Z|[+-]\d{2}:?\d{2})?$"
SLASHED_TIME = (
    r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:,? (\d{1,2}):(\d{2})(?::([0-5]\d)(\.\d{1,6})?)?)?"
    r"\s?(Z|[+-]\d{2}:?\d{2})?$"
)
EMAIL = (
    r'^(?:"[^"\\\s]+(?: [^"\\\s]+)*"|[A-Za-z0-9.!#$%&\'*+/=?^_`{|}~-]+)'
    r"@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$"
)
LONGEST_EMAIL = 254
CURRENCIES = frozenset(list_currencies())


@dataclass(frozen=True)
class Layout:
    """How the cells of one file are read: its columns in order, what they are, what was confirmed."""

    columns: list[str]
    fields: dict[str, Column]
    shape: dict[str, Any]
    policies: dict[str, Any] = field(default_factory=dict)
    # {file column: {"median", "mad"}} of the dry run, for outliers and fills.
    measured: dict[str, dict[str, float]] = field(default_factory=dict)
    latest: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=2))

    @cached_property
    def places(self) -> list[tuple[int, str, Column]]:
        """The imported columns: place in the file, name in the file, what it is."""
        return [(at, name, self.fields[name]) for at, name in enumerate(self.columns) if name in self.fields]

    @property
    def zone(self) -> str:
        return str(self.shape.get("time_zone") or "UTC")

    @property
    def decimal(self) -> str:
        return str(self.shape.get("decimal") or ".")

    def policy(self, name: str, about: str) -> str:
        """Return what becomes of missing values, outliers or duplicates; "" where nobody chose."""
        chosen = self.policies.get(name) or self.policies.get(self.fields[name].name) or {}
        return str(chosen.get(about, "")) if isinstance(chosen, dict) else ""


def code_of(column: Column, text: str, layout: Layout) -> str:
    """Return what is wrong with a cell that a mask refused."""
    if not text:
        return "missing"
    return str(_CODES.get(column.type, _text)(column, text, layout))


def _text(column: Column, text: str, layout: Layout) -> str:
    return "cell_too_long" if len(text) > column.max_length else "text"


def _number(column: Column, text: str, layout: Layout) -> str:
    if layout.decimal == ",":
        text = text.replace(".", " ").replace(",", ".")
    if not text.isascii() or not NUMBER.fullmatch(text):
        return "integer" if column.type == "integer" else "number"
    if column.type == "integer" and "." in text:
        return "integer"
    return "negative" if text.startswith("-") and Decimal(text) < 0 else "range"


def _time(column: Column, text: str, layout: Layout) -> str:
    found = re.match(TIME, text)
    parts = found.groups() if found else None
    if (
        parts is None
        and (slashed := re.match(SLASHED_TIME, text))
        and layout.shape.get("day_first") is not None
    ):
        first, second, year, *rest = slashed.groups()
        day, month = (first, second) if layout.shape["day_first"] else (second, first)
        parts = (year, month, day, *rest)
    if parts is None or (column.type == "day" and parts[3]):
        return "date"
    try:
        moment = datetime(*(int(part or 0) for part in parts[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return "date"
    if column.type == "day":
        return "range"
    return _zone(moment, parts[7], layout)


def _zone(moment: datetime, offset: str | None, layout: Layout) -> str:
    if offset:
        return "range"
    zone = ZoneInfo(layout.zone)
    one, other = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    return "range" if one.utcoffset() == other.utcoffset() else "zone"


def _always(code: str) -> Any:
    return lambda column, text, layout: code


_CODES: dict[str, Any] = {
    "text": _text,
    "integer": _number,
    "number": _number,
    "money": _number,
    "rate": _number,
    "time": _time,
    "day": _time,
    "epoch": _always("date"),
    "choice": _always("choice"),
    "currency": _always("currency"),
    "email": _always("email"),
    "rating": _always("rating"),
}
