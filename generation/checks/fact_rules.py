"""Rules that compare a text with its facts: no price, number, date, code, address or claim from elsewhere.

A rule takes one field and yields (code, start, end) in the field's plain form.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from generation.checks.foods import may_be_food
from generation.checks.grounding import Known, mixed, unsupported
from generation.checks.market_rules import BASE, MarketRule, rules_of
from generation.facts import FactKind, FactSheet, is_hidden
from generation.texts.amounts import amounts
from generation.texts.kinds import Kind, Part
from generation.texts.lexicon import (
    CHINESE_DATE,
    CHINESE_NUMBER,
    DATE_WORDS,
    NUMBER_WORDS,
    REPLY_WORDS,
    stem,
)
from generation.texts.reading import SLOT_MARK, Reading, script
from generation.texts.slots import SLOT, slot_values

Hit = tuple[str, int, int]

LINK = re.compile(r"https?:|www\.|\S*@\S*|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
MARKUP = re.compile(r"[<>]|&#?\w+;")
REPLY_STEMS = frozenset(stem(word) for word in REPLY_WORDS)
JOINER = "\u200d"  # invisible, and part of many emoji


@dataclass(frozen=True)
class Field:
    """One part of a text with all that rules compare it with."""

    kind: Kind
    part: Part
    reading: Reading
    sheet: FactSheet
    facts: Known
    english: bool


def hidden(field: Field) -> Iterator[Hit]:
    """Characters that programs read and people do not see."""
    for place, character in enumerate(field.reading.plain):
        if is_hidden(character) and not (character == JOINER and field.sheet.voice.emoji):
            yield "hidden_character", place, place + 1


def markup(field: Field) -> Iterator[Hit]:
    """HTML, whole or in parts."""
    for match in field.reading.find(MARKUP):
        yield "markup", match.start(), match.end()


def scripts(field: Field) -> Iterator[Hit]:
    """Letters of scripts that the rules cannot read in this language, such as look-alikes of Latin ones."""
    readable = {"LATIN"} if field.english else {"LATIN", "CJK"}
    for place, character in enumerate(field.reading.plain):
        if not character.isalpha() or script(character) in readable:
            continue
        if character.lower() not in field.facts.text:
            yield "script", place, place + 1


def slots(field: Field) -> Iterator[Hit]:
    """Slots that cannot be filled, braces that are none, and slots with something glued to them."""
    reading, values = field.reading, slot_values(field.sheet)
    for place, name in reading.slots:
        if name not in values:
            yield "unknown_slot", place, place + 1
        beside = reading.plain[max(place - 1, 0) : place] + reading.plain[place + 1 : place + 2]
        # Chinese puts no spaces between words.
        if any((c.isalnum() and script(c) != "CJK") or c in SLOT_MARK + "$€£¥%" for c in beside):
            yield "glued_slot", place, place + 1
    for match in re.finditer(r"[{}]", reading.plain):
        yield "unknown_slot", match.start(), match.end()


def numbers(field: Field) -> Iterator[Hit]:
    """Prices, percentages and numbers that no fact has, in digits of any script."""
    in_code = _places_of(field.sheet.value(FactKind.CODE), field.reading)
    for match, amount in amounts(field.reading.plain):
        if amount not in field.facts.amounts and match.start("number") not in in_code:
            unit = amount[0]
            code = {"percent": "foreign_percent", "": "foreign_number"}.get(unit, "foreign_price")
            yield code, match.start("number"), match.end("number")
    for place, character in enumerate(field.reading.plain):
        if unicodedata.category(character) in {"No", "Nl"}:
            yield "foreign_number", place, place + 1


def _places_of(word: str, reading: Reading) -> set[int]:
    """Return the places of all characters at which this word stands."""
    found = reading.find(re.compile(rf"\b{re.escape(word)}\b")) if word else ()
    return {place for match in found for place in range(*match.span())}


def number_words(field: Field) -> Iterator[Hit]:
    """Numbers in words, in English and Chinese."""
    for match in field.reading.words:
        word = match[0].lower()
        if word not in NUMBER_WORDS or word in field.facts.words:
            continue
        value = NUMBER_WORDS[word]
        if value is None or ("", Decimal(value)) not in field.facts.amounts:
            yield "foreign_number", match.start(), match.end()
    yield from _unless_in_facts(field, CHINESE_NUMBER, "foreign_number")


def dates(field: Field) -> Iterator[Hit]:
    """Days and months that the offer does not name."""
    for match in field.reading.words:
        word = match[0]
        mid_sentence = not field.reading.begins_sentence(match.start())
        dated = word.lower() in DATE_WORDS or (word in {"May", "March"} and mid_sentence)
        if dated and word.lower() not in field.facts.words:
            yield "foreign_date", match.start(), match.end()
    yield from _unless_in_facts(field, CHINESE_DATE, "foreign_date")


def links(field: Field) -> Iterator[Hit]:
    """Web and mail addresses, and handles."""
    yield from _unless_in_facts(field, LINK, "link")


def claims(field: Field) -> Iterator[Hit]:
    """What the rules of the voice's markets limit, and what the brand's voice forbids or avoids."""
    found = [(rule, *match.span()) for rule in _binding(field) for match in _said(field, rule)]
    for rule, start, end in found:
        if not any(_covers(other, (rule, start, end)) for other in found):
            yield rule.code, start, end
    voice = field.sheet.voice
    for phrases, code in (
        (voice.forbidden_claims, "forbidden_claim"),
        (voice.words_to_avoid, "avoided_word"),
    ):
        for phrase in phrases:
            for match in re.finditer(rf"(?<!\w){re.escape(phrase)}", field.reading.plain, re.IGNORECASE):
                yield code, match.start(), match.end()


def _binding(field: Field) -> list[MarketRule]:
    """Return the rules of the voice's markets that bind what the text is about: some bind foods alone."""
    category = FactKind.NAME if field.kind == Kind.CATEGORY else FactKind.CATEGORY
    food = may_be_food(field.sheet.value(category))
    return [rule for rule in rules_of(field.sheet.voice.markets) if food or not rule.foods_only]


