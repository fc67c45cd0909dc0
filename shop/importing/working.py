"""What every step of the work on a file needs: the hold on it, its batch, its rejected rows, and its end."""

import contextlib
import json
import threading
import time
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.models.functions import Now

from shop.importing.frames import Rejected
from shop.importing.kinds import find
from shop.importing.values import Layout
from shop.importing.writing import Batch, Handler
from shop.models.importing import ImportedKey, ImportedOrder, ImportFile

# A progress bar that moves less often than this looks broken.
LOOK_SECONDS = 1.0


class LostLease(Exception):
    """Somebody else has the file now, or it was cancelled: nothing more may be written."""


class Cancelled(Exception):
    """A person cancelled the step."""


class Stopped(Exception):
    """The worker shuts down: the file goes back to the lane."""


class Hold(threading.Thread):
    """Keeps the lease of one file and tells its progress, from a connection of its own.

    The work itself may be in one long transaction, whose words nobody else can read yet.
    """

    def __init__(self, file: ImportFile, stopping: threading.Event | None = None) -> None:
        super().__init__(name="import-hold", daemon=True)
        self.file_id, self.token = file.pk, cast(UUID, file.lease_token)
        self.stopping = stopping or threading.Event()
        self.done, self._told = 0, -1
        self._over, self._cancelled, self._lost = threading.Event(), False, False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._over.set()
        self.join()

    def advance(self, done: int) -> None:
        """Note how far the work is; raises where it must not go on."""
        self.done = done
        if self._cancelled:
            raise Cancelled
        if self._lost:
            raise LostLease
        if self.stopping.is_set():
            raise Stopped

    def run(self) -> None:
        extended = time.monotonic()
        while not self._over.wait(min(LOOK_SECONDS, settings.WORK_HEARTBEAT_SECONDS)):
            due = time.monotonic() - extended >= settings.WORK_HEARTBEAT_SECONDS
            if due or self.done != self._told:
                self._tell()
                extended = time.monotonic()
        connections.close_all()

    def _tell(self) -> None:
        """Write progress and lease, unless the work itself holds the row at this moment."""
        self._told = self.done
        with transaction.atomic():
            row = ImportFile.objects.filter(pk=self.file_id).select_for_update(skip_locked=True)
            found = row.values("lease_token", "cancel_requested").first()
            if found is None:
                return
            self._cancelled = found["cancel_requested"]
            self._lost = found["lease_token"] != self.token
            if not self._lost:
                ImportFile.objects.filter(pk=self.file_id).update(done=self.done, lease_until=Now() + lease())


def roomy() -> None:
    """Give this connection memory for parts of a file, unless it has used temporary tables before."""
    with contextlib.suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        cursor.execute("SET temp_buffers = '64MB'")


def lease() -> timedelta:
    return timedelta(seconds=settings.WORK_LEASE_SECONDS)


def handler_of(file: ImportFile) -> Handler:
    return cast(Handler, find(file.kind))


def batch_for(
    file: ImportFile, layout: Layout, *, writes: bool, memory: dict[str, Any] | None = None
) -> Batch:
    """Return the batch of the open transaction, as the person chose for this file."""
    kind = handler_of(file)
    chosen = file.policies.get("orphans") or (kind.orphans[0] if kind.orphans else "reject")
    return Batch(
        file,
        connection.cursor(),
        frozenset(column.name for column in layout.fields.values()),
        writes=writes,
        images=writes and file.mode == ImportFile.Mode.ATOMIC and kind.undoable,
        stubs=chosen == "stub",
        memory={} if memory is None else memory,
    )


def keep_rejected(file: ImportFile, rejected: list[Rejected]) -> None:
    """Store rows that are not stored as facts, with their reasons; safe to do twice."""
    if not rejected:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO shop_importrow (file_id, row_no, line_no, raw, errors, action) VALUES (%s, "
            "%s, %s, %s, %s, %s) "
            "ON CONFLICT (file_id, row_no) DO UPDATE SET errors = excluded.errors, action = excluded.action",
            [
                (
                    file.pk,
                    one.row,
                    one.line,
                    _json([str(cell) for cell in one.cells]),
                    _json(one.faults),
                    one.action,
                )
                for one in rejected
            ],
        )


def _json(value: Any) -> str:
    """Return JSON that Postgres takes: it has no NUL."""
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\ufffd")


def forget_scratch(file: ImportFile) -> None:
    """Forget which ids and orders a step has met."""
    ImportedKey.objects.filter(file=file).delete()
    ImportedOrder.objects.filter(file=file).delete()


def end_step(file: ImportFile, hold: Hold, state: ImportFile.State, **changes: Any) -> None:
    """Move our file to the state after its step; raises LostLease where it is not ours any more."""
    stamps = {
        ImportFile.State.APPLIED: {"applied_at": Now()},
        ImportFile.State.UNDONE: {"undone_at": Now()},
    }.get(state, {})
    if file.state == ImportFile.State.CHECKING and state in (
        ImportFile.State.READY,
        ImportFile.State.REJECTED,
    ):
        stamps = {"checked_at": Now()}
    held = ImportFile.objects.filter(pk=file.pk, lease_token=hold.token)
    changes = (
        {"lease_token": None, "lease_until": None, "cancel_requested": False, "crashes": 0} | stamps | changes
    )
    if not held.update(state=state, **changes):
        raise LostLease(file.pk)
