"""A text as the checks read it: look-alike forms made plain, each character still knowing its place."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from generation.texts.slots import SLOT

# Stands for a slot in the plain form: no letter, no digit, no space.
SLOT_MARK = "\ufffc"
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
SENTENCE_END = ".!?。！？"
# Typographic forms that NFKC leaves alone.
PLAIN = str.maketrans("’‘ʼ“”‐‑–—−", "'''\"\"-----")


@dataclass(frozen=True)
class Reading:
    """A text in plain form: compatibility characters (full-width digits and the like) as ordinary ones."""

    given: str
    plain: str
    places: tuple[int, ...]  # of each plain character, its place in the given text
    slots: tuple[tuple[int, str], ...]  # place in `plain` and name

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the plain form into one of the given text."""
        first = self.places[start] if start < len(self.places) else len(self.given)
        return first, (self.places[end - 1] + 1 if end > start else first)

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern in the plain form."""
        return pattern.finditer(self.plain)

    @cached_property
    def words(self) -> tuple[re.Match[str], ...]:
        """The words between slots and numbers, in order."""
        return tuple(WORD.finditer(self.plain))

    def begins_sentence(self, start: int) -> bool:
        """Say whether what stands at `start` is the first word of a sentence or a line."""
        before = self.plain[:start].rstrip(" \"'(")
        return not before or before[-1] in SENTENCE_END + "\n:"


def read(text: str) -> Reading:
    """Read a text; its slots become one mark each."""
    plain: list[str] = []
    places: list[int] = []
    slots: list[tuple[int, str]] = []
    position = 0
    for match in SLOT.finditer(text):
        _fold(text, position, match.start(), plain, places)
        slots.append((len(plain), match[1]))
        plain.append(SLOT_MARK)
        places.append(match.start())
        position = match.end()
    _fold(text, position, len(text), plain, places)
    return Reading(text, "".join(plain), tuple(places), tuple(slots))


def _fold(text: str, start: int, end: int, plain: list[str], places: list[int]) -> None:
    for place in range(start, end):
        folded = unicodedata.normalize("NFKC", text[place]).translate(PLAIN)
        plain.extend(folded)
        places.extend([place] * len(folded))


def script(character: str) -> str:
    """Return the first word of a character's Unicode name, which for letters is its script: LATIN, CJK."""
    return unicodedata.name(character, "").partition(" ")[0]


def is_emoji(character: str) -> bool:
    """Say whether a character is a picture."""
    return ord(character) >= 0x1F000 or "\u2600" <= character <= "\u27bf"
