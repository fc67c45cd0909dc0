"""The learning part of a writer: one turn of one job at a time, between texts.

A turn ends when the job is done, or when it is told to stop: the job then waits for its next turn, with what
it has done so far kept in rows and checkpoints.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from generation.engine import EngineDied, EngineUnavailable, TextEngine
from generation.learning import claiming, evaluating, looking, teaching
from generation.learning.claiming import Cancelled
from generation.learning.looking import NothingToLearn
from generation.learning.teacher import Stopped, get_teacher
from generation.learning.watching import Watch
from generation.models.learning import LearningJob
from generation.work import reasons
from marketing_site.lib.work import LostLease

logger = logging.getLogger(__name__)
Purpose = LearningJob.Purpose


class Turn(Protocol):
    """One turn of a job: True when the job has ended, False when the watch stopped it."""

    def __call__(self, job: LearningJob, watch: Watch, engine: TextEngine) -> bool: ...


TURNS: dict[str, Turn] = {
    Purpose.LOOK: looking.look,
    Purpose.KEEP: looking.keep,
    Purpose.TEACH: teaching.teach,
    Purpose.EVALUATE: evaluating.evaluate,
}


class Learner:
    """What learns in one worker process."""

    def __init__(self, name: str, engine: TextEngine, stopping: threading.Event) -> None:
        self.name, self.engine, self.stopping = name, engine, stopping
        self._ended_at = float("-inf")
        self._texts_next = False

    def comes_first(self) -> bool:
        """Say whether texts have had the writer for a turn, of one batch at least, while learning waited."""
        if self._texts_next:
            self._texts_next = False
            return False
        rested = time.monotonic() - self._ended_at >= settings.LEARNING_TURN_SECONDS
        return rested and claiming.due().exists()

    def take_turn(self, alive: Callable[[], None]) -> bool:
        """Do a turn of whatever is due; False where nothing is."""
        job = claiming.claim(self.name)
        if job is None:
            return False
        alive()
        watch = Watch(job, self.stopping, alive, self._kill)
        try:
            self._turn(job, watch)
        except LostLease:
            logger.warning("Learning job %s was taken over: this result is thrown away", job.pk)
        finally:
            watch.over()
            self._ended_at, self._texts_next = time.monotonic(), True
        return True

    def _kill(self) -> None:
        get_teacher().kill()
        self.engine.kill()

    def _turn(self, job: LearningJob, watch: Watch) -> None:
        try:
            if not TURNS[job.purpose](job, watch, self.engine):
                claiming.give_back(job, watch.why)
        except (Cancelled, Stopped):
            claiming.give_back(job, watch.why or reasons.RUN_CANCELLED)
        except NothingToLearn:
            claiming.give_up(job, reasons.NOTHING_TO_LEARN)
        except LostLease:
            raise
        except Exception as error:
            self._failed(job, error)

    def _failed(self, job: LearningJob, error: Exception) -> None:
        if isinstance(error, EngineDied):
            claiming.give_back(job, f"{reasons.ENGINE_DIED}: {error}", crashed=True)
        elif isinstance(error, EngineUnavailable):
            claiming.give_back(job, f"{reasons.ENGINE_UNAVAILABLE}: {error}", failed=True)
        else:
            logger.error("Learning job %s failed", job.pk, exc_info=error)
            claiming.give_back(job, f"{reasons.ERROR}: {error!r}", failed=True)
