"""What tells people that a worker lives: one row a worker, written while it polls or its engine ticks."""

import time
from datetime import timedelta

import psutil
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.engine import Phase
from shop.models import WorkerBeat

ALIVE = timedelta(seconds=30)
# Rows are written this often at most, unless the worker does something else than before.
BEAT_SECONDS = 5.0
WRITING, IDLE, SWEEPING, LEARNING = "writing", "idle", "sweeping", "learning"
PREPARING = "preparing"
WORDS = {
    WRITING: _("writing"),
    IDLE: _("waiting for work"),
    LEARNING: _("learning"),
    PREPARING: _("working on a model"),
    SWEEPING: _("looking after the others"),
    Phase.STOPPED: _("starting the language model"),
    Phase.CONVERTING: _("preparing the language model"),
    Phase.LOADING: _("loading the language model"),
    Phase.FAILED: _("the language model cannot be loaded"),
}


class Beat:
    """The beat of one worker process on one lane."""

    def __init__(self, worker: str, lane: str) -> None:
        self.worker, self.lane = worker, lane
        self._told, self._told_at = "", 0.0

    def __call__(self, doing: str, model: str = "") -> None:
        """Say what the worker does now."""
        now = time.monotonic()
        if doing == self._told and now - self._told_at < BEAT_SECONDS:
            return
        self._told, self._told_at = doing, now
        WorkerBeat.objects.update_or_create(
            worker=self.worker,
            defaults={
                "lane": self.lane,
                "polled_at": Now(),
                "memory_mb": memory_mb(),
                "doing": doing,
                "model": model,
            },
        )

    def end(self) -> None:
        """Take the worker off the list, as it shuts down."""
        WorkerBeat.objects.filter(worker=self.worker).delete()


def words(doing: str) -> str:
    """Return what a worker does in words."""
    return str(WORDS.get(doing, doing))


def alive(lane: str) -> QuerySet[WorkerBeat]:
    """Return the lane's workers that polled or ticked within the last 30 seconds."""
    return WorkerBeat.objects.filter(lane=lane, polled_at__gte=Now() - ALIVE)


def memory_mb() -> int:
    """Return the resident memory of this process and its children."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total // 2**20
