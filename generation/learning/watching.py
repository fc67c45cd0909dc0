"""What keeps a learning job's lease while something moves, and says when to stop.

Unlike texts, learning takes minutes to hours: it yields to texts that wait, and goes on where it was.
"""

import threading
import time
from collections.abc import Callable

from django.conf import settings

from generation.learning import claiming
from generation.models.learning import LearningJob
from generation.work import reasons
from marketing_site.lib import work

LOOK_SECONDS = 1.0
# A child that imports its libraries and loads a model is silent for that long at most.
LOADING_SECONDS = 120.0


class Watch:
    """The watch over one turn of one job; it is asked several times a second by whoever works."""

    def __init__(
        self, job: LearningJob, stopping: threading.Event, alive: Callable[[], None], kill: Callable[[], None]
    ) -> None:
        """Take `alive`, which is called after signs of life, and `kill`, which ends a silent child."""
        self.job, self.stopping, self.alive, self.kill = job, stopping, alive, kill
        self._began = self._heard = self._extended = time.monotonic()
        self._looked = float("-inf")
        self._late: threading.Timer | None = None
        # Why the turn ends before the work is done, as a reason's code; "" while it may go on.
        self.why = ""

    def sign(self, *_told: object) -> None:
        """Note a sign of life."""
        self._heard = time.monotonic()

    def stop(self) -> bool:
        """Say whether the work should stop now; it gets the time of one lease to do so."""
        now = time.monotonic()
        if now - self._began < LOADING_SECONDS:
            self._heard = now
        if now - self._heard > settings.WORK_LEASE_SECONDS:
            self.kill()
        if not self.why and now - self._looked >= min(LOOK_SECONDS, settings.WORK_HEARTBEAT_SECONDS):
            self._looked = now
            self._extend(now)
            self.why = self._reason(now)
            if self.why:
                self._late = threading.Timer(settings.WORK_LEASE_SECONDS, self.kill)
                self._late.daemon = True
                self._late.start()
        return bool(self.why)

    def over(self) -> None:
        """Nothing is left to kill."""
        if self._late:
            self._late.cancel()

    def _extend(self, now: float) -> None:
        if now - self._extended >= settings.WORK_HEARTBEAT_SECONDS and self._heard > self._extended:
            self._extended = now
            work.extend([self.job])
            self.alive()

    def _reason(self, now: float) -> str:
        if self.stopping.is_set():
            return reasons.HANDED_BACK
        if LearningJob.objects.filter(pk=self.job.pk, cancel_requested_at__isnull=False).exists():
            return reasons.RUN_CANCELLED
        if claiming.paused():
            return reasons.YIELDED
        spent = now - self._began >= settings.LEARNING_TURN_SECONDS
        return reasons.YIELDED if spent and claiming.texts_wait() else ""
