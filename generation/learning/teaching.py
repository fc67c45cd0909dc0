"""The job behind a teaching run: a child process teaches, and each turn goes on at its last checkpoint."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from generation.engine import TextEngine
from generation.learning import claiming, keeping, requesting, serving
from generation.learning.looking import NothingToLearn
from generation.learning.teacher import get_teacher
from generation.learning.watching import Watch
from generation.models.learning import LearningJob, Split, Training, TrainingPoint
from generation.tuning.recipe import Method, Outcome, Progress, Recipe
from generation.tuning.teaching import Plan
from generation.work import reasons

# Rows are written this often at most.
TELL_SECONDS = 1.0
BATCH = 500


def teach(job: LearningJob, watch: Watch, engine: TextEngine) -> bool:
    """Teach until it is done or the watch says stop; a stopped run has written a checkpoint."""
    training = Training.objects.select_related("data_set").get(pk=job.training_id or 0)
    plan = plan_of(training)
    if not plan.pairs:
        raise NothingToLearn
    Training.objects.filter(pk=training.pk).update(
        began_at=Coalesce(F("began_at"), Now()), hash=training.data_set.hash
    )
    teller = Teller(job, training, plan.recipe.save_every)
    try:
        outcome = get_teacher().teach(plan, teller.tell, watch.stop, watch.sign)
    finally:
        teller.flush()
    if outcome.ended == "cancelled":
        if watch.why == reasons.RUN_CANCELLED:
            shutil.rmtree(plan.work, ignore_errors=True)
        return False
    with claiming.held(job):
        claiming.end(job)
        _finish(training, outcome)
        requesting.evaluate_result(training, serving.standing().adapter)
    shutil.rmtree(plan.work, ignore_errors=True)
    return True


def plan_of(training: Training) -> Plan:
    """Return the plan of a run: the same plan each time, as long as its data set stands."""
    return Plan(
        Recipe.of(training.recipe),
        keeping.pairs(training.data_set, Split.TRAIN),
        keeping.pairs(training.data_set, Split.VALIDATION),
        work_folder(training),
        out_folder(training),
    )


def work_folder(training: Training) -> Path:
    """Return where a run keeps its checkpoint."""
    return Path(settings.DATA_DIR) / "tuning" / str(training)


def out_folder(training: Training) -> Path:
    """Return the folder that a run makes: an adapter in the store, or a model beside it."""
    if training.method == Method.FULL:
        return Path(settings.DATA_DIR) / "models" / str(training)
    return Path(settings.ADAPTER_STORE) / str(training)


def _finish(training: Training, outcome: Outcome) -> None:
    Training.objects.filter(pk=training.pk).update(
        adapter=str(training) if training.method == Method.LORA else "",
        step=outcome.steps, steps=outcome.steps, tokens=outcome.tokens, seconds=outcome.seconds,
        first_loss=outcome.first_validation_loss, best_loss=outcome.validation_loss, pairs=outcome.pairs,
        left_out=outcome.left_out, ended=outcome.ended, finished_at=Now(),
    )  # fmt: skip
    training.refresh_from_db()


@dataclass
class Teller:
    """Writes what a run tells as rows, about once a second."""

    job: LearningJob
    training: Training
    save_every: int
    told: list[Progress] = field(default_factory=list)
    flushed_at: float = float("-inf")
    first: int | None = None

    def tell(self, progress: Progress) -> None:
        """Take in one step."""
        self.first = progress.step if self.first is None else self.first
        self.told.append(progress)
        if time.monotonic() - self.flushed_at >= TELL_SECONDS:
            self.flush()
        if progress.step >= self.first + self.save_every:
            claiming.made_progress(self.job)

    def flush(self) -> None:
        """Write what has come in. A resumed run tells some steps again, with the same figures."""
        if not self.told:
            return
        self.flushed_at = time.monotonic()
        last, points = (
            self.told[-1],
            [
                TrainingPoint(
                    training=self.training, step=one.step, loss=one.loss, validation_loss=one.validation_loss
                )
                for one in self.told
            ],
        )
        TrainingPoint.objects.bulk_create(
            points, batch_size=BATCH, update_conflicts=True, unique_fields=["training", "step"],
            update_fields=["loss", "validation_loss"],
        )  # fmt: skip
        Training.objects.filter(pk=self.training.pk).update(
            step=last.step, steps=last.steps, tokens=last.tokens, seconds=last.seconds,
            tokens_per_second=last.tokens_per_second, best_loss=last.best_loss,
        )  # fmt: skip
        self.told = []
