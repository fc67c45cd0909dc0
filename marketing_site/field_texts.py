"""Names and help of model fields that nobody marked for translation, translated all the same.

Django names a field after its attribute, and a library knows no Chinese; the admin and forms show both.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

OUR_APPS = ("shop", "campaigns", "generation")
# The same in every language.
NAMELESS = {"id", "pk"}
# What djangorestframework-api-key marks but has in English only: our catalogue has the Chinese.
OF_LIBRARIES = (
    gettext_noop("Expires"),
    gettext_noop("Once API key expires, clients cannot use it anymore."),
    gettext_noop("If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)"),
    gettext_noop("A free-form name for the API key. Need not be unique. 50 characters max."),
)


def translate_field_texts() -> None:
    """Let each unmarked text of our models follow the reader's language."""
    for field, attribute, text in unmarked_texts():
        setattr(field, attribute, gettext_lazy(text))


@cache
def unmarked_texts() -> list[tuple["Field[Any, Any]", str, str]]:
    """Return field, attribute and English text of what is not marked; the same after it was translated."""
    return [found for app in OUR_APPS for model in _models(app) for found in _unmarked(model)]


def _models(app: str) -> list[type[Model]]:
    # Tables of the history are shown nowhere under the names of their fields.
    return [
        model for model in apps.get_app_config(app).get_models() if not hasattr(model, "pgh_tracked_model")
    ]


def _unmarked(model: type[Model]) -> Iterator[tuple["Field[Any, Any]", str, str]]:
    for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
        for attribute in ("verbose_name", "help_text"):
            text = getattr(field, attribute)
            if text and not isinstance(text, Promise) and field.name not in NAMELESS:
                yield field, attribute, text
