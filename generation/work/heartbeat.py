"""What keeps a batch's leases alive while its engine works, and what ends the batch when it should end."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from django.conf import settings
from django.db import connections

from generation.engine import TextEngine
from generation.models import Job, Run
from marketing_site.lib import work

logger = logging.getLogger(__name__)
# A cancelled run must stop within seconds, however rare the heartbeats are.
LOOK_SECONDS = 1.0


class Heartbeat(threading.Thread):
    """Extends the leases of the unfinished jobs, but only while the engine ticks.

    A silent engine is killed after the time of one lease: its jobs belong to others then. So is one that
    works for longer than the hard limit. A thread that beats blindly would keep a hung model alive.
    """

    def __init__(self, engine: TextEngine, stopping: threading.Event, alive: Callable[[], None]) -> None:
        """Take `alive`, which is called after signs of life."""
        super().__init__(name="heartbeat", daemon=True)
        self.engine, self.stopping, self.alive = engine, stopping, alive
        self._jobs: Sequence[Job] = ()
        self._ticked_at = self._extended_at = self._started_at = time.monotonic()
        self._over, self._run_cancelled = threading.Event(), False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self.join()

    def watch(self, jobs: Sequence[Job]) -> None:
        """Keep the leases of these jobs, and of no others, from now on."""
        self._jobs = jobs

    def tick(self, tokens: int) -> None:
        """Note a sign of life: the engine calls it, with the tokens of its call so far."""
        self._ticked_at = time.monotonic()

    def cancelled(self) -> bool:
        """Say whether the engine should stop: the run was cancelled, or this worker shuts down."""
        return self._run_cancelled or self.stopping.is_set()

    def run(self) -> None:
        while not self._over.wait(min(LOOK_SECONDS, settings.WORK_HEARTBEAT_SECONDS)):
            try:
                self._look()
            except Exception:
                logger.exception("The heartbeat failed; it goes on")
        connections.close_all()

    def _look(self) -> None:
        now, jobs = time.monotonic(), self._jobs
        silent = now - self._ticked_at > settings.WORK_LEASE_SECONDS
        if silent or now - self._started_at > settings.WORK_HARD_LIMIT_SECONDS:
            logger.error("The engine is killed: %s", "no sign of life" if silent else "over the hard limit")
            self.engine.kill()
            self._over.set()
            return
        if not jobs:
            return
        cancelled = Run.objects.filter(pk=jobs[0].run_id, cancel_requested_at__isnull=False)
        self._run_cancelled = cancelled.exists()
        due = now - self._extended_at >= settings.WORK_HEARTBEAT_SECONDS
        if due and self._ticked_at > self._extended_at:
            self._extended_at = now
            work.extend(jobs)
            self.alive()
