"""The only place that writes spend: each write brings its campaign days up to date at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.timezone import now
from django.utils.translation import gettext as _

from campaigns import attribution
from campaigns.models import Campaign, Spend
from marketing_site.lib.money import ZERO

# Spend before and after these is a slip of the keyboard.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
# What makes two bookings under one external id the same.
BOOKED = ("campaign_id", "category", "amount", "day", "note", "quantity", "rate")
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('campaigns.spending'))"


class Refused(Exception):
    """The spend cannot be written; the message says why."""


@dataclass(frozen=True)
class Booked:
    """How many spends a booking added, corrected, and found as they were."""

    added: int
    corrected: int
    unchanged: int


@transaction.atomic
def save(spend: Spend) -> None:
    """Write one spend that a person entered or changed; an assumed cost that they change is theirs then."""
    before = Spend.objects.select_for_update().filter(pk=spend.pk).first()
    if before and before.amount != spend.amount:
        spend.quantity = spend.rate = None
    if spend.source == Spend.Source.DEMO:
        spend.source = Spend.Source.MANUAL
    spend.save()
    _refresh([spend, before] if before else [spend])


@transaction.atomic
def book(spends: Sequence[Spend]) -> Booked:
    """Write spends under their source and external id: booking the same again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
    known = {
        (one.source, one.external_id): one
        for one in Spend.objects.select_for_update().filter(
            external_id__in=[one.external_id for one in spends]
        )
    }
    pairs = [(one, known.get((one.source, one.external_id))) for one in spends]
    new = [one for one, old in pairs if old is None]
    changed = [(one, old) for one, old in pairs if old is not None and _values(one) != _values(old)]
    was = [(old.campaign_id, old.day) for _one, old in changed]
    for one, old in changed:
        for name, value in zip(BOOKED, _values(one), strict=True):
            setattr(old, name, value)
        old.updated_at = now()
    Spend.objects.bulk_create(new)
    Spend.objects.bulk_update([old for _one, old in changed], [*BOOKED, "updated_at"])
    attribution.refresh_spend({*was, *((one.campaign_id, one.day) for one, _old in changed), *_keys(new)})
    return Booked(len(new), len(changed), len(spends) - len(new) - len(changed))


@transaction.atomic
def delete(spend: Spend) -> None:
    """Take a spend away; the history keeps it, so that `restore` brings it back."""
    Spend.objects.filter(pk=spend.pk).delete()
    _refresh([spend])


@transaction.atomic
def restore(deleted: Spend) -> None:
    """Bring a deleted spend back as it was; raises Refused where its place is taken."""
    same = Spend.objects.filter(source=deleted.source, external_id=deleted.external_id)
    if Spend.objects.filter(pk=deleted.pk).exists():
        raise Refused(_("This spend is back already."))
    if deleted.external_id and same.exists():
        raise Refused(_("A spend with the same external id was imported since: correct that one."))
    deleted.save(force_insert=True)
    _refresh([deleted])


def deleted(pk: int) -> Spend | None:
    """Return a spend that was deleted, as the history knows it; None where it stands or never stood."""
    if Spend.objects.filter(pk=pk).exists():
        return None
    events = apps.get_model("campaigns", "SpendEvent").objects.filter(id=pk, pgh_label="delete")
    event = events.order_by("-pgh_id").first()
    if event is None:
        return None
    return Spend(**{field.attname: getattr(event, field.attname) for field in Spend._meta.concrete_fields})


def over_budget(campaigns: Iterable[Campaign]) -> list[tuple[Campaign, Decimal]]:
    """Return those campaigns that have spent more than their budget, with what they have spent."""
    limited = {one.pk: one for one in campaigns if one.budget is not None}
    sums = Spend.objects.filter(campaign__in=limited).values_list("campaign").annotate(total=Sum("amount"))
    return [
        (limited[pk], total)
        for pk, total in sums.order_by("campaign")
        if total > (limited[pk].budget or ZERO)
    ]


def _values(spend: Spend) -> list[object]:
    return [getattr(spend, name) for name in BOOKED]


def _keys(spends: Iterable[Spend]) -> set[tuple[int, date]]:
    return {(one.campaign_id, one.day) for one in spends}


def _refresh(spends: Iterable[Spend]) -> None:
    attribution.refresh_spend(_keys(spends))
