"""Whether a text may be shown: plain code that compares it with the facts, no model."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.facts import FactSheet
from generation.kinds import Copy, Kind


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a text: where it is in which field, what it is, and what to do about it.

    Text by the model must have no finding at all. A person may overrule the findings that are not
    `hard` (grounding, style); nobody overrules a length, a foreign price or a hidden character.
    """

    code: str  # stable, such as "foreign_number"; stored in rows
    field: str
    start: int
    end: int
    span: str  # the characters themselves
    message: str
    help: str
    hard: bool


def check(
    copy: Copy,
    sheet: FactSheet,
    kind: Kind,
    language: str = "en",
    others: Sequence[Copy] = (),
) -> list[Finding]:
    """Return all that is wrong with a text, in reading order; [] means that it passes.

    `copy` may hold slots, and may hold literal facts where a person typed them. Lengths are counted
    with the slots filled, spans are positions in the text as given. `others` are the texts that it
    must not repeat: other variants of the same run.
    """
    raise NotImplementedError


def cover(copy: Copy, sheet: FactSheet) -> float:
    """Return the share of the sheet's facts that the text mentions, between 0 and 1."""
    raise NotImplementedError
