"""What people decide about texts: edit, approve, reject, reopen; each a conditional update with its row.

Under the four-eyes rule (settings.FOUR_EYES) nobody approves a text that they asked for or changed last.
Decisions about many texts at once stand in generation.bulk.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation import briefing, citing
from generation.checks import Finding, check
from generation.checks.translations import lost_slots, slotted
from generation.models import Comment, PersonalOffer, Rewrite, Variant, VariantDecision
from generation.texts.kinds import Copy, Kind
from shop.models import ApiKey

State, Action, Reason = Variant.State, VariantDecision.Action, VariantDecision.Reason
OfferState = PersonalOffer.State
APPROVE = "generation.approve_variant"


class Refused(Exception):
    """A decision that cannot be taken; the message says why and what to do instead."""


class Conflict(Exception):
    """Somebody else changed the text meanwhile; nothing was overwritten."""


def findings(variant: Variant, copy: Copy) -> list[Finding]:
    """Check a text for this variant's place against the facts that it was written from."""
    sheet = briefing.restored(variant.facts, variant.voice)
    found = check(copy, sheet, Kind(variant.kind), variant.language)
    original = variant.job.source
    if original is None:
        return found
    told = briefing.restored(original.facts, original.voice)
    return [*found, *lost_slots(copy, slotted(original.fields, told), sheet, Kind(variant.kind))]


def edit(variant: Variant, copy: dict[str, str], by: User, version: int) -> None:
    """Replace the text that `by` saw as `version`; raises Conflict where another version stands now."""
    _replace(variant, copy, by, version, Action.EDIT)


@transaction.atomic
def approve(variant: Variant, by: User, version: int) -> None:
    """Approve the text that `by` saw as `version`; findings that are not hard may be overruled."""
    if not may_approve(variant, by):
        raise Refused(_("You asked for this text or changed it last: somebody else has to approve it."))
    hard = [finding for finding in findings(variant, variant.fields) if finding.hard]
    if hard:
        raise Refused(_("The text says what it must not: %(what)s") % {"what": hard[0].message})
    _move(variant, [State.READY], State.APPROVED, version)
    decided(variant, Action.APPROVE, by)


@transaction.atomic
def reject(variant: Variant, by: User, reason: str, version: int, code: str = "") -> None:
    """Reject the text that `by` saw as `version`, saying why: a reason of the list, or words, or both."""
    require_reason(code, reason)
    _move(variant, [State.READY], State.REJECTED, version)
    decided(variant, Action.REJECT, by, code=code, reason=reason.strip())


def require_reason(code: str, words: str) -> None:
    """Refuse a rejection that says nothing."""
    if code and code not in Reason.values:
        raise Refused(_("Choose a reason of the list."))
    if not words.strip() and code in {"", Reason.OTHER}:
        raise Refused(_("Say why: the author sees your words, and the next text can be better."))


@transaction.atomic
def reopen(variant: Variant, by: User) -> None:
    """Take a decision back, to decide or edit again."""
    _move(variant, [State.APPROVED, State.REJECTED], State.READY, variant.version)
    decided(variant, Action.REOPEN, by)


@transaction.atomic
def assign(variant: Variant, to: User | None, by: User) -> None:
    """Hand the text to somebody who may approve it; None takes it back from whoever had it."""
    if to is not None and not may_be_assigned(variant, to):
        raise Refused(_("%(name)s may not approve this text.") % {"name": to.get_full_name() or to.email})
    Variant.objects.filter(pk=variant.pk).update(assigned_to=to)
    variant.assigned_to = to
    decided(variant, Action.ASSIGN, by, to=to)


@transaction.atomic
def teach(variant: Variant, by: User, *, learn: bool) -> None:
    """Say whether tuning may learn from the text."""
    if Variant.objects.filter(pk=variant.pk).exclude(learn=learn).update(learn=learn):
        variant.learn = learn
        decided(variant, Action.LEARN if learn else Action.FORGET, by)


def comment(variant: Variant, text: str, by: User | None, key: ApiKey | None = None) -> Comment:
    """Keep what a person, or a partner's tool, says about the text."""
    if not text.strip():
        raise Refused(_("The comment is empty: write what you want to say."))
    return Comment.objects.create(variant=variant, text=text.strip(), by=by, key=key)


