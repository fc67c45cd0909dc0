"""The wire between those who ask for an import and the worker that does it: a hint, which may be lost."""

import logging
import threading
from datetime import timedelta
from typing import Any

from celery import bootsteps, shared_task
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from marketing_site.lib.rhythm import Rhythm
from shop.models import Lane

LANE = "ingest"
# A hint that nobody took for this long is of no use any more.
HINT_EXPIRES_SECONDS = 30
logger = logging.getLogger(__name__)
# The importer of this process, where it serves the lane: what a hint pokes.
polling: dict[str, Rhythm] = {}


@shared_task(name="shop.tasks.wake_imports", ignore_result=True)
def wake_imports(**ignored: object) -> None:
    """Look for files now; a process that does not serve the lane has nothing to do."""
    if LANE in polling:
        polling[LANE].poke()


def hint() -> None:
    """Tell the lane's worker that there is work; losing the hint costs a second, never the work."""
    Lane.objects.get_or_create(name=LANE)
    quiet = Now() - timedelta(seconds=settings.WORK_HINT_SECONDS)
    silent = Lane.objects.filter(Q(hinted_at=None) | Q(hinted_at__lt=quiet), name=LANE)
    if not silent.update(hinted_at=Now()):
        return
    try:
        wake_imports.apply_async(queue=LANE, expires=HINT_EXPIRES_SECONDS)
    except OperationalError:
        logger.warning("The broker does not answer; the worker finds the file by itself")


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
