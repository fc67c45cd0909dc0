"""The whole way with a tiny model: taught in a child that is killed in the middle, measured, put into use."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from generation.engine.adapter_files import sound_adapter
from generation.engine.fake import FakeEngine
from generation.learning import teacher
from generation.learning.teacher import LocalTeacher
from generation.models import Training
from generation.tuning.recipe import Outcome, Progress
from generation.tuning.teaching import Plan, Tell
from generation.work.working import Writer
from tests.generation import learning
from tests.generation.tiny_models import tiny_folder

pytestmark = [pytest.mark.django_db, pytest.mark.model, pytest.mark.xdist_group("model")]


class KilledTeacher(LocalTeacher):
    """Loses its child once, by SIGKILL, two steps after its first checkpoint."""

    lives = 0

    def teach(
        self, plan: Plan, tell: Tell, cancelled: Callable[[], bool], alive: Callable[[], None] | None = None
    ) -> Outcome:
        self.lives += 1

        def told(progress: Progress) -> None:
            tell(progress)
            if self.lives == 1 and progress.step == plan.recipe.save_every + 2:
                self.kill()

        return super().teach(plan, told, cancelled, alive)


@pytest.fixture
def killed(settings: Settings, tmp_path: Path, model_folder: Path) -> Any:
    tiny = tiny_folder(model_folder, tmp_path / "tiny", initializer_range=0.3)
    settings.GENERATION_MODEL = str(tiny)
    settings.ADAPTER_STORE, settings.DATA_DIR = tmp_path / "adapters", tmp_path
    settings.TEACHER = "tests.generation.test_learning_real.KilledTeacher"
    teacher._built.cache_clear()
    yield teacher.get_teacher()
    teacher._built.cache_clear()


def test_what_was_taught_through_a_kill_is_sound_and_measured(killed: KilledTeacher, tmp_path: Path) -> None:
    for product in learning.shop(12):
        for opening in ("Take a look at {name}", "For you: {name}", "A good day with {name}"):
            learning.judged(product, f"{opening}: matte glaze.")
    training = learning.asked_to_teach(learning.kept())
    training.recipe |= {"epochs": 10, "save_every": 3, "tokens_at_once": 128, "accumulate": 1}
    training.save()
    Writer("w", FakeEngine()).work_off()
    training.refresh_from_db()
    job = training.jobs.get()
    assert (job.state, killed.lives) == ("done", 2)
    assert "SIGKILL" in job.events.filter(to_state="queued").get().reason
    assert list(training.points.values_list("step", flat=True).order_by("step")) == list(
        range(1, training.step + 1)
    )
    _folder, facts = sound_adapter(training.adapter, tmp_path / "adapters")
    assert facts.about["pairs"] == training.pairs > 0
    assert not (tmp_path / "tuning" / str(training)).exists()
    scores = training.evaluations.get().scores
    assert all(math.isfinite(scores[side]["perplexity"]) for side in ("before", "after"))
    assert scores["after"]["perplexity"] < scores["before"]["perplexity"]
    assert Training.objects.get().best_loss is not None
