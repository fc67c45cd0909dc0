"""How many customers a segment has and who some of them are, within a time that a page may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from campaigns.segmenting.statement import tune
from shop.models import Customer

SAMPLE = 10


class TooSlow(Exception):
    """Counting took longer than a page may; the message says what to do."""


@dataclass(frozen=True)
class Preview:
    """The size of a segment now, and its first customers."""

    size: int
    sample: list[Customer]


def preview(found: QuerySet[Customer]) -> Preview:
    """Count and sample customers; raise TooSlow after settings.SEGMENT_PREVIEW_SECONDS for either."""
    with limited():
        rows = found.select_related("profile", "rfm").order_by("pk")
        size = found.count()
        return Preview(size, list(rows[:SAMPLE]) if size else [])


@contextmanager
def limited() -> Iterator[None]:
    """Run each statement inside under the time limit, which ends with the transaction that this opens."""
    try:
        with transaction.atomic(durable=True):
            tune(settings.SEGMENT_PREVIEW_SECONDS)
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        text = _(
            "Counting took longer than %(seconds)s seconds and was stopped. Nothing is lost: you can save "
            "the segment and use it. Conditions with a number of days are faster than those over all time."
        )
        raise TooSlow(text % {"seconds": settings.SEGMENT_PREVIEW_SECONDS}) from error
