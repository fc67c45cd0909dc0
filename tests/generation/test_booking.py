"""What writing costs stands among the campaign's spend, once, rejected samples included."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from campaigns.models import Spend
from generation.models import Job, RunTurn
from generation.work import booking, pricing
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rates(settings: Settings) -> None:
    settings.GENERATION_COST_PER_1000_TOKENS = Decimal("0.5")
    settings.GENERATION_COST_PER_SECOND = Decimal("0.01")


def test_every_sample_is_paid_for_and_booked_once() -> None:
    run = ledger.run(jobs=2, campaign=make.complete_campaign())
    ledger.write_all()
    jobs = list(run.jobs.all())
    tokens = sum(job.prompt_tokens + job.new_tokens for job in jobs)
    spend = Spend.objects.get(campaign=run.campaign)
    assert (spend.category, spend.source) == ("generation", "generation")
    assert spend.quantity == tokens
    assert spend.amount == pricing.cost(tokens, sum(job.seconds for job in jobs))
    assert tokens > 16 * 20  # eight samples for each of two texts, prompts included
    booking.book(run)
    assert Spend.objects.count() == 1


def test_cost_is_tokens_and_seconds_at_their_rates() -> None:
    assert pricing.cost(2000, 10.0) == Decimal("1.1")


def test_each_day_of_the_shops_zone_is_booked_apart() -> None:
    run = ledger.run(jobs=2)
    first, second = run.jobs.order_by("pk")
    for job, age in ((first, 0), (second, 3)):
        finished = now() - timedelta(days=age)
        Job.objects.filter(pk=job.pk).update(
            state="done", new_tokens=1000, finished_at=finished, lease_token=None
        )
    booking.book(run)
    assert sorted(Spend.objects.values_list("amount", flat=True)) == [Decimal("0.5"), Decimal("0.5")]
    assert Spend.objects.values("day").distinct().count() == 2


def test_what_a_killed_writer_left_unbooked_is_booked_by_the_sweeper() -> None:
    run = ledger.run()
    run.jobs.update(state="done", new_tokens=1000, finished_at=now())
    RunTurn.objects.update(last_claim_at=now())
    booking.book_left_over()
    assert Spend.objects.get().amount == Decimal("0.5")
    Spend.objects.all().delete()
    booking.book_left_over()
    assert not Spend.objects.exists()  # booked already: not looked at again


def test_a_run_that_cost_nothing_books_nothing() -> None:
    run = ledger.run()
    run.jobs.update(state="done", finished_at=now())
    booking.book(run)
    assert not Spend.objects.exists()
