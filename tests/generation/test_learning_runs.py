"""Teaching and evaluating as work of the writers: resumed, cancelled, and never in the way of texts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from generation.engine import TextRequest, TextResult
from generation.engine.fake import FakeEngine
from generation.learning import claiming, requesting
from generation.learning.teacher import get_teacher
from generation.models import DataSet, Evaluation, LearningJob, LearningMove, Training
from generation.work import reasons
from generation.work.working import Writer
from marketing_site.lib.work import LostLease
from shop.models import Lane, WorkerBeat
from tests import make
from tests.generation import learning, ledger
from tests.generation.teachers import STEPS, FakeTeacher

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def teacher(settings: Settings, tmp_path: Path) -> FakeTeacher:
    """Teach without a model, into a folder of the test's own."""
    settings.TEACHER = "tests.generation.teachers.FakeTeacher"
    settings.ADAPTER_STORE, settings.DATA_DIR = tmp_path / "adapters", tmp_path
    # Look at every step, as a second passes between steps otherwise.
    settings.LEARNING_TURN_SECONDS = 0
    made = get_teacher()
    assert isinstance(made, FakeTeacher)
    made.__init__()  # type: ignore[misc]
    return made


@pytest.fixture(autouse=True)
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.learning.watching.LOOK_SECONDS", 0)


@pytest.fixture
def data_set() -> DataSet:
    learning.approved_texts()
    return learning.kept()


def states() -> list[str]:
    return list(LearningJob.objects.order_by("pk").values_list("state", flat=True))


def job_of(training: Training) -> LearningJob:
    return training.jobs.get()


def test_a_run_makes_an_adapter_and_tells_every_step(data_set: DataSet, tmp_path: Path) -> None:
    training = learning.taught(data_set)
    assert (training.adapter, training.ended) == (f"shop-{training.pk}", "all")
    assert (training.step, training.first_loss, training.best_loss) == (STEPS, 2.0, 1.0)
    assert training.hash == data_set.hash
    assert list(training.points.order_by("step").values_list("step", flat=True)) == list(range(1, STEPS + 1))
    assert (tmp_path / "adapters" / training.adapter).is_dir()


def test_only_the_teaching_split_is_taught(data_set: DataSet, teacher: FakeTeacher) -> None:
    learning.taught(data_set)
    [plan] = teacher.plans
    splits = dict(data_set.examples.values_list("own", "split"))
    assert {splits[pair.own] for pair in plan.pairs} == {"train"}
    assert {splits[pair.own] for pair in plan.validation} == {"validation"}


def test_a_run_whose_child_died_goes_on_at_its_checkpoint(data_set: DataSet, teacher: FakeTeacher) -> None:
    teacher.die_at = 8
    training = learning.taught(data_set)
    assert training.adapter
    assert len(teacher.plans) == 2
    assert teacher.plans[0] == teacher.plans[1]
    job = job_of(training)
    assert (job.state, job.crashes) == ("done", 0)  # it got further than a checkpoint since
    assert training.points.count() == STEPS


def test_a_child_that_always_dies_leaves_the_run_to_a_person(data_set: DataSet, teacher: FakeTeacher) -> None:
    def die_again(step: int) -> None:
        teacher.die_at = 1

    training = learning.asked_to_teach(data_set)
    teacher.die_at = 1
    for _try in range(3):
        teacher.die_at = 1
        Writer("w", FakeEngine())._learner.take_turn(lambda: None)
    job = job_of(training)
    assert (job.state, job.crashes) == ("dead", 3)
    assert claiming.try_again(job) == 1
    ledger.write_all()
    training.refresh_from_db()
    assert training.adapter


