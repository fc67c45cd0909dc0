"""Teach the starter adapter anew from the corpus: the same corpus and recipes give the same adapter.

First all of it, for the words and the form; then the texts whose wording is usual, for the order of words:
what one text alone has, a joke say, a small model can only garble.
"""

import os
import shutil
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.engine import EngineDied, EngineUnavailable, options
from generation.engine.adapter_files import BUNDLED
from generation.tuning.corpus import TRAIN, VALIDATION, Taught, taught, typical
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
# The second part: this share of the texts.
USUAL = 0.5
SETTLING = replace(RECIPE, epochs=1, learning_rate=5e-4)


class Command(BaseCommand):
    """About an hour of one core. Interrupted, it goes on at its last checkpoint when called again."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=BUNDLED / "starter", help="the folder to make")
        parser.add_argument("--begin-with", type=Path, help="a first part's adapter: only settle it")
        parser.add_argument("--steps-told", type=int, default=10, help="tell every so many steps")

    def handle(self, *_args: Any, **told: Any) -> None:
        os.nice(5)
        work = settings.DATA_DIR / "tuning" / "starter"
        every, checked = taught(TRAIN), taught(VALIDATION)
        begun: Path | None = told["begin_with"]
        if begun is None:
            begun = work / "begun"
            self._taught(_plan(RECIPE, every, checked, work / "beginning", begun), told["steps_told"])
        # Without validation, which would keep the first weights: its loss counts each token alike, and rises
        # a little while the share of samples that pass the checks rises by a sixth.
        plan = _plan(SETTLING, typical(every, every, USUAL), [], work / "settling", told["out"], begun)
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


def _plan(
    recipe: Recipe,
    some: Sequence[Taught],
    checked: Sequence[Taught],
    work: Path,
    out: Path,
    start: Path | None = None,
) -> Plan:
    pairs, validation = [each.pair() for each in some], [each.pair() for each in checked]
    return Plan(recipe, pairs, validation, work, out.resolve(), start.resolve() if start else None)


def _line(progress: Progress) -> str:
    checked = f", validation {progress.validation_loss:.3f}" if progress.validation_loss is not None else ""
    left = progress.seconds / progress.step * (progress.steps - progress.step)
    return (
        f"step {progress.step} of {progress.steps}: loss {progress.loss:.3f}{checked}, "
        f"{progress.tokens_per_second:.0f} tokens a second, {left / 60:.0f} minutes left"
    )
