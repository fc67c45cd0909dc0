"""From a brief to the words the model reads, and from its answer back to the fields of a text.

The model is asked for free text only: it never sees a price, a discount, a code or a date. The sentence
that states the offer is added to its answer by the program.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from generation.facts import FactKind, FactSheet, fenced, is_chinese
from generation.texts.examples import EXAMPLES, Example
from generation.texts.kinds import PARTS, Kind, Tone
from generation.texts.lengths import fits
from generation.texts.offer_sentences import offer_sentences
from generation.texts.plain_english import FOLLOWS, NAME, PHRASES, plain_english
from generation.texts.slots import UnknownSlot, fill, slot_values
from generation.texts.wording import Line, Wording

INSTRUCTIONS = (
    "You write short texts for a shop. Say only what the facts say, in simple words. "
    "Write {name} where the product's name belongs."
)
IN_CHINESE = " Write in Simplified Chinese."
ASKED_FOR = {
    Kind.EMAIL: "An e-mail",
    Kind.SMS: "A text message",
    Kind.SOCIAL: "A social post",
    Kind.SEARCH_AD: "A search ad",
    Kind.PRODUCT: "A product description",
    Kind.SEO: "A page title and description",
    Kind.OFFER: "One sentence",
}
MAX_TOKENS = {
    Kind.EMAIL: 80,
    Kind.SMS: 40,
    Kind.SOCIAL: 50,
    Kind.SEARCH_AD: 45,
    Kind.PRODUCT: 60,
    Kind.SEO: 60,
    Kind.OFFER: 40,
}
# The part of a text that the offer's sentence is added to.
OFFER_FIELD = {
    Kind.EMAIL: "body",
    Kind.SMS: "text",
    Kind.SOCIAL: "text",
    Kind.OFFER: "text",
    Kind.SEARCH_AD: "description",
}
# Facts that the model is told: what the program fills in is not among them.
TOLD = (FactKind.BRAND, FactKind.ATTRIBUTE, FactKind.CLAIM)
MOST_FACTS = 6
# A category that can stand in a sentence.
TOPIC = re.compile(r"[a-z]+(?:[ -][a-z]+){0,2}")


@dataclass(frozen=True)
class Brief:
    """What to write: plain values only, one product and at most one customer."""

    sheet: FactSheet
    kind: Kind
    tone: Tone = Tone.PLAIN
    language: str = "en"


@dataclass(frozen=True)
class Prompt:
    """What the engine is asked: `shared` is equal for all briefs of one kind and tone."""

    shared: tuple[tuple[str, str], ...]
    own: str
    max_tokens: int
    stop: tuple[str, ...]
    wording: Wording | None  # what a small model is bound to; None in a language that it cannot write


class Unreadable(ValueError):
    """The model's answer does not have the parts that its kind needs."""


@dataclass(frozen=True)
class Told:
    """What the model is told of a product: by strangers, so fenced, each on one line and limited."""

    name: str
    category: str
    facts: tuple[str, ...]
    likes: str = ""

    @classmethod
    def of(cls, sheet: FactSheet) -> Self:
        """Take what a sheet has to tell."""
        values = [fact.value for fact in sheet.of(*TOLD)]
        said = sheet.value(FactKind.NAME).lower()
        facts = (fenced(value).rstrip(".!?") for value in values if value.lower() not in said)
        name, category, likes = (
            fenced(sheet.value(kind)) for kind in (FactKind.NAME, FactKind.CATEGORY, FactKind.HISTORY)
        )
        return cls(name, category, tuple(dict.fromkeys(filter(None, facts)))[:MOST_FACTS], likes)


def prompt_for(brief: Brief) -> Prompt:
    """Return the prompt of a brief; a pure function."""
    told, chinese = Told.of(brief.sheet), is_chinese(brief.language)
    return Prompt(
        shared=_shared(brief.kind, brief.tone, likes=bool(told.likes)),
        own=_request(brief.kind, told) + (IN_CHINESE if chinese else ""),
        max_tokens=MAX_TOKENS[brief.kind],
        stop=("\n\n",) if _has_parts(brief.kind) else ("\n",),
        wording=None if chinese else _wording(brief.kind, told),
    )


