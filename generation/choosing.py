"""Which of several samples is shown: the one that passes the checks and reads best."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.checks import Finding
from generation.texts.kinds import Copy

# How much the mention of all facts, and telling them in their own words, count beside the model's mean
# log-probability per token. Counting facts alone prefers bare lists of them.
COVER_WEIGHT, FAITHFUL_WEIGHT = 1.0, 1.0
# For a telling word that one part has once more: "larch in larch".
ECHO_PENALTY = 0.3
# For three neighbouring words that stand so in no text by people.
STRANGE_PENALTY = 0.1
# For a heading without a fact, where another has none either: "A good idea: {name}", "A good choice: {name}".
THIN_PENALTY = 0.4
# Below this share of words told as the facts have them a text passes the checks and makes no sense.
LEAST_FAITHFUL = 0.6


@dataclass(frozen=True)
class Candidate:
    """One sample, with what the checks, the facts and the model think of it."""

    index: int
    copy: Copy
    findings: Sequence[Finding]
    cover: float
    mean_logprob: float
    faithful: float = 1.0
    echoes: int = 0  # telling words that a part has more than once
    strange: int = 0  # triples of neighbouring words that no text by people has
    unusual: int = 0  # sentences built as none by people
    thin: int = 0  # headings that tell no fact, beside the first


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the best sample that has no finding and says something; None: write it in another way."""
    passing = [
        candidate
        for candidate in candidates
        if not candidate.findings
        and not candidate.unusual
        and candidate.cover
        and candidate.faithful >= LEAST_FAITHFUL
    ]
    return max(passing, key=worth, default=None)


def worth(candidate: Candidate) -> float:
    """Return how good a sample is: likely, telling much, in the facts' own words and in usual order."""
    told = COVER_WEIGHT * candidate.cover + FAITHFUL_WEIGHT * candidate.faithful
    flaws = (
        ECHO_PENALTY * candidate.echoes + STRANGE_PENALTY * candidate.strange + THIN_PENALTY * candidate.thin
    )
    return candidate.mean_logprob + told - flaws
