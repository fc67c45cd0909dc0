"""A new campaign in four steps, each saved by itself, and what may still change after approval."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import assigning, launching, readiness, segmenting
from campaigns.forms.campaigns import (
    CampaignAudienceForm,
    CampaignBasicsForm,
    CampaignPlanForm,
    CampaignVoiceForm,
    OfferPolicyForm,
)
from campaigns.models import Campaign, OfferPolicy, Segment
from campaigns.views.campaigns import audience_of, visible
from campaigns.views.product_choice import chosen_and_found
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import money
from marketing_site.lib.htmx import Request

Context = dict[str, Any]
Form = forms.ModelForm[Any]
Build = Callable[[Campaign, QueryDict | None], Form]
form_view = require_http_methods(["GET", "HEAD", "POST"])
BASICS, AUDIENCE, PRODUCTS, VOICE = readiness.STEPS
# The holdouts that are compared beside the chosen one.
SHARES = (5, 10, 20, 30, 50)


def nothing_more(campaign: Campaign) -> Context:
    return {}


@form_view
@allowed("campaigns.add_campaign")
def campaign_new(request: Request) -> HttpResponse:
    """Step 1 of a campaign that does not exist yet."""
    form = CampaignBasicsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            made = launching.just_made(form.instance.name, request.user) or form.instance
            if made is form.instance:
                launching.create(made, request.user)
        return redirect(f"campaigns:{AUDIENCE}", made.pk)
    context = {"form": form, "steps": steps(None, BASICS)}
    return render(request, "campaigns/campaign_new.html", context, status=422 if form.errors else 200)


@form_view
@allowed("campaigns.change_campaign")
def campaign_basics_edit(request: Request, pk: int) -> HttpResponse:
    def build(campaign: Campaign, data: QueryDict | None) -> Form:
        return CampaignBasicsForm(data, instance=campaign)

    return edit(request, pk, BASICS, build)


@form_view
@allowed("campaigns.change_campaign")
def campaign_audience_edit(request: Request, pk: int) -> HttpResponse:
    def build(campaign: Campaign, data: QueryDict | None) -> Form:
        return CampaignAudienceForm(data, instance=campaign, segments=choosable(request, campaign))

    def more(campaign: Campaign) -> Context:
        return sized(campaign.segment, campaign.channel, campaign.holdout_percent)

    return edit(request, pk, AUDIENCE, build, more)


@form_view
@allowed("campaigns.change_campaign")
def campaign_products_edit(request: Request, pk: int) -> HttpResponse:
    """Step 3; its products are added and removed one by one, by views of their own."""

    def build(campaign: Campaign, data: QueryDict | None) -> Form:
        policy = OfferPolicy.objects.filter(campaign=campaign).first() or OfferPolicy(campaign=campaign)
        return OfferPolicyForm(data, instance=policy)

    def more(campaign: Campaign) -> Context:
        return chosen_and_found(campaign, request.GET.get("q", ""))

    return edit(request, pk, PRODUCTS, build, more)


@form_view
@allowed("campaigns.change_campaign")
def campaign_voice_edit(request: Request, pk: int) -> HttpResponse:
    """Step 4: the voice, the check list, and submitting."""

    def build(campaign: Campaign, data: QueryDict | None) -> Form:
        return CampaignVoiceForm(data, instance=campaign)

    def more(campaign: Campaign) -> Context:
        return {"checks": readiness.checks(campaign, audience_of(campaign))}

    return edit(request, pk, VOICE, build, more)


@form_view
@allowed("campaigns.change_campaign")
def campaign_plan_edit(request: Request, pk: int) -> HttpResponse:
    """Name, dates and budget of an approved or live campaign: nothing else may change there."""

    def build(campaign: Campaign, data: QueryDict | None) -> Form:
        return CampaignPlanForm(data, instance=campaign)

    return edit(request, pk, "campaign_plan_edit", build, statuses=launching.PLANNABLE)


@require_safe
@allowed("campaigns.change_campaign")
def campaign_audience_preview(request: Request, pk: int) -> HttpResponse:
    """Answer step 2 while it is filled in: how many are meant, reached, treated and held out."""
    campaign = visible(request, pk)
    form = CampaignAudienceForm(request.GET, instance=campaign, segments=choosable(request, campaign))
    form.is_valid()
    asked = form.cleaned_data
    share = asked.get("holdout_percent", campaign.holdout_percent)
    context = sized(asked.get("segment"), campaign.channel, share) | {"campaign": campaign}
    return render(request, "campaigns/_campaign_audience_preview.html", context)


def edit(
    request: Request, pk: int, step: str, build: Build, more: Callable[[Campaign], Context] = nothing_more, *,
    statuses: tuple[str, ...] = launching.EDITABLE,
) -> HttpResponse:  # fmt: skip
    """Show the form of one step, or save it while the campaign's state allows that and go to the next."""
    campaign = visible(request, pk)
    try:
        with transaction.atomic():
            row = launching.editable(campaign, statuses)
            form = build(row, request.POST if request.method == "POST" else None)
            if form.is_valid():
                form.save()
    except launching.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(campaign)
    if form.is_valid():
        return saved(request, row, step)
    numbered = steps(campaign, step) if step in readiness.STEPS else []
    page = {"campaign": campaign, "form": form, "steps": numbered} | more(campaign)
    return render(request, f"campaigns/{step}.html", page, status=422 if form.errors else 200)


