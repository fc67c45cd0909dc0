"""A writer at work: engines that die, hang, are missing or stop, and what is left of their batches."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from generation.engine import EngineDied, EngineUnavailable, Phase, ReadyState, TextRequest, TextResult
from generation.engine.fake import FakeEngine
from generation.models import Job, Run, Variant
from generation.work import claiming
from generation.work.batching import write_batch
from generation.work.working import Writer
from shop.models import SetupStep, WorkerBeat
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db


class DyingEngine(FakeEngine):
    """Dies after some texts, as often as it is told."""

    def __init__(self, after: int, deaths: int) -> None:
        super().__init__()
        self.after, self.deaths = after, deaths

    def write(self, requests: Sequence[TextRequest], *args: Any) -> Iterator[tuple[int, TextResult]]:
        for number, result in enumerate(super().write(requests, *args)):
            if number == self.after and self.deaths:
                self.deaths -= 1
                raise EngineDied("killed")
            yield result


class MissingEngine(FakeEngine):
    """Has no model."""

    started = 0

    def start(self) -> None:
        self.started += 1

    def ready_state(self) -> ReadyState:
        return ReadyState(Phase.FAILED, message="The default model is not installed.")


class BrokenEngine(FakeEngine):
    """Says that it is ready and is not."""

    def write(self, *args: Any) -> Iterator[tuple[int, TextResult]]:
        raise EngineUnavailable("no memory")
        yield


@pytest.fixture
def run() -> Run:
    return ledger.run(jobs=4, campaign=make.complete_campaign())


def test_what_was_ready_before_the_engine_died_is_kept(run: Run) -> None:
    """Eight samples a text: the first text is whole when the engine dies at the ninth sample."""
    Writer("w", DyingEngine(after=9, deaths=1)).work_off()
    assert ledger.states(run) == ["done"] * 4
    assert Variant.objects.count() == 4
    assert list(run.jobs.order_by("pk").values_list("crashes", flat=True)) == [0, 1, 1, 1]


def test_an_engine_that_always_dies_leaves_every_item_to_a_person(run: Run) -> None:
    Writer("w", DyingEngine(after=0, deaths=100)).work_off()
    assert ledger.states(run) == ["dead"] * 4
    assert set(run.jobs.values_list("crashes", flat=True)) == {3}
    assert "language model stopped" in run.jobs.first().why  # type: ignore[union-attr]


def test_a_missing_model_leaves_the_work_alone_and_says_why(run: Run) -> None:
    engine = MissingEngine()
    writer = Writer("w", engine)
    writer.work_off()
    writer.work_off()
    assert ledger.states(run) == ["queued"] * 4
    assert engine.started == 1  # not every second
    step = SetupStep.objects.get(name="model")
    assert (step.state, step.detail) == ("failed", "The default model is not installed.")
    assert WorkerBeat.objects.get().doing == "failed"


def test_an_engine_that_cannot_write_counts_nothing_against_the_texts(run: Run) -> None:
    writer = Writer("w", BrokenEngine())
    jobs = claiming.claim("w", 32)
    write_batch(jobs, writer.engine, writer.stopping, lambda: None)
    assert ledger.states(run) == ["queued"] * 4
    assert set(run.jobs.values_list("fails", "crashes")) == {(0, 0)}


def test_a_writer_that_stops_hands_back_what_is_left(run: Run) -> None:
    class StoppingEngine(FakeEngine):
        def write(self, *args: Any) -> Iterator[tuple[int, TextResult]]:
            for number, result in enumerate(super().write(*args)):
                if number == 10:
                    writer.stop()
                yield result

    writer = Writer("w", StoppingEngine())
    writer.work_off()
    assert sorted(ledger.states(run)) == ["done", "queued", "queued", "queued"]
    assert set(run.jobs.values_list("fails", "crashes")) == {(0, 0)}


def test_one_item_that_fails_does_not_take_the_others_along(run: Run) -> None:
    job = run.jobs.order_by("pk")[1]
    Job.objects.filter(pk=job.pk).update(product=make.product(attributes=["not", "a", "mapping"]))
    Writer("w", FakeEngine()).work_off()
    assert ledger.states(run) == ["done", "retry_wait", "done", "done"]
    job.refresh_from_db()
    assert (job.fails, job.reason[:6]) == (1, "error:")


@pytest.mark.django_db(transaction=True)
def test_a_cancel_stops_a_batch_that_is_being_written() -> None:
    run, by = ledger.run(jobs=4, campaign=make.complete_campaign()), make.user()

    class CancelledEngine(FakeEngine):
        def write(
            self, requests: Any, tick: Any = None, cancelled: Any = None
        ) -> Iterator[tuple[int, TextResult]]:
            for number, result in enumerate(super().write(requests, tick, cancelled)):
                if number == 8:
                    claiming.cancel(run, by)
                    while not cancelled():
                        threading.Event().wait(0.05)
                yield result

    Writer("w", CancelledEngine()).work_off()
    assert ledger.states(run) == ["done", "cancelled", "cancelled", "cancelled"]
    assert Variant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_silent_engine_is_killed_and_a_ticking_one_keeps_its_lease(settings: Settings) -> None:
    settings.WORK_LEASE_SECONDS, settings.WORK_HEARTBEAT_SECONDS = 1.0, 0.2
    run = ledger.run(jobs=1, campaign=make.complete_campaign())

    class HangingEngine(FakeEngine):
        hangs = True

        def write(
            self, requests: Any, tick: Any = None, cancelled: Any = None
        ) -> Iterator[tuple[int, TextResult]]:
            for _ in range(15):  # longer than the lease, with signs of life
                threading.Event().wait(0.1)
                tick(1)
                assert claiming.sweep() == 0
            while self.hangs and not self.killed:
                threading.Event().wait(0.05)
            self.hangs = False
            if self.killed:
                self.killed = False
                raise EngineDied("killed")
            yield from super().write(requests, tick, cancelled)

    writer = Writer("w", HangingEngine())
    jobs = claiming.claim("w", 1)
    write_batch(jobs, writer.engine, writer.stopping, lambda: None)
    claiming.sweep()
    assert ledger.states(run) == ["queued"]
    assert set(run.jobs.values_list("crashes", flat=True)) == {1}