def resolve(said: Comment, by: User, *, resolved: bool) -> None:
    """Mark a comment as dealt with, or open it again."""
    values: dict[str, Any] = {"resolved_by": by, "resolved_at": Now()}
    Comment.objects.filter(pk=said.pk).update(
        **(values if resolved else {"resolved_by": None, "resolved_at": None})
    )


@transaction.atomic
def take(rewrite: Rewrite, by: User) -> None:
    """Put a proposal in the text's place; raises Conflict where that was changed meanwhile."""
    _settle(rewrite, [Rewrite.State.READY], Rewrite.State.TAKEN, by)
    variant = rewrite.variant
    words = str(rewrite.get_wish_display())
    _replace(variant, dict(rewrite.after or {}), by, rewrite.version, Action.REWRITE, reason=words)


def drop(rewrite: Rewrite, by: User) -> None:
    """Leave the text as it is, whether the proposal is there already or not."""
    undecided = [Rewrite.State.WAITING, Rewrite.State.READY, Rewrite.State.IMPOSSIBLE]
    _settle(rewrite, undecided, Rewrite.State.DROPPED, by)


def may_approve(variant: Variant, user: User) -> bool:
    """Say whether the four-eyes rule lets this person approve the text."""
    return not settings.FOUR_EYES or user.pk not in {variant.author_id, variant.edited_by_id}


def may_be_assigned(variant: Variant, user: User) -> bool:
    """Say whether the person could approve the text, which is what it is assigned for."""
    return user.is_active and user.has_perm(APPROVE) and may_approve(variant, user)


def approvers() -> QuerySet[User]:
    """Return the people who may approve texts at all, by name."""
    backend = "django.contrib.auth.backends.ModelBackend"
    people = User.objects.with_perm(APPROVE, backend=backend)
    return people.filter(is_active=True).order_by("first_name", "last_name", "email")


def approvable_texts(variants: QuerySet[Variant], by: User) -> QuerySet[Variant]:
    """Keep the texts that wait, that had no finding, and that the four-eyes rule lets this person approve."""
    ready = variants.filter(state=State.READY, findings=[])
    return others_texts(ready, by)


def others_texts(variants: QuerySet[Variant], by: User) -> QuerySet[Variant]:
    """Leave out what the four-eyes rule keeps this person from approving."""
    if not settings.FOUR_EYES:
        return variants
    mine = Q(author__isnull=False, author=by) | Q(edited_by__isnull=False, edited_by=by)
    return variants.exclude(mine)


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


def decided(variant: Variant, action: str, by: User, **fields: Any) -> None:
    """Write down what somebody did to a text."""
    VariantDecision.objects.create(
        variant=variant, action=action, by=by, four_eyes=settings.FOUR_EYES, **fields
    )


@transaction.atomic
def _replace(
    variant: Variant, copy: dict[str, str], by: User, version: int, action: str, reason: str = ""
) -> None:
    found = [asdict(finding) for finding in findings(variant, copy)]
    sheet, product = briefing.restored(variant.facts, variant.voice), variant.product
    changes = {
        "fields": copy,
        "findings": found,
        "cites": citing.cited(copy, sheet, product) if product else {},
    }
    seen = Variant.objects.filter(pk=variant.pk, version=version, state=State.READY)
    if not seen.update(**changes, edited_by=by, version=F("version") + 1, updated_at=Now()):
        raise Conflict
    before = variant.fields
    variant.refresh_from_db()
    decided(variant, action, by, reason=reason, before=before, after=copy)


def _settle(rewrite: Rewrite, allowed: Sequence[str], state: str, by: User) -> None:
    undecided = Rewrite.objects.filter(pk=rewrite.pk, state__in=allowed)
    if not undecided.update(state=state, decided_by=by, decided_at=Now()):
        raise Refused(_("This rewrite has been decided already, or is not written yet."))


def _move(variant: Variant, allowed: Sequence[str], state: str, version: int) -> None:
    """Change the state of the version that was seen; the findings stay as they were judged."""
    seen = Variant.objects.filter(pk=variant.pk, version=version, state__in=allowed)
    if not seen.update(state=state, version=F("version") + 1, updated_at=Now()):
        raise Conflict
    variant.refresh_from_db()
