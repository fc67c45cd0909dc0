"""Whose turn learning work has, and how it ends: the ledger's functions for learning jobs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Now

from generation.models import Job, Run
from generation.models.learning import DataSet, LearningJob
from generation.work import reasons
from generation.work.claiming import LANE
from marketing_site.lib import work
from marketing_site.lib.work import OPEN, WAITING, State
from shop.models import Lane


class Cancelled(Exception):
    """The work was cancelled: nothing of it may be kept any more."""


def due() -> QuerySet[LearningJob]:
    """Return what can be worked on now: what teaches waits until its data set is kept."""
    if paused():
        return LearningJob.objects.none()
    waiting = LearningJob.objects.filter(state__in=WAITING, not_before__lte=Now(), cancel_requested_at=None)
    unkept = waiting.filter(training__data_set__state__in=[s for s in DataSet.State if s != "frozen"])
    return waiting.exclude(pk__in=unkept.values("pk"))


def claim(worker: str) -> LearningJob | None:
    """Lease the piece of work that waited longest for its turn."""
    first = due().order_by(F("last_claim_at").asc(nulls_first=True), "pk").values("pk")[:1]
    with transaction.atomic():
        jobs = work.claim(
            LearningJob.objects.filter(pk__in=list(first.values_list("pk", flat=True))), 1, worker
        )
        LearningJob.objects.filter(pk__in=[job.pk for job in jobs]).update(last_claim_at=Now())
    return jobs[0] if jobs else None


def paused() -> bool:
    """Say whether an administrator has paused the lane."""
    return Lane.objects.filter(name=LANE, paused=True).exists()


def texts_wait() -> bool:
    """Say whether somebody waits for texts, which go before learning."""
    waiting = Job.objects.filter(run=OuterRef("pk"), state__in=WAITING, not_before__lte=Now())
    return Run.objects.filter(Exists(waiting), cancel_requested_at=None, pause="").exists()


@contextmanager
def held(job: LearningJob) -> Iterator[None]:
    """Open a transaction in which the work cannot be cancelled; raises Cancelled where it was."""
    with transaction.atomic():
        if not work.hold(LearningJob.objects.filter(pk=job.pk, cancel_requested_at=None)):
            raise Cancelled(job.pk)
        yield


def end(job: LearningJob, state: State = State.DONE, reason: str = "") -> None:
    """End our job; call it with the job held, and write the effect beside it."""
    work.finish(job, state, reason)


def give_back(job: LearningJob, reason: str, *, failed: bool = False, crashed: bool = False) -> None:
    """Let our job be claimed again, by anybody; one that was cancelled meanwhile ends."""
    try:
        with held(job):
            work.hand_back(job, reason, failed=failed, crashed=crashed)
    except Cancelled:
        work.finish(job, State.CANCELLED, reasons.RUN_CANCELLED)


def give_up(job: LearningJob, reason: str) -> None:
    """Leave our job to a person: trying again changes nothing."""
    try:
        with held(job):
            end(job, State.DEAD, reason)
    except Cancelled:
        work.finish(job, State.CANCELLED, reasons.RUN_CANCELLED)


def made_progress(job: LearningJob) -> None:
    """Forget earlier crashes of a job that got further than a checkpoint since."""
    if job.crashes:
        LearningJob.objects.filter(pk=job.pk, state=State.RUNNING, lease_token=job.lease_token).update(
            crashes=0
        )
        job.crashes = 0


def cancel(job: LearningJob, by: User) -> None:
    """Cancel: when this returns, nothing of the job can be kept any more; safe to call twice."""
    with transaction.atomic():
        LearningJob.objects.filter(pk=job.pk, cancel_requested_at=None, state__in=OPEN).update(
            cancel_requested_at=Now(), cancelled_by=by
        )
        work.move(
            LearningJob.objects.filter(pk=job.pk, state__in=WAITING), State.CANCELLED, reasons.RUN_CANCELLED
        )


def try_again(job: LearningJob) -> int:
    """Queue a job that needed a person again, its counts at zero; teaching goes on at its checkpoint."""
    dead = LearningJob.objects.filter(pk=job.pk, state=State.DEAD, cancel_requested_at=None)
    return len(work.move(dead, State.QUEUED, fails=0, crashes=0, not_before=Now()))


def sweep() -> int:
    """Take back work of vanished workers and end what was cancelled there; returns how many came back."""
    stopped = LearningJob.objects.filter(cancel_requested_at__isnull=False, state__in=OPEN)
    abandoned = stopped.exclude(state=State.RUNNING, lease_until__gte=Now())
    work.move(abandoned, State.CANCELLED, reasons.RUN_CANCELLED)
    return work.sweep(LearningJob.objects.filter(cancel_requested_at=None), reasons.WORKER_LOST)
