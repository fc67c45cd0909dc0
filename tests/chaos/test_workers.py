"""Workers and engines are killed, frozen and told to stop while they write; nothing is lost or doubled."""

import time
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from generation import jobs
from generation.jobs import OfferOrder
from generation.models import Job, Run, Variant
from generation.work import claiming
from tests import make
from tests.chaos import harness
from tests.chaos.harness import kill_by_progress, wait_until, workers
from tests.generation import ledger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("chaos")]
SEED = 1
# For whatever must happen at some time; a busy machine starts workers slowly.
PATIENCE = 120.0


def long_run(texts: int) -> Run:
    run = ledger.run(jobs=texts)
    Job.objects.update(max_crashes=20)  # the limit has its own test
    return run


def offers(count: int) -> Run:
    """Return a run of personal offers, one for each of that many treated recipients."""
    campaign = make.approved_campaign("Coffee", size=round(count / 0.9))  # a tenth is held out
    run = jobs.request_offers(campaign, OfferOrder("warm", "en"), make.user(), uuid4())
    assert run.expected == count
    Job.objects.update(max_crashes=20)
    return run


def is_written(run: Run) -> bool:
    return run.jobs.filter(state="running").exists()


def texts_are_there(count: int) -> bool:
    return Variant.objects.count() >= count


def refused(worker: harness.Worker) -> bool:
    return "taken over" in worker.log.read_text()


def kills_leave_nothing_behind(folder: Path, count: int, kills: int, seed: int, seconds: float) -> None:
    run = offers(count)
    with workers(["one", "two"], folder) as team:
        kill_by_progress(run, team, kills, harness.dice(seed), seconds)
        wait_until(lambda: harness.stuck() == 0, seconds, "everything has ended")
    assert (harness.lost(run), harness.repeated(run), harness.illegal()) == (0, 0, set())


def test_w1_killed_workers_and_engines_lose_and_double_nothing(tmp_path: Path) -> None:
    kills_leave_nothing_behind(tmp_path, count=300, kills=30, seed=SEED, seconds=PATIENCE)
    assert Job.objects.filter(crashes__gt=0).exists()


@pytest.mark.proof
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_w1_at_full_size(tmp_path: Path, seed: int) -> None:
    kills_leave_nothing_behind(tmp_path, count=2000, kills=200, seed=seed, seconds=1800)


def test_w1_would_notice_that_nobody_sweeps(tmp_path: Path) -> None:
    run = long_run(12)
    with workers(["one"], tmp_path, CHAOS_MUTATION="no_sweep") as [worker]:
        wait_until(lambda: Job.objects.filter(state="running").exists(), PATIENCE, "work has begun")
        worker.kill()
        worker.start()
        with pytest.raises(AssertionError, match="not within"):
            wait_until(lambda: harness.stuck() == 0, 12, "everything has ended")
    assert harness.lost(run) > 0


def test_w1_would_notice_a_text_that_is_kept_before_its_job_ends(tmp_path: Path) -> None:
    run = long_run(16)
    with harness.without_unique_text(), workers(["one"], tmp_path, CHAOS_MUTATION="effect_first") as [worker]:
        for text in (1, 3, 5):
            wait_until(partial(texts_are_there, text), PATIENCE, "a text is kept")
            worker.kill()
            worker.start()
            if harness.repeated(run):
                break
        wait_until(lambda: harness.stuck() == 0, PATIENCE, "everything has ended")
        assert harness.repeated(run) > 0


def frozen_for_longer_than_its_lease(folder: Path, run: Run, **changed: str) -> str:
    """Freeze a worker in the middle of its batch, let another do everything; return the first one's log."""
    with workers(["frozen"], folder, **changed) as [frozen]:
        wait_until(partial(is_written, run), PATIENCE, "work has begun")
        frozen.pause()
        with workers(["other"], folder, **changed):
            wait_until(lambda: harness.stuck() == 0, PATIENCE, "the other worker has done everything")
            frozen.go_on()
            wait_until(
                lambda: refused(frozen) or bool(harness.illegal()), PATIENCE, "the frozen one is refused"
            )
            wait_until(lambda: harness.stuck() == 0, PATIENCE, "everything has ended")
    return frozen.log.read_text()


def test_w11_a_frozen_worker_is_refused_when_it_wakes_up(tmp_path: Path) -> None:
    run = long_run(24)
    log = frozen_for_longer_than_its_lease(tmp_path, run)
    assert "taken over" in log
    assert (harness.lost(run), harness.repeated(run), harness.illegal()) == (0, 0, set())


def test_w11_would_notice_a_missing_fence(tmp_path: Path) -> None:
    run = long_run(24)
    with harness.without_unique_text():
        frozen_for_longer_than_its_lease(tmp_path, run, CHAOS_MUTATION="no_fence")
        assert harness.repeated(run) or harness.illegal()


def cancelled_at_random(
    folder: Path, runs: int, seed: int, kills: int = 0, **changed: str
) -> list[tuple[int, int]]:
    """Cancel runs while they are written; return their texts at the acknowledgement and at the end.

    Some cancels come together with the worker's death.
    """
    dice, by, acknowledged = harness.dice(seed), make.user(), {}
    deadly = set(dice.sample(range(runs), kills))
    with workers(["one"], folder, **changed) as [worker]:
        for number in range(runs):
            run = long_run(8)
            wait_until(partial(is_written, run), PATIENCE, "work has begun")
            time.sleep(dice.uniform(0, 0.8))
            if number in deadly:
                worker.kill()
                worker.start()
            claiming.cancel(run, by)
            acknowledged[run.pk] = Variant.objects.filter(job__run=run).count()
        # Five seconds are promised; a busy test machine gets twice as many.
        wait_until(lambda: harness.stuck() == 0, 10, "running items have stopped")
    return [(count, Variant.objects.filter(job__run=run).count()) for run, count in acknowledged.items()]


def test_w10_a_cancel_that_is_acknowledged_holds(tmp_path: Path) -> None:
    counts = cancelled_at_random(tmp_path, runs=30, seed=SEED, kills=5)
    assert all(at_once == at_the_end for at_once, at_the_end in counts)
    assert harness.illegal() == set()


@pytest.mark.proof
def test_w10_at_full_size(tmp_path: Path) -> None:
    counts = cancelled_at_random(tmp_path, runs=200, seed=SEED, kills=30)
    assert all(at_once == at_the_end for at_once, at_the_end in counts)


def test_w10_would_notice_a_finish_that_does_not_hold_the_run(tmp_path: Path) -> None:
    counts = cancelled_at_random(tmp_path, runs=6, seed=SEED, CHAOS_MUTATION="no_run_lock")
    assert any(at_once != at_the_end for at_once, at_the_end in counts)


def test_a_worker_that_is_told_to_stop_hands_back_at_once(tmp_path: Path) -> None:
    run = long_run(64)
    with workers(["one"], tmp_path) as [worker]:
        wait_until(partial(is_written, run), PATIENCE, "work has begun")
        worker.stop()
    # It did not write on to the end, and left nothing that a sweeper must take back.
    states = ledger.states(run)
    assert "queued" in states
    assert set(states) <= {"queued", "done"}
    assert not Job.objects.filter(crashes__gt=0).exists()
