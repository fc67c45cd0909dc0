"""What one condition asks the database: a piece of SQL from this program's own text, values always bound."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone


@dataclass(frozen=True)
class Sql:
    """A piece of a statement and the values of its placeholders, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: "Sql") -> "Sql":
        return Sql(self.text + other.text, self.params + other.params)


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
