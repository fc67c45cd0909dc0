"""The lane `ingest`: whose turn it is, who took a file over, and how one step ends.

The rows are the truth: a file in a working state is due, whoever asked for it and whatever became of a hint.
"""

import logging
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from shop.importing.applying import apply
from shop.importing.checking import check
from shop.importing.faults import ImportRefused, message
from shop.importing.undoing import undo
from shop.importing.waking import LANE
from shop.importing.working import Cancelled, Hold, LostLease, Stopped, end_step, forget_scratch, lease, roomy
from shop.models import Lane
from shop.models.importing import ImportFile

logger = logging.getLogger(__name__)
State = ImportFile.State
STEPS = {State.CHECKING: check, State.APPLYING: apply, State.UNDOING: undo}
# After so many workers that vanished or errors that nobody expected, a person has to look.
MOST_CRASHES = 3


def claim(worker: str) -> ImportFile | None:
    """Lease the file that waits longest; one whose worker let its lease run out counts a crash."""
    if Lane.objects.filter(name=LANE, paused=True).exists():
        return None
    due = ImportFile.objects.working().filter(not_before__lte=Now())
    return _leased(due.order_by("not_before", "created_at"), worker)


def do_now(file: ImportFile) -> None:
    """Do the step that was just asked for in this process, unless a worker was quicker; then wait for it."""
    while file.working:
        mine = _leased(ImportFile.objects.working().filter(pk=file.pk), "command")
        if mine is not None:
            work(mine)
        else:
            time.sleep(0.5)
        file.refresh_from_db()


@transaction.atomic
def _leased(due: QuerySet[ImportFile], worker: str) -> ImportFile | None:
    """Return the first of the files that nobody holds, now held by us."""
    free = due.filter(Q(lease_token=None) | Q(lease_until__lt=Now()))
    file = free.select_for_update(skip_locked=True).first()
    if file is None:
        return None
    file.crashes += file.lease_token is not None
    file.lease_token = uuid4()
    held = {"lease_token": file.lease_token, "lease_until": Now() + lease(), "worker": worker}
    ImportFile.objects.filter(pk=file.pk).update(crashes=file.crashes, **held)
    return file


def work_off(worker: str = "", stopping: threading.Event | None = None) -> int:
    """Do the steps that are due, one after the other; return how many."""
    count = 0
    while not (stopping and stopping.is_set()) and (file := claim(worker)):
        work(file, stopping)
        count += 1
    return count


def work(file: ImportFile, stopping: threading.Event | None = None) -> None:
    """Do one step of a file that was claimed, and leave it in the state that follows."""
    hold = Hold(file, stopping)
    if file.crashes >= MOST_CRASHES:
        _give_up(file, hold, message("worker_lost"))
        return
    if file.cancel_requested:
        _cancelled(file, hold)
        return
    try:
        roomy()
        with hold:
            STEPS[State(file.state)](file, hold)
    except LostLease:
        logger.warning("Import %s belongs to another worker now", file.pk)
    except Cancelled:
        _cancelled(file, hold)
    except Stopped:
        _hand_back(file)
    except ImportRefused as error:
        _refused(file, hold, error)
    except Exception as error:
        logger.exception("Import %s failed", file.pk)
        _failed(file, hold, error)


def _hand_back(file: ImportFile, **changes: Any) -> None:
    held = ImportFile.objects.filter(pk=file.pk, lease_token=file.lease_token)
    held.update(lease_token=None, lease_until=None, **changes)


def _failed(file: ImportFile, hold: Hold, error: Exception) -> None:
    """Try again a little later, or give up after several times; a lost database is nobody's fault."""
    if file.crashes + 1 >= MOST_CRASHES and not isinstance(error, DatabaseError):
        _give_up(file, hold, message("worker_failed", error=type(error).__name__))
        return
    wait = timedelta(seconds=settings.WORK_RETRY_SECONDS * 4**file.crashes)
    _hand_back(file, crashes=F("crashes") + 1, not_before=Now() + wait)


def _give_up(file: ImportFile, hold: Hold, problem: str) -> None:
    after = {State.CHECKING: State.REJECTED, State.UNDOING: State.APPLIED}.get(
        State(file.state), State.FAILED
    )
    changes = {"applied_at": file.applied_at} if after == State.APPLIED else {}
    end_step(file, hold, after, problem=problem, **changes)


def _refused(file: ImportFile, hold: Hold, error: ImportRefused) -> None:
    report = file.report | {"header_faults": error.faults}
    after = State.REJECTED if file.state == State.CHECKING else State.FAILED
    end_step(file, hold, after, problem=str(error), report=report)


def _cancelled(file: ImportFile, hold: Hold) -> None:
    forget_scratch(file)
    if file.state == State.UNDOING:
        end_step(file, hold, State.APPLIED, applied_at=file.applied_at)
    else:
        end_step(file, hold, State.CANCELLED)
