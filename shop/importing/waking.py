"""The wire between those who ask for an import and the worker that does it: a hint, which may be lost."""

import threading
from typing import Any

from celery import bootsteps, shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from marketing_site.lib.rhythm import Rhythm
from shop import hinting

LANE = "ingest"
# The importer of this process, where it serves the lane: what a hint pokes.
polling: dict[str, Rhythm] = {}


@shared_task(name="shop.tasks.wake_imports", ignore_result=True)
def wake_imports(**ignored: object) -> None:
    """Look for files now; a process that does not serve the lane has nothing to do."""
    if LANE in polling:
        polling[LANE].poke()


def hint() -> None:
    """Tell the lane's worker that there is work; losing the hint costs a second, never the work."""
    hinting.hint(LANE, wake_imports, queue=LANE)


class ImportStep(bootsteps.StartStopStep):
    """What a Celery worker does where it serves the lane: one file after the other, in a thread."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.name_of_worker = str(worker.hostname)
        self.serves = LANE in worker.app.amqp.queues.consume_from
        self.stopping = threading.Event()

    def start(self, worker: Any) -> None:
        """Start looking for files."""
        if self.serves:
            polling[LANE] = Rhythm("importer", self._look, settings.WORK_POLL_SECONDS)
            polling[LANE].start()

    def _look(self) -> None:
        # Imported where it is needed: the importer brings polars with it.
        import_string("shop.importing.lane.work_off")(self.name_of_worker, self.stopping)

    def stop(self, worker: Any) -> None:
        """Hand back what is open at the next part, and end."""
        self.stopping.set()
        if self.serves:
            polling[LANE].stop(settings.WORK_STOP_SECONDS)

    def terminate(self, worker: Any) -> None:
        """Do the same when Celery stops in a hurry."""
        self.stop(worker)