def _shared(kind: Kind, tone: Tone, *, likes: bool) -> tuple[tuple[str, str], ...]:
    """Return the instructions and the examples; the one that is most alike last, where it counts most."""
    turns = [("system", INSTRUCTIONS)]
    for example in sorted(EXAMPLES[kind], key=lambda e: (bool(e.likes) == likes, e.tone == tone)):
        told = Told(example.name, example.category, example.facts, example.likes)
        turns += [("user", _request(kind, told)), ("assistant", _answer(kind, example))]
    return tuple(turns)


def _request(kind: Kind, told: Told) -> str:
    likes = f" The reader likes {told.likes}." if told.likes else ""
    product = f"Product: {told.name}. Category: {told.category}.{likes} Facts: {'; '.join(told.facts)}."
    return f"{ASKED_FOR[kind]}. {product}"


def _wording(kind: Kind, told: Told) -> Wording:
    """Return what a small model is bound to: plain phrases, the facts, and the slot of the name."""
    lines = tuple(
        Line(f"{part.marker}:" if _has_parts(kind) else "", part.sentences, NAME if part.sentences else "")
        for part in PARTS[kind]
    )
    topic, likes = (
        text.lower() if TOPIC.fullmatch(text.lower()) else "" for text in (told.category, told.likes)
    )
    return plain_english(told.facts, topic, likes, lines)


def _answer(kind: Kind, example: Example) -> str:
    if not _has_parts(kind):
        return example.texts[0]
    lines = zip(PARTS[kind], example.texts, strict=True)
    return "\n".join(f"{part.marker}: {text}" for part, text in lines)


def _has_parts(kind: Kind) -> bool:
    return len(PARTS[kind]) > 1


def parse(brief: Brief, answer: str) -> dict[str, str]:
    """Return field name -> text, slots still open, with the sentence of the offer; raises Unreadable."""
    return with_offer(brief, _parts(brief.kind, answer))


def _parts(kind: Kind, answer: str) -> dict[str, str]:
    lines = [line.strip() for line in answer.strip().splitlines() if line.strip()]
    if len(lines) != len(PARTS[kind]):
        raise Unreadable(f"{len(lines)} lines instead of {len(PARTS[kind])}")
    if not _has_parts(kind):
        return {PARTS[kind][0].name: _unquoted(lines[0])}
    copy = {}
    for part, line in zip(PARTS[kind], lines, strict=True):
        marker, _, text = line.partition(":")
        if marker != part.marker or not text.strip():
            raise Unreadable(f"no {part.marker}")
        copy[part.name] = _unquoted(text)
    return copy


def _unquoted(text: str) -> str:
    return text.strip().strip('"').strip()


def with_offer(brief: Brief, copy: dict[str, str]) -> dict[str, str]:
    """Add the sentence that states the offer, in the longest wording that fits its field."""
    field = OFFER_FIELD.get(brief.kind)
    sentences = offer_sentences(brief.sheet, brief.language)
    if field is None or not sentences:
        return copy
    space = "" if is_chinese(brief.language) else " "
    longer = [f"{copy[field]}{space}{sentence}".strip() for sentence in sentences]
    fitting = [text for text in longer if _fits(brief, field, text)]
    # A search ad links to the offer and may leave it out; elsewhere a text that is too long is refused.
    if not fitting and brief.kind == Kind.SEARCH_AD:
        return copy
    return copy | {field: (fitting or longer[-1:])[0]}


def _fits(brief: Brief, field: str, text: str) -> bool:
    part = next(part for part in PARTS[brief.kind] if part.name == field)
    try:
        return fits(brief.kind, part, fill(text, slot_values(brief.sheet)))
    except UnknownSlot as error:
        raise Unreadable(str(error)) from error


def _revision() -> str:
    """Return an id of everything that the model is told besides the brief."""
    told = repr([INSTRUCTIONS, IN_CHINESE, ASKED_FOR, MAX_TOKENS, MOST_FACTS, EXAMPLES, PHRASES, FOLLOWS])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


# Stored with every text; changes whenever the prompt's words or examples change.
PROMPT_REVISION = _revision()
