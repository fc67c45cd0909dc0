"""The only way between a campaign's states: a conditional update and its decision row, both or neither."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from campaigns import assigning, readiness
from campaigns.history import person
from campaigns.models import Campaign, Decision, OfferPolicy
from marketing_site.lib.figures import moment

Status, Action = Campaign.Status, Decision.Action
EDITABLE = (Status.DRAFT,)
# Name, dates and budget may still change; whom and what the approver read may not.
PLANNABLE = (Status.APPROVED, Status.LIVE)
DOUBLE_CLICK = timedelta(seconds=5)
CLONED = ("goal", "segment", "channel", "starts_on", "ends_on", "budget", "holdout_percent", "brand_voice")


class Refused(Exception):
    """A step that cannot be taken; the message says why, and what to do instead."""


def create(campaign: Campaign, by: User | None) -> None:
    """Save a new draft and say who made it; `by` is None for a partner's key."""
    campaign.created_by = by
    with transaction.atomic():
        campaign.save()
        Decision.objects.create(campaign=campaign, action=Action.CREATE, by=by)


@transaction.atomic
def submit(campaign: Campaign, by: User) -> None:
    """Ask for review; refuses while anything that is needed is missing."""
    _move(campaign, by, Action.SUBMIT, [Status.DRAFT], status=Status.IN_REVIEW)
    audience = assigning.planned(campaign)
    missing = [check for check in readiness.checks(campaign, audience) if not (check.done or check.advice)]
    if missing:
        raise Refused(" ".join(f"{check.label}: {check.hint}" for check in missing))


@transaction.atomic
def withdraw(campaign: Campaign, by: User) -> None:
    """Take a campaign back out of review, to change it."""
    _move(campaign, by, Action.WITHDRAW, [Status.IN_REVIEW], status=Status.DRAFT)


@transaction.atomic
def send_back(campaign: Campaign, by: User, reason: str) -> None:
    """Return a campaign to its author, saying what is wrong with it."""
    if not reason.strip():
        raise Refused(_("Say what should be changed: the author sees your words."))
    _move(campaign, by, Action.SEND_BACK, [Status.IN_REVIEW], status=Status.DRAFT, note=reason.strip())


@transaction.atomic
def approve(campaign: Campaign, by: User) -> None:
    """Approve, freeze the audience and assign the holdout: one transaction, so exactly one approval wins."""
    decision = _move(campaign, by, Action.APPROVE, [Status.IN_REVIEW], status=Status.APPROVED)
    _look_with_four_eyes(campaign, decision)
    audience = assigning.freeze(campaign)
    if not audience.treated:
        raise Refused(str(readiness.who_is_missing(audience)))
    campaign.refresh_from_db()


@transaction.atomic
def launch(campaign: Campaign, by: User) -> None:
    """Put an approved campaign live."""
    decision = _move(campaign, by, Action.LAUNCH, [Status.APPROVED], status=Status.LIVE)
    _look_with_four_eyes(campaign, decision)
    if campaign.ends_on is not None and campaign.ends_on < localdate():
        raise Refused(_("The last day has passed: choose a later one, then launch."))


@transaction.atomic
def pause(campaign: Campaign, by: User) -> None:
    _move(campaign, by, Action.PAUSE, [Status.LIVE], was_paused=False, paused=True)


@transaction.atomic
def resume(campaign: Campaign, by: User) -> None:
    _move(campaign, by, Action.RESUME, [Status.LIVE], was_paused=True, paused=False)


@transaction.atomic
def end(campaign: Campaign, by: User | None) -> None:
    """End a live campaign for good; `by` is None where the program does it after the last day."""
    _move(campaign, by, Action.END, [Status.LIVE], status=Status.ENDED, paused=False)


def end_finished(today: date) -> int:
    """End every live campaign whose last day is over, and return how many; safe to call twice."""
    ended = 0
    for campaign in Campaign.objects.filter(status=Status.LIVE, ends_on__lt=today):
        try:
            end(campaign, by=None)
        except Refused:  # a person was faster
            continue
        ended += 1
    return ended


@transaction.atomic
def discard(campaign: Campaign, by: User) -> None:
    """Put away a draft that nobody wants any more."""
    _move(campaign, by, Action.ARCHIVE, [Status.DRAFT], status=Status.ARCHIVED)


@transaction.atomic
def archive(campaign: Campaign, by: User) -> None:
    """Put away a campaign that is over, or was approved and will not be launched."""
    _move(campaign, by, Action.ARCHIVE, [Status.APPROVED, Status.ENDED], status=Status.ARCHIVED)


