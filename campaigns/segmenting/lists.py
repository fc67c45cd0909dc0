"""Fixed lists: external ids that somebody pasted or uploaded, and which customers they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.timezone import now

from campaigns.models import Segment, SegmentMember
from shop.models import Customer

MAX_IDS = 100_000
CHUNK = 10_000
# What a first line may be called in a file that came out of a spreadsheet.
HEADINGS = {"id", "customer", "customer_id", "customer id", "external_id", "external id"}


@dataclass(frozen=True)
class Listed:
    """What became of the ids that were given: customers by id, those nobody has, and how many came twice."""

    known: dict[str, int]
    unknown: list[str]
    repeated: int


def read_ids(text: str) -> list[str]:
    """Return the ids in a text, in order: one a line, or separated by commas, semicolons or tabs.

    A heading such as "customer_id" in the first line is left out.
    """
    ids = [part.strip().strip('"') for part in re.split(r"[\n\r\t,;，；]+", text)]
    ids = [one for one in ids if one]
    return ids[1:] if ids and ids[0].lower() in HEADINGS else ids


def look_up(ids: Iterable[str]) -> Listed:
    """Find the customers of these external ids; an erased customer counts as unknown."""
    given = list(ids)
    distinct = list(dict.fromkeys(given))
    known: dict[str, int] = {}
    for start in range(0, len(distinct), CHUNK):
        rows = Customer.objects.filter(
            external_id__in=distinct[start : start + CHUNK], erased_at__isnull=True
        )
        known.update(rows.values_list("external_id", "pk"))
    return Listed(known, [one for one in distinct if one not in known], len(given) - len(distinct))


@transaction.atomic
def replace_members(segment: Segment, customer_ids: Iterable[int]) -> int:
    """Make these customers the list; who stays keeps the day of entry. Return how many there are."""
    wanted = set(customer_ids)
    # One writer at a time, so that two edits do not mix.
    Segment.objects.select_for_update().get(pk=segment.pk)
    present = set(segment.members.values_list("customer_id", flat=True))
    segment.members.filter(customer__in=present - wanted).delete()
    new = [SegmentMember(segment=segment, customer_id=key) for key in sorted(wanted - present)]
    SegmentMember.objects.bulk_create(new, batch_size=CHUNK)
    Segment.objects.filter(pk=segment.pk).update(size=len(wanted), counted_at=now())
    return len(wanted)
