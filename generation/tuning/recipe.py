"""What is taught, how, and what is told meanwhile: plain values that travel between processes as JSON."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self


@dataclass(frozen=True)
class Pair:
    """One thing to learn: what the model is asked, and what it should answer."""

    shared: tuple[tuple[str, str], ...]
    own: str
    answer: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Rebuild a pair: JSON knows lists only."""
        return cls(tuple((role, words) for role, words in told["shared"]), told["own"], told["answer"])


class Method(StrEnum):
    """What of the model changes."""

    LORA = "lora"  # a small adapter beside the model
    FULL = "full"  # every weight: the result is a model of its own


@dataclass(frozen=True)
class Recipe:
    """How a model is taught. The same recipe, pairs and number of threads give the same weights."""

    method: Method = Method.LORA
    rank: int = 8
    alpha: float = 16.0
    epochs: float = 3.0
    most_steps: int = 0  # a budget: teaching ends there at the latest; 0 for none
    cool_down: int = 0  # steps at the end over which the rate falls to nothing, so that a budget ends well
    learning_rate: float = 1e-3
    warm_up: float = 0.06  # share of all steps in which the rate rises; after it falls as a cosine
    last_rate: float = 0.05  # share of the learning rate that is left at the end
    weight_decay: float = 0.01
    tokens_at_once: int = 512  # of one tree of pairs, see `trees`
    accumulate: int = 2  # how many trees make one step
    longest: int = 512  # tokens of a pair; longer ones are left out and counted
    validate_every: int = 25  # steps
    patience: int = 3  # validations in a row without a lower loss, after which teaching ends
    save_every: int = 10  # steps
    largest_gradient: float = 1.0
    seed: int = 0

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Rebuild a recipe from what a row or a file kept; what it does not name is the default."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in told.items() if name in known}
        return cls(**kept | {"method": Method(kept.get("method", Method.LORA))})


@dataclass(frozen=True)
class Progress:
    """What is told after every step. `validation_loss` is None but after the steps that validate."""

    step: int
    steps: int
    epoch: float
    loss: float  # mean over the tokens of the answers, natural log
    validation_loss: float | None
    best_loss: float | None  # the lowest validation loss so far
    learning_rate: float
    tokens: int  # read and learnt so far, prompts included
    tokens_per_second: float  # of this process, since it began
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """How teaching ended; `folder` is the adapter or model, "" where it was cancelled."""

    folder: str
    steps: int
    best_step: int
    validation_loss: float | None
    first_validation_loss: float | None  # before the first step
    pairs: int
    validation_pairs: int
    left_out: int  # pairs that are longer than the recipe allows
    tokens: int
    seconds: float
    ended: str  # "all", "early" (validation did not improve any more) or "cancelled"


def digest(recipe: Recipe, pairs: Iterable[Pair], validation: Iterable[Pair], base: str) -> str:
    """Return the id of everything that decides the result; a checkpoint of another one is not used."""
    told = [asdict(recipe), [asdict(pair) for pair in pairs], [asdict(pair) for pair in validation], base]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
