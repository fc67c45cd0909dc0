"""Rules about how a text reads: its length, its end, repetition, and what belongs to the request."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from generation.checks.fact_rules import Field, Hit
from generation.texts.examples import EXAMPLES
from generation.texts.kinds import Copy, Kind
from generation.texts.lengths import fits
from generation.texts.lexicon import AFTER_NAME, DANGLING
from generation.texts.reading import SENTENCE_END, SLOT_MARK, is_emoji
from generation.texts.slots import UnknownSlot, fill, slot_values

ECHO = re.compile(
    r"\b(?:product|category|facts?|tone|subject|body|headline|description|title|sms|user|system|assistant)\s*:",
    re.IGNORECASE,
)
TOKEN = re.compile(rf"\w+|{SLOT_MARK}")
LONGEST_SENTENCE = 35  # words
SAME_WORDS = 4  # so many words in a row, once more, are a repetition
SIMILAR = 0.9  # share of equal characters from which two texts count as the same


def length(field: Field) -> Iterator[Hit]:
    """Nothing at all, or more than the channel takes, slots filled."""
    plain = field.reading.plain
    if not plain.strip():
        yield "empty", 0, len(plain)
        return
    try:
        filled = fill(field.reading.given, slot_values(field.sheet))
    except UnknownSlot:
        return  # found by the rule about slots
    if not fits(field.kind, field.part, filled):
        yield "too_long", 0, len(plain)


def echo(field: Field) -> Iterator[Hit]:
    """The labels of the request, once more."""
    for match in field.reading.find(ECHO):
        if match[0].lower() not in field.facts.text:
            yield "echo", match.start(), match.end()


def ending(field: Field) -> Iterator[Hit]:
    """Texts that stop in the middle."""
    plain = field.reading.plain.rstrip()
    if not plain:
        return
    last = max(plain.rfind(" ") + 1, 0)
    whole = plain.rstrip("\"')”’」")[-1:] in SENTENCE_END or is_emoji(plain[-1])
    dangling = plain[-1] in ",:;-，：；、" or plain[last:].lower() in DANGLING
    if dangling or (field.part.sentences and not whole):
        yield "unfinished", last, len(plain)


def repetition(field: Field) -> Iterator[Hit]:
    """The same words in a row, twice, or the product's name three times."""
    tokens = [*field.reading.find(TOKEN)]
    seen: set[tuple[str, ...]] = set()
    for place in range(len(tokens) - SAME_WORDS + 1):
        run = tokens[place : place + SAME_WORDS]
        words = tuple(token[0].lower() for token in run)
        if words in seen:
            yield "repetition", run[0].start(), run[-1].end()
            return
        seen.add(words)
    names = [place for place, name in field.reading.slots if name == "name"]
    if len(names) > 2:
        yield "repetition", names[2], names[2] + 1


def sentences(field: Field) -> Iterator[Hit]:
    """Sentences that are hard to read, and verbs that may not agree with the product's name."""
    for match in re.finditer(rf"[^{SENTENCE_END}]+[{SENTENCE_END}]*", field.reading.plain):
        if len(match[0].split()) > LONGEST_SENTENCE:
            yield "long_sentence", match.start(), match.end()
    for place, name in field.reading.slots:
        verb = AFTER_NAME.match(field.reading.plain, place + 1)
        if name == "name" and verb:
            yield "name_as_subject", verb.start(1), verb.end(1)


def emoji(field: Field) -> Iterator[Hit]:
    """Emoji, where the brand's voice has none."""
    if field.sheet.voice.emoji:
        return
    for place, character in enumerate(field.reading.plain):
        if is_emoji(character):
            yield "emoji", place, place + 1


def similar(copy: Copy, others: Sequence[Copy]) -> bool:
    """Say whether a text is almost one of the others, the sentence of the offer left aside."""
    mine = _own_words(copy)
    return any(_almost_equal(mine, _own_words(other)) for other in others)


def repeats(texts: Sequence[str]) -> bool:
    """Say whether any two of the parts of a text say almost the same."""
    plain = [re.sub(r"[^\w{}]+", " ", text).strip().lower() for text in texts]
    return any(
        _almost_equal(one, other)
        for place, one in enumerate(plain)
        for other in plain[:place]
        if one and other
    )


def _almost_equal(one: str, other: str) -> bool:
    """Compare two texts; most differ so much that bounds of the ratio, quickly told, settle it."""
    matcher = SequenceMatcher(None, one, other)
    bounds_and_ratio = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
    return all(ratio() > SIMILAR for ratio in bounds_and_ratio)


def like_example(copy: Copy, kind: Kind) -> bool:
    """Say whether a text is almost one of the examples that the model was shown."""
    examples = [{str(n): text for n, text in enumerate(example.texts)} for example in EXAMPLES[kind]]
    return similar(copy, examples)


def _own_words(copy: Copy) -> str:
    sentences = re.split(rf"(?<=[{SENTENCE_END}])", " ".join(copy.values()))
    return " ".join(s.strip() for s in sentences if "{discount}" not in s).lower()
