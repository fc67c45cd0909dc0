"""How familiar the order of a text's words is: for choosing among samples.

A small model that finds its own words joins harmless ones into sentences that no rule refuses and nobody
would say: "You are on a walk", "a place for you in our morning". Three neighbours that stand in no text of
the corpus give them away. What a text tells of its facts counts as one word, so any product can be told.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from generation.checks.grounding import PLAIN_STEMS, known, stems_in
from generation.facts import FactSheet
from generation.texts.kinds import Copy
from generation.texts.lexicon import stem

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "train.jsonl"
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
TOKEN = re.compile(r"\{\w+\}|[\w%'°²-]+|[.,;:!?]")
# Stand for words that tell a fact, for a slot, and for where a sentence begins and ends.
FACT, BEGIN, END = "<fact>", "<", ">"
Triple = tuple[str, str, str]


def strangeness(copy: Copy, sheet: FactSheet) -> int:
    """Return how many triples of neighbouring words of a text stand in no text of the corpus."""
    telling, familiar = known(sheet).stems, _familiar()
    return sum(triple not in familiar for text in copy.values() for triple in _triples(text, telling))


def triples(texts: Iterable[str], facts: Iterable[str]) -> Iterator[Triple]:
    """Yield each three words that stand beside each other in texts about these facts."""
    telling = frozenset().union(*map(stems_in, facts))
    for text in texts:
        yield from _triples(text, telling)


@cache
def _familiar() -> frozenset[Triple]:
    """Return the triples of all texts of the corpus."""
    rows = map(json.loads, CORPUS.read_text().splitlines())
    return frozenset(triple for row in rows for triple in triples(row["texts"].values(), told(row)))


def told(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a line of the corpus gives its text to tell."""
    return (row["name"], row["category"], row.get("likes", ""), *row["facts"], *row.get("words", ()))


def _triples(text: str, telling: frozenset[str]) -> Iterator[Triple]:
    for sentence in SENTENCE.split(text):
        words = [BEGIN, *_joined(_words(sentence, telling - PLAIN_STEMS)), END]
        yield from zip(words, words[1:], words[2:], strict=False)


def _words(sentence: str, telling: frozenset[str]) -> Iterator[str]:
    for match in TOKEN.finditer(sentence):
        word = match[0].lower()
        yield FACT if stem(word) in telling or any(map(str.isdigit, word)) else word


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Yield the words, those of one fact as one."""
    before = ""
    for word in words:
        if not word == before == FACT:
            yield word
        before = word
