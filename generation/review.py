"""What people decide about texts: edit, approve, reject, reopen; each a conditional update with its row.

Under the four-eyes rule (settings.FOUR_EYES) nobody approves a text that they asked for or changed last.
"""

from collections.abc import Sequence
from dataclasses import asdict

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation import briefing
from generation.checks import Finding, check
from generation.models import PersonalOffer, Variant, VariantDecision
from generation.texts.kinds import Copy, Kind

State, Action = Variant.State, VariantDecision.Action
OfferState = PersonalOffer.State


class Refused(Exception):
    """A decision that cannot be taken; the message says why and what to do instead."""


class Conflict(Exception):
    """Somebody else changed the text meanwhile; nothing was overwritten."""


def findings(variant: Variant, copy: Copy) -> list[Finding]:
    """Check a text for this variant's place against the facts that it was written from."""
    sheet = briefing.restored(variant.facts, variant.campaign.brand_voice)
    return check(copy, sheet, Kind(variant.kind), variant.language)


@transaction.atomic
def edit(variant: Variant, copy: dict[str, str], by: User, version: int) -> None:
    """Replace the text that `by` saw as `version`; raises Conflict where another version stands now."""
    found = [asdict(finding) for finding in findings(variant, copy)]
    seen = Variant.objects.filter(pk=variant.pk, version=version, state=State.READY)
    if not seen.update(fields=copy, findings=found, edited_by=by, version=F("version") + 1, updated_at=Now()):
        raise Conflict
    before = variant.fields
    variant.refresh_from_db()
    _decided(variant, Action.EDIT, by, before=before, after=copy)


@transaction.atomic
def approve(variant: Variant, by: User, version: int) -> None:
    """Approve the text that `by` saw as `version`; findings that are not hard may be overruled."""
    if settings.FOUR_EYES and by.pk in {variant.author_id, variant.edited_by_id}:
        raise Refused(_("You asked for this text or changed it last: somebody else has to approve it."))
    hard = [finding for finding in findings(variant, variant.fields) if finding.hard]
    if hard:
        raise Refused(_("The text says what it must not: %(what)s") % {"what": hard[0].message})
    _move(variant, [State.READY], State.APPROVED, version)
    _decided(variant, Action.APPROVE, by)


@transaction.atomic
def reject(variant: Variant, by: User, reason: str, version: int) -> None:
    """Reject the text that `by` saw as `version`, saying why."""
    if not reason.strip():
        raise Refused(_("Say why: the author sees your words, and the next text can be better."))
    _move(variant, [State.READY], State.REJECTED, version)
    _decided(variant, Action.REJECT, by, reason=reason.strip())


@transaction.atomic
def reopen(variant: Variant, by: User) -> None:
    """Take a decision back, to decide or edit again."""
    _move(variant, [State.APPROVED, State.REJECTED], State.READY, variant.version)
    _decided(variant, Action.REOPEN, by)


def may_approve(variant: Variant, user: User) -> bool:
    """Say whether the four-eyes rule lets this person approve the text."""
    return not settings.FOUR_EYES or user.pk not in {variant.author_id, variant.edited_by_id}


def approvable(offers: QuerySet[PersonalOffer], by: User) -> QuerySet[PersonalOffer]:
    """Keep the offers that wait for approval and that the four-eyes rule lets this person approve."""
    ready = offers.filter(state=OfferState.READY)
    if not settings.FOUR_EYES:
        return ready
    return ready.filter(~Q(run__requested_by=by) | Q(run__requested_by=None))


@transaction.atomic
def approve_offers(offers: QuerySet[PersonalOffer], by: User) -> int:
    """Approve those of the offers that wait for it; returns how many."""
    chosen = approvable(offers, by).values("pk")
    return PersonalOffer.objects.filter(pk__in=chosen, state=OfferState.READY).update(
        state=OfferState.APPROVED, decided_by=by, decided_at=Now()
    )


@transaction.atomic
def exclude_offer(offer: PersonalOffer, by: User) -> None:
    """Take one customer's offer out, approved or not: no other is written for them in this campaign."""
    open_offer = PersonalOffer.objects.filter(pk=offer.pk).exclude(state=OfferState.EXCLUDED)
    if not open_offer.update(state=OfferState.EXCLUDED, decided_by=by, decided_at=Now()):
        raise Refused(_("This offer has been excluded already."))


def _move(variant: Variant, allowed: Sequence[str], state: str, version: int) -> None:
    """Change the state of the version that was seen; the findings stay as they were judged."""
    seen = Variant.objects.filter(pk=variant.pk, version=version, state__in=allowed)
    if not seen.update(state=state, version=F("version") + 1, updated_at=Now()):
        raise Conflict
    variant.refresh_from_db()


def _decided(
    variant: Variant,
    action: str,
    by: User,
    reason: str = "",
    before: Copy | None = None,
    after: Copy | None = None,
) -> None:
    VariantDecision.objects.create(
        variant=variant,
        action=action,
        by=by,
        reason=reason,
        before=before,
        after=after,
        four_eyes=settings.FOUR_EYES,
    )
