"""Personal offers of one campaign: ask for them, see them arrive, browse, exclude, export."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import retarget

from campaigns.models import Campaign
from generation import jobs, review
from generation.forms import OfferFilterForm, OffersForm
from generation.models import PersonalOffer, Run
from generation.models.texts import Origin
from generation.views.campaigns import under_way, visible
from marketing_site.lib.access import allowed
from marketing_site.lib.exports import csv_response
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page

PAGE, PANEL = "generation/offers_panel.html", "generation/_offers_panel.html"
ROWS = 25
State = PersonalOffer.State


@require_safe
@allowed("generation.view_personaloffer")
def offers_panel(request: Request, pk: int) -> HttpResponse:
    """Answer the campaign page's slot: what to ask for, how far it is, and the offers."""
    campaign = visible(request, pk)
    return render_page(request, PAGE, PANEL, panel(request, campaign, OffersForm()))


@require_safe
@allowed("generation.view_personaloffer")
def offers_progress(request: Request, pk: int) -> HttpResponse:
    """Show how far the runs are; asks again until nothing is under way, then shows the whole panel anew."""
    campaign = visible(request, pk)
    context = standing(campaign)
    if context["writing"]:
        return render(request, "generation/_offers_progress.html", context)
    return retarget(render(request, PANEL, panel(request, campaign, OffersForm())), "#offers-panel")


@require_POST
@allowed("generation.add_run")
def offers_request(request: Request, pk: int) -> HttpResponse:
    """Ask for offers; the same form sent twice is one request."""
    campaign = visible(request, pk)
    form = OffersForm(request.POST)
    if form.is_valid():
        try:
            run = jobs.request_offers(campaign, form.order(), request.user, form.cleaned_data["client_key"])
        except jobs.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return asked(request, campaign, run)
    return render_page(request, PAGE, PANEL, panel(request, campaign, form), status=422)


@require_safe
@allowed("generation.view_personaloffer")
def offer_list(request: Request, pk: int) -> HttpResponse:
    """Browse the campaign's offers."""
    context = listing(request, visible(request, pk))
    return render_page(request, "generation/offer_list.html", "generation/_offer_list.html", context)


@require_POST
@allowed("generation.approve_variant")
def offer_approve(request: Request, pk: int) -> HttpResponse:
    """Approve one offer."""
    offer = visible_offer(request, pk)
    if not review.approve_offers(PersonalOffer.objects.filter(pk=offer.pk), request.user):
        messages.error(
            request, _("You asked for this offer, or it is decided: somebody else has to approve it.")
        )
    return row(request, offer)


@require_POST
@allowed("generation.approve_variant")
def offer_exclude(request: Request, pk: int) -> HttpResponse:
    """Take one customer out."""
    offer = visible_offer(request, pk)
    try:
        review.exclude_offer(offer, request.user)
    except review.Refused as refused:
        messages.error(request, str(refused))
    return row(request, offer)


@require_safe
@allowed("generation.export_offers")
def offer_export(request: Request, pk: int) -> HttpResponseBase:
    """Download the approved offers, with customers under their ids and no personal word."""
    campaign = visible(request, pk)
    header = [
        _("customer"), _("SKU"), _("product"), _("price"), _("price after"), _("discount"), _("value"),
        _("code"), _("valid until"), _("text"), _("language"),
    ]  # fmt: skip
    rows = (
        (
            offer.customer.external_id, offer.product.sku, offer.product.name, offer.price, offer.price_after,
            offer.discount_kind, offer.discount_value, offer.coupon.code if offer.coupon else "",
            offer.coupon.valid_until if offer.coupon else "", offer.text, offer.language,
        )
        for offer in related(campaign.offers.filter(state=State.APPROVED)).order_by("pk").iterator()
    )  # fmt: skip
    return csv_response(f"offers-{campaign.pk}.csv", header, rows)


def asked(request: Request, campaign: Campaign, run: Run) -> HttpResponse:
    said = ngettext("%(count)s offer is on its way.", "%(count)s offers are on their way.", run.expected)
    messages.success(request, said % {"count": number(run.expected)})
    if not request.htmx:
        return redirect(run)
    return render(request, PANEL, panel(request, campaign, OffersForm()))


def panel(request: Request, campaign: Campaign, form: OffersForm) -> dict[str, Any]:
    """Return the context of the whole panel."""
    possible = campaign.status in jobs.OFFER_STATES
    may_ask = possible and request.user.has_perm("generation.add_run")
    context = standing(campaign) | listing(request, campaign)
    return context | {
        "form": form if may_ask or form.is_bound else None,
        "possible": possible,
        "lacking": jobs.lacking_offer(campaign).count() if may_ask else None,
    }


def standing(campaign: Campaign) -> dict[str, Any]:
    """Return the context of the part that is asked for again and again."""
    runs = under_way(campaign, Run.Purpose.OFFERS)
    counts = campaign.offers.aggregate(
        total=Count("pk"),
        plain=Count("pk", filter=Q(origin=Origin.TEMPLATE)),
        **{state.value: Count("pk", filter=Q(state=state)) for state in State},
    )
    return {
        "campaign": campaign,
        "runs": runs,
        "writing": any(not each.over for each in runs),
        "counts": counts,
    }


def listing(request: Request, campaign: Campaign) -> dict[str, Any]:
    """Return the context of the list: filtered, one page by key."""
    form = OfferFilterForm(request.GET)
    offers = related(PersonalOffer.objects.filter(campaign=campaign))
    if form.is_valid():
        state, words = form.cleaned_data["state"], form.cleaned_data["q"]
        offers = offers.filter(state=state) if state else offers
        for word in words.split():
            offers = offers.filter(
                Q(customer__external_id__iexact=word)
                | Q(coupon__code__iexact=word)
                | Q(product__name__icontains=word)
            )
    return {
        "campaign": campaign,
        "filter": form,
        "page": keyset_page(offers, request.GET, order="pk", size=ROWS),
    }


def related(offers: QuerySet[PersonalOffer]) -> QuerySet[PersonalOffer]:
    """Fetch with the offers what their rows show."""
    return offers.select_related("customer", "product", "coupon", "run")


def visible_offer(request: Request, pk: int) -> PersonalOffer:
    """Return the offer if this person may see its campaign, else answer 404."""
    return get_object_or_404(related(PersonalOffer.objects.visible_to(request.user)), pk=pk)


def row(request: Request, offer: PersonalOffer) -> HttpResponse:
    """Answer a decision with the offer's row as it stands now."""
    if not request.htmx:
        return redirect("generation:offer_list", offer.campaign_id)
    offer.refresh_from_db()
    return render(request, "generation/_offer_row.html", {"offer": offer})
