"""How large a segment was on each day, and how much of it another one holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection

from campaigns.models import Segment
from campaigns.segmenting.predicates import today as shop_day
from campaigns.segmenting.selecting import selection

MOVES = """
SELECT day, sum(entered), sum(ended) FROM (
    SELECT (entered_at AT TIME ZONE %(zone)s)::date AS day, 1 AS entered, 0 AS ended
    FROM campaigns_segmentmembership WHERE segment_id = %(segment)s
    UNION ALL
    SELECT (left_at AT TIME ZONE %(zone)s)::date, 0, 1
    FROM campaigns_segmentmembership WHERE segment_id = %(segment)s AND left_at IS NOT NULL
) AS moves GROUP BY day ORDER BY day
"""

SHARED = """
WITH one AS MATERIALIZED ({one}), other AS MATERIALIZED ({other})
SELECT count(*) FILTER (WHERE other.id IS NULL), count(*) FILTER (WHERE one.id = other.id),
       count(*) FILTER (WHERE one.id IS NULL)
FROM one FULL JOIN other ON other.id = one.id
"""


@dataclass(frozen=True)
class Day:
    """The size at the end of a day of the shop's zone, and how many entered and left on it."""

    day: date
    size: int
    entered: int
    left: int


@dataclass(frozen=True)
class Overlap:
    """The customers of two segments: only in the first, in both, only in the second."""

    only_one: int
    both: int
    only_other: int

    @property
    def all(self) -> int:
        return self.only_one + self.both + self.only_other


def sizes(segment: Segment, today: date | None = None, days: int = 90) -> list[Day]:
    """Return the last days, today included, from the first on which anybody was listed; none before that.

    A stay that ended on the day it began counts on that day as entered and left.
    """
    today = today or shop_day()
    with connection.cursor() as cursor:
        cursor.execute(MOVES, {"segment": segment.pk, "zone": settings.TIME_ZONE})
        moves = {day: (int(entered), int(ended)) for day, entered, ended in cursor.fetchall()}
    first = today - timedelta(days=days - 1)
    return [day for day in _days(moves, today) if day.day >= first]


def overlap(one: Segment, other: Segment) -> Overlap:
    """Count who is in one, the other and both now: one statement. Raises RuleError for an unreadable rule."""
    today = shop_day()
    first, second = selection(one, today), selection(other, today)
    with connection.cursor() as cursor:
        cursor.execute(SHARED.format(one=first.text, other=second.text), [*first.params, *second.params])
        return Overlap(*cursor.fetchone())


def _days(moves: dict[date, tuple[int, int]], today: date) -> Iterator[Day]:
    day, size = min(moves, default=today), 0
    while moves and day <= today:
        entered, left = moves.get(day, (0, 0))
        size += entered - left
        yield Day(day, size, entered, left)
        day += timedelta(days=1)
