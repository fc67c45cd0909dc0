"""One writer at work: keeps its engine running, claims jobs batch by batch, and books what they cost.

No transaction is open while the model runs. Whatever happens to a batch, each of its jobs ends in exactly
one way: kept, skipped, cancelled, given back, or, if this process is killed, swept up by another one.
"""

import threading
import time

from generation.engine import Phase, TextEngine
from generation.work import booking, claiming
from generation.work.batching import write_batch
from generation.work.beating import IDLE, WRITING, Beat
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
        self._start_again_at = 0.0

    def work_off(self) -> None:
        """Write whatever is due, batch by batch; nothing due is fine."""
        while not self.stopping.is_set() and self._ready():
            jobs = claiming.claim(self.name, self.engine.batch)
            if not jobs:
                self._beat(IDLE, self.engine.revision)
                return
            self._alive()
            write_batch(jobs, self.engine, self.stopping, self._alive)
            booking.book(jobs[0].run)

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
            self._start_again_at = time.monotonic() + RESTART_SECONDS
            self.engine.start()
            state = self.engine.ready_state()
        self._progress.tell(state)
        if state.phase != Phase.READY:
            self._beat(state.phase)
        return state.phase == Phase.READY

    def _alive(self) -> None:
        self._beat(WRITING, self.engine.revision)
