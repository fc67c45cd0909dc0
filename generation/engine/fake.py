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
# Of replies to reviews; the first answer is for the content, the second for one or two stars.
THANKS = (
    "Thank you for your review of {name}.",
    "Thanks for writing about {name}.",
    "Thank you for your words about {name}.",
    "We have read your review of {name}.",
)
ANSWERS = ("We hope to see you again soon.", "We are sorry to read this. Please write to us.")
TRANSLATED = ("来看看", "欢迎选购", "认识一下", "好消息", "你好", "看一看", "为你推荐")
# A prompt with this word gets nonsense, which no check passes.
NONSENSE = "unwritable"


class FakeEngine:
    """Answers at once, from the facts in the prompt and the seed."""

    seconds_per_text = 0.002
    revision = "fake"

    def __init__(self, options: EngineOptions | None = None) -> None:
        self.batch = options.batch if options else 32
        self.in_use = options.model if options else ""
        self.killed = False

    def start(self) -> None:
        """Nothing to load."""

    def use(self, model: str) -> None:
        """Remember the model's name."""
        self.in_use = model

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
    if request.shared and request.shared[0][1].startswith("You translate"):
        return "\n".join(_translated(place, line) for place, line in enumerate(request.own.splitlines()))
    opening = request.seed // 100 + request.seed
    if rating := re.search(r"Rating: (\w+)", request.own):
        return f"{THANKS[opening % len(THANKS)]} {ANSWERS[rating[1] in '12']}"
    told = re.search(r"Category: (.*?)\.(?: The reader likes .*\.)? Facts: (.*)\.$", request.own)
    facts = [
        fact for fact in (told[2].split("; ") if told and told[2] else [told[1] if told else ""]) if fact
    ]
    fact = facts[request.seed % len(facts)] if facts else ""
    sentence = f"{OPENINGS[opening % len(OPENINGS)]} {fact}.".replace(": .", ".")
    lines = request.shared[-1][1].splitlines()
    if len(lines) == 1:
        return sentence
    return "\n".join(_line(place, line, opening, sentence) for place, line in enumerate(lines))


def _translated(place: int, line: str) -> str:
    """Say a line in Chinese of few words that keeps its label and its slots."""
    label = re.match(r"[A-Z][a-z]+(?: \w+)*: ", line)
    slots = "，".join(dict.fromkeys(re.findall(r"\{\w+\}", line)))
    end = "。" if line.endswith(".") else ""
    return f"{label[0] if label else ''}{TRANSLATED[place % len(TRANSLATED)]}{slots}{end}"


def _line(place: int, like: str, opening: int, sentence: str) -> str:
    """Write one part: a sentence where the example has one, else a short heading of its own."""
    label = like.partition(":")[0]
    heading = SHORT_OPENINGS[(opening + place) % len(SHORT_OPENINGS)]
    return f"{label}: {sentence if like.endswith('.') else heading}"
