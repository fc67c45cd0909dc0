"""Parts of pages that are drawn once and shown until a figure changes."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import get_language

from campaigns.models import figures
from marketing_site.lib.htmx import Request


def drawn(
    request: Request, template: str, context: Callable[[], dict[str, Any]], *also: object
) -> SafeString:
    """Return the template filled with what `context` computes, or what it gave before.

    It is shown again to the same person with the same permissions, for the same address, language and day, as
    long as `also` is the same and no figure and no campaign has changed. It may depend on nothing else.
    """
    told_apart_by = (
        figures.mark(),
        template,
        request.get_full_path(),
        request.user.pk,
        sorted(request.user.get_all_permissions()),
        get_language(),
        localdate(timezone=get_default_timezone()),
        *also,
    )
    key = hashlib.sha256(repr(told_apart_by).encode()).hexdigest()
    text: str | None = caches["drawn"].get(key)
    if text is None:
        text = render_to_string(template, context(), request)
        caches["drawn"].set(key, text)
    return mark_safe(text)  # noqa: S308  # what a template drew
