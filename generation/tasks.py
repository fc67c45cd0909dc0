"""The wire between web and workers: a hint by Celery, and what runs beside Celery in each worker process.

The rows are the truth. A hint only makes a worker look now instead of at its next poll.
"""

import threading
from functools import partial
from typing import Any

from celery import bootsteps, shared_task
from django.conf import settings

from generation import deciding
from generation.engine import get_engine
from generation.learning import claiming as learning
from generation.modelling import working as modelling
from generation.work import booking, claiming
from generation.work.beating import SWEEPING, Beat, alive
from generation.work.claiming import LANE
from generation.work.working import Writer
from marketing_site.lib.rhythm import Rhythm
from shop import hinting

# What polls in this process, by lane: what a hint pokes.
polling: dict[str, Rhythm] = {}


@shared_task(ignore_result=True)
def wake(lane: str, **ignored: object) -> None:
    """Look for work in the lane now; a process that does not serve it has nothing to do."""
    if lane in polling:
        polling[lane].poke()


def hint(lane: str) -> None:
    """Tell the lane's writers that there is work; losing the hint costs a second, never the work."""
    if alive(lane).exists():
        hinting.hint(lane, wake, args=(lane,), queue=lane)


class WorkStep(bootsteps.StartStopStep):
    """What a Celery worker process does beside its tasks: sweeping, and the work of the lanes it serves.

    It starts before the broker is reached and does not need it.
    """

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.name_of_worker = str(worker.hostname)
        self.serves = set(worker.app.amqp.queues.consume_from)
        self.rhythms: list[Rhythm] = []
        self.writer: Writer | None = None
        self.stopping = threading.Event()

    def start(self, worker: Any) -> None:
        """Start the threads."""
        sweeper = Sweeper(self.name_of_worker, self.serves)
        self.rhythms = [Rhythm("sweeper", sweeper.sweep, settings.WORK_SWEEP_SECONDS)]
        if LANE in self.serves:
            self.writer = Writer(self.name_of_worker, get_engine())
            polling[LANE] = Rhythm("writer", self.writer.work_off, settings.WORK_POLL_SECONDS)
            self.rhythms.append(polling[LANE])
        if settings.CELERY_TASK_DEFAULT_QUEUE in self.serves:
            decide = partial(deciding.work_off, self.name_of_worker, self.stopping)
            self.rhythms.append(Rhythm("decider", decide, settings.WORK_POLL_SECONDS))
        for rhythm in self.rhythms:
            rhythm.start()

    def stop(self, worker: Any) -> None:
        """Claim nothing more, hand back what is open, and end the threads; an engine that hangs is killed."""
        self.stopping.set()
        if self.writer:
            self.writer.stop()
            polling[LANE].stop(settings.WORK_STOP_SECONDS)
            self.writer.end()
        for rhythm in self.rhythms:
            rhythm.stop(settings.WORK_STOP_SECONDS)

    def terminate(self, worker: Any) -> None:
        """Do the same when Celery stops in a hurry: what is handed back now need not be swept up later."""
        self.stop(worker)


class Sweeper:
    """The recovery that every worker process does: whoever wins the lock sweeps for all."""

    def __init__(self, worker: str, lanes: set[str]) -> None:
        # A writer tells of itself; other workers would be invisible without this.
        self.beat = None if LANE in lanes else Beat(worker, ", ".join(sorted(lanes)))

    def sweep(self) -> None:
        """Take back abandoned jobs and book what a killed worker left unbooked."""
        if self.beat:
            self.beat(SWEEPING)
        claiming.sweep()
        deciding.sweep()
        learning.sweep()
        modelling.sweep()
        booking.book_left_over()
