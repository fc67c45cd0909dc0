"""Teaching as a worker sees it: a child process gets plain values, and tells its progress.

The child may be killed at any time; the same plan goes on at its last checkpoint.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from generation.engine import EngineOptions
from generation.engine.child import CANCEL_POLL_SECONDS, Child
from generation.tuning.recipe import Outcome, Pair, Progress, Recipe

Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Plan:
    """One run: what is taught and how, where it keeps its checkpoint, and which folder it makes."""

    recipe: Recipe
    pairs: Sequence[Pair]
    validation: Sequence[Pair]
    work: Path  # this run's own; delete it once the run is over
    out: Path  # the adapter's or the model's folder, which appears whole or not at all
    start: Path | None = None  # an adapter that teaching goes on from


class Teacher:
    """Teaches one plan at a time, in a child process that ends with it."""

    # What the child runs.
    module = "generation.tuning.serve"

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self._child: Child | None = None

    def teach(
        self, plan: Plan, tell: Tell, cancelled: Callable[[], bool], alive: Callable[[], None] | None = None
    ) -> Outcome:
        """Return how the run ended; `alive` is called with every sign of life, `tell` after every step.

        A cancelled run keeps its checkpoint and ends within a step. Raises EngineDied, after which the same
        plan may be given again, or EngineUnavailable, which a person has to mend.
        """
        child = self._child = Child(self.module, self.options)
        child.say(call=1, plan=_told(plan))
        asked_to_stop = False
        try:
            while True:
                heard = child.hear(CANCEL_POLL_SECONDS)
                if "outcome" in heard:
                    return Outcome(**heard["outcome"])
                if "progress" in heard:
                    tell(Progress(**heard["progress"]))
                if heard and alive:
                    alive()
                if not asked_to_stop and cancelled():
                    asked_to_stop = True
                    child.say(cancel=1)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the child at once, from any thread."""
        if self._child:
            self._child.process.kill()


def _told(plan: Plan) -> dict[str, object]:
    return {
        "recipe": asdict(plan.recipe),
        "pairs": [asdict(pair) for pair in plan.pairs],
        "validation": [asdict(pair) for pair in plan.validation],
        "work": str(plan.work),
        "out": str(plan.out),
        "start": str(plan.start or ""),
    }
