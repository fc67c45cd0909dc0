"""One writer at work: keeps its engine running, claims jobs batch by batch, and books what they cost.

No transaction is open while the model runs. Whatever happens to a batch, each of its jobs ends in exactly
one way: kept, skipped, cancelled, given back, or, if this process is killed, swept up by another one.
"""

import threading
import time

from django.conf import settings

from generation.engine import Phase, ReadyState, TextEngine
from generation.learning.working import Learner
from generation.modelling.preferring import preferred
from generation.modelling.working import ModelWorker
from generation.models import Job
from generation.work import booking, claiming
from generation.work.batching import write_batch
from generation.work.beating import IDLE, LEARNING, PREPARING, WRITING, Beat
from generation.work.claiming import LANE
from generation.work.model_progress import ModelProgress

# A model that cannot start is tried again this often: somebody may have put it in place.
RESTART_SECONDS = 30.0


class Writer:
    """The one writer of a worker process; `work_off` is called again and again."""

    def __init__(self, name: str, engine: TextEngine) -> None:
        self.name, self.engine = name, engine
        self.stopping = threading.Event()
        self._beat, self._progress = Beat(name, LANE), ModelProgress()
        self._learner = Learner(name, engine, self.stopping)
        self._model_worker = ModelWorker(name, engine, self.stopping)
        self._broken: dict[str, float] = {}  # models that could not be loaded, and until when none tries
        self._start_again_at = 0.0

    def work_off(self) -> None:
        """Write whatever is due, batch by batch, and learn in between; nothing due is fine."""
        while not self.stopping.is_set() and self._ready():
            jobs = [] if self._learner.comes_first() else claiming.claim(self.name, self.engine.batch)
            if jobs:
                self._take_model(jobs[0])
                self._alive()
                write_batch(jobs, self.engine, self.stopping, self._alive)
                booking.book(jobs[0].run)
            elif not self._model_worker.take_turn(self._preparing) and not self._learner.take_turn(
                self._learning
            ):
                self._beat(IDLE, self.engine.revision)
                return

    def stop(self) -> None:
        """Claim nothing more, and hand back what is not written yet."""
        self.stopping.set()

    def end(self) -> None:
        """Leave: no engine and no beat stay behind."""
        self.engine.kill()
        self._beat.end()

    def _ready(self) -> bool:
        """Say whether texts can be written now; starts the engine where it does not run."""
        state = self.engine.ready_state()
        may_start = state.phase == Phase.STOPPED or (
            state.phase == Phase.FAILED and time.monotonic() >= self._start_again_at
        )
        if may_start:
            self._give_up_on_chosen(state)
            self._start_again_at = time.monotonic() + RESTART_SECONDS
            self.engine.start()
            state = self.engine.ready_state()
        self._progress.tell(state)
        if state.phase != Phase.READY:
            self._beat(state.phase)
        return state.phase == Phase.READY

    def _take_model(self, job: Job) -> None:
        """Use the model that was chosen for a batch; it is loaded while the batch waits, which is told."""
        wanted = preferred(job.run.purpose, job.language)
        broken = self._broken.get(wanted.model, 0.0) > time.monotonic()
        self.engine.use(settings.GENERATION_MODEL if broken else wanted.model)
        self.engine.start()

    def _give_up_on_chosen(self, state: ReadyState) -> None:
        """Go back to the settings' model where a chosen one cannot be loaded: texts do not wait for it."""
        chosen = self.engine.in_use
        if state.phase == Phase.FAILED and chosen != settings.GENERATION_MODEL:
            self._broken[chosen] = time.monotonic() + RESTART_SECONDS
            self.engine.use(settings.GENERATION_MODEL)

    def _alive(self) -> None:
        state = self.engine.ready_state()
        self._progress.tell(state)
        self._beat(WRITING if state.phase == Phase.READY else state.phase, self.engine.revision)

    def _preparing(self) -> None:
        self._beat(PREPARING, self.engine.revision)

    def _learning(self) -> None:
        self._beat(LEARNING, self.engine.revision)
