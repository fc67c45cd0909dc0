"""What writing costs, booked as spend of the campaign: tokens and seconds of every job, kept or not."""

from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Now, TruncDate

from campaigns import spending
from campaigns.models import Campaign, Spend
from generation.models import Job, Run, RunTurn
from generation.work.pricing import cost

# Runs that were worked on longer ago than this are booked for good.
LOOK_BACK = timedelta(days=1)


def book(run: Run) -> None:
    """Book what the run's jobs have cost, one spend a day of the shop's zone; safe to call again.

    A run without a campaign has no spend to book: its page shows what it used.
    """
    # Before the sums: what ends meanwhile counts as not booked yet.
    RunTurn.objects.filter(run=run).update(booked_at=Now())
    if run.campaign is None:
        return
    ended = Job.objects.filter(run=run, finished_at__isnull=False)
    days = ended.annotate(day=TruncDate("finished_at")).values("day").order_by("day")
    sums = days.annotate(tokens=Sum(F("prompt_tokens") + F("new_tokens")), seconds=Sum("seconds"))
    spends = [_spend(run, run.campaign, row["day"], row["tokens"], row["seconds"]) for row in sums]
    if written := [spend for spend in spends if spend.amount]:
        spending.book(written)


def _spend(run: Run, campaign: Campaign, day: date, tokens: int, seconds: float) -> Spend:
    return Spend(
        campaign=campaign,
        category=Spend.Category.GENERATION,
        amount=cost(tokens, seconds),
        day=day,
        source=Spend.Source.GENERATION,
        external_id=f"run:{run.pk}:{day:%Y-%m-%d}",
        note=f"{tokens} tokens, {seconds:.1f} s",
        quantity=Decimal(tokens),
        rate=settings.GENERATION_COST_PER_1000_TOKENS / 1000,
    )


def book_left_over() -> None:
    """Book runs whose writer ended before it could."""
    later = Q(finished_at__gt=OuterRef("booked_at")) | Q(finished_at__isnull=False, run__turn__booked_at=None)
    unbooked = Job.objects.filter(later, run=OuterRef("run"))
    turns = RunTurn.objects.filter(Exists(unbooked), last_claim_at__gte=Now() - LOOK_BACK)
    for turn in turns.select_related("run__campaign"):
        book(turn.run)
