"""Teach the starter adapter anew from the corpus: the same corpus and recipe give the same adapter."""

import os
import shutil
from argparse import ArgumentParser
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.engine import EngineDied, EngineUnavailable, options
from generation.engine.adapter_files import BUNDLED
from generation.tuning.corpus import TRAIN, VALIDATION, taught
from generation.tuning.recipe import Outcome, Progress, Recipe
from generation.tuning.teaching import Plan, Teacher

# Threads and devices change the order of sums, so the recipe names them.
THREADS = 1
RECIPE = Recipe(
    rank=8,
    alpha=16,
    epochs=2,
    learning_rate=1e-3,
    tokens_at_once=320,
    accumulate=2,
    validate_every=40,
    patience=0,
    save_every=10,
    seed=1,
)


class Command(BaseCommand):
    """About an hour of one core. Interrupted, it goes on at its last checkpoint when called again."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=BUNDLED / "starter", help="the folder to make")
        parser.add_argument("--steps-told", type=int, default=10, help="tell every so many steps")

    def handle(self, *_args: Any, **told: Any) -> None:
        os.nice(5)
        work = settings.DATA_DIR / "tuning" / "starter"
        plan = Plan(
            RECIPE,
            [line.pair() for line in taught(TRAIN)],
            [line.pair() for line in taught(VALIDATION)],
            work,
            told["out"].resolve(),
        )
        outcome = self._taught(plan, told["steps_told"])
        shutil.rmtree(work)
        self.stdout.write(self.style.SUCCESS(f"{outcome.folder}: {asdict(outcome)}"))

    def _taught(self, plan: Plan, every: int) -> Outcome:
        def tell(progress: Progress) -> None:
            if progress.step % every == 0 or progress.validation_loss is not None:
                self.stdout.write(_line(progress))

        teacher = Teacher(replace(options(), model="", threads=THREADS, device="cpu"))
        try:
            return teacher.teach(plan, tell, lambda: False)
        except (EngineDied, EngineUnavailable) as error:
            raise CommandError(str(error)) from error


def _line(progress: Progress) -> str:
    checked = f", validation {progress.validation_loss:.3f}" if progress.validation_loss is not None else ""
    left = progress.seconds / progress.step * (progress.steps - progress.step)
    return (
        f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}{checked}, "
        f"{progress.tokens_per_second:.0f} tokens a second, {left / 60:.0f} minutes left"
    )
