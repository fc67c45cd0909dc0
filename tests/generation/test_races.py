"""Two processes at the same row: who wins is decided by locks, not by luck."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from generation.models import Job, Run, Variant
from generation.work import claiming
from marketing_site.lib import work
from marketing_site.lib.work import State
from tests import make
from tests.chaos import mutations
from tests.generation import ledger

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 5.0


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run `act` in another connection, and wait for its end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not errors, errors


def test_two_workers_never_get_the_same_job() -> None:
    ledger.run(jobs=60)
    got: list[list[int]] = [[], []]
    start = threading.Barrier(2)

    def take(mine: list[int]) -> None:
        start.wait(PATIENCE)
        while jobs := claiming.claim("w", 3):
            mine.extend(job.pk for job in jobs)

    with meanwhile(lambda: take(got[0])), meanwhile(lambda: take(got[1])):
        pass
    assert sorted(got[0] + got[1]) == sorted(Job.objects.values_list("pk", flat=True))


def cancel_between_look_and_commit() -> tuple[int, int]:
    """Cancel a run between a finish's look and its commit; return the texts then and at the end."""
    run, by = ledger.run(), make.user()
    [job] = claiming.claim("w", 1)
    looked, acknowledged = threading.Event(), threading.Event()
    at_once: list[int] = []

    def finish() -> None:
        with claiming.run_held(job):
            looked.set()
            # With the lock the cancel cannot be acknowledged meanwhile, so this waits in vain.
            acknowledged.wait(0.5)
            work.finish(job)
            Variant.objects.create(
                job=job, campaign=run.campaign, kind="sms", language="en", fields={}, original_fields={},
                origin="model",
            )  # fmt: skip

    def cancel() -> None:
        looked.wait(PATIENCE)
        claiming.cancel(run, by)
        at_once.append(Variant.objects.count())
        acknowledged.set()

    with meanwhile(finish), meanwhile(cancel):
        pass
    return at_once[0], Variant.objects.count()


def test_a_cancel_waits_for_the_finish_that_came_first() -> None:
    assert cancel_between_look_and_commit() == (1, 1)
    assert ledger.states(Run.objects.get()) == ["done"]


def test_this_would_notice_a_finish_that_does_not_hold_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "hold", work.hold)  # put back at the end
    mutations.apply("no_run_lock")
    assert cancel_between_look_and_commit() == (0, 1)


def test_a_finish_after_the_cancel_is_refused() -> None:
    run = ledger.run()
    [job] = claiming.claim("w", 1)
    claiming.cancel(run, make.user())
    with pytest.raises(claiming.RunCancelled), claiming.run_held(job):
        work.finish(job)
    claiming.end_without_text(job, State.SKIPPED, "")
    assert ledger.states(run) == ["cancelled"]


def test_only_one_sweeper_sweeps_at_a_time() -> None:
    ledger.run(jobs=3)
    claiming.claim("w", 3)
    ledger.let_leases_run_out()
    swept: list[int] = []
    start = threading.Barrier(2)

    def sweep() -> None:
        start.wait(PATIENCE)
        swept.append(claiming.sweep())

    with meanwhile(sweep), meanwhile(sweep):
        pass
    assert sum(swept) == 3
    assert set(Job.objects.values_list("crashes", flat=True)) == {1}
