"""Bugs that the oracles must catch: a recipe that stays green with its bug in place tests nothing."""

import shutil
import time
from collections.abc import Callable
from typing import Any

from django.db import models

from generation.models import Job
from generation.sampling import Piece, Written
from generation.tuning.recipe import Outcome
from generation.tuning.teaching import Plan, Teacher
from generation.work import batching, claiming
from marketing_site.lib import work
from marketing_site.lib.work import State

GAP_SECONDS = 0.1
# Longer than the rest of an item's work, so that nearly every cancel falls into it, on a busy machine too.
LONG_GAP_SECONDS = 0.5


def no_fence() -> None:
    """Whoever had the row once may finish it."""
    work._held = lambda row: type(row)._default_manager.filter(pk=row.pk)


def no_sweep() -> None:
    """Nobody takes back what a killed worker held, not even a worker that starts."""
    claiming.sweep = lambda: 0


def no_run_lock() -> None:
    """Finishing looks whether the run was cancelled, but does not hold it; a cancel fits in between."""

    def look(rows: models.QuerySet[Any]) -> bool:
        found = rows.exists()
        time.sleep(LONG_GAP_SECONDS)
        return found

    work.hold = look


def effect_first() -> None:
    """The text is committed before its job ends, with a gap that a kill can hit."""
    end = claiming.end

    def keep(batch: Any, job: Job, piece: Piece, written: Written) -> None:
        claiming.end = lambda *args, **options: None
        try:
            batch.keep(job, piece, written)
        finally:
            claiming.end = end
        time.sleep(GAP_SECONDS)
        end(job, State.DONE)

    # Where the batches call it.
    setattr(batching, "keep", keep)  # noqa: B010


def teaches_anew() -> None:
    """A run that was killed begins again at its first step."""
    teach = Teacher.teach

    def forget(self: Teacher, plan: Plan, *args: Any) -> Outcome:
        shutil.rmtree(plan.work, ignore_errors=True)
        return teach(self, plan, *args)

    setattr(Teacher, "teach", forget)  # noqa: B010


def forgets_momentum() -> None:
    """A run that was killed goes on with its weights, but its optimizer begins anew."""
    Teacher.module = "tests.chaos.forgetful_child"


MUTATIONS: dict[str, Callable[[], None]] = {
    "no_fence": no_fence,
    "no_sweep": no_sweep,
    "no_run_lock": no_run_lock,
    "effect_first": effect_first,
    "teaches_anew": teaches_anew,
    "forgets_momentum": forgets_momentum,
}


def apply(name: str) -> None:
    """Put one bug in place for the rest of this process; "" is none."""
    if name:
        MUTATIONS[name]()
