"""Which of the texts that were found are fit to learn from, and a report on all of them. No rows here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles
from typing import Any

from django.utils.translation import gettext_lazy as _

from generation.adapter_prompts import SHARED, can_be_taught
from generation.checks import check
from generation.facts import is_chinese
from generation.learning.gathering import Found
from generation.learning.splitting import split
from generation.lessons import Verdict
from generation.models.learning import Source, Split
from generation.prompts import Told
from generation.texts.kinds import written_parts
from generation.tuning.pairs import pair_of
from generation.tuning.recipe import Pair

# Why a text is not learnt from; the codes stand in reports.
WHY_NOT = {
    "rejected": _("rejected by people: texts to avoid"),
    "language": _("in a language or of a kind that adapters are not taught"),
    "missing": _("a part is empty"),
    "checks": _("the checks of today find something in it"),
    "duplicate": _("the same text stands there already"),
    "like_rejected": _("the same words were rejected elsewhere"),
}
BINS = 12
# Fences as John Tukey drew them: beyond 1.5 times the range of the middle half.
FAR = 1.5
FEWEST_FOR_QUARTILES = 4


@dataclass(frozen=True)
class Fit:
    """One text that may be learnt from, as a pair, and where it goes."""

    found: Found
    pair: Pair
    split: Split


@dataclass
class Sifted:
    """All that is fit, and what is said about all that was found."""

    fit: list[Fit] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)


def sifted(items: Iterable[Found], alive: Callable[[], object] = lambda: None) -> Sifted:
    """Sift; `alive` is called for every text, since the checks take their time."""
    tally, candidates = Tally(), []
    for item in items:
        alive()
        tally.see(item)
        pair = tally.judged(item)
        if pair:
            candidates.append((item, pair))
    kept = [(item, pair) for item, pair in candidates if not tally.was_rejected(pair)]
    tally.left_out["like_rejected"] = len(candidates) - len(kept)
    latest: dict[str, datetime | None] = {}
    for item, _pair in kept:
        before = latest.get(item.about)
        latest[item.about] = max(filter(None, (before, item.at)), default=None)
    splits = split(latest)
    fit = [Fit(item, pair, splits[item.about]) for item, pair in kept]
    return Sifted(fit, tally.report(fit))


def review_pair(item: Found) -> Pair:
    """Return what is learnt from a customer's own words: how people speak of such a thing."""
    told = Told.of(item.brief.sheet)
    said = {"Product": told.name, "Category": told.category, "Facts": "; ".join(told.facts)}
    lines = " ".join(f"{label}: {value}." for label, value in said.items() if value)
    return Pair(SHARED, f"{lines} A customer's own words:", item.words)


class Tally:
    """Counts what is seen, and why something is left out."""

    def __init__(self) -> None:
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)
        self.left_out: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.findings: Counter[str] = Counter()
        self.negatives: set[tuple[str, str]] = set()
        self._answers: set[tuple[str, str]] = set()

    def see(self, item: Found) -> None:
        """Count one text."""
        brief = item.brief
        kind = str(brief.kind) if item.source != Source.REVIEW else ""
        self.seen["kind"][kind] += 1
        self.seen["language"]["zh-hans" if is_chinese(brief.language) else "en"] += 1
        self.seen["voice"][str(brief.tone)] += 1
        self.seen["source"][item.source] += 1

    def judged(self, item: Found) -> Pair | None:
        """Return the pair of a text that is fit as far as it alone can say; else count why not."""
        why, pair = self._why_not(item)
        if why:
            self.left_out[why] += 1
            return None
        return pair

    def _why_not(self, item: Found) -> tuple[str, Pair | None]:
        brief = item.brief
        if item.source == Source.REVIEW:
            return self._once(review_pair(item))
        if not can_be_taught(brief.kind, brief.language):
            return "language", None
        pair = pair_of(brief, item.text)
        if item.verdict == Verdict.REJECTED:
            self.negatives |= {_key(pair)} if pair else set()
            return "rejected", None
        empty = [part.name for part in written_parts(brief.kind) if not item.text.get(part.name, "").strip()]
        self.missing.update(f"{brief.kind}.{name}" for name in empty)
        if empty or pair is None:
            return "missing", None
        if codes := {one.code for one in check(item.text, brief.sheet, brief.kind, brief.language)}:
            self.findings.update(codes)
            return "checks", None
        return self._once(pair)

    def _once(self, pair: Pair) -> tuple[str, Pair | None]:
        if _key(pair) in self._answers:
            return "duplicate", None
        self._answers.add(_key(pair))
        return "", pair

    def was_rejected(self, pair: Pair) -> bool:
        return _key(pair) in self.negatives

    def report(self, fit: Sequence[Fit]) -> dict[str, Any]:
        """Return the report as a row keeps it: counts and lengths, no text."""
        return {
            "found": sum(self.seen["source"].values()),
            "kept": len(fit),
            "seen": {name: dict(counts.most_common()) for name, counts in self.seen.items()},
            "left_out": {code: self.left_out[code] for code in WHY_NOT if self.left_out[code]},
            "missing": dict(self.missing.most_common()),
            "findings": dict(self.findings.most_common()),
            "negatives": len(self.negatives),
            "splits": {name: _of_split(fit, Split(name)) for name in Split.values},
            "people": len({each.found.customer for each in fit if each.found.customer}),
            "lengths": lengths(fit),
            "histogram": histogram([len(each.pair.answer) for each in fit]),
        }


def _key(pair: Pair) -> tuple[str, str]:
    return pair.own, " ".join(pair.answer.casefold().split())


def _of_split(fit: Sequence[Fit], name: Split) -> dict[str, int]:
    of = [each for each in fit if each.split == name]
    return {"texts": len(of), "products": len({each.found.about for each in of})}


def lengths(fit: Sequence[Fit]) -> dict[str, dict[str, float]]:
    """Return for each kind how long its texts are, in characters, and how many are far from the others."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for each in fit:
        by_kind["" if each.found.source == Source.REVIEW else str(each.found.brief.kind)].append(
            len(each.pair.answer)
        )
    return {kind: _spread(sorted(sizes)) for kind, sizes in sorted(by_kind.items())}


def _spread(sizes: list[int]) -> dict[str, float]:
    low, high = float(sizes[0]), float(sizes[-1])
    if len(sizes) >= FEWEST_FOR_QUARTILES:
        first, _middle, third = quantiles(sizes, n=4)
        low, high = first - FAR * (third - first), third + FAR * (third - first)
    far = sum(not low <= size <= high for size in sizes)
    return {"texts": len(sizes), "least": sizes[0], "median": median(sizes), "most": sizes[-1], "far": far}


def histogram(sizes: Sequence[int]) -> dict[str, Any]:
    """Return how many texts have which length: the edges of equal ranges, and the counts."""
    if not sizes:
        return {"edges": [], "counts": []}
    low, high = min(sizes), max(sizes)
    width = max(1, -(-(high - low + 1) // BINS))
    counts = Counter((size - low) // width for size in sizes)
    last = (high - low) // width
    edges = [low + width * place for place in range(last + 2)]
    return {"edges": edges, "counts": [counts[place] for place in range(last + 1)]}
