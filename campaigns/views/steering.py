"""The steps of a campaign through its states: which buttons a person sees, and what each of them does."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from campaigns import launching
from campaigns.forms.campaigns import SendBackForm
from campaigns.models import Campaign
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request

Text = str | Promise
Status = Campaign.Status
CHANGE, APPROVE, LAUNCH = (f"campaigns.{action}_campaign" for action in ("change", "approve", "launch"))


@dataclass(frozen=True)
class Step:
    """A button of the campaign's head; one without a question acts at once, and can be undone."""

    view: str
    label: Text
    permission: str
    style: str = ""
    question: Text = ""
    consequence: Text = ""
    link: bool = False


SUBMIT = Step("campaign_submit", _("Submit for review"), CHANGE, "primary")
EDIT = Step("campaign_basics_edit", _("Edit"), CHANGE, link=True)
PLAN = Step("campaign_plan_edit", _("Edit dates and budget"), CHANGE, link=True)
CLONE = Step("campaign_clone", _("Clone"), "campaigns.add_campaign")
WITHDRAW = Step("campaign_withdraw", _("Take back"), CHANGE)
PAUSE = Step("campaign_pause", _("Pause"), LAUNCH)
RESUME = Step("campaign_resume", _("Resume"), LAUNCH, "primary")
DISCARD = Step(
    "campaign_discard", _("Discard"), CHANGE, "danger", _("Discard this draft?"),
    _("It moves to the archive. To go on with it later, clone it."),
)  # fmt: skip
APPROVAL = Step(
    "campaign_approve", _("Approve"), APPROVE, "good", _("Approve this campaign?"),
    _("Its audience is frozen as it is now, and the holdout assigned. Segment, products and offer lock."),
)  # fmt: skip
LAUNCHING = Step(
    "campaign_launch", _("Launch"), LAUNCH, "primary", _("Launch this campaign?"),
    _("It counts as live from now on. You can pause it."),
)  # fmt: skip
ENDING = Step(
    "campaign_end", _("End"), LAUNCH, "danger", _("End this campaign?"),
    _("It cannot be started again; a clone of it can. To stop for a while, pause it instead."),
)  # fmt: skip
ARCHIVING = Step(
    "campaign_archive", _("Archive"), LAUNCH, "danger", _("Archive this campaign?"),
    _("It leaves the list. Its figures, history and audience are kept; the status filter still finds it."),
)  # fmt: skip
STEPS: dict[str, tuple[Step, ...]] = {
    Status.DRAFT: (SUBMIT, EDIT, CLONE, DISCARD),
    Status.IN_REVIEW: (APPROVAL, WITHDRAW, CLONE),
    Status.APPROVED: (LAUNCHING, PLAN, CLONE, ARCHIVING),
    Status.LIVE: (PAUSE, PLAN, CLONE, ENDING),
    Status.ENDED: (CLONE, ARCHIVING),
    Status.ARCHIVED: (CLONE,),
}
OTHERS_ONLY = (APPROVAL, LAUNCHING)


def actions(campaign: Campaign, user: User) -> list[dict[str, object]]:
    """Return the buttons that this person may press now."""
    steps = [RESUME if step is PAUSE and campaign.paused else step for step in STEPS[campaign.status]]
    own = settings.FOUR_EYES and user.pk in launching.authors(campaign)
    return [
        {"step": step, "url": reverse(f"campaigns:{step.view}", args=[campaign.pk])}
        for step in steps
        if user.has_perm(step.permission) and not (own and step in OTHERS_ONLY)
    ]


def may_send_back(campaign: Campaign, user: User) -> bool:
    return campaign.status == Status.IN_REVIEW and user.has_perm(APPROVE)


def may_decide(campaign: Campaign, user: User) -> bool:
    """Return whether the four-eyes rule and the role let this person approve or launch it."""
    own = settings.FOUR_EYES and user.pk in launching.authors(campaign)
    return user.has_perm(APPROVE) and not own


@require_POST
@allowed(CHANGE)
def campaign_submit(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.submit, _("Submitted: an approver can look at it now."))


@require_POST
@allowed(CHANGE)
def campaign_withdraw(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.withdraw, _("Taken back: it is a draft again."))


@require_POST
@allowed(APPROVE)
def campaign_send_back(request: Request, pk: int) -> HttpResponse:
    form = SendBackForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""

    def send_back(campaign: Campaign, by: User) -> None:
        launching.send_back(campaign, by, reason)

    return take(request, pk, send_back, _("Sent back to its author."))


@require_POST
@allowed(APPROVE)
def campaign_approve(request: Request, pk: int) -> HttpResponse:
    return take(
        request, pk, launching.approve, _("Approved: the audience is frozen and the holdout assigned.")
    )


@require_POST
@allowed(LAUNCH)
def campaign_launch(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.launch, _("Launched: the campaign is live."))


@require_POST
@allowed(LAUNCH)
def campaign_pause(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.pause, _("Paused. Resume it whenever you like."))


@require_POST
@allowed(LAUNCH)
def campaign_resume(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.resume, _("Resumed."))


@require_POST
@allowed(LAUNCH)
def campaign_end(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.end, _("Ended."))


@require_POST
@allowed(LAUNCH)
def campaign_archive(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.archive, _("Archived. The filter “archived” still finds it."))


@require_POST
@allowed(CHANGE)
def campaign_discard(request: Request, pk: int) -> HttpResponse:
    return take(request, pk, launching.discard, _("Discarded. The filter “archived” still finds it."))


@require_POST
@allowed("campaigns.add_campaign")
def campaign_clone(request: Request, pk: int) -> HttpResponse:
    original = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    try:
        made = launching.clone(original, request.user)
    except launching.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(original)
    messages.success(request, _("Cloned: this is the copy. Check its dates."))
    return redirect("campaigns:campaign_basics_edit", made.pk)


def take(request: Request, pk: int, act: Callable[[Campaign, User], None], done: Text) -> HttpResponse:
    """Take one step, or say why not, and return to the campaign's page."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    try:
        act(campaign, request.user)
    except launching.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(done))
    return redirect(campaign)
