"""The broker forgets everything while texts are written: hints get lost, work does not (W2)."""

from functools import partial
from pathlib import Path

import pytest

from generation.models import Job, Run
from tests.chaos import harness
from tests.chaos.harness import ForgetfulBroker, forgetful_broker, has_ended, wait_until, workers
from tests.generation import ledger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("chaos")]
PATIENCE = 120.0
# After the broker came back empty, work goes on within this many seconds.
MOVING_AGAIN = 15.0
TEAM = ["one", "two"]


def forgotten_by_progress(run: Run, broker: ForgetfulBroker, times: int, seed: int) -> None:
    dice = harness.dice(seed)
    for number in range(times):
        at = int(run.expected * (number + dice.random()) / (times + 1))
        wait_until(partial(has_ended, run, at), PATIENCE, f"{at} items ended")
        broker.hint(dice.randint(1, 50))
        broker.forget()
        ended = run.jobs.exclude(state__in=("queued", "running")).count()
        wait_until(partial(has_ended, run, ended + 1), MOVING_AGAIN, "work goes on")


def a_forgetful_broker_loses_nothing(folder: Path, jobs: int, times: int, seed: int) -> None:
    run = ledger.run(jobs=jobs)
    with forgetful_broker(folder) as broker:
        with workers(TEAM, folder, CELERY_BROKER_URL=broker.url("redis+socket")):
            forgotten_by_progress(run, broker, times, seed)
            wait_until(lambda: harness.stuck() == 0, PATIENCE * 5, "everything has ended")
            wait_until(lambda: broker.waiting() <= 2 * len(TEAM), MOVING_AGAIN, "the hints are taken")
        assert (harness.lost(run), harness.repeated(run), harness.illegal()) == (0, 0, set())


def test_w2_a_broker_that_forgets_three_times_loses_nothing(tmp_path: Path) -> None:
    a_forgetful_broker_loses_nothing(tmp_path, jobs=200, times=3, seed=1)


@pytest.mark.proof
def test_w2_at_full_size(tmp_path: Path) -> None:
    a_forgetful_broker_loses_nothing(tmp_path, jobs=2000, times=20, seed=1)


def test_w2_would_notice_work_that_only_messages_know_of(tmp_path: Path) -> None:
    deaf = {"WORK_POLL_SECONDS": "100000", "WORK_SWEEP_SECONDS": "100000"}
    with forgetful_broker(tmp_path) as broker:
        changed = {"CELERY_BROKER_URL": broker.url("redis+socket"), **deaf}
        with workers(["one"], tmp_path, **changed) as [worker]:
            wait_until(lambda: " ready." in worker.log.read_text(), PATIENCE, "the worker has started")
            run = ledger.run(jobs=8)
            broker.forget()  # the hint of this run went with it
            with pytest.raises(AssertionError, match="not within"):
                wait_until(lambda: harness.stuck() == 0, 8, "everything has ended")
    assert Job.objects.filter(run=run, state="queued").count() == 8