def _said(field: Field, rule: MarketRule) -> Iterator[re.Match[str]]:
    """Yield where a text says what a rule limits, unless a fact or, in a reply, the review says the same."""
    for match in field.reading.find(rule.pattern):
        excused = rule.excused and _in_facts(field, match)
        if not (excused or match[0].lower() in rule.allowed or _of_reply(field, *match.span())):
            yield match


def _covers(other: tuple[MarketRule, int, int], found: tuple[MarketRule, int, int]) -> bool:
    """Say whether a market's own rule says as much about the same words as the base set does."""
    (theirs, first, last), (base, start, end) = other, found
    strict = theirs.hard or not base.hard
    return base.market == BASE != theirs.market and strict and first <= start and end <= last


def words(field: Field) -> Iterator[Hit]:
    """Words that no fact supports, and true words that are wrongly joined."""
    for code, start, end in unsupported(field.reading, field.facts, english=field.english):
        if not _of_reply(field, start, end):
            yield code, start, end
    if field.english:
        yield from mixed(field.reading, field.facts)


def _of_reply(field: Field, start: int, end: int) -> bool:
    return field.kind == Kind.REPLY and stem(field.reading.plain[start:end]) in REPLY_STEMS


def _unless_in_facts(field: Field, pattern: re.Pattern[str], code: str) -> Iterator[Hit]:
    for match in field.reading.find(pattern):
        if not _in_facts(field, match):
            yield code, match.start(), match.end()


def _in_facts(field: Field, match: re.Match[str]) -> bool:
    """Say whether a fact says the same: "free" is not in "gluten-free", but "gluten-free" is."""
    around = (w for w in field.reading.words if w.start() <= match.start() and match.end() <= w.end())
    word = next(around, None)
    if word is not None and word[0].isascii():
        return word[0].lower() in field.facts.words
    return match[0].lower() in field.facts.text


def slot_end(reading: Reading, place: int) -> int:
    """Return where the slot at a place of the given text ends."""
    match = SLOT.match(reading.given, place)
    return match.end() if match else place + 1
