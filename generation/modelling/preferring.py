"""Which model writes a task in a language: what an administrator chose, else what the settings say."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Q

from generation.engine import EngineUnavailable
from generation.engine.model_store import SERVER, path_of
from generation.models.engines import ModelChoice

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preferred:
    """The model for a batch: what GENERATION_MODEL would say, and whether the settings decided."""

    model: str
    by_settings: bool


def preferred(purpose: str, language: str) -> Preferred:
    """Return the model of a task in a language; the closest choice wins, the task before the language.

    A choice that names nothing any more counts as none: texts are written all the same.
    """
    fits = Q(purpose__in=["", purpose]) & Q(language__in=["", language])
    choice = ModelChoice.objects.filter(fits).order_by(F("purpose").desc(), F("language").desc()).first()
    if choice is None or choice.model == SERVER:
        return Preferred(settings.GENERATION_MODEL, by_settings=True)
    try:
        model = path_of(choice.model, settings.MODELS_FOLDER, settings.GENERATION_MODEL)
    except EngineUnavailable as error:
        logger.warning("The settings' model writes %s instead: %s", purpose, error)
        return Preferred(settings.GENERATION_MODEL, by_settings=True)
    return Preferred(model, by_settings=model == settings.GENERATION_MODEL)
