"""Words selected in a text: which sentences of it are written anew, and which stay as they are."""

import re
from dataclasses import dataclass
from functools import cached_property

# A full stop ends a sentence only before a space: "4.5 cm" is one word.
SENTENCE = re.compile(r"(?:[^.!?。！？]|\.(?=\S))+[.!?。！？]*\s*|[.!?。！？]+\s*")
# Sentences with one of these state the offer: the program writes them.
OFFER = re.compile(r"\{(?:price|discount|code|until|minimum)\}")


@dataclass(frozen=True)
class Selected:
    """Some words of a text; all of it where nothing is selected."""

    text: str
    start: int = 0
    end: int = 0

    @cached_property
    def chosen(self) -> tuple[str, ...]:
        """Return the sentences that hold the words, but for those that state the offer."""
        return tuple(sentence for sentence, anew in self._sentences if anew)

    @property
    def old(self) -> str:
        """Return the words that are written anew, "" where only the offer was selected."""
        return "".join(self.chosen).strip()

    @property
    def rest(self) -> tuple[str, ...]:
        """Return the sentences that stay."""
        return tuple(sentence for sentence, anew in self._sentences if not anew)

    def replaced(self, new: str) -> str:
        """Return the text with new words in the place of the first of the old ones."""
        parts: list[str] = []
        for sentence, anew in self._sentences:
            if anew and new:
                ending = sentence[len(sentence.rstrip()) :]
                parts.append(new + ending)
                new = ""
            elif not anew:
                parts.append(sentence)
        return "".join(parts).rstrip()

    @cached_property
    def _sentences(self) -> tuple[tuple[str, bool], ...]:
        found = [*SENTENCE.finditer(self.text)]
        everything = self.start >= self.end
        return tuple(
            (
                match[0],
                (everything or (match.start() < self.end and self.start < match.end()))
                and not OFFER.search(match[0]),
            )
            for match in found
        )


def sentences_of(text: str) -> list[str]:
    """Return a text's sentences that do not state the offer."""
    found = (match[0].strip() for match in SENTENCE.finditer(text))
    return [sentence for sentence in found if sentence and not OFFER.search(sentence)]
