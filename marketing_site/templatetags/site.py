"""The small tags that every template may use without loading anything (a template builtin)."""

import difflib
import re
from functools import cache

import lucide
from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from marketing_site.lib import figures

register = template.Library()

# {% money total %} and {{ total|money }} both work, the second also inside {% include ... with %}.
for _write in (
    figures.money, figures.percent, figures.share, figures.ratio, figures.number, figures.day,
    figures.moment, figures.short_day,
):  # fmt: skip
    register.simple_tag(_write)
    register.filter(_write.__name__, _write)

# What the state of a campaign, variant, run, job, import or offer looks like.
TONES = {
    "live": "good", "done": "good", "approved": "good", "sent": "good", "active": "good", "passed": "good",
    "in_review": "warn", "review": "warn", "ready": "warn", "paused": "warn", "held": "warn",
    "waiting": "warn", "queued": "warn", "retry_wait": "warn",
    "running": "accent", "writing": "accent", "ended": "accent",
    "applied": "good", "checking": "accent", "applying": "accent", "undoing": "accent",
    "failed": "bad", "rejected": "bad", "dead": "bad", "refused": "bad",
}  # fmt: skip


# Spaces, one Chinese character, or a run of anything else.
WORDS = re.compile(r"\s+|[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


@register.simple_tag
@cache
def icon(name: str, size: int = 18) -> SafeString:
    """Draw a Lucide icon; screen readers skip it, so a text must stand beside it."""
    drawn = lucide._render_icon(str(name), size, aria_hidden="true", focusable="false")
    return mark_safe(drawn)  # noqa: S308  # drawn by the library from its own files


@register.simple_tag
def status_pill(state: str, label: str, tone: str = "") -> SafeString:
    """Show a state as a coloured pill; its word carries the meaning, the colour repeats it."""
    chosen = tone or TONES.get(str(state).lower(), "plain")
    return format_html('<span class="pill pill-{}">{}</span>', chosen, capfirst(label))


@register.filter
def opening(label: object) -> str:
    """Begin a word of ours with a capital, as an option; names that people gave stay as they are."""
    return capfirst(str(label)) if isinstance(label, Promise) else str(label)


@register.filter
def heading(name: object) -> str:
    """Write the name of an attribute, "household_size", as people do: "Household size"."""
    return capfirst(str(name).replace("_", " "))


@register.simple_tag
def word_difference(old: str, new: str) -> SafeString:
    """Mark the words that were taken out of `old` and put into `new`."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    parts: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            parts.append(("span", "".join(before[i1:i2])))
            continue
        parts += [("del", "".join(before[i1:i2])), ("ins", "".join(after[j1:j2]))]
    marked = ((tag, text, tag) for tag, text in parts if text)
    return format_html_join("", "<{}>{}</{}>", marked)
