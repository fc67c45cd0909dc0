"""From a brief to the words the model reads, and from its answer back to the parts of a text."""

from dataclasses import dataclass

from generation.facts import FactSheet
from generation.kinds import Kind, Tone

# Stored with every text; changes whenever the prompt's words or examples change.
PROMPT_REVISION = "1"


@dataclass(frozen=True)
class Brief:
    """What to write: plain values only, one product and at most one customer."""

    sheet: FactSheet
    kind: Kind
    tone: Tone = Tone.PLAIN
    language: str = "en"


@dataclass(frozen=True)
class Prompt:
    """What the engine is asked: `shared` is equal for all briefs of one kind, tone and language."""

    shared: tuple[tuple[str, str], ...]
    own: str
    max_tokens: int
    stop: tuple[str, ...]


class Unreadable(ValueError):
    """The model's answer does not have the parts that its kind needs."""


def prompt_for(brief: Brief) -> Prompt:
    """Return the prompt of a brief; a pure function."""
    raise NotImplementedError


def parse(kind: Kind, answer: str) -> dict[str, str]:
    """Return field name -> text, slots still open; raises Unreadable."""
    raise NotImplementedError
