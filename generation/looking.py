"""A look at some before approving many: a random sample, and a signed list of what it was drawn from.

The list names each row with a mark that changes whenever its text does, so only what was ready and stood as
it is when the sample was drawn can be approved by it. It is signed: nobody can add to it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Generic, TypeVar

from django.contrib.auth.models import User
from django.core import signing
from django.db import models
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

SAMPLE = 20
# A look that is older says nothing about what is approved now.
TOKEN_SECONDS = 60 * 60
SALT = "generation.look"
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Look(Generic[M]):
    """Some rows to look at, how many they stand for, and the token that approves them all."""

    sample: Sequence[M]
    total: int
    token: str


def new_draw() -> str:
    """Return a name for a draw: with it, a page that is loaded again shows the same sample."""
    return secrets.token_hex(4)


def look(rows: QuerySet[M], mark: str, draw: str, place: Sequence[Any], by: User) -> Look[M]:
    """Draw a sample; `mark` is the field that changes with a row's text, `place` says what was looked at."""
    marks = dict(rows.order_by("pk").values_list("pk", mark))
    mixed = MD5(Concat(Cast(F("pk"), CharField()), Value(draw)))
    content = [list(place), by.pk, _steps(list(marks)), _steps(list(marks.values()))]
    token = signing.dumps(content, salt=SALT, compress=True)
    return Look(list(rows.order_by(mixed)[:SAMPLE]), len(marks), token)


def looked_at(token: str, place: Sequence[Any], by: User) -> Mapping[int, int] | None:
    """Return row -> mark of what this person's sample was drawn from; None without a valid look."""
    try:
        of, who, keys, marks = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    if of != list(place) or who != by.pk:
        return None
    return dict(zip(accumulate(keys), accumulate(marks), strict=True))


def _steps(numbers: list[int]) -> list[int]:
    """Return the steps from each number to the next: keys that follow each other pack to almost nothing."""
    return numbers[:1] + [later - earlier for earlier, later in pairwise(numbers)]
