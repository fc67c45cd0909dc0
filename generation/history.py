"""What happened to a text, in words and newest first: edits, decisions, assignments, rewrites, comments."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.history import person
from generation.models import Comment, Kind, Rewrite, Variant, VariantDecision
from generation.texts.kinds import PARTS, Copy


@dataclass(frozen=True)
class Change:
    """One part of a text, as it was and as it became."""

    label: str | Promise
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did."""

    at: datetime
    who: str
    title: str
    note: str = ""
    changes: tuple[Change, ...] = ()
    four_eyes: bool = True


def history(variant: Variant) -> list[Entry]:
    """Return everything that people did to the text."""
    decisions = variant.decisions.select_related("by", "to")
    rewrites = variant.rewrites.select_related("by", "decided_by")
    comments = variant.comments.select_related("by", "key", "resolved_by")
    entries = [
        *(_decision(variant, row) for row in decisions),
        *(entry for row in rewrites for entry in _rewrite(row)),
        *(entry for row in comments for entry in _comment(row)),
        Entry(variant.created_at, person(variant.author), _("asked for it, and it was written")),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def author_of(comment: Comment) -> str:
    """Return who wrote a comment: a person, or a partner's tool."""
    return person(comment.by) or (str(comment.key.name) if comment.key else "–")


def _decision(variant: Variant, row: VariantDecision) -> Entry:
    title = str(row.get_action_display())
    if row.action == VariantDecision.Action.ASSIGN:
        title = _("assigned it to %(name)s") % {"name": person(row.to)} if row.to else _("took it back")
    if row.batch:
        title = _("%(title)s, together with others") % {"title": title}
    note = " · ".join(str(part) for part in (row.get_code_display() if row.code else "", row.reason) if part)
    changes = _changes(variant.kind, row.before or {}, row.after or {})
    return Entry(row.at, person(row.by), title, note, changes, row.four_eyes)


def _rewrite(row: Rewrite) -> list[Entry]:
    asked = _("asked for a rewrite: %(wish)s") % {"wish": row.get_wish_display()}
    entries = [Entry(row.at, person(row.by), asked, row.words)]
    if row.state == Rewrite.State.DROPPED and row.decided_at:
        entries.append(Entry(row.decided_at, person(row.decided_by), _("dropped the rewrite")))
    return entries


def _comment(row: Comment) -> list[Entry]:
    entries = [Entry(row.at, author_of(row), _("commented"), row.text)]
    if row.resolved_at:
        entries.append(Entry(row.resolved_at, person(row.resolved_by), _("resolved a comment"), row.text))
    return entries


def _changes(kind: str, before: Copy, after: Copy) -> tuple[Change, ...]:
    return tuple(
        Change(part.label, before.get(part.name, ""), after.get(part.name, ""))
        for part in PARTS[Kind(kind)]
        if before.get(part.name, "") != after.get(part.name, "")
    )
