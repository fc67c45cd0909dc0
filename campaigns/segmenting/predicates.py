"""What one condition asks the database: a piece of SQL from this program's own text, values always bound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

# The statement's own list of the customers that it is about, where it is not about all of them.
SOME = "asked"


@dataclass(frozen=True)
class Sql:
    """A piece of a statement and the values of its placeholders, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __hash__(self) -> int:
        return hash(self.text)  # the values may be lists

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(self.text + other.text, self.params + other.params)


@dataclass(frozen=True)
class Asked:
    """What a rule is asked: on which day of the shop's zone, and of all customers or of those in SOME.

    `segments` are the statements that select the customers of the segments which the rule names.
    """

    today: date
    some: bool = False
    segments: Mapping[int, Sql] = field(default_factory=dict)

    def only(self, column: str) -> Sql:
        """Return a further condition of a source: it need not read other customers than those asked about."""
        asked = f" AND {column} IN (SELECT id FROM {SOME})"  # noqa: S608  # our own words
        return Sql(asked if self.some else "")

    def long_ago(self, column: str, days: int) -> Sql:
        """Hold where a moment of the source is at least `days` days ago: not in the last `days` days."""
        return Sql(f"({{s}}.{column} < %s) IS TRUE", (midnight(first_day(self.today, days)),))

    def lately(self, column: str, days: int) -> Sql:
        """Hold where a moment of the source is at most `days` days ago; 0 is today."""
        return Sql(f"({{s}}.{column} >= %s) IS TRUE", (midnight(first_day(self.today, days + 1)),))


@dataclass(frozen=True)
class Predicate:
    """One condition: true or false for every customer `c`, never unknown.

    `source` has at most one row per `customer_id` and is joined as `{s}`; equal sources are joined once.
    `found` is the customer's own figure, for explaining; it may be NULL.
    """

    holds: Sql
    found: Sql
    source: Sql | None = None


def today() -> date:
    """Return the day it is in the shop's zone."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def first_day(today: date, days: int) -> date:
    """Return the first of the last `days` days, today included."""
    return today - timedelta(days=days - 1)


def midnight(day: date) -> datetime:
    """Return the moment at which `day` starts in the shop's zone."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def at_least(column: str, value: object, *, zero_does: bool) -> Sql:
    """Compare a figure of the source; a customer without a row counts as zero.

    Where zero does not hold, the form without COALESCE lets Postgres turn the outer join into an inner one.
    """
    if zero_does:
        return Sql(f"COALESCE({{s}}.{column}, 0) >= %s", (value,))
    return Sql(f"({{s}}.{column} >= %s) IS TRUE", (value,))


def at_most(column: str, value: object, *, zero_does: bool) -> Sql:
    """Compare a figure of the source; a customer without a row counts as zero."""
    if zero_does:
        return Sql(f"COALESCE({{s}}.{column}, 0) <= %s", (value,))
    return Sql(f"({{s}}.{column} <= %s) IS TRUE", (value,))


def since(column: str, day: date | None) -> Sql:
    """Return a further condition of a source: the moment in `column` is not before `day`, if there is one."""
    return Sql(f" AND {column} >= %s", (midnight(day),)) if day else Sql("")
