"""Whether sentences are built as people build them: for choosing among the samples of the starter adapter.

True facts, joined wrongly, make a false sentence that no rule sees: "a middle mark of 9.8 mm". A sentence's
shape is what is left of it without its facts: "{name} with a <thing>". One that no text of the corpus has,
before its colon and after it, is not worth the risk, since the model can still be bound to a wording.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from generation.checks.familiarity import CORPUS, told
from generation.checks.grounding import PLAIN_STEMS, stems_in
from generation.facts import FactKind, FactSheet
from generation.texts.kinds import PARTS, Copy, Kind
from generation.texts.lexicon import stem
from generation.texts.plain_english import kind_of

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
TOKEN = re.compile(r"<\w+>|\{\w+\}|[\w%'°²-]+|[.,;:!?]")
# Stand for words of the product's name and category, and for pieces of a fact and numbers that it lost.
NAMED, PIECE = "<named>", "<piece>"
MANY = ("<things>", "<material>")
ITEM = r"(?:a )?<(?:thing|things|material|trait|measure)>"
LIST = re.compile(rf"{ITEM}(?:(?:, and|,| and) {ITEM})+")
# Right for some facts only: "in bergamot oil", "a dry treated", "20 kg" for "holds 20 kg".
DOUBTFUL = re.compile(r"\b(?:in|with|has|of|and) <thing>|\ba <(?:trait|measure)>|<piece>")
COLON = re.compile(r"(?<=:) ")
# The program writes sentences with slots of the offer, and says how many products a category has.
BY_PROGRAM = re.compile(r"\{(?!name\})\w+\}")


@dataclass(frozen=True)
class Telling:
    """The stems that say something of a product: those of what it is called, and those of its facts."""

    named: frozenset[str]
    facts: frozenset[str]

    def of(self, word: str) -> str:
        """Return what stands for a word."""
        if any(map(str.isdigit, word)):
            return PIECE
        if stem(word) in self.named:
            return NAMED
        return PIECE if stem(word) in self.facts else word


def unusual(copy: Copy, sheet: FactSheet, kind: Kind) -> int:
    """Return how many sentences and headings, or halves of them, no text of the corpus has the shape of."""
    facts = tuple(fact.value for fact in sheet.of(FactKind.ATTRIBUTE, FactKind.CLAIM))
    named = [fact.value for fact in sheet.facts if fact.value not in facts]
    telling, count = _telling([*named, *sheet.voice.words_to_use], facts), sheet.value(FactKind.COUNT)
    return sum(
        shape not in _usual()
        for part in PARTS[kind]
        if not part.by_program
        for shape in _shapes(copy.get(part.name, "").replace(count or "{count}", "{count}"), facts, telling)
    )


@cache
def _usual() -> frozenset[str]:
    """Return the shapes of all texts of the corpus."""
    return frozenset(
        shape
        for row in map(json.loads, CORPUS.read_text().splitlines())
        for telling in [_telling(set(told(row)) - set(row["facts"]), row["facts"])]
        for text in row["texts"].values()
        for shape in _shapes(text, tuple(row["facts"]), telling)
        if not DOUBTFUL.search(shape)
    )


def _telling(named: Iterable[str], facts: Iterable[str]) -> Telling:
    stems = [frozenset().union(*map(stems_in, texts)) - PLAIN_STEMS for texts in (named, facts)]
    return Telling(stems[0], stems[1])


def _shapes(text: str, facts: tuple[str, ...], telling: Telling) -> Iterator[str]:
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
    kinds = {value: "measure" if value[0].isdigit() else kind_of(value) for value in values}
    marks = {value.lower(): f"<{'trait' if kind == 'lack' else kind}>" for value, kind in kinds.items()}
    return marks, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, values))})(?!\w)", re.IGNORECASE)


def _words(sentence: str, telling: Telling) -> Iterator[str]:
    for match in TOKEN.finditer(sentence):
        word = match[0].lower()
        yield word if word[0] in "<{" else telling.of(word)


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Yield the words, those of one name as one."""
    before = ""
    for word in words:
        if not word == before == NAMED:
            yield word
        before = word


def _one_for_all(listed: re.Match[str]) -> str:
    """Return one item for a list whose items are alike: all bare, or each single thing with its article."""
    items = re.findall(ITEM, listed[0])
    if not any(item.startswith("a ") for item in items):
        return next((item for item in ("<trait>", "<measure>") if item in items), items[0])
    alike = all(item == "a <thing>" or item in MANY for item in items)
    return "a <thing>" if alike else listed[0]
