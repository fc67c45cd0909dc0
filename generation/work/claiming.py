"""Whose turn it is, and how a job ends: the ledger's four functions under the rules of runs.

Locks are taken in one order: run, consent, job, text. A cancelled run is final: nobody can finish a job
of it, because finishing locks the run's row against the cancel, and the cancel waits for those few
milliseconds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce, Now

from generation.models import Job, Run, RunTurn
from generation.sampling import Usage
from generation.work import reasons
from generation.work.budgeting import reached, stop_at_budget
from marketing_site.lib import work
from marketing_site.lib.work import OPEN, WAITING, State
from shop.models import Lane, WorkerBeat

LANE = "generation"
FORGET_WORKER_AFTER = timedelta(days=1)


class RunCancelled(Exception):
    """The run was cancelled: nothing of it may be kept any more."""


class Skipped(Exception):
    """The text is not wanted any more; the argument is its reason's code."""


class OutOfDate(Exception):
    """A fact changed while the text was written; the argument is its reason's code."""


def claim(worker: str, texts: int) -> list[Job]:
    """Lease jobs of the run that waited longest for its turn, as many as fill a batch of `texts`."""
    if Lane.objects.filter(name=LANE, paused=True).exists():
        return []
    run = _whose_turn()
    while run and stop_at_budget(run):
        run = _whose_turn()
    if run is None:
        return []
    with transaction.atomic():
        limit = max(1, texts // run.samples_per_job)
        jobs = work.claim(run.jobs.all(), limit, worker)
        RunTurn.objects.filter(run=run).update(last_claim_at=Now())
    return jobs


def _whose_turn() -> Run | None:
    due = Job.objects.filter(state__in=WAITING, not_before__lte=Now())
    turns = Run.objects.filter(Exists(due.filter(run=OuterRef("pk"))), cancel_requested_at=None, pause="")
    oldest_first = F("turn__last_claim_at").asc(nulls_first=True)
    return turns.order_by(oldest_first, "created_at").first()


@contextmanager
def run_held(job: Job) -> Iterator[None]:
    """Open a transaction in which the job's run cannot be cancelled; raises RunCancelled where it was."""
    with transaction.atomic():
        if not work.hold(Run.objects.filter(pk=job.run_id, cancel_requested_at=None)):
            raise RunCancelled(job.run_id)
        yield


def end(job: Job, state: State, reason: str = "", used: Usage | None = None) -> None:
    """End our job with what it used; call it with the run held, and write the effect beside it."""
    work.finish(job, state, reason, finished_at=Coalesce(F("finished_at"), Now()), **_added(used))


def end_cancelled(job: Job, used: Usage | None = None) -> None:
    """End our job of a cancelled run."""
    end(job, State.CANCELLED, reasons.RUN_CANCELLED, used)


def end_without_text(job: Job, state: State, reason: str, used: Usage | None = None) -> None:
    """End our job with nothing to keep: skipped or dead, or cancelled where its run was."""
    try:
        with run_held(job):
            end(job, state, reason, used)
    except RunCancelled:
        end_cancelled(job, used)


def give_back(
    job: Job, reason: str, *, failed: bool = False, crashed: bool = False, used: Usage | None = None
) -> None:
    """Let somebody else try our job, or nobody where its run was cancelled meanwhile."""
    try:
        with run_held(job):
            work.hand_back(job, reason, failed=failed, crashed=crashed, **_added(used))
    except RunCancelled:
        end_cancelled(job, used)


def cancel(run: Run, by: User) -> None:
    """Cancel a run: when this returns, no further text of it can be kept; safe to call twice."""
    with transaction.atomic():
        Run.objects.filter(pk=run.pk, cancel_requested_at=None).update(
            cancel_requested_at=Now(), cancelled_by=by
        )
        work.move(Job.objects.filter(run=run, state__in=WAITING), State.CANCELLED, reasons.RUN_CANCELLED)


def pause(run: Run, by: User) -> bool:
    """Begin nothing more of the run for now; what is being written is kept. Safe to call twice."""
    running = Run.objects.filter(pk=run.pk, pause="", cancel_requested_at=None)
    return bool(running.update(pause=Run.Pause.PERSON, paused_at=Now(), paused_by=by))


def resume(run: Run, token_budget: int | None, money_budget: Decimal | None) -> str:
    """Go on within these budgets; returns which of them is used up already, and then nothing changes."""
    run.token_budget, run.money_budget = token_budget, money_budget
    why = reached(run)
    if not why:
        budgets = {"token_budget": token_budget, "money_budget": money_budget}
        Run.objects.filter(pk=run.pk).update(pause="", paused_at=None, paused_by=None, **budgets)
    return why


def try_again(jobs: QuerySet[Job]) -> int:
    """Queue the dead jobs of the query again, their counts at zero; jobs of cancelled runs stay."""
    dead = jobs.filter(state=State.DEAD, run__cancel_requested_at=None)
    return len(work.move(dead, State.QUEUED, fails=0, crashes=0, not_before=Now()))


def skip(jobs: QuerySet[Job]) -> int:
    """Give up the dead jobs of the query, as a person decided."""
    return len(work.move(jobs.filter(state=State.DEAD), State.SKIPPED, reasons.BY_PERSON))


def sweep() -> int:
    """Take back jobs of vanished workers and end what cancelled runs left; returns how many came back."""
    stopped = Job.objects.filter(run__cancel_requested_at__isnull=False, state__in=OPEN)
    abandoned = stopped.exclude(state=State.RUNNING, lease_until__gte=Now())
    work.move(abandoned, State.CANCELLED, reasons.RUN_CANCELLED)
    WorkerBeat.objects.filter(polled_at__lt=Now() - FORGET_WORKER_AFTER).delete()
    return work.sweep(Job.objects.filter(run__cancel_requested_at=None), reasons.WORKER_LOST)


def _added(used: Usage | None) -> dict[str, Any]:
    if used is None:
        return {}
    return {
        "prompt_tokens": F("prompt_tokens") + used.prompt_tokens,
        "new_tokens": F("new_tokens") + used.new_tokens,
        "seconds": F("seconds") + used.seconds,
    }
