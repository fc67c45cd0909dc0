"""Rules about replies to reviews: who was let down gets an apology and a way to write, nobody a promise."""

from collections.abc import Iterator

from generation.checks.fact_rules import Field, Hit
from generation.facts import FactKind, FactSheet
from generation.texts.kinds import Copy, Kind
from generation.texts.replies import APOLOGY, INVITATION, PLEDGE, Mood, mood_of


def pledges(field: Field) -> Iterator[Hit]:
    """What a reply must leave to a person: replacement, money, a change."""
    if field.kind == Kind.REPLY:
        for match in field.reading.find(PLEDGE):
            yield "pledge", match.start(), match.end()


def missing(copy: Copy, sheet: FactSheet) -> Iterator[str]:
    """Yield what a reply to one or two stars lacks."""
    if not sheet.value(FactKind.RATING) or mood_of(sheet) != Mood.BAD:
        return
    text = " ".join(copy.values())
    if not APOLOGY.search(text):
        yield "no_apology"
    if not INVITATION.search(text):
        yield "no_invitation"
