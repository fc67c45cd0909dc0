"""Putting adapters into use: only what an evaluation let pass, on a share first, and back with one click."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.translation import gettext as _

from generation.engine import EngineUnavailable
from generation.engine.adapter_files import sound_adapter
from generation.learning.measuring import FEWEST_TEXTS
from generation.learning.serving import Standing, standing
from generation.models.learning import Evaluation, Promotion, Training

CANARY_SHARES = (5, 10, 25, 50)


class NotPromotable(Exception):
    """An adapter that cannot be put into use; the message says why."""


def obstacle(evaluation: Evaluation, now: Standing | None = None) -> str:
    """Return why the result of an evaluation cannot be put into use, or ""; nobody overrules it."""
    now = now or standing()
    if evaluation.finished_at is None:
        return _("The evaluation is not over.")
    if evaluation.after == now.adapter and not now.share:
        return _("It is in use already.")
    if evaluation.after and (why := _not_usable(evaluation.after)):
        return why
    if evaluation.before != now.adapter:
        return _("It was compared with something else than what is in use: evaluate it again.")
    if now.model_revision and evaluation.model_revision != now.model_revision:
        return _("It was made with another model: evaluate it again.")
    texts = int(evaluation.scores.get("after", {}).get("texts", 0))
    if texts < FEWEST_TEXTS:
        return _("%(count)s held-out texts prove nothing: at least %(least)s are needed.") % {
            "count": texts,
            "least": FEWEST_TEXTS,
        }
    return "" if evaluation.passed else _("Something got worse: see below.")


def _not_usable(adapter: str) -> str:
    if Training.objects.filter(adapter=adapter, saw_erased_at__isnull=False).exists():
        return _("It was taught with a text of a person who has been erased: teach it again without them.")
    try:
        sound_adapter(adapter, settings.ADAPTER_STORE)
    except EngineUnavailable as error:
        return str(error)
    return ""


def promote(evaluation: Evaluation, by: User) -> Promotion:
    """Let every run use the evaluation's adapter; raises NotPromotable."""
    with _alone():
        _refuse(evaluation)
        return _decided(Promotion.Action.PROMOTE, by, evaluation, adapter=evaluation.after)


def try_out(evaluation: Evaluation, share: int, by: User) -> Promotion:
    """Let some percent of the runs use the evaluation's adapter; raises NotPromotable."""
    with _alone():
        _refuse(evaluation)
        if share not in CANARY_SHARES:
            raise NotPromotable(_("Choose one of the shares."))
        now = standing().adapter
        return _decided(
            Promotion.Action.CANARY, by, evaluation, adapter=now, canary=evaluation.after, share=share
        )


def roll_back(by: User) -> Promotion:
    """Go back to what was in use before the latest decision, however often; raises NotPromotable."""
    with _alone():
        now = standing()
        if now.promotion is None:
            raise NotPromotable(_("Nothing was put into use yet."))
        before = before_decision(now.promotion)
        return _decided(
            Promotion.Action.ROLL_BACK, by, adapter=before.adapter, canary=before.canary, share=before.share,
            revision=before.model_revision,
        )  # fmt: skip


def before_decision(promotion: Promotion) -> Standing:
    """Return what was in use before a decision; going back twice goes back two decisions."""
    undone = 0
    for row in Promotion.objects.filter(pk__lte=promotion.pk).order_by("-pk"):
        if row.action == Promotion.Action.ROLL_BACK:
            undone += 1
        elif undone:
            undone -= 1
        else:
            earlier = _standing_before(row)
            return Standing(earlier.adapter, earlier.canary, earlier.share, earlier.model_revision)
    return Standing(settings.GENERATION_ADAPTER)


def _standing_before(row: Promotion) -> Standing:
    earlier = Promotion.objects.filter(pk__lt=row.pk).order_by("-pk").first()
    if earlier is None:
        return Standing(settings.GENERATION_ADAPTER)
    return Standing(earlier.adapter, earlier.canary, earlier.share, earlier.model_revision)


def _refuse(evaluation: Evaluation) -> None:
    if why := obstacle(evaluation):
        raise NotPromotable(why)


def _decided(
    action: Promotion.Action, by: User, evaluation: Evaluation | None = None, *, adapter: str,
    canary: str = "", share: int = 0, revision: str = "",
) -> Promotion:  # fmt: skip
    return Promotion.objects.create(
        action=action, adapter=adapter, canary=canary, share=share, evaluation=evaluation, by=by,
        model_revision=evaluation.model_revision if evaluation else revision,
    )  # fmt: skip


@contextmanager
def _alone() -> Iterator[None]:
    """Decide one after the other: each sees what is in use."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('generation promotion'))")
        yield
