"""The list of campaigns, and the six tabs of one campaign's page."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import assigning, history, readiness, segmenting
from campaigns.attribution import MODEL
from campaigns.campaign_table import CampaignTable
from campaigns.forms.campaigns import CampaignFilterForm, SendBackForm
from campaigns.models import Campaign, CampaignDay, CouponProduct, OfferPolicy, Segment, Spend
from campaigns.views.campaign_figures import figures_of
from campaigns.views.steering import actions, may_decide, may_send_back
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.tables import paged
from shop.models import Product

Context = dict[str, Any]
PAGE, SAMPLE, NAMED = 25, 20, 5


@require_safe
@allowed("campaigns.view_campaign")
def campaign_list(request: Request) -> HttpResponse:
    """Find and steer: search, filters and sort stand in the address."""
    form = CampaignFilterForm(request.GET)
    campaigns = Campaign.objects.visible_to(request.user)
    days = CampaignDay.objects.filter(model=MODEL)
    table = CampaignTable(form.narrow(campaigns).with_totals(days))
    context = {
        "form": form,
        "table": paged(table, request, PAGE),
        "nothing": not campaigns.exists(),
        "assumed": Spend.objects.filter(source=Spend.Source.DEMO).exists(),
    }
    return render_page(request, "campaigns/campaign_list.html", "campaigns/_campaign_table.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_detail(request: Request, pk: int) -> HttpResponse:
    """Overview: what is missing, what it earned, and its steps so far."""
    campaign = visible(request, pk)
    open_ = campaign.status in (Campaign.Status.DRAFT, Campaign.Status.IN_REVIEW)
    audience = audience_of(campaign)
    context = frame(request, campaign, "campaign_detail") | {
        "audience": audience,
        "checks": readiness.checks(campaign, audience) if open_ else [],
        "decisions": history.decisions(campaign),
        "policy": OfferPolicy.objects.filter(campaign=campaign).first(),
        "products": campaign.products.order_by("name", "pk")[:NAMED],
        "product_count": campaign.products.count(),
        "send_back_form": SendBackForm() if may_send_back(campaign, request.user) else None,
        "may_decide": may_decide(campaign, request.user),
    }
    figures = figures_of(campaign, audience)
    return render(request, "campaigns/campaign_detail.html", context | figures)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_audience(request: Request, pk: int) -> HttpResponse:
    """Audience: the segment in words, how many were treated and held out, and some of them."""
    campaign = visible(request, pk)
    rows = campaign.assignments.select_related("customer__profile").order_by("customer")
    context = frame(request, campaign, "campaign_audience") | {
        "audience": audience_of(campaign),
        "rule": segment_as_frozen(campaign),
        "sample": list(rows[:SAMPLE]),
        "names_shown": request.user.has_perm("shop.view_personal_data"),
    }
    return render(request, "campaigns/campaign_audience.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_copy(request: Request, pk: int) -> HttpResponse:
    """Copy: a slot that the generation app fills."""
    context = frame(request, visible(request, pk), "campaign_copy")
    return render(request, "campaigns/campaign_copy.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_offers(request: Request, pk: int) -> HttpResponse:
    """Offers: the policy, and a slot that the generation app fills."""
    campaign = visible(request, pk)
    policy = OfferPolicy.objects.filter(campaign=campaign).first()
    context = frame(request, campaign, "campaign_offers") | {"policy": policy}
    return render(request, "campaigns/campaign_offers.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_outcome(request: Request, pk: int) -> HttpResponse:
    """Results: a slot for the figures of this campaign."""
    context = frame(request, visible(request, pk), "campaign_outcome")
    return render(request, "campaigns/campaign_outcome.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_history(request: Request, pk: int) -> HttpResponse:
    """History: every change, with who made it and when."""
    campaign = visible(request, pk)
    context = frame(request, campaign, "campaign_history") | {"entries": history.history(campaign)}
    return render(request, "campaigns/campaign_history.html", context)


@require_safe
@allowed("campaigns.view_campaign")
def product_campaigns(request: Request, pk: int) -> HttpResponse:
    """Answer the product page's slot: the campaigns that promote this product or have a coupon for it."""
    product = get_object_or_404(Product, pk=pk)
    by_coupon = CouponProduct.objects.filter(product=product).values("coupon__campaign")
    promoting = Q(pk__in=product.campaigns.values("pk")) | Q(pk__in=by_coupon)
    campaigns = Campaign.objects.visible_to(request.user).filter(promoting).order_by("-starts_on", "-pk")
    return render(request, "campaigns/_product_campaigns.html", {"campaigns": campaigns[:PAGE]})


def visible(request: Request, pk: int) -> Campaign:
    """Return the campaign if this person may see it, else answer 404."""
    campaigns = Campaign.objects.visible_to(request.user)
    return get_object_or_404(campaigns.select_related("segment", "brand_voice", "created_by"), pk=pk)


def frame(request: Request, campaign: Campaign, current: str) -> Context:
    """Return what every tab shows: the head with its actions, and the tabs."""
    names = {
        "campaign_detail": _("Overview"),
        "campaign_audience": _("Audience"),
        "campaign_copy": _("Copy"),
        "campaign_offers": _("Offers"),
        "campaign_outcome": _("Results"),
        "campaign_history": _("History"),
    }
    tabs = [
        {"label": label, "url": reverse(f"campaigns:{name}", args=[campaign.pk]), "current": name == current}
        for name, label in names.items()
    ]
    acts = actions(campaign, request.user)
    return {"campaign": campaign, "tabs": tabs, "actions": acts, "four_eyes": settings.FOUR_EYES}


def audience_of(campaign: Campaign) -> assigning.Audience | None:
    """Return the frozen counts, or before approval what freezing would give now; None without a segment."""
    if campaign.segment_size is not None or campaign.assignments.exists():
        return assigning.frozen(campaign)
    return assigning.planned(campaign)


def segment_as_frozen(campaign: Campaign) -> dict[str, Any]:
    """Return the segment in words as it stood when the audience was frozen, and if it changed since."""
    segment = campaign.segment
    if segment is None:
        return {}
    rule = segment.rule
    if frozen := campaign.assignments.first():
        events = apps.get_model("campaigns", "SegmentEvent").objects.filter(pgh_obj=segment.pk)
        past = events.filter(pgh_created_at__lte=frozen.assigned_at).order_by("-pgh_id").first()
        rule = past.rule if past else rule
    sentence = segmenting.sentence(rule) if segment.kind == Segment.Kind.RULE else ""
    return {"sentence": sentence, "changed": rule != segment.rule}
