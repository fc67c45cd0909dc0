"""Asking for learning work: each call writes its rows at once, and a writer does the work in its turn.

No hint is sent: nobody waits for it by the second, and writers look every second anyway.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from generation.learning.gathering import Choice
from generation.models.learning import DataSet, Evaluation, LearningJob, Split, Training
from generation.tuning.recipe import Method, Recipe
from marketing_site.lib.work import OPEN

Purpose = LearningJob.Purpose
# Both sides write eight samples for each of these texts.
USUAL_TEXTS = 40


class Refused(Exception):
    """A request that cannot be served; the message says why and what to do instead."""


@dataclass(frozen=True)
class Lesson:
    """What is taught how: the safe bounds are those of the form."""

    method: str = Method.LORA
    rank: int = 8
    epochs: float = 3.0
    learning_rate: float = 1e-3

    def recipe(self) -> Recipe:
        """Return the recipe with everything that nobody chooses."""
        method = Method(self.method)
        rate = self.learning_rate if method == Method.LORA else min(self.learning_rate, 1e-4)
        return Recipe(
            method=method, rank=self.rank, alpha=2.0 * self.rank, epochs=self.epochs, learning_rate=rate
        )


@transaction.atomic
def look(name: str, choice: Choice, by: User, client_key: UUID) -> DataSet:
    """Ask for a look through the texts that a choice names; the same client_key returns the same data set."""
    if known := _known(client_key):
        return DataSet.objects.get(pk=known.data_set_id or 0)
    if not choice.sources:
        raise Refused(_("Choose where the texts come from."))
    data_set = DataSet.objects.create(
        name=name, kinds=list(choice.kinds), sources=list(choice.sources), since=choice.since, created_by=by
    )
    _queue(Purpose.LOOK, by, client_key, data_set=data_set)
    return data_set


@transaction.atomic
def keep(data_set: DataSet, by: User, client_key: UUID) -> None:
    """Ask for a data set to be frozen after somebody looked at its report."""
    reported = DataSet.objects.filter(pk=data_set.pk, state=DataSet.State.REPORTED)
    if not reported.update(state=DataSet.State.KEEPING, frozen_by=by):
        raise Refused(_("It is being kept already, or was not looked through yet."))
    _queue(Purpose.KEEP, by, client_key, data_set=data_set)


@transaction.atomic
def teach(data_set: DataSet, lesson: Lesson, by: User, client_key: UUID) -> Training:
    """Ask for a teaching run; the same client_key returns the same run."""
    if known := _known(client_key):
        return Training.objects.get(pk=known.training_id or 0)
    if data_set.state != DataSet.State.FROZEN:
        raise Refused(_("Keep the data set first: what is taught must not change."))
    if not data_set.examples.filter(split=Split.TRAIN).exists():
        raise Refused(_("Nothing is left in this data set to teach."))
    return _teach(data_set, asdict(lesson.recipe()), by, client_key)


def _teach(
    data_set: DataSet, recipe: dict[str, Any], by: User, client_key: UUID, again_of: Training | None = None
) -> Training:
    training = Training.objects.create(
        data_set=data_set, method=recipe["method"], recipe=recipe, base=settings.GENERATION_MODEL,
        requested_by=by, again_of=again_of,
    )  # fmt: skip
    _queue(Purpose.TEACH, by, client_key, training=training)
    return training


@transaction.atomic
def teach_again(training: Training, by: User, client_key: UUID) -> Training:
    """Teach the same anew from what is left in the data set, without the people erased since."""
    if known := _known(client_key):
        return Training.objects.get(pk=known.training_id or 0)
    if not training.data_set.examples.filter(split=Split.TRAIN).exists():
        raise Refused(_("Nothing is left in this data set to teach."))
    if LearningJob.objects.filter(training=training, state__in=OPEN).exists():
        raise Refused(_("The run is still under way: cancel it first."))
    return _teach(training.data_set, training.recipe, by, client_key, again_of=training)


@transaction.atomic
def evaluate(
    before: str, after: str, data_set: DataSet | None, texts: int, by: User | None, client_key: UUID,
    training: Training | None = None,
) -> Evaluation:  # fmt: skip
    """Ask for two adapters ("" for the model as it is) to write the same briefs."""
    if known := _known(client_key):
        return Evaluation.objects.get(pk=known.evaluation_id or 0)
    held_out = data_set.examples.filter(split=Split.TEST, brief__isnull=False) if data_set else None
    if held_out is not None and not held_out.exists():
        raise Refused(_("This data set has no held-out texts: it is too small, or not kept yet."))
    evaluation = Evaluation.objects.create(
        data_set=data_set, training=training, before=before, after=after, briefs=texts, requested_by=by
    )
    _queue(Purpose.EVALUATE, by, client_key, evaluation=evaluation)
    return evaluation


def evaluate_result(training: Training, in_use: str) -> Evaluation | None:
    """Ask for the evaluation of what a run has made against what is in use; None where nothing can be."""
    if not training.adapter:
        return None
    try:
        return evaluate(
            in_use, training.adapter, training.data_set, USUAL_TEXTS, training.requested_by, uuid4(), training
        )
    except Refused:
        return None


def _known(client_key: UUID) -> LearningJob | None:
    return LearningJob.objects.filter(client_key=client_key).first()


def _queue(purpose: LearningJob.Purpose, by: User | None, client_key: UUID, **about: Any) -> None:
    LearningJob.objects.create(purpose=purpose, requested_by=by, client_key=client_key, **about)
