"""A text in spans, as a reader sees it: which words state which fact, and which a finding is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generation.checks import Finding
from generation.checks.grounding import PLAIN_STEMS, stems_in
from generation.facts import Fact, FactKind, FactSheet
from generation.texts.lexicon import stem
from generation.texts.reading import read
from generation.texts.slots import SLOT, SLOTS, slot_values

# Facts whose single words tell what they are about; the others are recognised as a whole.
IN_WORDS = (FactKind.NAME, FactKind.BRAND, FactKind.CATEGORY, FactKind.ATTRIBUTE, FactKind.CLAIM)
# Shorter facts, such as "M", would be found in the middle of words.
SHORTEST = 3


@dataclass(frozen=True)
class Span:
    """Some words as they are shown, the fact that they state, and the numbers of the findings about them."""

    words: str
    fact: Fact | None = None
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mark:
    """Where a text states a fact; a slot is shown as its value."""

    start: int
    end: int
    fact: Fact | None
    shown: str | None = None


def spans(written: str, sheet: FactSheet, findings: Sequence[tuple[int, Finding]]) -> list[Span]:
    """Cut a part at its facts and findings; `findings` are the part's own, each with its number."""
    marks = _marks(written, sheet)
    slots = [(mark.start, mark.end) for mark in marks if mark.shown is not None]
    places = [(number, f.start, f.end) for number, f in findings if f.start < f.end]
    cuts = {0, len(written)} | {edge for mark in marks for edge in (mark.start, mark.end)}
    cuts |= {edge for _number, start, end in places for edge in (start, end)}
    cuts = {cut for cut in cuts if not any(start < cut < end for start, end in slots)}
    found = []
    for start, end in pairwise(sorted(cut for cut in cuts if cut <= len(written))):
        mark = next((mark for mark in marks if mark.start <= start and end <= mark.end), None)
        words = written[start:end] if mark is None or mark.shown is None else mark.shown
        numbers = tuple(number for number, first, last in places if first < end and start < last)
        found.append(Span(words, mark.fact if mark else None, numbers))
    return found


def _marks(written: str, sheet: FactSheet) -> list[Mark]:
    """Return where facts are stated, none over another: slots first, then whole facts, then telling words."""
    marks: list[Mark] = []
    for mark in (*_slots(written, sheet), *_whole(written, sheet), *_words(written, sheet)):
        if all(mark.end <= other.start or other.end <= mark.start for other in marks):
            marks.append(mark)
    return _joined(sorted(marks, key=lambda mark: mark.start), written)


def _slots(written: str, sheet: FactSheet) -> Iterator[Mark]:
    values = slot_values(sheet)
    for match in SLOT.finditer(written):
        if match[1] in values:
            fact = sheet.of(SLOTS[match[1]])[0]
            yield Mark(match.start(), match.end(), fact, values[match[1]])


def _whole(written: str, sheet: FactSheet) -> Iterator[Mark]:
    lower = written.lower()
    if len(lower) != len(written):
        return  # a few letters grow when they are made small, and places would be wrong
    for fact in sorted(sheet.facts, key=lambda fact: -len(fact.value)):
        value, start = fact.value.lower(), 0
        while len(value) >= SHORTEST and (start := lower.find(value, start)) >= 0:
            yield Mark(start, start + len(value), fact)
            start += len(value)


def _words(written: str, sheet: FactSheet) -> Iterator[Mark]:
    telling = {
        root: fact for fact in reversed(sheet.of(*IN_WORDS)) for root in stems_in(fact.value) - PLAIN_STEMS
    }
    reading = read(written)
    for match in reading.words:
        if fact := telling.get(stem(match[0])):
            start, end = reading.span(match.start(), match.end())
            yield Mark(start, end, fact)


def _joined(marks: list[Mark], written: str) -> list[Mark]:
    """Make one mark of neighbours that state the same fact."""
    joined: list[Mark] = []
    for mark in marks:
        last = joined[-1] if joined else None
        together = last and last.fact == mark.fact and last.shown is mark.shown is None
        if last and together and not written[last.end : mark.start].strip():
            joined[-1] = Mark(last.start, mark.end, mark.fact)
        else:
            joined.append(mark)
    return joined
