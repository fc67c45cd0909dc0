"""How work is claimed, finished, handed back and recovered: four functions that every kind of work uses.

Postgres rows are the truth. A claim is one short statement that gives a random lease token; whoever lost
the lease cannot finish (the fence). All clocks are the database's.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    fails = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    max_fails = models.PositiveSmallIntegerField(default=5)
    max_crashes = models.PositiveSmallIntegerField(default=3)
    not_before = models.DateTimeField(db_default=Now())
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=100, blank=True)
    # Why it waits, failed or was skipped: a code and a sentence for people.
    reason = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


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
