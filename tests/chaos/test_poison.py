"""Texts that kill, hang or swell whatever writes them: set aside after three tries, the rest goes on (W9)."""

from pathlib import Path

import pytest

from generation.models import Job, Run, Variant
from tests import make
from tests.chaos import harness
from tests.chaos.fake_child import POISONS
from tests.chaos.harness import wait_until, workers
from tests.generation import ledger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("chaos")]
PATIENCE = 240.0


def poisoned_run(jobs: int, poisons: list[str]) -> tuple[Run, list[Job]]:
    """Return a run of that many good texts with the poisons among them."""
    run = ledger.run(jobs=jobs // 2)
    for poison in poisons:
        ledger.add_jobs(run, make.product(attributes={"note": poison}))
    ledger.add_jobs(run, make.product(), jobs - jobs // 2)
    return run, list(run.jobs.filter(product__attributes__has_key="note"))


def poison_is_set_aside(folder: Path, jobs: int, poisons: list[str]) -> None:
    run, poisoned = poisoned_run(jobs, poisons)
    with workers(["one", "two"], folder):
        wait_until(lambda: harness.stuck() == 0, PATIENCE, "everything has ended")
    for job in poisoned:
        job.refresh_from_db()
    assert [(job.state, job.crashes) for job in poisoned] == [("dead", 3)] * len(poisons)
    assert harness.lost(run) == len(poisons)
    assert set(run.jobs.exclude(pk__in=[job.pk for job in poisoned]).values_list("state", flat=True)) == {
        "done"
    }
    assert (harness.repeated(run), harness.illegal()) == (0, set())


def test_w9_poison_is_dead_after_three_tries_and_the_others_are_written(tmp_path: Path) -> None:
    poison_is_set_aside(tmp_path, 60, ["poison segfault", "poison exit", "poison deadlock"])


@pytest.mark.proof
def test_w9_at_full_size(tmp_path: Path) -> None:
    poison_is_set_aside(tmp_path, 300, [*POISONS])


def test_w9_would_notice_that_nobody_counts_the_crashes(tmp_path: Path) -> None:
    _run, [poison] = poisoned_run(2, ["poison exit"])
    Job.objects.update(max_crashes=10_000)
    with workers(["one"], tmp_path):
        wait_until(
            lambda: Job.objects.filter(pk=poison.pk, crashes__gt=4).exists(), PATIENCE, "it was tried again"
        )
    poison.refresh_from_db()
    assert poison.state != "dead"
    assert Variant.objects.filter(job=poison).count() == 0
