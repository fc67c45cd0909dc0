"""How work is claimed, finished, handed back and recovered: four functions that every kind of work uses.

Postgres rows are the truth. A claim is a short transaction that gives each row a random lease token; whoever
lost the lease cannot finish (the fence). All clocks are the database's. Every move of a row writes its event
in the same transaction: a model of work has a related model under the name `events` (see `Move`).
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_WAIT = timedelta(minutes=15)


class LostLease(Exception):
    """Somebody else has the row now, or it is over: this result must not be kept."""


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("writing")
    RETRY_WAIT = "retry_wait", _("trying again")
    DONE = "done", _("done")
    DEAD = "dead", _("needs you")
    SKIPPED = "skipped", _("skipped")
    CANCELLED = "cancelled", _("cancelled")


WAITING = (State.QUEUED, State.RETRY_WAIT)
OPEN = (*WAITING, State.RUNNING)


class Leased(models.Model):
    """A row of work. `fails` counts errors that were caught, `crashes` workers that vanished."""

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    fails = models.PositiveSmallIntegerField(default=0, db_default=0)
    crashes = models.PositiveSmallIntegerField(default=0, db_default=0)
    max_fails = models.PositiveSmallIntegerField(default=5, db_default=5)
    max_crashes = models.PositiveSmallIntegerField(default=3, db_default=3)
    not_before = models.DateTimeField(db_default=Now())
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=100, blank=True, db_default="")
    # Why it waits, failed or was skipped: a code, and after ": " what a programmer wants to know.
    reason = models.TextField(blank=True, db_default="")
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    @property
    def try_no(self) -> int:
        return self.fails + self.crashes + 1


class Move(models.Model):
    """One change of a row's state. Append-only; a concrete model points at the row as `events`."""

    at = models.DateTimeField(db_default=Now())
    from_state = models.CharField(max_length=10, choices=State, blank=True)
    to_state = models.CharField(max_length=10, choices=State)
    try_no = models.PositiveSmallIntegerField(default=1)
    worker = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Leased)


def claim(due: models.QuerySet[Row], limit: int, worker: str) -> list[Row]:
    """Lease at most `limit` of the query's due rows to `worker`; rows that others hold are passed over.

    A row that has crashed before is claimed first and alone, so that it cannot use up its neighbours' tries.
    """
    waiting = due.filter(state__in=WAITING, not_before__lte=Now()).order_by("pk")
    waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    lease: dict[str, Any] = {"lease_token": RandomUUID(), "lease_until": Now() + _lease(), "worker": worker}
    with transaction.atomic():
        rows = list(waiting.filter(crashes__gt=0)[:1]) or list(waiting.filter(crashes=0)[:limit])
        _write(rows, State.RUNNING, **lease)
        return list(due.model._default_manager.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def extend(rows: Sequence[Leased]) -> None:
    """Lengthen the leases of those rows that are still ours."""
    if rows:
        tokens = [row.lease_token for row in rows]
        held = type(rows[0])._default_manager.filter(state=State.RUNNING, lease_token__in=tokens)
        held.update(lease_until=Now() + _lease())


def finish(row: Leased, state: State = State.DONE, reason: str = "", **result: Any) -> None:
    """End our row, together with what the caller writes in the same transaction; raises LostLease."""
    if not move(_held(row), state, reason, **result):
        raise LostLease(row.pk)


def hand_back(
    row: Leased, reason: str, *, failed: bool = False, crashed: bool = False, **result: Any
) -> None:
    """Give our row back: it waits for its next try, or is dead where its limit is reached; raises LostLease.

    Neither failed nor crashed: nothing is counted, as when a worker shuts down.
    """
    state, changes = _next_try(row, failed=failed, crashed=crashed)
    finish(row, state, reason, **changes, **result)


def sweep(rows: models.QuerySet[Row], reason: str) -> int:
    """Take back the rows whose workers let the lease run out, each a crash; returns how many.

    Only one sweeper at a time; the others return at once.
    """
    count = 0
    with transaction.atomic():
        if not _alone(rows.model):
            return 0
        for row in rows.filter(state=State.RUNNING, lease_until__lt=Now()):
            state, changes = _next_try(row, failed=False, crashed=True)
            count += len(move(_held(row).filter(lease_until__lt=Now()), state, reason, **changes))
    return count


def move(rows: models.QuerySet[Row], state: State, reason: str = "", **changes: Any) -> list[Row]:
    """Move the rows of the query to a state, with their events; returns them as they were before."""
    with transaction.atomic():
        found = list(rows.order_by("pk").select_for_update(of=("self",)))
        _write(found, state, reason, **changes)
    return found


def hold(rows: models.QuerySet[Any]) -> bool:
    """Lock the rows against change by others until the transaction ends; False where there are none."""
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} FOR SHARE", params)
        return cursor.fetchone() is not None


def lease_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints that hold the ledger's promises, for the Meta of a concrete model."""
    return [
        models.CheckConstraint(condition=Q(state__in=State.values), name=f"{name}_state_known"),
        models.CheckConstraint(
            condition=Q(state="running", lease_token__isnull=False)
            | (~Q(state="running") & Q(lease_token__isnull=True)),
            name=f"{name}_leased_while_running",
        ),
        models.CheckConstraint(
            condition=Q(fails__lte=F("max_fails")) & Q(crashes__lte=F("max_crashes")),
            name=f"{name}_tries_within_limits",
        ),
    ]


def _held(row: Leased) -> models.QuerySet[Leased]:
    """The fence: our row while nobody else has claimed it and nobody has ended it."""
    rows = type(row)._default_manager.all()
    return rows.filter(pk=row.pk, state=State.RUNNING, lease_token=row.lease_token)


def _write(rows: Sequence[Leased], state: State, reason: str = "", **changes: Any) -> None:
    if not rows:
        return
    changes = {"lease_token": None, "lease_until": None, "updated_at": Now()} | changes
    model = type(rows[0])
    model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
        state=state, reason=reason, **changes
    )
    events = next(relation for relation in model._meta.related_objects if relation.name == "events")
    event_model: Any = events.related_model
    moves = [
        event_model(
            **{events.field.name: row},
            from_state=row.state,
            to_state=state,
            try_no=row.try_no,
            worker=changes.get("worker") or row.worker,
            reason=reason,
        )
        for row in rows
    ]
    event_model.objects.bulk_create(moves, batch_size=1000)


def _next_try(row: Leased, *, failed: bool, crashed: bool) -> tuple[State, dict[str, Any]]:
    """Return the state after a try that did not succeed, and the changes that go with it."""
    changes: dict[str, Any] = {"fails": row.fails + failed, "crashes": row.crashes + crashed}
    if changes["fails"] >= row.max_fails or changes["crashes"] >= row.max_crashes:
        return State.DEAD, changes
    wait = _back_off(changes["fails"]) if failed else timedelta()
    return State.RETRY_WAIT if failed else State.QUEUED, changes | {"not_before": Now() + wait}


def _back_off(fails: int) -> timedelta:
    seconds: float = settings.WORK_RETRY_SECONDS * 4 ** (fails - 1)
    return min(LONGEST_WAIT, timedelta(seconds=seconds)) * random.uniform(0.5, 1.5)  # noqa: S311  (spreads tries, guards nothing)


def _lease() -> timedelta:
    return timedelta(seconds=settings.WORK_LEASE_SECONDS)


def _alone(model: type[models.Model]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"sweep {model._meta.db_table}"])
        return bool(cursor.fetchone()[0])
