"""Whether sentences are built as people build them: for choosing among the samples of the starter adapter.

True facts, joined wrongly, make a false sentence that no rule sees: "a middle mark of 9.8 mm". A sentence's
shape is what is left of it without its facts: "{name} with a <thing>". One that no text of the corpus has,
before its colon and after it, is not worth the risk, since the model can still be bound to a wording.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from generation.checks.familiarity import CORPUS, told
from generation.checks.grounding import PLAIN_STEMS, known, stems_in
from generation.facts import FactKind, FactSheet
from generation.texts.kinds import PARTS, Copy, Kind
from generation.texts.lexicon import stem
from generation.texts.plain_english import kind_of

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
TOKEN = re.compile(r"<\w+>|\{\w+\}|[\w%'°²-]+|[.,;:!?]")
# Stand for words that tell a part of a fact, and for numbers outside their facts.
PART, NUMBER = "<part>", "<number>"
MANY = ("<things>", "<material>")
ITEM = r"(?:a )?<(?:thing|things|material|trait|measure)>"
LIST = re.compile(rf"{ITEM}(?:(?:, and|,| and) {ITEM})+")
# Right for some facts only: "in bergamot oil", "with drainage hole", "a dry treated". Which, no shape tells.
DOUBTFUL = re.compile(r"\b(?:in|with|has|of|and) <thing>|\ba <(?:trait|measure)>")
COLON = re.compile(r"(?<=:) ")
# The program writes sentences with slots of the offer, and says how many products a category has.
BY_PROGRAM = re.compile(r"\{(?!name\})\w+\}")


def unusual(copy: Copy, sheet: FactSheet, kind: Kind) -> int:
    """Return how many sentences and headings, or halves of them, no text of the corpus has the shape of."""
    values = tuple(fact.value for fact in sheet.of(FactKind.ATTRIBUTE, FactKind.CLAIM))
    telling, count = known(sheet).stems - PLAIN_STEMS, sheet.value(FactKind.COUNT)
    return sum(
        shape not in _usual()
        for part in PARTS[kind]
        if not part.by_program
        for shape in _shapes(copy.get(part.name, "").replace(count or "{count}", "{count}"), values, telling)
    )


@cache
def _usual() -> frozenset[str]:
    """Return the shapes of all texts of the corpus."""
    rows = map(json.loads, CORPUS.read_text().splitlines())
    return frozenset(
        shape
        for row in rows
        for telling in [frozenset().union(*map(stems_in, told(row))) - PLAIN_STEMS]
        for text in row["texts"].values()
        for shape in _shapes(text, tuple(row["facts"]), telling)
        if not DOUBTFUL.search(shape)
    )


def _shapes(text: str, facts: tuple[str, ...], telling: frozenset[str]) -> Iterator[str]:
    """Yield the shape of each half of a sentence that the program has not added."""
    for sentence in SENTENCE.split(_marked(text, facts)):
        if not BY_PROGRAM.search(sentence):
            words = re.sub(r" ([,.:;!?])", r"\1", " ".join(_joined(_words(sentence, telling))))
            shape = LIST.sub(_one_for_all, re.sub(r"\ban <", "a <", words)).rstrip(".!")
            yield from COLON.split(shape)


def _marked(text: str, facts: tuple[str, ...]) -> str:
    """Return a text with each fact that stands there as a whole given by its kind alone."""
    marks, pattern = _pattern(facts)
    return pattern.sub(lambda match: marks[match[0].lower()], text) if marks else text


@lru_cache(maxsize=512)
def _pattern(facts: tuple[str, ...]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Return the mark of each fact, and a pattern that finds them all, the longest first."""
    values = sorted({fact.rstrip(".!?") for fact in facts} - {""}, key=len, reverse=True)
    marks = {value.lower(): "<measure>" if value[0].isdigit() else f"<{kind_of(value)}>" for value in values}
    return marks, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, values))})(?!\w)", re.IGNORECASE)


def _words(sentence: str, telling: frozenset[str]) -> Iterator[str]:
    for match in TOKEN.finditer(sentence):
        word = match[0].lower()
        if word[0] in "<{":
            yield word
        elif any(map(str.isdigit, word)):
            yield NUMBER
        else:
            yield PART if stem(word) in telling else word


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Yield the words, those of one part as one."""
    before = ""
    for word in words:
        if not word == before == PART:
            yield word
        before = word


def _one_for_all(listed: re.Match[str]) -> str:
    """Return one item for a list whose items are alike: all bare, or each single thing with its article."""
    items = re.findall(ITEM, listed[0])
    if not any(item.startswith("a ") for item in items):
        return next((item for item in ("<trait>", "<measure>") if item in items), items[0])
    alike = all(item == "a <thing>" or item in MANY for item in items)
    return "a <thing>" if alike else listed[0]
