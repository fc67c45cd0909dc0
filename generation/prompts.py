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
from generation.texts.kinds import PARTS, SOCIAL, Copy, Kind, Part, Tone, written_parts
from generation.texts.lengths import fits
from generation.texts.offer_sentences import offer_sentences
from generation.texts.plain_english import ASKING, FOLLOWS, HEADED, NAME, PHRASES, plain_english, unsaid_in
from generation.texts.program_parts import ADDITIONS, BUTTONS, choices
from generation.texts.replies import PHRASES as REPLY_PHRASES
from generation.texts.replies import mood_of, reply_wording
from generation.texts.slots import UnknownSlot, fill, slot_values
from generation.texts.telling import in_sentence
from generation.texts.voicing import voice_words, with_claims
from generation.texts.wording import Line, Wording

INSTRUCTIONS = (
    "You write short texts for a shop. Say only what the facts say, in simple words. "
    "Write {name} where the product's name belongs."
)
IN_CHINESE = " Write in Simplified Chinese."
TRANSLATE = (
    "You translate the texts of a shop from {source} into {target}. Say what the text says, no more and no "
    "less, as people say it in {target}. Keep each word in braces, such as {{name}}, and each label before "
    "a colon."
)
TRANSLATIONS = (
    (
        "Subject: Time for coffee\nBody: Meet {name} for {discount}.",
        "Subject: 来杯咖啡\nBody: 认识一下{name}，{discount}。",
    ),
    ("Take a look at {name}: oven safe, {price}.", "来看看{name}：可入烤箱，{price}。"),
)
MOST_TRANSLATED = 600  # tokens
ASKED_FOR = {
    Kind.EMAIL: "An e-mail",
    Kind.SMS: "A text message",
    Kind.PUSH: "A push message",
    Kind.SUBJECTS: "Four subject lines",
    Kind.SOCIAL_X: "A social post",
    Kind.SOCIAL_FACEBOOK: "A Facebook post",
    Kind.SOCIAL_INSTAGRAM: "An Instagram post",
    Kind.SOCIAL_LINKEDIN: "A LinkedIn post",
    Kind.SOCIAL_PINTEREST: "A Pinterest pin",
    Kind.WEIBO: "A Weibo post",
    Kind.XIAOHONGSHU: "A Xiaohongshu note",
    Kind.SEARCH_AD: "A search ad",
    Kind.DISPLAY_AD: "A display ad",
    Kind.PRODUCT: "A product title and description",
    Kind.CATEGORY: "A text about a category",
    Kind.SEO: "A page title and description",
    Kind.LANDING: "A landing page section",
    Kind.PROMOTION: "A promotion",
    Kind.REPLY: "A reply to a review",
    Kind.OFFER: "One sentence",
}
MAX_TOKENS = {
    Kind.EMAIL: 120,
    Kind.SMS: 40,
    Kind.PUSH: 55,
    Kind.SUBJECTS: 75,
    Kind.SOCIAL_X: 50,
    Kind.SOCIAL_FACEBOOK: 70,
    Kind.SOCIAL_INSTAGRAM: 70,
    Kind.SOCIAL_LINKEDIN: 80,
    Kind.SOCIAL_PINTEREST: 75,
    Kind.WEIBO: 50,
    Kind.XIAOHONGSHU: 65,
    Kind.SEARCH_AD: 45,
    Kind.DISPLAY_AD: 70,
    Kind.PRODUCT: 90,
    Kind.CATEGORY: 60,
    Kind.SEO: 60,
    Kind.LANDING: 85,
    Kind.PROMOTION: 60,
    Kind.REPLY: 80,
    Kind.OFFER: 40,
}
# The part of a text that the offer's sentence is added to.
OFFER_FIELD = {
    Kind.EMAIL: "body",
    Kind.SMS: "text",
    Kind.PUSH: "text",
    **dict.fromkeys(SOCIAL, "text"),
    Kind.SEARCH_AD: "description",
    Kind.DISPLAY_AD: "description",
    Kind.LANDING: "text",
    Kind.PROMOTION: "text",
    Kind.OFFER: "text",
}
# An ad links to the offer and may leave it out; elsewhere a text that is too long for it is refused.
MAY_LACK_OFFER = (Kind.SEARCH_AD, Kind.DISPLAY_AD)
# Headings that have to name the product, and what they begin with.
NAMING = {
    (Kind.PRODUCT, "title"): ("name",),
    (Kind.SEO, "title"): ("name",),
    (Kind.SUBJECTS, "plain"): ("lead", "name"),
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
    voice: str = ""  # what a model that finds its own words is told of the brand's voice, before `own`
    labels: tuple[str, ...] = ()  # what the lines of the answer begin with, where the engine is to write them


class Unreadable(ValueError):
    """The model's answer does not have the parts that its kind needs."""


@dataclass(frozen=True)
class Told:
    """What the model is told of a product: by strangers, so fenced, each on one line and limited."""

    name: str
    category: str
    facts: tuple[str, ...]
    likes: str = ""
    rating: str = ""
    topic: str = ""

    @classmethod
    def of(cls, sheet: FactSheet) -> Self:
        """Take what a sheet has to tell."""
        attributes = [fact.value for fact in sheet.of(FactKind.ATTRIBUTE)]
        worded = dict(zip(attributes, in_sentence(attributes), strict=True))
        values = [worded.get(fact.value, fact.value) for fact in sheet.of(*TOLD)]
        said = sheet.value(FactKind.NAME).lower()
        facts = (fenced(value).rstrip(".!?") for value in values if value.lower() not in said)
        kinds = (FactKind.NAME, FactKind.CATEGORY, FactKind.HISTORY, FactKind.RATING, FactKind.TOPIC)
        name, category, *more = (fenced(sheet.value(kind)) for kind in kinds)
        return cls(name, category, tuple(dict.fromkeys(filter(None, facts)))[:MOST_FACTS], *more)


def prompt_for(brief: Brief) -> Prompt:
    """Return the prompt of a brief; a pure function."""
    told, chinese = Told.of(brief.sheet), is_chinese(brief.language)
    return Prompt(
        shared=_shared(brief.kind, brief.tone, likes=bool(told.likes)),
        own=_request(brief.kind, told) + (IN_CHINESE if chinese else ""),
        max_tokens=MAX_TOKENS[brief.kind],
        stop=("\n\n",) if _has_parts(brief.kind) else ("\n",),
        wording=None if chinese else _wording(brief, told),
        voice=voice_words(brief.sheet.voice, brief.kind),
    )


def translation_prompt(brief: Brief, original: Copy, source_language: str) -> Prompt:
    """Return the prompt that asks for a text in another language; slots stay as they are."""
    kind = brief.kind
    source, target = (_language(code) for code in (source_language, brief.language))
    lines = "\n".join(
        f"{part.marker}: {text}" if _has_parts(kind) else text
        for part in written_parts(kind)
        if (text := " ".join(original.get(part.name, "").split()))
    )
    turns = [("system", TRANSLATE.format(source=source, target=target))]
    for english, chinese in TRANSLATIONS:
        pair = (chinese, english) if is_chinese(source_language) else (english, chinese)
        turns += [("user", pair[0]), ("assistant", pair[1])]
    return Prompt(
        shared=tuple(turns),
        own=lines,
        max_tokens=min(MOST_TRANSLATED, 40 + len(lines)),
        stop=("\n\n",) if _has_parts(kind) else ("\n",),
        wording=None,
    )


def _language(code: str) -> str:
    return "Simplified Chinese" if is_chinese(code) else "English"


def _shared(kind: Kind, tone: Tone, *, likes: bool) -> tuple[tuple[str, str], ...]:
    """Return the instructions and the examples; the one that is most alike last, where it counts most."""
    turns = [("system", INSTRUCTIONS)]
    for example in sorted(EXAMPLES[kind], key=lambda e: (bool(e.likes) == likes, e.tone == tone)):
        rating = str(example.rating or "")
        told = Told(example.name, example.category, example.facts, example.likes, rating, example.topic)
        turns += [("user", _request(kind, told)), ("assistant", _answer(kind, example))]
    return tuple(turns)


def _request(kind: Kind, told: Told) -> str:
    likes = f" The reader likes {told.likes}." if told.likes else ""
    if kind == Kind.REPLY:
        about = f" About: {told.topic}." if told.topic else ""
        return f"{ASKED_FOR[kind]}. Product: {told.name}. Rating: {told.rating or 'none'} of 5.{about}"
    product = f"Product: {told.name}. Category: {told.category}.{likes} Facts: {'; '.join(told.facts)}."
    return f"{ASKED_FOR[kind]}. {product}"


def _wording(brief: Brief, told: Told) -> Wording:
    """Return what a small model is bound to: plain phrases, the facts, and the slot of the name."""
    kind = brief.kind
    lines = tuple(
        Line(
            f"{part.marker}:" if _has_parts(kind) else "",
            part.sentences,
            NAME if part.sentences or (kind, part.name) in NAMING else "",
            told.facts if part.sentences and kind != Kind.REPLY else (),
            ASKING if part.question else NAMING.get((kind, part.name), () if part.sentences else HEADED),
            _room(brief, part),
        )
        for part in written_parts(kind)
    )
    if kind == Kind.REPLY:
        return reply_wording(mood_of(brief.sheet), told.topic, lines)
    topic, likes = (
        text.lower() if TOPIC.fullmatch(text.lower()) else "" for text in (told.category, told.likes)
    )
    unsaid = unsaid_in(brief.tone, exclaims=brief.sheet.voice.exclamations)
    return plain_english(told.name, told.facts, (topic, likes), lines, unsaid)


def _room(brief: Brief, part: Part) -> int:
    """Return how many characters the model's own words may have in a part."""
    added = [
        len(fill(sentence, slot_values(brief.sheet))) + 1
        for sentence in offer_sentences(brief.sheet, brief.language)
        if OFFER_FIELD.get(brief.kind) == part.name and brief.kind not in MAY_LACK_OFFER
    ]
    return part.limit - part.question - min(added, default=0)


def _answer(kind: Kind, example: Example) -> str:
    if not _has_parts(kind):
        return example.texts[0]
    lines = zip(written_parts(kind), example.texts, strict=True)
    return "\n".join(f"{part.marker}: {text}" for part, text in lines)


def _has_parts(kind: Kind) -> bool:
    return len(written_parts(kind)) > 1


def parse(brief: Brief, answer: str) -> dict[str, str]:
    """Return field name -> text, slots still open, with what the program adds; raises Unreadable."""
    return completed(brief, _parts(brief.kind, answer))


def completed(brief: Brief, written: Copy) -> dict[str, str]:
    """Return a written text with what the program adds: the offer's sentence, buttons, the rest of an ad."""
    copy = with_range(brief, with_offer(brief, {name: text for name, text in written.items() if text}))
    copy = with_claims(copy, brief.kind, brief.sheet.voice, chinese=is_chinese(brief.language))
    for part in PARTS[brief.kind]:
        if part.by_program and part.name not in copy:
            copy[part.name] = _chosen(brief, part, copy)
    return {part.name: copy.get(part.name, "") for part in PARTS[brief.kind]}


def _chosen(brief: Brief, part: Part, copy: Copy) -> str:
    """Return the first of the program's texts for a part that fits and that no other part says already."""
    said = said_beside(part, brief.kind, copy)
    possible = choices(part, brief.sheet, brief.tone, brief.language, said)
    fitting = (text for text in possible if _fits(brief, part.name, text) and not _avoided(brief, text))
    return next(fitting, "")


def said_beside(part: Part, kind: Kind, copy: Copy) -> list[str]:
    """Return the other parts that stand beside a part in the same way: headings, or sentences."""
    return [
        copy[other.name] for other in PARTS[kind] if other.sentences == part.sentences and other.name in copy
    ]


def _avoided(brief: Brief, text: str) -> bool:
    voice = brief.sheet.voice
    return any(words.lower() in text.lower() for words in (*voice.words_to_avoid, *voice.forbidden_claims))


def _parts(kind: Kind, answer: str) -> dict[str, str]:
    lines = [line.strip() for line in answer.strip().splitlines() if line.strip()]
    parts = written_parts(kind)
    if len(lines) != len(parts):
        raise Unreadable(f"{len(lines)} lines instead of {len(parts)}")
    if not _has_parts(kind):
        return {parts[0].name: _unquoted(lines[0])}
    copy = {}
    for part, line in zip(parts, lines, strict=True):
        marker, _, text = line.partition(":")
        if marker != part.marker or not text.strip():
            raise Unreadable(f"no {part.marker}")
        text = _unquoted(text)
        copy[part.name] = f"{text}?" if part.question and text[-1:] not in {"?", "？"} else text
    return copy


def _unquoted(text: str) -> str:
    return text.strip().strip('"').strip()


def with_offer(brief: Brief, copy: dict[str, str]) -> dict[str, str]:
    """Add the sentence that states the offer, in the longest wording that fits its field."""
    field = OFFER_FIELD.get(brief.kind)
    sentences = offer_sentences(brief.sheet, brief.language)
    if field is None or not sentences or "{discount}" in copy[field]:
        return copy
    space = "" if is_chinese(brief.language) else " "
    longer = [f"{copy[field]}{space}{sentence}".strip() for sentence in sentences]
    fitting = [text for text in longer if _fits(brief, field, text)]
    if not fitting and brief.kind in MAY_LACK_OFFER:
        return copy
    return copy | {field: (fitting or longer[-1:])[0]}


def with_range(brief: Brief, copy: dict[str, str]) -> dict[str, str]:
    """Say in a category's text how many products there are, where it does not and there is room."""
    count = brief.sheet.value(FactKind.COUNT)
    if brief.kind != Kind.CATEGORY or not count or count in copy["text"]:
        return copy
    sentence = f"共有{count}可选。" if is_chinese(brief.language) else f" Choose from {count}."
    longer = copy["text"] + sentence
    return copy | {"text": longer} if _fits(brief, "text", longer) else copy


def _fits(brief: Brief, field: str, text: str) -> bool:
    part = next(part for part in PARTS[brief.kind] if part.name == field)
    try:
        return fits(brief.kind, part, fill(text, slot_values(brief.sheet)))
    except UnknownSlot as error:
        raise Unreadable(str(error)) from error


def _revision() -> str:
    """Return an id of everything that the model is told besides the brief."""
    told = repr(
        [
            *(INSTRUCTIONS, IN_CHINESE, ASKED_FOR, MAX_TOKENS, MOST_FACTS, EXAMPLES, PHRASES, FOLLOWS),
            *(REPLY_PHRASES, BUTTONS, ADDITIONS, TRANSLATE, TRANSLATIONS),
            *(sorted(unsaid_in(tone, exclaims=True)) for tone in Tone),
        ]
    )
    return hashlib.sha256(told.encode()).hexdigest()[:12]


# Stored with every text; changes whenever the prompt's words or examples change.
PROMPT_REVISION = _revision()
