"""Which of several samples is shown: the one that passes the checks and reads best."""

from collections.abc import Sequence
from dataclasses import dataclass

from generation.checks import Finding
from generation.kinds import Copy


@dataclass(frozen=True)
class Candidate:
    """One sample, with what the checks and the model think of it."""

    index: int
    copy: Copy
    findings: Sequence[Finding]
    cover: float
    mean_logprob: float


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the best sample without a finding; None where none passes: use the plain writer."""
    raise NotImplementedError
