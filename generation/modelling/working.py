"""The part of a writer that works on models: accepts, converts and measures, between two batches of texts."""

import logging
import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from generation.engine import (
    EngineDied,
    EngineUnavailable,
    Phase,
    ReadyState,
    TextEngine,
    TextRequest,
    TextResult,
)
from generation.engine.model_store import SERVER, accept, path_of
from generation.models.engines import ModelJob, ModelSpeed
from generation.work import beating, reasons
from generation.work.model_progress import percent
from marketing_site.lib import work
from marketing_site.lib.work import WAITING, LostLease, State
from shop.models import Lane

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.2
# What is written to measure a speed: about what a personal offer takes.
SHARED = (("system", "You write short texts for a shop. Say only what the facts say, in simple words. " * 8),)
MEASURED_TOKENS = 40


class Stopped(Exception):
    """The writer shuts down: somebody else goes on."""


class ModelWorker:
    """What works on models in one worker process."""

    def __init__(self, name: str, engine: TextEngine, stopping: threading.Event) -> None:
        self.name, self.engine, self.stopping = name, engine, stopping
        self._extended_at = 0.0

    def take_turn(self, alive: Callable[[], None]) -> bool:
        """Do the work on a model that waited longest; False where nothing is due."""
        if not ModelJob.objects.filter(state__in=WAITING, not_before__lte=Now()).exists() or paused():
            return False
        jobs = work.claim(ModelJob.objects.all(), 1, self.name)
        for job in jobs:
            try:
                self._work(job, alive)
            except LostLease:
                logger.warning("Work %s on a model was taken over: this result is thrown away", job.pk)
        return bool(jobs)

    def _work(self, job: ModelJob, alive: Callable[[], None]) -> None:
        acts = {
            ModelJob.Act.ACCEPT: self._accept,
            ModelJob.Act.CONVERT: self._convert,
            ModelJob.Act.MEASURE: self._measure,
        }
        try:
            acts[ModelJob.Act(job.act)](job, alive)
        except Stopped:
            work.hand_back(job, reasons.HANDED_BACK)
        except EngineUnavailable as error:  # trying again changes nothing: a person has to
            work.finish(job, State.DEAD, f"{reasons.ENGINE_UNAVAILABLE}: {error}")
        except EngineDied as error:
            work.hand_back(job, f"{reasons.ENGINE_DIED}: {error}", crashed=True)
        except LostLease:
            raise
        except Exception as error:
            logger.exception("Work %s on a model failed", job.pk)
            work.hand_back(job, f"{reasons.ERROR}: {error!r}", failed=True)

    def _accept(self, job: ModelJob, alive: Callable[[], None]) -> None:
        """Hash the files; a thread, so that the lease lasts as long as a large model takes."""
        failed: list[EngineUnavailable] = []

        def sign() -> None:
            try:
                accept(Path(self._path(job)), job.shown)
            except EngineUnavailable as error:
                failed.append(error)

        thread = threading.Thread(target=sign, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(LOOK_SECONDS)
            self._keep(job, alive)
        if failed:
            raise failed[0]
        work.finish(job)

    def _convert(self, job: ModelJob, alive: Callable[[], None]) -> None:
        self._load(job, alive)
        work.finish(job, percent=100)

    def _measure(self, job: ModelJob, alive: Callable[[], None]) -> None:
        self.engine.kill()  # a switch is measured, too
        began = time.monotonic()
        self._load(job, alive)
        ready, peak = time.monotonic() - began, beating.memory_mb()

        def tick(_tokens: int) -> None:
            nonlocal peak
            peak = max(peak, beating.memory_mb())
            self._keep(job, alive)

        results = self._write(tick)
        ModelSpeed.objects.create(
            model=job.model,
            revision=self.engine.revision,
            machine=platform.node() or "unknown",
            tokens_per_second=sum(r.new_tokens for r in results) / max(1e-9, sum(r.seconds for r in results)),
            seconds_per_text=sum(result.seconds for result in results) / len(results),
            ready_seconds=ready,
            peak_memory_mb=max(peak, beating.memory_mb()),
        )
        work.finish(job, percent=100)

    def _write(self, tick: Callable[[int], None]) -> list[TextResult]:
        """Write one batch, greedily and unbound."""
        requests = [
            TextRequest(SHARED, f"Product: lamp no. {number}. One sentence.", MEASURED_TOKENS)
            for number in range(self.engine.batch)
        ]
        results = [result for _, result in self.engine.write(requests, tick, self.stopping.is_set)]
        if self.stopping.is_set() or not results:
            raise Stopped
        return results

    def _path(self, job: ModelJob) -> str:
        return path_of(job.model, settings.MODELS_FOLDER, settings.GENERATION_MODEL)

    def _load(self, job: ModelJob, alive: Callable[[], None]) -> None:
        """Load the job's model and wait until it is ready; raises EngineUnavailable."""
        if job.model != SERVER:
            self.engine.use(self._path(job))
        self.engine.start()
        while (state := self.engine.ready_state()).phase != Phase.READY:
            if state.phase == Phase.FAILED:
                raise EngineUnavailable(state.message)
            if state.phase == Phase.STOPPED:
                raise EngineDied("The engine stopped while it was loading.")
            if self.stopping.wait(LOOK_SECONDS):
                raise Stopped
            self._keep(job, alive, state)

    def _keep(self, job: ModelJob, alive: Callable[[], None], state: ReadyState | None = None) -> None:
        """Keep the lease, and write how far the work is."""
        if time.monotonic() - self._extended_at < min(2.0, settings.WORK_HEARTBEAT_SECONDS):
            return
        self._extended_at = time.monotonic()
        work.extend([job])
        if state:
            held = ModelJob.objects.filter(pk=job.pk, lease_token=job.lease_token)
            held.update(percent=percent(state))
        alive()


def paused() -> bool:
    """Say whether an administrator has paused the lane."""
    return Lane.objects.filter(name="generation", paused=True).exists()


def sweep() -> int:
    """Take back work on models of vanished workers; returns how much came back."""
    return work.sweep(ModelJob.objects.all(), reasons.WORKER_LOST)
