"""An engine without a model, for tests: deterministic, quick, and writing only what its prompt says."""

import re
import time
from collections.abc import Iterator, Sequence

from generation.engine import (
    Cancelled,
    EngineDied,
    EngineOptions,
    Phase,
    ReadyState,
    TextRequest,
    TextResult,
    Tick,
)

OPENINGS = (
    "Take a look at {name}:",
    "Meet {name}:",
    "For you: {name},",
    "What you get with {name}:",
    "A good day starts with {name}:",
    "Here is {name} for your home:",
    "We like {name}, and so will you:",
)
SHORT_OPENINGS = (
    "Take a look",
    "For you",
    "A good day",
    "Right for you",
    "A good idea",
    "Hello",
    "Yes",
)
# A prompt with this word gets nonsense, which no check passes.
NONSENSE = "unwritable"


class FakeEngine:
    """Answers at once, from the facts in the prompt and the seed."""

    seconds_per_text = 0.002
    revision = "fake"

    def __init__(self, options: EngineOptions | None = None) -> None:
        self.batch = options.batch if options else 32
        self.killed = False

    def start(self) -> None:
        """Nothing to load."""

    def ready_state(self) -> ReadyState:
        """Return that it is ready."""
        return ReadyState(Phase.READY, 1.0)

    def kill(self) -> None:
        """End the call in progress."""
        self.killed = True

    def write(
        self, requests: Sequence[TextRequest], tick: Tick | None = None, cancelled: Cancelled | None = None
    ) -> Iterator[tuple[int, TextResult]]:
        """Write the texts one after the other; see `TextEngine.write`."""
        self.killed = False
        tokens = 0
        for index, request in enumerate(requests):
            if cancelled and cancelled():
                return
            time.sleep(self.seconds_per_text)
            if self.killed:
                raise EngineDied("The fake engine was killed.")
            result = self._result(request)
            tokens += result.new_tokens
            if tick:
                tick(tokens)
            yield index, result

    def _result(self, request: TextRequest) -> TextResult:
        text = answer(request)
        prompt = " ".join([*(words for _, words in request.shared), request.own])
        return TextResult(
            text, len(prompt.split()), len(text.split()), self.seconds_per_text, -0.5, finished=True
        )


class SlowFakeEngine(FakeEngine):
    """Slow enough to be interrupted in the middle."""

    seconds_per_text = 0.03


def answer(request: TextRequest) -> str:
    """Answer in the form of the last example: as many lines, with the same labels."""
    if NONSENSE in request.own:
        return "Buy 99 at www.example.com"
    told = re.search(r"Category: (.*?)\.(?: The reader likes .*\.)? Facts: (.*)\.$", request.own)
    facts = [
        fact for fact in (told[2].split("; ") if told and told[2] else [told[1] if told else ""]) if fact
    ]
    opening = request.seed // 100 + request.seed
    fact = facts[request.seed % len(facts)] if facts else ""
    sentence = f"{OPENINGS[opening % len(OPENINGS)]} {fact}.".replace(": .", ".")
    lines = request.shared[-1][1].splitlines()
    if len(lines) == 1:
        return sentence
    labels = [line.partition(": ")[0] for line in lines]
    return f"{labels[0]}: {SHORT_OPENINGS[opening % len(SHORT_OPENINGS)]}\n{labels[1]}: {sentence}"
