"""One door to the model: what an engine is asked, what it answers, and which engine is in use.

An engine knows texts, tokens and seconds; it knows nothing of campaigns. No torch is imported here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from generation.texts.wording import Wording

# What is said before the text to write: (role, text) pairs; a role is system, user or assistant.
Turns = tuple[tuple[str, str], ...]

# Called with the number of tokens written so far in this call; 0 while the model loads or reads.
Tick = Callable[[int], None]
# Asked at every tick: True ends the call.
Cancelled = Callable[[], bool]


class EngineDied(Exception):
    """The engine stopped in the middle of a call; what was not yielded yet is not written."""


class EngineUnavailable(Exception):
    """The engine cannot start; the message says what is wrong and what to do. Nothing was tried."""


@dataclass(frozen=True)
class TextRequest:
    """One text to write. `shared` is equal for many requests and is read once for all of them."""

    shared: Turns
    own: str
    max_tokens: int
    seed: int = 0
    temperature: float = 0.0  # 0 is greedy: the likeliest token at each step, the seed is not used
    top_p: float = 1.0
    stop: tuple[str, ...] = ()  # the text ends before the first of these
    wording: Wording | None = None  # None: the model finds its own words
    labels: tuple[str, ...] = ()  # what each line begins with, where a text has several; see `engine.frame`
    adapter: str = ""  # the name of an adapter that changes the model for this text; "" for none

    def cut(self, text: str) -> str:
        """Return a text up to the first of the words to stop at."""
        return min((text.partition(words)[0] for words in self.stop), key=len, default=text)


@dataclass(frozen=True)
class TextResult:
    """One written text with its cost; `finished` is False when `max_tokens` cut it short."""

    text: str
    prompt_tokens: int
    new_tokens: int
    seconds: float  # of computing: this text's share of its batch
    mean_logprob: float  # natural log, per new token, of the model's own distribution
    finished: bool


class Phase(StrEnum):
    """How far an engine is from its first text."""

    STOPPED = "stopped"
    CONVERTING = "converting"  # once per model file
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class ReadyState:
    """Where the engine stands: `fraction` (0 to 1) of its phase; `message` says what failed."""

    phase: Phase
    fraction: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class EngineOptions:
    """What an engine is built from: plain values, so that they travel to another process."""

    model: str  # a folder with a model, or "" for the default model
    cache: Path  # where converted models are kept
    batch: int  # texts written together
    threads: int
    adapters: Path | None = None  # where the shop's own adapters are kept
    device: str = "cpu"  # where it computes: auto, cpu, cuda, cuda:1


class TextEngine(Protocol):
    """Anything that writes texts."""

    batch: int

    @property
    def revision(self) -> str:
        """Return the id of the weights, made from their hash; "" before the engine is ready."""

    def start(self) -> None:
        """Begin to load the model and return at once; safe to call twice."""

    @property
    def in_use(self) -> str:
        """Return which model it was told to use: a folder, a file, or "" for its default."""

    def use(self, model: str) -> None:
        """Use another model from the next start or call on; no-op where it is in use. Between calls only."""

    def ready_state(self) -> ReadyState:
        """Return where the engine stands; never waits."""

    def write(
        self,
        requests: Sequence[TextRequest],
        tick: Tick | None = None,
        cancelled: Cancelled | None = None,
    ) -> Iterator[tuple[int, TextResult]]:
        """Yield (index of the request, its result) as each text becomes ready, in any order.

        Loads the model first where that has not happened. Ends early when `cancelled` says so: what
        was yielded stands. One call at a time; raises EngineDied or EngineUnavailable.
        """

    def kill(self) -> None:
        """Stop at once, from any thread: a call in progress raises EngineDied."""


def options() -> EngineOptions:
    """Return the engine's options from the settings."""
    return EngineOptions(
        model=settings.GENERATION_MODEL,
        cache=settings.MODEL_CACHE,
        batch=settings.ENGINE_BATCH,
        threads=settings.ENGINE_THREADS,
        adapters=settings.ADAPTER_STORE,
        device=settings.ENGINE_DEVICE,
    )


def get_engine() -> TextEngine:
    """Return this process's engine, built on first use from the class that `TEXT_ENGINE` names."""
    return _built(settings.TEXT_ENGINE)


@cache
def _built(dotted_path: str) -> TextEngine:
    return cast(TextEngine, import_string(dotted_path)(options()))
