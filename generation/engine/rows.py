"""Texts that are being written together: their tokens so far, their cost, and the pulse of the work."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from generation.engine import Cancelled, TextRequest, TextResult, Tick
from generation.engine.frame import Frame
from generation.engine.grammar import Guide

# Own tokens of one batch that are kept at a time: bounds memory.
TOKENS_AT_ONCE = 8192
STEPS_PER_TICK = 16


@dataclass
class Row:
    """One text being written."""

    index: int
    request: TextRequest
    own: list[int]
    draws: list[float]  # one random number per token, so that a seed gives the same text in any batch
    guide: Guide | None  # for texts bound to given words
    frame: Frame | None = None  # for texts with labelled lines
    tokens: list[int] = field(default_factory=list)
    text: str = ""
    logprob: float = 0.0
    seconds: float = 0.0
    done: bool = False
    finished: bool = False  # ended by itself, not by its limit

    def result(self, shared_tokens: int) -> TextResult:
        """Return what was written and what it cost."""
        prompt, new = shared_tokens + len(self.own), len(self.tokens)
        return TextResult(self.text, prompt, new, self.seconds, self.logprob / new, self.finished)


def batches(rows: list[Row], largest: int) -> Iterator[list[Row]]:
    """Cut rows, sorted by length, into batches of at most `largest` rows and a bounded number of tokens."""
    rows = sorted(rows, key=lambda row: len(row.own))
    while rows:
        length = max(len(row.own) + row.request.max_tokens for row in rows[:largest])
        size = max(1, min(largest, TOKENS_AT_ONCE // length))
        yield rows[:size]
        rows = rows[size:]


class Stopped(Exception):
    """The caller asked for no more."""


@dataclass
class Pulse:
    """Tells the caller that work goes on, and hears whether it should."""

    tick: Tick | None
    cancelled: Cancelled | None
    tokens: int = 0
    steps: int = 0

    def beat(self, tokens: int = 0) -> None:
        """Count new tokens and tick now and then; raises Stopped when the call was cancelled."""
        if self.cancelled and self.cancelled():
            raise Stopped
        self.tokens += tokens
        self.steps = self.steps + 1 if tokens else 0
        if self.tick and self.steps % STEPS_PER_TICK == 0:
            self.tick(self.tokens)
