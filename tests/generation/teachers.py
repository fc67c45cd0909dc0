"""A teacher without a model: tells steps, keeps a checkpoint as the real one does, makes a sound adapter."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from generation.engine import EngineDied, EngineOptions
from generation.engine.adapter_files import ABOUT, CONFIG, WEIGHTS, accept
from generation.tuning.recipe import Outcome, Pair, Progress
from generation.tuning.teaching import Plan, Tell
from tests.generation.test_adapter_files import SOUND

STEPS, SAVE_EVERY = 24, 5


class FakeTeacher:
    """Learns nothing, reliably."""

    def __init__(self, options: EngineOptions | None = None) -> None:
        self.plans: list[Plan] = []
        self.die_at = 0  # once, at this step
        self.at_step: Callable[[int], None] = lambda step: None

    def kill(self) -> None:
        """Nothing runs elsewhere."""

    def teach(
        self, plan: Plan, tell: Tell, cancelled: Callable[[], bool], alive: Callable[[], None] | None = None
    ) -> Outcome:
        self.plans.append(plan)
        kept = plan.work / "step"
        step = int(kept.read_text()) if kept.exists() else 0
        outcome = Outcome(
            "", STEPS, STEPS, 1.0, 2.0, len(plan.pairs), len(plan.validation), 0, 10 * STEPS, 1.5, "all"
        )
        while step < STEPS:
            if cancelled():
                save(kept, step)
                return replace(outcome, ended="cancelled", steps=step)
            step += 1
            if step == self.die_at:
                self.die_at = 0
                raise EngineDied("killed")
            checked = 2 - step / STEPS if step % 4 == 0 else None
            tell(
                Progress(
                    step, STEPS, 1.0, 3 - step / STEPS, checked, checked, 1e-3, 10 * step, 50.0, step / 8
                )
            )
            self.at_step(step)
            if alive:
                alive()
            if step % SAVE_EVERY == 0:
                save(kept, step)
        adapter(plan.out)
        return replace(outcome, folder=str(plan.out))

    def losses(
        self,
        pairs: Sequence[Pair],
        adapters: Sequence[str],
        cancelled: Callable[[], bool],
        alive: Callable[[], None],
    ) -> list[float | None]:
        return [1.0 if name else 2.0 for name in adapters]


def save(kept: Path, step: int) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(step))


def adapter(folder: Path) -> None:
    """Make a sound adapter that changes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none"}
    (folder / CONFIG).write_text(json.dumps(told))
    (folder / ABOUT).write_text('{"base": "0123456789abcdef"}')
    (folder / WEIGHTS).write_bytes(SOUND)
    accept(folder)
