"""The starter corpus: briefs and texts written for this project, as files and as pairs to learn from.

`generation/corpus/README.md` tells how it was made and what a line holds.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generation.checks import Finding, check
from generation.checks.familiarity import Triple, told, triples
from generation.facts import (
    BrandVoice,
    CustomerFacts,
    FactSheet,
    ProductFacts,
    category_sheet,
    fact_sheet,
    review_sheet,
)
from generation.prompts import Brief, completed
from generation.texts.kinds import Kind, Tone, written_parts
from generation.tuning.pairs import pair_of
from generation.tuning.recipe import Pair

FOLDER = Path(__file__).resolve().parents[1] / "corpus"
TRAIN, VALIDATION, EVALUATION = "train", "validation", "evaluation"


@dataclass(frozen=True)
class Taught:
    """One line: a product (a category, a review) with its facts, and a text of one kind about it."""

    name: str
    category: str
    facts: tuple[str, ...]
    kind: Kind
    voice: Tone
    texts: dict[str, str]
    words: tuple[str, ...] = ()  # of the shop's voice: not facts, and this text may use them
    likes: str = ""
    rating: int | None = None
    topic: str = ""

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Taught":
        """Read a line; its parts are put in the order of its kind."""
        kind = Kind(told["kind"])
        texts = {part.name: told["texts"][part.name] for part in written_parts(kind)}
        facts, words = tuple(told["facts"]), tuple(told.get("words", ()))
        voice = Tone(told["voice"])
        return cls(**told | {"facts": facts, "words": words, "kind": kind, "voice": voice, "texts": texts})

    def brief(self) -> Brief:
        """Return what a writer would be asked."""
        return Brief(self._sheet(BrandVoice(words_to_use=self.words)), self.kind, self.voice)

    def _sheet(self, voice: BrandVoice) -> FactSheet:
        facts = {f"fact {number}": fact for number, fact in enumerate(self.facts)}
        product = ProductFacts("corpus", self.name, category=self.category, attributes=facts)
        if self.kind == Kind.REPLY:
            topic = "" if self.topic == "general" else self.topic
            return review_sheet("corpus", product, self.rating, topic, voice)
        if self.kind == Kind.CATEGORY:
            return category_sheet("corpus", self.name, 0, self.facts, voice)
        reader = CustomerFacts("corpus", self.likes) if self.likes else None
        return fact_sheet(product, None, voice, reader)

    def findings(self) -> list[Finding]:
        """Return what the checks say against the text, with the parts that the program adds."""
        brief = self.brief()
        return check(completed(brief, self.texts), brief.sheet, self.kind)

    def triples(self) -> Iterator[Triple]:
        """Yield each three neighbouring words of the text, what tells a fact as one word."""
        return triples(self.texts.values(), told(asdict(self)))

    def pair(self) -> Pair:
        """Return what a model learns from this line."""
        if made := pair_of(self.brief(), self.texts):
            return made
        raise ValueError(f"{self.name}, {self.kind}: a part of the text is empty.")


def lines(name: str) -> list[dict[str, Any]]:
    """Return the lines of one file of the corpus."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


def taught(name: str) -> list[Taught]:
    """Return the texts of the training or the validation file."""
    return [Taught.of(line) for line in lines(name)]


def typical(some: Sequence[Taught], among: Sequence[Taught], share: float) -> list[Taught]:
    """Return the share of the texts whose words stand as in those about other products of `among`.

    A small model can learn what is usual; what one text alone has, a joke say, it can only garble.
    """
    places, owners = [frozenset(each.triples()) for each in some], defaultdict[Triple, set[str]](set)
    for each in among:
        for triple in each.triples():
            owners[triple].add(each.name)

    def unusual(number: int) -> float:
        alone = [triple for triple in places[number] if owners[triple] <= {some[number].name}]
        return len(alone) / len(places[number])

    usual = sorted(range(len(some)), key=unusual)[: round(share * len(some))]
    return [some[number] for number in sorted(usual)]
