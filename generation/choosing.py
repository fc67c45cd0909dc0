"""Which of several samples is shown: the one that passes the checks and reads best."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.checks import Finding
from generation.texts.kinds import Copy

# How much the mention of all facts counts beside the model's mean log-probability per token. Counting
# facts alone prefers bare lists of them.
COVER_WEIGHT = 0.5


@dataclass(frozen=True)
class Candidate:
    """One sample, with what the checks and the model think of it."""

    index: int
    copy: Copy
    findings: Sequence[Finding]
    cover: float
    mean_logprob: float


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the best sample that has no finding and says something; None: use the plain writer."""
    passing = [candidate for candidate in candidates if not candidate.findings and candidate.cover]
    return max(passing, key=_worth, default=None)


def _worth(candidate: Candidate) -> float:
    return candidate.mean_logprob + COVER_WEIGHT * candidate.cover
