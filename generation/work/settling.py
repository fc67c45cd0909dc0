"""How one job of a batch ends: its text is kept, or what came in between is recorded."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from generation.models import Job
from generation.sampling import Piece, Usage, Written
from generation.work import claiming, reasons
from generation.work.claiming import OutOfDate, RunCancelled, Skipped
from marketing_site.lib.work import LostLease, State

logger = logging.getLogger(__name__)


class Keeps(Protocol):
    """What stores a text and ends its job."""

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Do both or neither, in the caller's transaction, which holds the run."""


def keep(batch: Keeps, job: Job, piece: Piece, written: Written) -> None:
    """Store a decided text with its job; one that no check lets pass waits for a person."""
    if written.findings:
        codes = ", ".join(sorted({finding["code"] for finding in written.findings}))
        claiming.end_without_text(job, State.DEAD, f"{reasons.REFUSED}: {codes}", piece.used)
        return
    with claiming.run_held(job):
        batch.keep(job, piece, written)


def give_back(
    jobs: Iterable[tuple[Job, Usage | None]], reason: str, *, failed: bool = False, crashed: bool = False
) -> None:
    """Give back what a batch left unwritten; jobs of a cancelled run end as cancelled."""
    for job, used in jobs:
        settle(job, partial(claiming.give_back, job, reason, failed=failed, crashed=crashed, used=used), used)


def settle(job: Job, act: Callable[[], object], used: Usage | None = None) -> None:
    """Act for our job and record what prevents it; a job that was taken over is its new owner's."""
    try:
        _act(job, act, used)
    except LostLease:
        logger.warning("Job %s was taken over: this result is thrown away", job.pk)


def _act(job: Job, act: Callable[[], object], used: Usage | None) -> None:
    try:
        act()
    except LostLease:
        raise
    except Skipped as why:
        claiming.end_without_text(job, State.SKIPPED, str(why), used)
    except RunCancelled:
        claiming.end_cancelled(job, used)
    except OutOfDate as why:
        claiming.give_back(job, str(why), used=used)
    except Exception as error:
        logger.exception("Job %s failed", job.pk)
        claiming.give_back(job, f"{reasons.ERROR}: {error!r}", failed=True, used=used)
