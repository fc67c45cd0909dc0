"""Runs and jobs as the ledger's tests need them, without a campaign page or an engine."""

from typing import Any
from uuid import uuid4

from django.db.models import F
from django.db.models.functions import Now

from campaigns.models import Campaign
from generation.engine import get_engine
from generation.models import Job, JobEvent, Run, RunTurn
from generation.work.beating import Beat
from generation.work.working import Writer
from shop.models import Product
from tests import make


def run(
    jobs: int = 1, campaign: Campaign | None = None, samples: int = 1, kind: str = "sms", **fields: Any
) -> Run:
    """Return a copy run with that many waiting jobs of one product."""
    campaign = campaign or make.campaign()
    product = campaign.products.first() or make.product()
    spec = {"tone": "plain", "samples": samples}
    defaults = {"purpose": Run.Purpose.COPY, "spec": spec, "client_key": uuid4(), "expected": jobs}
    made = Run.objects.create(campaign=campaign, **(defaults | fields))
    RunTurn.objects.create(run=made)
    Job.objects.bulk_create(Job(run=made, kind=kind, product=product, variant=n) for n in range(jobs))
    return made


def add_jobs(run: Run, product: Product, jobs: int = 1) -> None:
    """Let a run write this product too."""
    Job.objects.bulk_create(Job(run=run, kind="sms", product=product, variant=n) for n in range(jobs))
    Run.objects.filter(pk=run.pk).update(expected=F("expected") + jobs)
    run.refresh_from_db()


def let_leases_run_out() -> None:
    Job.objects.filter(state="running").update(lease_until=Now())


def states(run: Run) -> list[str]:
    return list(run.jobs.order_by("pk").values_list("state", flat=True))


def moves(job: Job) -> list[tuple[str, str]]:
    return list(job.events.order_by("pk").values_list("from_state", "to_state"))


def make_all_due() -> None:
    Job.objects.filter(not_before__gt=Now()).update(not_before=Now())


# From, to: everything else in the history is a bug.
ALLOWED = {
    *(("queued", to) for to in ("running", "skipped", "cancelled")),
    *(("retry_wait", to) for to in ("running", "skipped", "cancelled")),
    *(("running", to) for to in ("done", "retry_wait", "queued", "dead", "skipped", "cancelled")),
    *(("dead", to) for to in ("queued", "skipped")),
}


def illegal_moves() -> set[tuple[str, str]]:
    return set(JobEvent.objects.values_list("from_state", "to_state").distinct()) - ALLOWED


def write_all() -> None:
    """Be a writer until nothing is due."""
    Writer("test", get_engine()).work_off()


def writer_alive() -> None:
    Beat("test", "generation")("idle")
