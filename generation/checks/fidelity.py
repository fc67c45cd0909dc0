"""How a text tells its facts: in their own words or scrambled, once or again: for choosing among samples.

No rule: a person may write as they like, and what a model scrambled passes the rules all the same.
"""

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from generation.checks.grounding import ABOUT_PRODUCT, IDENTITY, PLAIN_STEMS, Known, known
from generation.facts import FactKind, FactSheet
from generation.texts.kinds import Copy
from generation.texts.lexicon import stem
from generation.texts.reading import Reading, read
from generation.texts.slots import UnknownSlot, fill, slot_values

NEGATIONS = frozenset({"not", "no", "non", "never", "without"})
TOKEN = re.compile(r"[\w'-]+")
STUTTER = re.compile(r"\b(\w+(?: \w+){0,3})[,:]? \1\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
NAME = "{name}"
# Numbers count as words here: "260 x 150 cm" has neighbours too.
Neighbours = dict[str, frozenset[str]]


def fidelity(copy: Copy, sheet: FactSheet) -> tuple[float, int]:
    """Return the share of telling words told as a fact has them, and how often a part repeats one."""
    readings, facts = [read(text) for text in copy.values()], known(sheet)
    if any(_denied(reading, sheet) or _stutters(reading, sheet) for reading in readings):
        return 0.0, 0
    return _faithful(readings, sheet), sum(_echoed(reading, facts) for reading in readings)


def _denied(reading: Reading, sheet: FactSheet) -> bool:
    """Say whether a part turns a fact round: "from concentrate", where it is "not from concentrate"."""
    said = {match[0].lower() for match in reading.find(TOKEN)}
    if said & NEGATIONS:
        return False
    stems = {stem(word) for word in said}
    return any(stems & negated for negated in _negated(sheet))


def _stutters(reading: Reading, sheet: FactSheet) -> bool:
    """Say whether the reader sees the same words twice in a row, a sentence twice, or two names in one."""
    sentences = [sentence.casefold() for sentence in SENTENCE.split(reading.given)]
    if len(set(sentences)) < len(sentences) or any(sentence.count(NAME) > 1 for sentence in sentences):
        return True
    try:
        return bool(STUTTER.search(fill(reading.given, slot_values(sheet))))
    except UnknownSlot:
        return False  # found by the rule about slots


@lru_cache(maxsize=512)
def _negated(sheet: FactSheet) -> tuple[frozenset[str], ...]:
    """Return for each fact with a negation the telling stems after it that no other fact has."""
    values = [[m[0].lower() for m in TOKEN.finditer(read(f.value).plain)] for f in sheet.of(*ABOUT_PRODUCT)]
    found = []
    for words in values:
        places = [place for place, word in enumerate(words) if word in NEGATIONS]
        if places:
            others = {stem(word) for other in values if other is not words for word in other}
            found.append(frozenset(map(stem, words[places[0] + 1 :])) - PLAIN_STEMS - others)
    return tuple(found)


def _faithful(readings: list[Reading], sheet: FactSheet) -> float:
    """Return the share of telling words that stand beside a neighbour that they have in a fact too.

    "A hinged roof" is told as the fact "hinged roof for cleaning" has it, "a roof with a hook" is not. Words
    that are a whole fact, or of the name, are left aside; 1.0 where there is nothing to count.
    """
    neighbours, told, kept = _neighbours(sheet), 0, 0
    for reading in readings:
        stems = [stem(match[0]) for match in reading.find(TOKEN)]
        for place, word in enumerate(stems):
            if word in neighbours:
                told += 1
                kept += bool(neighbours[word] & {*stems[max(place - 1, 0) : place + 2]})
    return kept / told if told else 1.0


@lru_cache(maxsize=512)
def _neighbours(sheet: FactSheet) -> Neighbours:
    """Return for each telling stem those beside it in some fact."""
    beside: dict[str, set[str]] = {}
    alone = set(PLAIN_STEMS)
    for fact in sheet.of(*ABOUT_PRODUCT, FactKind.NAME):
        stems = [stem(match[0]) for match in TOKEN.finditer(read(fact.value).plain)]
        if len(stems) == 1 or fact.kind in IDENTITY or fact.kind == FactKind.HISTORY:
            alone.update(stems)
        for first, second in pairwise(stems):
            beside.setdefault(first, set()).add(second)
            beside.setdefault(second, set()).add(first)
    return {word: frozenset(others) for word, others in beside.items() if word not in alone}


def _echoed(reading: Reading, facts: Known) -> int:
    """Return how often telling words and numbers stand in a text once more."""
    told = Counter(stem(match[0]) for match in reading.find(TOKEN))
    telling = facts.stems - PLAIN_STEMS
    return sum(count - 1 for word, count in told.items() if word in telling or word[:1].isdigit())
