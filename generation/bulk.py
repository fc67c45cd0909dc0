"""Decisions about many texts at once: each text is judged as one alone would be, and what is left is counted.

Whoever decides names the version of each text that they saw, so nothing is approved that changed meanwhile;
a decision is taken back in the same way.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from generation import review
from generation.models import BulkDecision, Variant, VariantDecision
from generation.review import Action, Refused, State
from marketing_site.lib.figures import number

# Text -> the version that was seen.
Seen = Mapping[int, int]
# A decision that is older is reopened on the text's own page, where its history can be read.
UNDO_WITHIN = timedelta(hours=1)
DECIDED = (State.APPROVED, State.REJECTED)

CHANGED, OWN, FINDINGS, NOT_THEIRS = "changed", "own", "findings", "not_theirs"
LEFT: dict[str, str | Promise] = {
    CHANGED: _("changed or decided meanwhile: %(count)s"),
    OWN: _("asked for or changed last by you, so somebody else approves them: %(count)s"),
    FINDINGS: _("with findings, to be decided one by one: %(count)s"),
    NOT_THEIRS: _("which this person may not approve: %(count)s"),
}


@dataclass
class Outcome:
    """How many texts were decided, and why the others were left."""

    done: list[Variant] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def told_done(action: str, count: int) -> str:
    """Return in words how many texts were decided."""
    said = {
        Action.APPROVE: ngettext("%(count)s text approved.", "%(count)s texts approved.", count),
        Action.REJECT: ngettext("%(count)s text rejected.", "%(count)s texts rejected.", count),
        Action.ASSIGN: ngettext("%(count)s text assigned.", "%(count)s texts assigned.", count),
        Action.REOPEN: ngettext(
            "Taken back: %(count)s text waits again.", "Taken back: %(count)s texts wait again.", count
        ),
    }[Action(action)]
    return said % {"count": number(count)}


def told_left(left: Mapping[str, int]) -> str:
    """Return in words how many texts were left and why, or ""."""
    if not left:
        return ""
    count = sum(left.values())
    said = ngettext(
        "%(count)s text was left (%(reasons)s).", "%(count)s texts were left (%(reasons)s).", count
    )
    reasons = gettext("; ").join(
        str(words) % {"count": number(left[why])} for why, words in LEFT.items() if left.get(why)
    )
    return said % {"count": number(count), "reasons": reasons}


def approval() -> VariantDecision:
    """Return what each approved text gets: those without any finding by today's checks."""
    return VariantDecision(action=Action.APPROVE)


def rejection(code: str, reason: str) -> VariantDecision:
    """Return what each rejected text gets; raises Refused without a reason."""
    review.require_reason(code, reason)
    return VariantDecision(action=Action.REJECT, code=code, reason=reason.strip())


def assignment(to: User | None) -> VariantDecision:
    """Return what each assigned text gets, of those that this person could approve; raises Refused."""
    if to is None or not to.is_active or not to.has_perm(review.APPROVE):
        raise Refused(str(_("Choose somebody who may approve texts.")))
    return VariantDecision(action=Action.ASSIGN, to=to)


def reopening() -> VariantDecision:
    """Return what each text gets whose decision is taken back."""
    return VariantDecision(action=Action.REOPEN)


@transaction.atomic
def decide(seen: Seen, by: User, decision: VariantDecision) -> Outcome:
    """Decide about all that can be, each by a copy of the decision; rows stay locked until it is written.

    The decisions get the batch of the one that is given, or one of their own.
    """
    why_not, before, state = _rule(decision, by)
    outcome = Outcome()
    found = _locked(Variant.objects.visible_to(by).filter(pk__in=list(seen)))
    outcome.left[CHANGED] += len(seen) - len(found)
    for variant in found:
        stale = variant.version != seen[variant.pk] or variant.state not in before
        why = CHANGED if stale else why_not(variant)
        if why:
            outcome.left[why] += 1
        else:
            outcome.done.append(variant)
    _write(outcome.done, by, state, decision)
    outcome.left = +outcome.left
    return outcome


def _rule(
    decision: VariantDecision, by: User
) -> tuple[Callable[[Variant], str], Collection[Variant.State], Variant.State | None]:
    """Return what says why a text is left, the states before, and the one after; none: an assignment."""

    def approvable(variant: Variant) -> str:
        if not review.may_approve(variant, by):
            return OWN
        return FINDINGS if review.findings(variant, variant.fields) else ""

    def theirs(variant: Variant) -> str:
        return "" if decision.to and review.may_approve(variant, decision.to) else NOT_THEIRS

    waiting = (State.READY,)
    if decision.action == Action.APPROVE:
        return approvable, waiting, State.APPROVED
    if decision.action == Action.REJECT:
        return lambda variant: "", waiting, State.REJECTED
    if decision.action == Action.REOPEN:
        return lambda variant: "", DECIDED, State.READY
    return theirs, waiting, None


def latest(by: User) -> Seen:
    """Return what this person decided last, within the hour: one text, or all of one press of a button.

    Only decisions that are still the last word about their text can be taken back; raises Refused without
    one, and while a decision about many texts is on its way.
    """
    if BulkDecision.objects.visible_to(by).open().exists():
        raise Refused(
            str(_("Your decision about many texts is still on its way: wait for its end, or stop it."))
        )
    last_word = VariantDecision.objects.filter(
        variant=OuterRef("variant"), action__in=[Action.APPROVE, Action.REJECT, Action.REOPEN]
    ).order_by("-pk")
    mine = VariantDecision.objects.filter(
        by=by,
        action__in=[Action.APPROVE, Action.REJECT],
        at__gte=now() - UNDO_WITHIN,
        pk=Subquery(last_word.values("pk")[:1]),
    )
    last = mine.order_by("-pk").first()
    if last is None:
        raise Refused(str(_("Nothing to undo: you decided nothing within the last hour.")))
    together = mine.filter(batch=last.batch) if last.batch else mine.filter(pk=last.pk)
    variants = Variant.objects.filter(pk__in=together.values("variant"), state__in=DECIDED)
    return dict(variants.values_list("pk", "version"))


def _locked(variants: QuerySet[Variant]) -> list[Variant]:
    """Return the texts with what their checks read, of translations that of the source too."""
    own = ("campaign__brand_voice", "job__run__brand_voice")
    source = ("job__source__campaign__brand_voice", "job__source__job__run__brand_voice")
    return list(variants.select_related(*own, *source).order_by("pk").select_for_update(of=("self",)))


def _write(variants: list[Variant], by: User, state: Variant.State | None, decision: VariantDecision) -> None:
    """Change the texts and write one decision for each, all of one batch; no state: an assignment."""
    rows = Variant.objects.filter(pk__in=[variant.pk for variant in variants])
    if state is None:
        rows.update(assigned_to=decision.to)
    else:
        rows.update(state=state, version=F("version") + 1, updated_at=Now())
    batch = decision.batch or uuid4()
    VariantDecision.objects.bulk_create(
        VariantDecision(
            variant=variant,
            action=decision.action,
            by=by,
            code=decision.code,
            reason=decision.reason,
            to=decision.to,
            batch=batch,
            four_eyes=settings.FOUR_EYES,
        )
        for variant in variants
    )
