"""What happened to a campaign, in words: decisions, and changes of its fields, offer policy and products."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import BrandVoice, Campaign, Decision, OfferPolicy, Segment
from marketing_site.lib import figures
from shop.models import Product

Text = str | Promise
CAMPAIGN_FIELDS = (
    "name", "goal", "channel", "starts_on", "ends_on", "budget", "segment", "holdout_percent", "brand_voice",
)  # fmt: skip
POLICY_FIELDS = (
    "kind", "value", "minimum_basket", "cap", "margin_floor", "code_policy", "shared_code", "valid_days",
)  # fmt: skip
# A clone brings its products along in one step: more names than this are counted, not listed.
NAMES_SHOWN = 10


@dataclass(frozen=True)
class Change:
    """One field, as it was and as it became."""

    field: Text
    old: str
    new: str

    @property
    def was_empty(self) -> bool:
        return self.old == figures.NOTHING


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did; `who` is "" where the program did it."""

    at: datetime
    who: str
    title: Text
    changes: Sequence[Change] = ()
    note: str = ""
    four_eyes: bool = True
    first: bool = False


def person(user: User | None) -> str:
    """Return how a colleague is called on pages, "" for the program."""
    return (user.get_full_name() or user.email or user.username) if user else ""


def decisions(campaign: Campaign) -> list[Entry]:
    """Return the steps of the campaign through its states, oldest first."""
    rows = campaign.decisions.select_related("by").order_by("at", "pk")
    return [
        Entry(
            row.at, person(row.by), _step(row), note=row.note, four_eyes=row.four_eyes,
            first=row.action in (Decision.Action.CREATE, Decision.Action.CLONE),
        )
        for row in rows
    ]  # fmt: skip


def history(campaign: Campaign) -> list[Entry]:
    """Return everything that happened to the campaign, newest first."""
    names = _names()
    entries = [
        *decisions(campaign),
        *_field_entries("CampaignEvent", Campaign, CAMPAIGN_FIELDS, campaign, names),
        *_field_entries("OfferPolicyEvent", OfferPolicy, POLICY_FIELDS, campaign, names),
        *_product_entries(campaign),
    ]
    # Nothing comes before the creation, whatever the clocks of database and program say.
    return sorted(entries, key=lambda entry: (not entry.first, entry.at), reverse=True)


def _step(decision: Decision) -> str:
    if decision.action == Decision.Action.CLONE:
        return _("cloned from another campaign")
    if decision.action == Decision.Action.END and decision.by_id is None:
        return _("ended after its last day")
    return decision.get_action_display()


def _names() -> dict[str, dict[int, str]]:
    """Return what the ids in old events were called: today's names."""
    return {
        "segment": dict(Segment.objects.values_list("pk", "name")),
        "brand_voice": dict(BrandVoice.objects.values_list("pk", "name")),
    }


def _field_entries(
    events: str,
    model: type[models.Model],
    fields: Sequence[str],
    campaign: Campaign,
    names: dict[str, dict[int, str]],
) -> Iterable[Entry]:
    rows = apps.get_model("campaigns", events).objects.filter(pgh_obj=campaign.pk)
    before: Any = None
    people = _people(rows)
    for row in rows.select_related("pgh_context").order_by("pgh_id"):
        changes = [
            Change(
                _label(model, field), _shown(model, field, before, names), _shown(model, field, row, names)
            )
            for field in fields
            if _raw(model, field, before) != _raw(model, field, row)
        ]
        # The first row of the campaign itself is its creation, which is a decision.
        if changes and not (before is None and model is Campaign):
            title = _("changed the offer policy") if model is OfferPolicy else _("changed the campaign")
            yield Entry(row.pgh_created_at, people(row), title, changes)
        before = row


def _product_entries(campaign: Campaign) -> Iterable[Entry]:
    rows = apps.get_model("campaigns", "CampaignProductEvent").objects.filter(campaign=campaign.pk)
    people = _people(rows)
    steps: dict[Any, list[Any]] = {}
    for row in rows.select_related("pgh_context").order_by("pgh_id"):
        steps.setdefault((row.pgh_context_id, row.pgh_created_at), []).append(row)
    ids = {row.product_id for step in steps.values() for row in step}
    products = dict(Product.objects.filter(pk__in=ids).values_list("pk", "name"))
    for step in steps.values():
        gone = [products.get(row.product_id, "") for row in step if row.pgh_label == "delete"]
        come = [products.get(row.product_id, "") for row in step if row.pgh_label == "insert"]
        added = [Change(_("Added"), figures.NOTHING, _listed(come))] if come else []
        removed = [Change(_("Removed"), _listed(gone), figures.NOTHING)] if gone else []
        yield Entry(step[0].pgh_created_at, people(step[0]), _("changed the products"), added + removed)


def _listed(names: list[str]) -> str:
    more = len(names) - NAMES_SHOWN
    rest = [ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}] if more > 0 else []
    return ", ".join(names[:NAMES_SHOWN] + rest)


def _people(rows: "models.QuerySet[Any]") -> Callable[[Any], str]:
    """Return a function that names who caused an event: the request's user, kept with the event."""
    ids = rows.values_list("pgh_context__metadata__user", flat=True).distinct()
    users = User.objects.in_bulk({int(pk) for pk in ids if pk is not None})

    def who(row: Any) -> str:
        user = row.pgh_context.metadata.get("user") if row.pgh_context else None
        return person(users.get(int(user))) if user is not None else ""

    return who


def _label(model: type[models.Model], field: str) -> Text:
    label = model._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return str(label).capitalize() if label[:1].islower() else label


def _raw(model: type[models.Model], field: str, row: Any) -> Any:
    value = None if row is None else getattr(row, model._meta.get_field(field).attname)  # type: ignore[union-attr]
    return None if value == "" else value


def _shown(model: type[models.Model], field: str, row: Any, names: dict[str, dict[int, str]]) -> str:
    value = _raw(model, field, row)
    if value is None:
        return figures.NOTHING
    if field in names:
        return names[field].get(value, _("(deleted)"))
    if field in WRITTEN:
        return WRITTEN[field](value)
    choices = dict(model._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))


def _plain(value: Any) -> str:
    return figures.number(value, 0 if value == int(value) else 2)


WRITTEN: dict[str, Callable[[Any], str]] = {
    "starts_on": figures.day,
    "ends_on": figures.day,
    "budget": figures.money,
    "minimum_basket": figures.money,
    "cap": figures.money,
    "value": _plain,
    "valid_days": _plain,
    "holdout_percent": lambda value: f"{_plain(value)}%",
    "margin_floor": lambda value: f"{_plain(value)}%",
}
