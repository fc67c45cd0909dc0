"""How good texts are, by plain code: a set of briefs written by one model or adapter, and two compared.

What reads well only people can say; what is measured here is what the checks, the facts and the channel
allow, how varied the texts are, and what they cost.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import combinations
from statistics import mean
from typing import Any
from unicodedata import normalize

from generation.checks import check, cover
from generation.engine import Cancelled, TextEngine, Tick
from generation.facts import (
    BrandVoice,
    CustomerFacts,
    Fact,
    FactKind,
    FactSheet,
    ProductFacts,
    fact_sheet,
    is_chinese,
)
from generation.prompts import Brief
from generation.sampling import Piece, Round, Written, write
from generation.texts.kinds import PARTS, Kind, Tone
from generation.texts.lengths import length_and_limit
from generation.texts.slots import fill_copy
from generation.tuning.corpus import EVALUATION, lines

# As campaigns and personal offers are written.
COPY_ROUNDS = (Round(8, temperature=0.8),)
OFFER_ROUNDS = (Round(1, temperature=0.0), Round(1, temperature=0.7), Round(1, temperature=0.9))
# Numbers, codes and names: what a text must have from its facts, read without the rules of the checks.
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"(?<![.!?:\n] )(?<!^)(?<!\n)\b[A-Z][\w'-]*")
WORD = re.compile(r"\w+")
# More texts than these are not compared with each other, pair by pair.
COMPARED = 120


@dataclass(frozen=True)
class Contender:
    """Who writes: an adapter or none, and what of the briefs is changed for it."""

    name: str
    adapter: str | None = ""  # None: what the settings say
    tone: Tone | None = None
    voice: BrandVoice | None = None


@dataclass(frozen=True)
class Judged:
    """One text as it would be shown, with what its samples were like."""

    brief: str  # the product's name and the kind, to find it again
    kind: str
    language: str
    text: dict[str, str]  # slots filled
    by_model: bool
    samples: int  # those bound to a wording left out, where an adapter wrote first
    passing: int  # samples without a finding
    findings: dict[str, int]  # of all samples, by code
    foreign: list[str]  # numbers, codes and names in the shown text that its facts lack
    cover: float  # share of the facts that the shown text mentions
    length_fit: bool
    seconds: float
    tokens: int
    bound: bool = False  # to a wording, since none of the adapter's samples would do


@dataclass(frozen=True)
class Scores:
    """What a set of briefs scored. Shares are between 0 and 1; None where there was nothing to count."""

    name: str
    revision: str  # of model and adapter
    texts: int
    samples: int
    pass_rate: float | None  # of samples
    brief_pass_rate: float | None  # of briefs: at least one sample passes
    foreign_facts: int  # in what is shown
    fallback_rate: float  # texts by the plain writer, of those that the model was asked for
    bound_rate: float  # texts bound to a wording where the adapter's own would not do, of the same
    cover: float
    length_fit: float
    distinct_1: float
    distinct_2: float
    self_similarity: float | None  # mean likeness of two texts of one kind, 1 is the same
    seconds_per_text: float
    tokens_per_text: float
    findings: dict[str, int] = field(default_factory=dict)
    by_kind: dict[str, dict[str, float]] = field(default_factory=dict)


def brief_from(told: Mapping[str, Any]) -> Brief:
    """Read a brief as files from outside have it.

    Keys: name, category, facts, price, discount (the whole phrase), code, channel (a kind), language, voice;
    likes may be there.
    """
    language, price = str(told.get("language") or "en"), str(told.get("price") or "")
    product = ProductFacts(
        "brief",
        str(told["name"]),
        category=str(told.get("category") or ""),
        price=Decimal(price) if re.fullmatch(r"\d+(\.\d+)?", price) else None,
        attributes={f"fact {number}": str(fact) for number, fact in enumerate(told.get("facts") or [])},
    )
    reader = CustomerFacts("brief", str(told["likes"])) if told.get("likes") else None
    currency = "CNY" if is_chinese(language) else "USD"
    sheet = fact_sheet(product, customer=reader, currency=currency, language=language)
    terms = ((FactKind.DISCOUNT, "discount"), (FactKind.CODE, "code"))
    offer = [Fact(name, kind, str(told[name]), "brief") for kind, name in terms if told.get(name)]
    kind, tone = Kind(told["channel"]), Tone(told.get("voice") or Tone.PLAIN)
    return Brief(FactSheet((*sheet.facts, *offer)), kind, tone, language)


def fixed_briefs(count: int | None = None) -> list[Brief]:
    """Return the set that everything is compared on: unseen by the starter's teaching; or a spread of it."""
    briefs = [brief_from(line) for line in lines(EVALUATION)]
    return briefs if count is None else briefs[:: max(1, len(briefs) // count)][:count]


def evaluate(
    briefs: Sequence[Brief], contender: Contender, engine: TextEngine, tick: Tick, cancelled: Cancelled
) -> tuple[Scores, list[Judged]]:
    """Have every brief written as the product would, and judge it; raises what the engine raises."""
    pieces = [
        Piece(number, _changed(brief, contender), number * 100, adapter=contender.adapter)
        for number, brief in enumerate(briefs)
    ]
    judged: dict[int, Judged] = {}
    for rounds, chosen in (
        (COPY_ROUNDS, [piece for piece in pieces if piece.brief.kind != Kind.OFFER]),
        (OFFER_ROUNDS, [piece for piece in pieces if piece.brief.kind == Kind.OFFER]),
    ):
        for piece, written in write(chosen, rounds, engine, tick, cancelled):
            judged[piece.key] = judge(piece, written)
    texts = [judged[key] for key in sorted(judged)]
    adapters = sorted({piece.adapter or "" for piece in pieces} - {""})
    return score(contender.name, "+".join([engine.revision, *adapters]), texts), texts


def _changed(brief: Brief, contender: Contender) -> Brief:
    sheet = brief.sheet
    if contender.voice is not None:
        sheet = FactSheet(sheet.facts, contender.voice)
    return replace(brief, sheet=sheet, tone=contender.tone or brief.tone)


def judge(piece: Piece, written: Written) -> Judged:
    """Judge one decided text and the samples that were written for it first."""
    brief, found = piece.brief, Counter[str]()
    first = next(iter(piece.written), "")
    samples, own = piece.written[first], [one for one in piece.readable if one.adapter == first]
    passing = 0
    for sample in own:
        codes = {finding.code for finding in check(sample.copy, brief.sheet, brief.kind, brief.language)}
        passing += not codes
        found.update(codes)
    found["unreadable"] = samples - len(own)
    text = fill_copy(written.copy, brief.sheet)
    return Judged(
        brief=f"{brief.sheet.value(FactKind.NAME)}, {brief.kind}",
        kind=brief.kind,
        language=brief.language,
        text=text,
        by_model=written.by_model,
        samples=samples,
        passing=passing,
        findings={code: count for code, count in found.items() if count},
        foreign=foreign(text, brief),
        cover=cover(written.copy, brief.sheet),
        length_fit=all(_fits(brief.kind, name, words) for name, words in text.items()),
        seconds=piece.used.seconds,
        tokens=piece.used.new_tokens,
        bound=written.by_model and written.adapter != first,
    )


def _fits(kind: Kind, name: str, words: str) -> bool:
    part = next(part for part in PARTS[kind] if part.name == name)
    length, limit = length_and_limit(kind, part, words)
    return length <= limit


def foreign(text: Mapping[str, str], brief: Brief) -> list[str]:
    """Return the numbers, codes and capitalised names of a text that stand in none of its facts.

    On purpose not the code of the checks: what decides what is shown is not its own witness.
    """
    values = [*(fact.value for fact in brief.sheet.facts), *brief.sheet.voice.words_to_use]
    known = normalize("NFKC", " ".join(values))  # a model writes "40 m2" where the fact has a raised 2
    numbers, names = set(NUMBER.findall(known)), {word.lower() for word in WORD.findall(known)}
    found: list[str] = []
    for words in text.values():
        found += [
            number
            for number in NUMBER.findall(normalize("NFKC", words))
            if number.rstrip(".,") not in numbers
        ]
        if not is_chinese(brief.language):
            found += [name for name in NAME.findall(words) if not _known_name(name, names)]
    return found


def _known_name(name: str, known: set[str]) -> bool:
    parts = [part.lower() for part in WORD.findall(name.removesuffix("'s"))]
    return name == "I" or all(part in known for part in parts)


def score(name: str, revision: str, texts: Sequence[Judged]) -> Scores:
    """Sum up; texts in a language that the model does not write count as shown, not as fallback."""
    asked = [text for text in texts if text.samples]
    samples = sum(text.samples for text in asked)
    english = [text for text in texts if not is_chinese(text.language)]
    return Scores(
        name=name,
        revision=revision,
        texts=len(texts),
        samples=samples,
        pass_rate=_share(sum(text.passing for text in asked), samples),
        brief_pass_rate=_share(sum(bool(text.passing) for text in asked), len(asked)),
        foreign_facts=sum(len(text.foreign) for text in texts),
        fallback_rate=_share(sum(not text.by_model for text in asked), len(asked)) or 0.0,
        bound_rate=_share(sum(text.bound for text in asked), len(asked)) or 0.0,
        cover=_mean(text.cover for text in texts),
        length_fit=_mean(float(text.length_fit) for text in texts),
        distinct_1=distinct(english, 1),
        distinct_2=distinct(english, 2),
        self_similarity=self_similarity(english),
        seconds_per_text=_mean(text.seconds for text in asked),
        tokens_per_text=_mean(text.tokens for text in asked),
        findings=dict(sum((Counter(text.findings) for text in texts), Counter[str]()).most_common()),
        by_kind={kind: _of_kind([text for text in asked if text.kind == kind]) for kind in _kinds(asked)},
    )


def _kinds(texts: Iterable[Judged]) -> list[str]:
    return sorted({text.kind for text in texts})


def _of_kind(texts: Sequence[Judged]) -> dict[str, float]:
    return {
        "texts": len(texts),
        "pass_rate": round(sum(t.passing for t in texts) / sum(t.samples for t in texts), 3),
        "fallback_rate": round(sum(not t.by_model for t in texts) / len(texts), 3),
        "bound_rate": round(sum(t.bound for t in texts) / len(texts), 3),
    }


def distinct(texts: Sequence[Judged], length: int) -> float:
    """Return the share of word sequences of a length that are different ones (Li et al. 2016, distinct-n)."""
    grams = [gram for text in texts for gram in _grams(" ".join(text.text.values()), length)]
    return _share(len(set(grams)), len(grams)) or 0.0


def _grams(text: str, length: int) -> Iterator[tuple[str, ...]]:
    words = [word.lower() for word in WORD.findall(text)]
    return zip(*(words[start:] for start in range(length)), strict=False)


def self_similarity(texts: Sequence[Judged]) -> float | None:
    """Return the mean likeness of two texts of one kind about different products; None without two."""
    ratios = [
        SequenceMatcher(None, first, second, autojunk=False).ratio()
        for kind in _kinds(texts[:COMPARED])
        for first, second in combinations(
            (" ".join(text.text.values()).lower() for text in texts[:COMPARED] if text.kind == kind), 2
        )
    ]
    return _mean(ratios) if ratios else None


def compare(before: Scores, after: Scores) -> dict[str, dict[str, float]]:
    """Return for every figure that both have: before, after and the change."""
    told: dict[str, dict[str, float]] = {}
    old, new = asdict(before), asdict(after)
    for name, value in old.items():
        if isinstance(value, int | float) and isinstance(new[name], int | float):
            told[name] = {"before": value, "after": new[name], "change": new[name] - value}
    return told


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return mean(listed) if listed else 0.0