def test_texts_that_wait_go_first_and_the_run_goes_on_after_them(
    data_set: DataSet, teacher: FakeTeacher
) -> None:
    training = learning.asked_to_teach(data_set)
    texts: list[Any] = []

    def somebody_asks(step: int) -> None:
        if step == 7 and not texts:
            texts.append(learning.other_run())
            open_then.append(training_step(training))

    open_then: list[int] = []
    teacher.at_step = somebody_asks
    ledger.write_all()
    training.refresh_from_db()
    assert ledger.states(texts[0]) == ["done", "done"]
    assert training.adapter
    assert len(teacher.plans) == 2
    job = job_of(training)
    assert (job.fails, job.crashes) == (0, 0)
    reasons_told = list(job.events.order_by("pk").values_list("to_state", "reason"))
    assert ("queued", reasons.YIELDED) in reasons_told
    claimed = texts[0].jobs.first().events.filter(to_state="running").get().at
    assert claimed < job.events.filter(to_state="done").get().at


def training_step(training: Training) -> int:
    return Training.objects.get(pk=training.pk).step


def test_a_cancelled_run_stops_and_nothing_of_it_is_evaluated(
    data_set: DataSet, teacher: FakeTeacher, tmp_path: Path
) -> None:
    training = learning.asked_to_teach(data_set)
    approver = make.user("approver")
    teacher.at_step = lambda step: claiming.cancel(job_of(training), approver) if step == 4 else None
    ledger.write_all()
    training.refresh_from_db()
    assert (job_of(training).state, training.adapter) == ("cancelled", "")
    assert job_of(training).cancelled_by == approver
    assert not Evaluation.objects.exists()
    assert not (tmp_path / "adapters").exists()


def test_a_waiting_run_is_cancelled_at_once(data_set: DataSet) -> None:
    training = learning.asked_to_teach(data_set)
    claiming.cancel(job_of(training), make.user("approver"))
    assert job_of(training).state == "cancelled"
    ledger.write_all()
    assert not training.points.exists()


def test_a_worker_that_vanished_loses_its_run_to_another(data_set: DataSet) -> None:
    training = learning.asked_to_teach(data_set)
    claimed = claiming.claim("gone")
    assert claimed
    LearningJob.objects.filter(pk=claimed.pk).update(lease_until=Now())
    assert claiming.sweep() == 1
    assert job_of(training).crashes == 1
    ledger.write_all()
    assert job_of(training).state == "done"
    with pytest.raises(LostLease):
        claiming.end(claimed)


def test_nothing_is_learnt_while_writing_is_paused(data_set: DataSet) -> None:
    training = learning.asked_to_teach(data_set)
    Lane.objects.update_or_create(name="generation", defaults={"paused": True})
    ledger.write_all()
    assert job_of(training).state == "queued"


def test_a_run_waits_until_its_data_set_is_kept() -> None:
    learning.approved_texts()
    data_set = learning.looked()
    with pytest.raises(requesting.Refused, match="Keep the data set first"):
        learning.asked_to_teach(data_set)


def test_a_double_click_is_one_run(data_set: DataSet) -> None:
    key, approver = uuid4(), make.user("approver")
    first = requesting.teach(data_set, requesting.Lesson(), approver, key)
    assert requesting.teach(data_set, requesting.Lesson(), approver, key) == first
    assert Training.objects.count() == 1


def test_people_see_that_the_writer_is_learning(data_set: DataSet, teacher: FakeTeacher) -> None:
    learning.asked_to_teach(data_set)
    seen: list[str] = []
    teacher.at_step = lambda step: seen.append(WorkerBeat.objects.get(worker="test").doing)
    ledger.write_all()
    assert set(seen) == {"learning"}


# Evaluation


class TwoEngines(FakeEngine):
    """Writes differently with an adapter."""

    def __init__(self, worse: bool = False) -> None:  # noqa: FBT001, FBT002
        super().__init__()
        self.worse = worse

    def write(self, requests: Sequence[TextRequest], *args: Any) -> Iterator[tuple[int, TextResult]]:
        for index, result in super().write(requests, *args):
            name = requests[index].own.split("Product: ")[1].split(".")[0]
            good, bad = f"Take a look at {name}: matte glaze.", "Buy 99 of these at www.example.com"
            text = bad if bool(requests[index].adapter) == self.worse else good
            yield index, replace(result, text=text)


