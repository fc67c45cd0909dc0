"""Asking for work on a model, and choosing which one writes what: rows first, then a hint to the writers."""

from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from generation.engine.model_store import (
    CONFIGURED,
    OWN,
    PACKAGE,
    SERVER,
    FoundModel,
    Standing,
    found_models,
    listing,
)
from generation.models.engines import ModelChoice, ModelJob
from generation.tasks import hint
from generation.work.claiming import LANE
from marketing_site.lib.work import OPEN

Act = ModelJob.Act


class Refused(Exception):
    """A request that cannot be served; the message says why and what to do instead."""


def here() -> list[FoundModel]:
    """Return the models of this machine, as the settings name their places."""
    return found_models(settings.MODELS_FOLDER, settings.GENERATION_MODEL, settings.MODEL_CACHE)


def found(key: str) -> FoundModel:
    """Return one model by its key; raises Refused."""
    if not key.startswith(OWN) and key not in (PACKAGE, CONFIGURED):
        raise Refused(_("There is no such model."))
    for model in here():
        if model.key == key:
            return model
    raise Refused(_("There is no such model any more: look at the models folder."))


def request_acceptance(key: str, shown: str, by: User) -> ModelJob:
    """Ask to accept the files that a person was shown; raises Refused where they are others by now."""
    model = found(key)
    if model.standing not in (Standing.UNSIGNED, Standing.CHANGED):
        raise Refused(_("Only a model whose files are not accepted yet, or have changed, can be accepted."))
    if listing(model.path) != shown:
        raise Refused(_("The files have changed since you looked at them: look again."))
    return _request(Act.ACCEPT, key, by, shown)


def request_conversion(key: str, by: User) -> ModelJob:
    """Ask to convert a GGUF file."""
    if found(key).standing != Standing.UNCONVERTED:
        raise Refused(_("Only a GGUF file that was not converted yet can be converted."))
    return _request(Act.CONVERT, key, by)


def request_measuring(key: str, by: User) -> ModelJob:
    """Ask to measure how fast a model is."""
    if key != SERVER and not found(key).usable:
        raise Refused(_("Accept or convert the model first: only a model that may be used is measured."))
    return _request(Act.MEASURE, key, by)


def choose(purpose: str, language: str, key: str, by: User) -> None:
    """Let a model write a task in a language from the next batch on; "" goes back to what is more general."""
    place = ModelChoice.objects.filter(purpose=purpose, language=language)
    if not key:
        place.delete()
        return
    if not found(key).usable:
        raise Refused(_("Accept or convert the model first: only a model that may be used can be chosen."))
    ModelChoice.objects.update_or_create(
        purpose=purpose, language=language, defaults={"model": key, "chosen_by": by}
    )


def _request(act: ModelJob.Act, key: str, by: User, shown: str = "") -> ModelJob:
    """Queue the work, or return that which is open already."""
    with transaction.atomic():
        job, created = ModelJob.objects.get_or_create(
            act=act, model=key, state__in=OPEN, defaults={"requested_by": by, "shown": shown}
        )
        if created:
            transaction.on_commit(partial(hint, LANE))
    return job
