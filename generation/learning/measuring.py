"""What an evaluation measures on each side, and which of it must not get worse. No rows here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from statistics import mean
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.texts.kinds import Kind, written_parts
from generation.tuning.evaluation import Judged, score

# Fewer held-out texts than these prove nothing.
FEWEST_TEXTS = 10


@dataclass(frozen=True)
class Measure:
    """One figure: which way is better, and how much worse is still chance (of its own size, or absolute)."""

    key: str
    label: str | Promise
    help: str | Promise
    more_is_better: bool
    slack: float
    relative: bool = False
    share: bool = True  # shown in percent


MEASURES = (
    Measure(
        "perplexity", _("Perplexity"),
        _("How surprised the model is by what people approved, in the words in which adapters are asked."),
        more_is_better=False, slack=0.02, relative=True, share=False,
    ),
    Measure(
        "pass_rate", _("Samples that pass"), _("The share of all samples that no check objects to."),
        more_is_better=True, slack=0.02,
    ),
    Measure(
        "brief_pass_rate", _("Briefs that pass"), _("The share of briefs for which one sample passes."),
        more_is_better=True, slack=0.02,
    ),
    Measure(
        "fallback_rate", _("Left to the plain writer"), _("The share of texts that no sample was good for."),
        more_is_better=False, slack=0.02,
    ),
    # Told and never a reason to refuse: these texts are as the model writes without the adapter.
    Measure(
        "bound_rate", _("Bound to set phrases"),
        _("The share of texts for which none of the adapter's own samples was good enough."),
        more_is_better=False, slack=1.0,
    ),
    Measure(
        "foreign_facts", _("Foreign facts a text"),
        _("Numbers, codes and names in shown texts that stand in none of their facts."),
        more_is_better=False, slack=0.0, share=False,
    ),
    Measure(
        "cover", _("Facts mentioned"), _("The share of its facts that a shown text mentions."),
        more_is_better=True, slack=0.05,
    ),
    Measure(
        "length_fit", _("Length fits"), _("The share of shown texts that fit their channel."),
        more_is_better=True, slack=0.0,
    ),
    Measure(
        "distance", _("Distance to approved texts"),
        _("How much of a text differs from what people approved for the same brief."),
        more_is_better=False, slack=0.02,
    ),
    Measure(
        "distinct_2", _("Diversity"), _("The share of word pairs that are different ones (distinct-2)."),
        more_is_better=True, slack=0.05,
    ),
)  # fmt: skip


def scores(
    name: str, revision: str, texts: Sequence[Judged], distances: Sequence[float], loss: float | None
) -> dict[str, Any]:
    """Return the figures of one side; None where there is nothing to measure."""
    told = asdict(score(name, revision, texts))
    return told | {
        "foreign_facts": told["foreign_facts"] / len(texts) if texts else None,
        "distance": mean(distances) if distances else None,
        "perplexity": None if loss is None else math.exp(min(loss, 50.0)),
    }


def distance(kind: str, text: Mapping[str, str], approved: Mapping[str, str]) -> float:
    """Return how far a text is from the approved one: 0 is the same, 1 has nothing in common."""
    parts = [part.name for part in written_parts(Kind(kind))]
    ours, theirs = (" ".join(one.get(name, "") for name in parts) for one in (text, approved))
    return 1 - SequenceMatcher(None, ours.lower(), theirs.lower(), autojunk=False).ratio()


def verdict(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each measure both figures and whether it got worse by more than chance explains."""
    return [_compared(measure, before.get(measure.key), after.get(measure.key)) for measure in MEASURES]


def _compared(measure: Measure, before: float | None, after: float | None) -> dict[str, Any]:
    told = {"key": measure.key, "before": before, "after": after}
    if before is None or after is None:
        # What could be measured before and cannot be any more is worse, too.
        return told | {"worse": before is not None, "better": False}
    gain = after - before if measure.more_is_better else before - after
    slack = measure.slack * (abs(before) if measure.relative else 1)
    return told | {"worse": gain < -slack - 1e-9, "better": gain > slack + 1e-9}


def passes(verdict: Sequence[Mapping[str, Any]], texts: int) -> bool:
    """Say whether nothing got worse, on enough texts to know."""
    return texts >= FEWEST_TEXTS and not any(row["worse"] for row in verdict)