def evaluated(data_set: DataSet, *, worse: bool = False) -> Evaluation:
    training = learning.asked_to_teach(data_set)
    Writer("w", TwoEngines(worse)).work_off()
    evaluation: Evaluation = training.evaluations.get()
    return evaluation


def test_what_was_taught_is_compared_with_what_is_in_use(data_set: DataSet) -> None:
    evaluation = evaluated(data_set)
    assert (evaluation.before, evaluation.after) == ("", Training.objects.get().adapter)
    before, after = evaluation.scores["before"], evaluation.scores["after"]
    assert (before["pass_rate"], after["pass_rate"]) == (0.0, 1.0)
    assert before["fallback_rate"] == 1.0
    assert after["distance"] < before["distance"]
    assert after["perplexity"] < before["perplexity"]
    assert after["texts"] == data_set.examples.filter(split="test").count()
    assert evaluation.texts.count() == 2 * after["texts"]
    rows = {row["key"]: row for row in evaluation.verdict or []}
    assert rows["pass_rate"]["better"]
    # This engine says the same of every product, which the plain writer does not.
    assert {key for key, row in rows.items() if row["worse"]} == {"distinct_2"}
    assert evaluation.passed is False  # too few texts to know


def test_the_gate_says_what_got_worse() -> None:
    for product in learning.shop(20):
        for opening in ("Take a look at {name}", "For you: {name}", "A good day with {name}", "Meet {name}"):
            learning.judged(product, f"{opening}: matte glaze.")
    evaluation = evaluated(learning.kept(), worse=True)
    rows = {row["key"]: row for row in evaluation.verdict or []}
    assert evaluation.passed is False
    assert {"pass_rate", "brief_pass_rate"} <= {key for key, row in rows.items() if row["worse"]}
    # Every text is bound to set phrases then, which the table tells.
    assert (rows["bound_rate"]["before"], rows["bound_rate"]["after"]) == (0, 1)


def test_texts_that_are_there_are_not_written_again(data_set: DataSet) -> None:
    class StoppingEngine(TwoEngines):
        calls = 0

        def write(self, *args: Any) -> Iterator[tuple[int, TextResult]]:
            StoppingEngine.calls += 1
            if StoppingEngine.calls == 2:
                writer.stop()
            yield from super().write(*args)

    learning.taught(data_set)
    Evaluation.objects.all().delete()
    evaluation = requesting.evaluate("", "shop-1", data_set, 40, None, uuid4())
    writer = Writer("w", StoppingEngine())
    writer.work_off()
    kept = dict(evaluation.texts.values_list("number", "pk"))
    assert kept
    assert evaluation.jobs.get().state == "queued"
    Writer("w", TwoEngines()).work_off()
    evaluation.refresh_from_db()
    assert evaluation.finished_at
    assert (
        kept.items()
        <= dict(evaluation.texts.filter(pk__in=kept.values()).values_list("number", "pk")).items()
    )


def test_the_fixed_briefs_can_be_written_by_any_two() -> None:
    evaluation = requesting.evaluate("", "shop-1", None, 6, None, uuid4())
    Writer("w", FakeEngine()).work_off()
    evaluation.refresh_from_db()
    assert evaluation.scores["after"]["texts"] == evaluation.scores["before"]["texts"] >= 6
    assert evaluation.scores["after"]["perplexity"] is None


def test_every_move_is_a_legal_one(data_set: DataSet, teacher: FakeTeacher) -> None:
    teacher.die_at = 3
    learning.taught(data_set)
    moves = set(LearningMove.objects.values_list("from_state", "to_state").distinct())
    assert moves <= ledger.ALLOWED
