"""Names and help of models and fields that nobody marked for translation, translated all the same.

Django names a field after its attribute, and a library knows no Chinese; the admin and forms show both.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

from django.apps import apps
from django.db.models import Field, Model
from django.db.models.options import Options
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

Named: TypeAlias = "Options[Any] | Field[Any, Any]"

APPS = ("shop", "campaigns", "generation")
# The same in every language.
NAMELESS = {"id", "pk"}
# What Django and djangorestframework-api-key mark but have in English only: our catalogue has the Chinese.
OF_LIBRARIES = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("Expires"),
    gettext_noop("Once API key expires, clients cannot use it anymore."),
    gettext_noop("If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)"),
    gettext_noop("A free-form name for the API key. Need not be unique. 50 characters max."),
)


def translate_field_texts() -> None:
    """Let each unmarked text of a model or field follow the reader's language."""
    for named, attribute, text in unmarked_texts():
        setattr(named, attribute, gettext_lazy(text))


@cache
def unmarked_texts() -> list[tuple[Named, str, str]]:
    """Return what carries a text, its attribute and the English; the same after it was translated."""
    return [found for app in APPS for model in _models(app) for found in _unmarked(model)]


def _models(app: str) -> list[type[Model]]:
    # Tables of the history are shown nowhere under the names of their fields.
    return [
        model for model in apps.get_app_config(app).get_models() if not hasattr(model, "pgh_tracked_model")
    ]


def _unmarked(model: type[Model]) -> Iterator[tuple[Named, str, str]]:
    options = model._meta
    everything: tuple[Named, ...] = (options, *options.local_fields, *options.local_many_to_many)
    for named in everything:
        for attribute in ("verbose_name", "verbose_name_plural", "help_text"):
            text = getattr(named, attribute, "")
            if text and not isinstance(text, Promise) and getattr(named, "name", "") not in NAMELESS:
                yield named, attribute, str(text)
