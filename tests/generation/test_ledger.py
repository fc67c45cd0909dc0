"""The ledger: rows are claimed once, finished by their owner only, and never lost."""

import pytest
from django.db import IntegrityError, transaction

from generation.models import Job, JobEvent, Run
from generation.work import claiming, reasons
from marketing_site.lib import work
from marketing_site.lib.work import LostLease, State
from shop.models import Lane
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db


def claim(texts: int = 32, worker: str = "w1") -> list[Job]:
    return claiming.claim(worker, texts)


def crash(job: Job, times: int = 1) -> None:
    for _ in range(times):
        [mine] = [one for one in claim() if one.pk == job.pk]
        claiming.give_back(mine, reasons.ENGINE_DIED, crashed=True)


def test_a_job_is_claimed_worked_on_and_done() -> None:
    run = ledger.run(jobs=2)
    first, second = claim()
    assert (first.state, first.worker, bool(first.lease_token)) == ("running", "w1", True)
    assert first.lease_token != second.lease_token
    with claiming.run_held(first):
        claiming.end(first, State.DONE)
    assert ledger.states(run) == ["done", "running"]
    assert ledger.moves(first) == [("queued", "running"), ("running", "done")]


def test_a_batch_holds_as_many_jobs_as_the_engine_writes_texts() -> None:
    ledger.run(jobs=10, samples=8)
    assert len(claim(texts=32)) == 4


def test_what_is_claimed_is_not_claimed_again() -> None:
    ledger.run(jobs=3)
    assert len(claim(texts=2)) == 2
    assert len(claim(texts=2)) == 1
    assert claim() == []


def test_a_large_run_does_not_starve_a_small_one() -> None:
    large, small = ledger.run(jobs=9), ledger.run(jobs=3)
    turns = [claim(texts=3)[0].run_id for _ in range(4)]
    assert turns == [large.pk, small.pk, large.pk, large.pk]


def test_a_paused_lane_gives_nothing_out() -> None:
    ledger.run()
    Lane.objects.create(name="generation", paused=True)
    assert claim() == []


def test_a_job_that_waits_for_its_next_try_is_not_due() -> None:
    run = ledger.run()
    [job] = claim()
    claiming.give_back(job, reasons.ERROR, failed=True)
    assert ledger.states(run) == ["retry_wait"]
    assert claim() == []
    ledger.make_all_due()
    assert claim()


def test_a_worker_that_lost_its_lease_cannot_finish() -> None:
    run = ledger.run()
    [mine] = claim(worker="slow")
    ledger.let_leases_run_out()
    assert claiming.sweep() == 1
    [theirs] = claim(worker="fast")
    with pytest.raises(LostLease):
        work.finish(mine)
    work.finish(theirs)
    assert ledger.states(run) == ["done"]
    assert [event.worker for event in theirs.events.order_by("pk")] == ["slow", "slow", "fast", "fast"]


def test_a_heartbeat_lengthens_the_lease() -> None:
    ledger.run()
    jobs = claim()
    ledger.let_leases_run_out()
    work.extend(jobs)
    assert claiming.sweep() == 0


def test_a_lost_job_is_not_held_by_its_old_owners_heartbeat() -> None:
    ledger.run()
    old = claim()
    ledger.let_leases_run_out()
    claiming.sweep()
    new = claim()
    ledger.let_leases_run_out()
    work.extend(old)
    assert claiming.sweep() == 1
    assert new[0].lease_token != old[0].lease_token


def test_a_failure_waits_longer_each_time_and_ends_with_a_person() -> None:
    run = ledger.run()
    waits = []
    for _ in range(5):
        ledger.make_all_due()
        [job] = claim()
        claiming.give_back(job, f"{reasons.ERROR}: boom", failed=True)
        job.refresh_from_db()
        waits.append(job.not_before - job.updated_at)
    assert ledger.states(run) == ["dead"]
    assert (job.fails, job.reason) == (5, "error: boom")
    assert waits[0] < waits[1] < waits[2]


def test_poison_is_isolated_and_its_neighbours_finish() -> None:
    """A batch of four dies twice with the poison in it; nobody else uses up three tries."""
    run = ledger.run(jobs=4)
    poison = run.jobs.order_by("pk")[2]
    for job in claim():
        claiming.give_back(job, reasons.ENGINE_DIED, crashed=True)
    while jobs := claim():
        assert len(jobs) == 1
        if jobs[0].pk == poison.pk:
            claiming.give_back(jobs[0], reasons.ENGINE_DIED, crashed=True)
        else:
            work.finish(jobs[0])
    assert ledger.states(run) == ["done", "done", "dead", "done"]
    poison.refresh_from_db()
    assert poison.crashes == 3


def test_handing_back_at_shutdown_counts_nothing() -> None:
    run = ledger.run()
    [job] = claim()
    claiming.give_back(job, reasons.HANDED_BACK)
    job.refresh_from_db()
    assert (job.state, job.fails, job.crashes) == ("queued", 0, 0)
    assert ledger.states(run) == ["queued"]


def test_a_cancelled_run_is_over_for_good() -> None:
    run, by = ledger.run(jobs=3), make.user()
    [running] = claim(texts=1)
    claiming.cancel(run, by)
    assert ledger.states(run) == ["running", "cancelled", "cancelled"]
    with pytest.raises(claiming.RunCancelled), claiming.run_held(running):
        work.finish(running)
    claiming.give_back(running, reasons.HANDED_BACK)
    assert ledger.states(run) == ["cancelled"] * 3
    run.refresh_from_db()
    assert run.cancelled_by == by
    assert claim() == []


def test_the_sweeper_ends_what_a_killed_worker_held_of_a_cancelled_run() -> None:
    run = ledger.run()
    claim()
    claiming.cancel(run, make.user())
    ledger.let_leases_run_out()
    claiming.sweep()
    assert ledger.states(run) == ["cancelled"]


def test_a_person_tries_again_or_skips_what_is_dead() -> None:
    run = ledger.run(jobs=2)
    run.jobs.update(state="dead", fails=5)
    again, skipped = run.jobs.order_by("pk")
    assert claiming.try_again(Job.objects.filter(pk=again.pk)) == 1
    assert claiming.skip(Job.objects.filter(pk=skipped.pk)) == 1
    assert ledger.states(run) == ["queued", "skipped"]
    again.refresh_from_db()
    assert again.fails == 0
    assert claiming.try_again(Job.objects.filter(pk=skipped.pk)) == 0


def test_the_database_refuses_a_lease_without_work_and_work_without_a_lease() -> None:
    job = ledger.run().jobs.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="running")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(fails=6)


def test_every_move_is_one_that_the_ledger_allows() -> None:
    """The oracle of the chaos tests, on everything that the functions above can do."""
    run = ledger.run(jobs=5)
    done, failing, handed, dying, _waiting = run.jobs.order_by("pk")
    jobs = {job.pk: job for job in claim(texts=4)}
    work.finish(jobs[done.pk])
    claiming.give_back(jobs[failing.pk], reasons.ERROR, failed=True)
    claiming.give_back(jobs[handed.pk], reasons.HANDED_BACK)
    claiming.give_back(jobs[dying.pk], reasons.ENGINE_DIED, crashed=True)
    claiming.cancel(run, make.user())
    assert Run.objects.get().jobs.filter(state="cancelled").count() == 4
    assert not ledger.illegal_moves()
    JobEvent.objects.create(job=done, from_state="done", to_state="queued")
    assert ledger.illegal_moves()
