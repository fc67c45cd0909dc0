"""The job behind an evaluation: both sides write the same briefs, a few at a time, and are measured.

Every few texts are kept as rows, so that a turn which ends, or a worker which dies, costs those few only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from generation.adapter_prompts import adapter_prompt
from generation.engine import TextEngine
from generation.learning import claiming, keeping, measuring
from generation.learning.looking import NothingToLearn
from generation.learning.teacher import get_teacher
from generation.learning.watching import Watch
from generation.models.learning import Evaluation, EvaluationText, Example, LearningJob, Split
from generation.prompts import Brief
from generation.sampling import Piece, Written, write
from generation.texts.kinds import Kind
from generation.tuning.evaluation import COPY_ROUNDS, OFFER_ROUNDS, Judged, fixed_briefs, judge
from generation.tuning.recipe import Pair

Side = Evaluation.Side
AT_ONCE = 4
# Seeds of one brief: the same on both sides.
SEEDS = 100


@dataclass(frozen=True)
class Asked:
    """One brief to write, with the example it is from and the text that people approved, if any."""

    number: int
    brief: Brief
    example: Example | None = None

    @property
    def approved(self) -> dict[str, str] | None:
        return dict(self.example.brief["text"]) if self.example and self.example.brief else None


def evaluate(job: LearningJob, watch: Watch, engine: TextEngine) -> bool:
    """Write what is missing on both sides, then measure."""
    evaluation = Evaluation.objects.select_related("data_set").get(pk=job.evaluation_id or 0)
    asked = asked_by(evaluation)
    if not asked:
        raise NothingToLearn
    # Adapters are taught on the settings' model; another one may have been chosen for some texts.
    engine.use(settings.GENERATION_MODEL)
    for side in Side:
        if not _written(evaluation, side, asked, engine, watch):
            return False
    losses = _losses(evaluation, asked, watch)
    with claiming.held(job):
        claiming.end(job)
        _finish(evaluation, engine.revision, losses)
    return True


def asked_by(evaluation: Evaluation) -> list[Asked]:
    """Return the briefs of an evaluation: the held-out ones of its data set, or the fixed set."""
    if evaluation.data_set is None:
        return [Asked(n, brief) for n, brief in enumerate(fixed_briefs(evaluation.briefs))]
    held_out = evaluation.data_set.examples.filter(split=Split.TEST, brief__isnull=False)
    examples = _spread(list(held_out.order_by("number")), evaluation.briefs)
    return [Asked(example.number, keeping.brief_of(example), example) for example in examples]


def _spread(examples: list[Example], most: int) -> list[Example]:
    """Take at most so many, from all over the list."""
    every = max(1, -(-len(examples) // max(1, most)))
    return list(islice(examples[::every], most))


def _written(
    evaluation: Evaluation, side: str, asked: Sequence[Asked], engine: TextEngine, watch: Watch
) -> bool:
    """Write one side; False where the watch stopped it. What it has in rows already is not written again."""
    done = set(evaluation.texts.filter(side=side).values_list("number", flat=True))
    open_ones = [one for one in asked if one.number not in done]
    adapter = evaluation.before if side == Side.BEFORE else evaluation.after
    while open_ones:
        now, open_ones = open_ones[:AT_ONCE], open_ones[AT_ONCE:]
        pieces = {
            one.number: Piece(one.number, one.brief, one.number * SEEDS, adapter=adapter) for one in now
        }
        rows = []
        for piece, written in _write(list(pieces.values()), engine, watch):
            one = next(each for each in now if each.number == piece.key)
            rows.append(_row(evaluation, side, one, judge(piece, written), written.copy))
        _keep(rows)
        if watch.stop():
            return False
    return True


def _write(pieces: Sequence[Piece], engine: TextEngine, watch: Watch) -> Iterator[tuple[Piece, Written]]:
    """Write the pieces as the product would: offers in other rounds than copy."""
    offers = [piece for piece in pieces if piece.brief.kind == Kind.OFFER]
    copy = [piece for piece in pieces if piece.brief.kind != Kind.OFFER]
    for rounds, chosen in ((COPY_ROUNDS, copy), (OFFER_ROUNDS, offers)):
        for decided in write(chosen, rounds, engine, watch.sign, watch.stop):
            watch.sign()
            yield decided


@transaction.atomic
def _keep(rows: Sequence[EvaluationText]) -> None:
    """Keep the rows but for those whose example an erasure has just taken away."""
    wanted = Example.objects.filter(pk__in=[row.example_id for row in rows if row.example_id])
    there = set(wanted.select_for_update().values_list("pk", flat=True))
    kept = [row for row in rows if row.example_id is None or row.example_id in there]
    EvaluationText.objects.bulk_create(kept, ignore_conflicts=True)


def _row(
    evaluation: Evaluation, side: str, asked: Asked, judged: Judged, copy: dict[str, str]
) -> EvaluationText:
    approved = asked.approved
    return EvaluationText(
        evaluation=evaluation, side=side, number=asked.number, example=asked.example, judged=asdict(judged),
        distance=None if approved is None else measuring.distance(judged.kind, copy, approved),
    )  # fmt: skip


def _losses(evaluation: Evaluation, asked: Sequence[Asked], watch: Watch) -> dict[str, float | None]:
    """Return how well each side foresees what people approved; nothing where no texts are approved."""
    shared = adapter_prompt(asked[0].brief).shared
    pairs = [Pair(shared, one.example.own, one.example.answer) for one in asked if one.example]
    if not pairs:
        return {}
    adapters = list(dict.fromkeys([evaluation.before, evaluation.after]))
    found = get_teacher().losses(pairs, adapters, watch.stop, watch.sign)
    return dict(zip(adapters, found, strict=True))


def _finish(evaluation: Evaluation, revision: str, losses: dict[str, float | None]) -> None:
    told = {
        side: _scores(evaluation, side, name, revision, losses.get(name))
        for side, name in ((Side.BEFORE, evaluation.before), (Side.AFTER, evaluation.after))
    }
    found = measuring.verdict(told[Side.BEFORE], told[Side.AFTER])
    texts = evaluation.texts.filter(side=Side.AFTER).count()
    Evaluation.objects.filter(pk=evaluation.pk).update(
        scores=told, verdict=found, passed=measuring.passes(found, texts), model_revision=revision,
        finished_at=Now(),
    )  # fmt: skip


def _scores(
    evaluation: Evaluation, side: str, name: str, revision: str, loss: float | None
) -> dict[str, Any]:
    rows = list(evaluation.texts.filter(side=side).order_by("number"))
    judged = [Judged(**row.judged) for row in rows]
    distances = [row.distance for row in rows if row.distance is not None]
    return measuring.scores(name, f"{revision}+{name}" if name else revision, judged, distances, loss)
