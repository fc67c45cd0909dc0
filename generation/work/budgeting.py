"""What a run has used of what it may use: a run that has reached its budget pauses."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Now

from generation.models import Run
from generation.work.pricing import cost
from marketing_site.lib.work import State


@dataclass(frozen=True)
class Used:
    """What the jobs of a run have used, and how many are being written now."""

    tokens: int
    seconds: float
    ended: int
    running: int

    @property
    def money(self) -> Decimal:
        return cost(self.tokens, self.seconds)

    @property
    def spoken_for(self) -> "Used":
        """Return this with what is being written counted as the average of what has ended."""
        part = 1 + self.running / self.ended if self.ended else 1.0
        return Used(round(self.tokens * part), self.seconds * part, self.ended, 0)


def used(run: Run) -> Used:
    """Return what the run has used so far."""
    sums = run.jobs.aggregate(
        tokens=Sum(F("prompt_tokens") + F("new_tokens")),
        seconds=Sum("seconds"),
        ended=Count("pk", filter=Q(finished_at__isnull=False)),
        running=Count("pk", filter=Q(state=State.RUNNING)),
    )
    return Used(sums["tokens"] or 0, sums["seconds"] or 0.0, sums["ended"], sums["running"])


def reached(run: Run) -> str:
    """Return which budget leaves nothing to begin another text with, or ""."""
    if run.token_budget is None and run.money_budget is None:
        return ""
    so_far = used(run).spoken_for
    if run.token_budget is not None and so_far.tokens >= run.token_budget:
        return Run.Pause.TOKENS
    if run.money_budget is not None and so_far.money >= run.money_budget:
        return Run.Pause.MONEY
    return ""


def stop_at_budget(run: Run) -> bool:
    """Pause the run where its budget is reached, and say whether it was."""
    why = reached(run)
    if why:
        Run.objects.filter(pk=run.pk, pause="").update(pause=why, paused_at=Now(), paused_by=None)
    return bool(why)
