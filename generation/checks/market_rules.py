"""The rules of markets: what advertising law and guidelines limit, read from one file a market, with source.

A rule finds words; whether they are against the law only a lawyer can say. Each file holds, beside the
patterns, a text that its rule finds and one that it leaves alone.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from generation.facts import is_chinese
from generation.texts.reading import SLOT_MARK

FOLDER = Path(__file__).parent / "markets"
BASE = "base"
# "{amount}" in a pattern: a slot, or an amount of money.
AMOUNT = rf"(?:{SLOT_MARK}|(?:[$€£¥]|usd|eur|gbp|cny|rmb)? ?\d[\d.,]*)"
SEVERITIES = {"must": True, "should": False}
TOPICS = (
    "promise", "superlative", "free", "price", "urgency", "guarantee", "health", "food", "environment",
    "origin", "reviews", "children",
)  # fmt: skip


@dataclass(frozen=True)
class Worded:
    """Words in the two languages of the pages."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if is_chinese(get_language() or "en") else self.en


@dataclass(frozen=True)
class Source:
    """Where a rule is from; without an address it is the program's own."""

    name: Worded
    section: str
    address: str
    looked_up: date | None


@dataclass(frozen=True)
class MarketRule:
    """Words that one market limits; both texts may name the %(span)s."""

    code: str
    market: str
    about: str
    message: Worded
    help: Worded
    hard: bool
    excused: bool  # where the product's own facts say the same
    foods_only: bool
    pattern: re.Pattern[str]
    allowed: frozenset[str]  # words that the pattern finds and nobody minds
    source: Source
    trips: tuple[str, ...]
    passes: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the message about no text in particular."""
        return str(self.message) % {"span": "…"}


@dataclass(frozen=True)
class RuleSet:
    """The rules of one market; `includes` names those whose rules hold there too."""

    market: str
    title: Worded
    includes: tuple[str, ...]
    rules: tuple[MarketRule, ...]


@cache
def rule_sets() -> Mapping[str, RuleSet]:
    """Return every rule set by its market, the base set first; the files are read once."""
    files = sorted(FOLDER.glob("*.toml"), key=lambda file: (file.stem != BASE, file.stem))
    return {file.stem: _rule_set(tomllib.loads(file.read_text())) for file in files}


@cache
def by_code() -> Mapping[str, MarketRule]:
    """Return every rule by its code."""
    return {rule.code: rule for rules in rule_sets().values() for rule in rules.rules}


@lru_cache(maxsize=64)
def rules_of(markets: tuple[str, ...]) -> tuple[MarketRule, ...]:
    """Return the rules that hold in these markets: the base set, theirs, and those that they include."""
    return tuple(rule for market in _with_included(markets) for rule in rule_sets()[market].rules)


def problems() -> Iterator[str]:
    """Yield in words what is wrong with the files, for the check at start."""
    seen: set[str] = set()
    for market, rules in rule_sets().items():
        if rules.market != market:
            yield f"{market}.toml says that it is for {rules.market}"
        for other in rules.includes:
            if other not in rule_sets():
                yield f"{market}.toml includes {other}, which has no file"
        for rule in rules.rules:
            yield from _problems(rule, seen)
            seen.add(rule.code)


def _problems(rule: MarketRule, seen: set[str]) -> Iterator[str]:
    if rule.code in seen:
        yield f"{rule.code} is there twice"
    if rule.market != BASE and not rule.code.startswith(f"{rule.market}_"):
        yield f"{rule.code} does not begin with its market"
    if rule.about not in TOPICS:
        yield f"{rule.code} is about {rule.about}, which is no topic"
    if rule.market != BASE and not rule.source.address.startswith("https://"):
        yield f"{rule.code} does not say where it is from"
    if not (rule.trips and rule.passes):
        yield f"{rule.code} lacks a text that it finds, or one that it leaves alone"


def _with_included(markets: Sequence[str]) -> list[str]:
    """Return the base set and the markets with what they include, each once, in the order of the files."""
    wanted, waiting = {BASE}, [market for market in markets if market in rule_sets()]
    while waiting:
        market = waiting.pop()
        if market not in wanted:
            wanted.add(market)
            waiting += rule_sets()[market].includes
    return [market for market in rule_sets() if market in wanted]


def _rule_set(told: Mapping[str, Any]) -> RuleSet:
    market = told["market"]
    rules = tuple(_rule(market, rule) for rule in told["rule"])
    return RuleSet(market, _worded(told, "title"), tuple(told.get("includes", ())), rules)


def _rule(market: str, told: Mapping[str, Any]) -> MarketRule:
    name = Worded(told["source"], told.get("source_zh", told["source"]))
    source = Source(name, told.get("section", ""), told.get("address", ""), told.get("looked_up"))
    return MarketRule(
        code=told["code"],
        market=market,
        about=told["about"],
        message=_worded(told, "message"),
        help=_worded(told, "help"),
        hard=SEVERITIES[told["severity"]],
        excused={"excuse": True, "ignore": False}[told["facts"]],
        foods_only={"food": True, "all": False}[told.get("products", "all")],
        pattern=_pattern(told.get("words", ()), told.get("characters", ())),
        allowed=frozenset(told.get("except", "").split()),
        source=source,
        trips=tuple(told["trips"]),
        passes=tuple(told["passes"]),
    )


def _worded(told: Mapping[str, Any], name: str) -> Worded:
    return Worded(told[f"{name}_en"], told[f"{name}_zh"])


def _pattern(words: Sequence[str], characters: Sequence[str]) -> re.Pattern[str]:
    """Join the patterns: words stand alone, characters anywhere, as Chinese puts no spaces between words."""
    whole = "|".join(words).replace("{amount}", AMOUNT)
    parts = [rf"(?<!\w)(?:{whole})(?!\w)"] if whole else []
    return re.compile("|".join([*parts, *characters]), re.IGNORECASE)
