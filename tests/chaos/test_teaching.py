"""A worker is killed while it teaches: the run goes on at its checkpoint and ends with the same weights."""

import contextlib
import importlib
import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import pytest

from generation.engine.adapter_files import WEIGHTS
from generation.engine.model_files import weights_header
from generation.learning import teaching
from generation.models import Training, TrainingPoint
from tests.chaos import harness
from tests.chaos.harness import wait_until, workers
from tests.generation import learning
from tests.generation.tiny_models import tiny_folder

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.model,
    pytest.mark.xdist_group("chaos"),
]
# Each life of a worker imports torch anew, which a busy machine does slowly.
PATIENCE = 300.0
SAVE_EVERY = 5
RECIPE = {
    "epochs": 20, "patience": 0, "save_every": SAVE_EVERY, "validate_every": 20,
    "tokens_at_once": 64, "accumulate": 1, "learning_rate": 1e-2,
}  # fmt: skip


@pytest.fixture(scope="module")
def tiny(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(model_folder, tmp_path_factory.mktemp("models") / "tiny", initializer_range=0.3)


@dataclass
class Lesson:
    """One run that was taught in spite of kills, and one like it that nobody disturbed."""

    training: Training
    folder: Path
    tiny: Path
    kept: int = 0  # the step of the checkpoint that the last kill left
    told: list[int] = field(default_factory=list)  # the steps of the last life

    @property
    def checkpoint(self) -> int:
        """The step of the checkpoint that stands; 0 where there is none."""
        path = self.folder / "tuning" / str(self.training) / "checkpoint.safetensors"
        with contextlib.suppress(FileNotFoundError):
            told = json.loads(weights_header(path))["__metadata__"]["standing"]
            return int(json.loads(told)["step"])
        return 0

    def has_come_to(self, step: int) -> bool:
        return self.checkpoint >= step or self.has_ended()

    def has_ended(self) -> bool:
        return Training.objects.filter(pk=self.training.pk, finished_at__isnull=False).exists()

    def teach(self, kills: int, mutation: str = "") -> None:
        """Kill a worker so often, each time some checkpoints later, and let the run come to its end."""
        told = {
            "GENERATION_MODEL": str(self.tiny), "GENERATION_ADAPTER": "", "ENGINE_DEVICE": "cpu",
            "LIFTWRIGHT_DATA": str(self.folder), "ADAPTER_STORE": str(self.folder / "adapters"),
            "CHAOS_MUTATION": mutation,
        }  # fmt: skip
        with workers(["one"], self.folder, **told) as [worker]:
            for _ in range(kills):
                wait_until(partial(self.has_come_to, self.kept + 2 * SAVE_EVERY), PATIENCE, "a checkpoint")
                kill_with_child(worker)
                self.kept = self.checkpoint
                TrainingPoint.objects.all().delete()
                worker.start()
            wait_until(self.has_ended, PATIENCE, "everything is taught")
        self.training.refresh_from_db()
        self.told = list(self.training.points.order_by("step").values_list("step", flat=True))

    def went_on(self) -> bool:
        """O1: say whether the last life began right after the checkpoint, and left no step out."""
        return self.told == list(range(self.kept + 1, self.training.steps + 1))

    def has_the_weights_of_an_undisturbed_run(self) -> bool:
        """O2: compare bit by bit."""
        plan, training = (
            teaching.plan_of(self.training),
            importlib.import_module("generation.tuning.training"),
        )
        training.use_threads(1)
        run = training.Training(
            self.tiny, plan.recipe, plan.pairs, plan.validation, self.folder / "undisturbed"
        )
        run.run(lambda progress: None, lambda: False, self.folder / "other")
        taught = self.folder / "adapters" / self.training.adapter
        return (taught / WEIGHTS).read_bytes() == (self.folder / "other" / WEIGHTS).read_bytes()


def kill_with_child(worker: harness.Worker) -> None:
    """Kill a worker; its teaching child notices, and has ended when this returns."""
    assert worker.process
    children = psutil.Process(worker.process.pid).children(recursive=True)
    worker.kill()
    wait_until(lambda: all(map(is_gone, children)), PATIENCE, "the child has ended")


def is_gone(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


@pytest.fixture
def lesson(tmp_path: Path, tiny: Path) -> Lesson:
    learning.approved_texts()
    training = learning.asked_to_teach(learning.kept())
    training.recipe |= RECIPE
    training.save()
    return Lesson(training, tmp_path, tiny)


def test_w12_a_worker_killed_while_it_teaches_changes_nothing(lesson: Lesson) -> None:
    lesson.teach(kills=1)
    assert lesson.kept >= SAVE_EVERY
    assert lesson.went_on()
    assert lesson.has_the_weights_of_an_undisturbed_run()
    job = lesson.training.jobs.get()
    assert (job.state, job.events.filter(reason="worker_lost").count()) == ("done", 1)


@pytest.mark.proof
def test_w12_at_full_size(lesson: Lesson) -> None:
    lesson.teach(kills=5)
    assert lesson.went_on()
    assert lesson.has_the_weights_of_an_undisturbed_run()


@pytest.mark.proof
def test_w12_would_notice_a_run_that_begins_anew(lesson: Lesson) -> None:
    lesson.teach(kills=1, mutation="teaches_anew")
    assert not lesson.went_on()


@pytest.mark.proof
def test_w12_would_notice_a_momentum_that_is_lost(lesson: Lesson) -> None:
    lesson.teach(kills=1, mutation="forgets_momentum")
    assert lesson.went_on()
    assert not lesson.has_the_weights_of_an_undisturbed_run()