def just_made(name: str, by: User) -> Campaign | None:
    """Return the draft of this name that the person made a moment ago: a double click means one campaign.

    Call it in the transaction that creates: of two requests in the same moment the second waits here.
    """
    User.objects.select_for_update().get(pk=by.pk)
    recent = now() - DOUBLE_CLICK
    return Campaign.objects.filter(
        name=name, created_by=by, status=Status.DRAFT, created_at__gte=recent
    ).first()


@transaction.atomic
def clone(original: Campaign, by: User) -> Campaign:
    """Return a new draft with everything of the original but its state, audience, spend and codes."""
    name = _("Copy of %(name)s") % {"name": original.name}
    name = name[: Campaign._meta.get_field("name").max_length]
    if twin := just_made(name, by):
        return twin
    made = Campaign(name=name, created_by=by)
    for field in CLONED:
        setattr(made, field, getattr(original, field))
    made.save()
    made.products.set(original.products.all())
    if policy := OfferPolicy.objects.filter(campaign=original).first():
        policy.campaign = made
        policy.shared_code = unused_code(policy.shared_code) if policy.shared_code else ""
        policy.save(force_insert=True)
    Decision.objects.create(campaign=made, action=Action.CLONE, by=by, note=original.name)
    return made


def unused_code(code: str) -> str:
    """Return the code with the first number behind it that no campaign uses, to tell their orders apart."""
    for number in range(2, 10_000):
        tried = f"{code[:26]}-{number}"
        if not OfferPolicy.objects.filter(shared_code__iexact=tried).exists():
            return tried
    message = _("Too many campaigns share the code %(code)s: give the original another one.")
    raise Refused(message % {"code": code})


def editable(campaign: Campaign, statuses: Sequence[str] = EDITABLE) -> Campaign:
    """Lock and return the row as it stands now; refuses where its state no longer allows the change.

    Call it in the transaction that saves: a submit or an approval in the same moment waits, or wins.
    """
    row = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if row.status not in statuses:
        raise Refused(locked_reason(row))
    return row


def locked_reason(campaign: Campaign) -> str:
    """Return why the audience, products and offer policy of a campaign cannot change, and what to do."""
    if campaign.status == Status.IN_REVIEW:
        return _("The campaign is in review: take it back to change it.")
    if campaign.status in PLANNABLE:
        return _(
            "The campaign is approved: its segment, holdout, products and offer policy are locked, because "
            "its audience is frozen. Only name, dates and budget can change. Clone it to plan another one."
        )
    return _("The campaign is over and cannot change. Clone it to plan another one.")


def authors(campaign: Campaign) -> set[int]:
    """Return the ids of the creator and of whoever submitted it last: neither may approve or launch it."""
    submitted = campaign.decisions.filter(action=Action.SUBMIT).order_by("-pk").values_list("by", flat=True)
    return {pk for pk in (campaign.created_by_id, submitted.first()) if pk is not None}


def _move(
    campaign: Campaign,
    by: User | None,
    action: Decision.Action,
    from_statuses: Sequence[str],
    *,
    was_paused: bool | None = None,
    note: str = "",
    **changes: object,
) -> Decision:
    rows = Campaign.objects.filter(pk=campaign.pk, status__in=from_statuses)
    if was_paused is not None:
        rows = rows.filter(paused=was_paused)
    if not rows.update(updated_at=now(), **changes):
        campaign.refresh_from_db()
        raise Refused(_refusal(campaign, action))
    campaign.refresh_from_db()
    return Decision.objects.create(campaign=campaign, action=action, by=by, note=note)


def _refusal(campaign: Campaign, action: Decision.Action) -> str:
    if action == Action.LAUNCH and campaign.status in (Status.DRAFT, Status.IN_REVIEW):
        return _("This campaign is not approved yet: it can be launched once somebody else has approved it.")
    status = _("paused") if campaign.paused else campaign.get_status_display()
    last = campaign.decisions.select_related("by").order_by("-pk").first()
    if last is None or last.by is None:
        return _("Nothing was changed: the campaign is %(status)s.") % {"status": status}
    message = _(
        "Nothing was changed: the campaign is %(status)s. Last step: %(action)s by %(person)s, %(time)s."
    )
    return message % {
        "status": status,
        "action": last.get_action_display(),
        "person": person(last.by),
        "time": moment(last.at),
    }


def _look_with_four_eyes(campaign: Campaign, decision: Decision) -> None:
    if decision.by_id not in authors(campaign):
        return
    if settings.FOUR_EYES:
        raise Refused(_("You made or submitted this campaign: somebody else must approve and launch it."))
    Decision.objects.filter(pk=decision.pk).update(four_eyes=False)