def saved(request: Request, campaign: Campaign, step: str) -> HttpResponse:
    """Warn where the budget is spent already, submit if that was asked for, and go on to the next page."""
    warned = warn_of_budget(request, campaign)
    then = request.POST.get("then")
    if then == "submit":
        return submitted(request, campaign)
    following = dict(zip(readiness.STEPS, readiness.STEPS[1:], strict=False)).get(step)
    if following and then != "close":
        return redirect(f"campaigns:{following}", campaign.pk)
    if not warned:
        messages.success(request, _("Saved."))
    return redirect(campaign)


def warn_of_budget(request: Request, campaign: Campaign) -> bool:
    """Say where more is booked than the budget allows; return whether that is so."""
    spent = campaign.spends.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    if campaign.budget is None or campaign.budget >= spent:
        return False
    text = _("Saved, but the budget of %(budget)s is below the %(spent)s that are booked already.")
    messages.warning(request, text % {"budget": money(campaign.budget), "spent": money(spent)})
    return True


def submitted(request: Request, campaign: Campaign) -> HttpResponse:
    """Submit; where something is missing, stay beside the check list."""
    try:
        launching.submit(campaign, request.user)
    except launching.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"campaigns:{VOICE}", campaign.pk)
    messages.success(request, _("Submitted: an approver can look at it now."))
    return redirect(campaign)


def steps(campaign: Campaign | None, current: str) -> list[Context]:
    """Return the four steps with their addresses; those of a campaign that does not exist yet have none."""
    labels = (_("Basics"), _("Audience"), _("Products and offer"), _("Voice and check"))
    return [
        {
            "label": label,
            "url": reverse(f"campaigns:{name}", args=[campaign.pk]) if campaign else "",
            "current": name == current,
        }
        for name, label in zip(readiness.STEPS, labels, strict=True)
    ]


def choosable(request: Request, campaign: Campaign) -> QuerySet[Segment]:
    """Return the segments to choose from: the current ones, and the campaign's own even if archived."""
    mine = Q(archived_at__isnull=True) | Q(pk=campaign.segment_id)
    return Segment.objects.visible_to(request.user).filter(mine)


def sized(segment: Segment | None, channel: str, holdout_percent: Decimal) -> Context:
    """Return the audience as it would be frozen now, and what other holdouts could detect."""
    if segment is None:
        return {"audience": None}
    audience = assigning.preview(segment, channel, holdout_percent)
    compared = [assigning.split(audience.members, audience.contactable, Decimal(share)) for share in SHARES]
    return {
        "audience": audience,
        "audience_problem": readiness.who_is_missing(audience),
        "sentence": segmenting.sentences([segment])[segment.pk],
        "compared": list(zip(SHARES, compared, strict=True)),
    }
