"""The copy panel of a campaign: asking for texts, and seeing them arrive."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import Campaign
from generation import jobs
from generation.forms import CopyForm
from generation.models import Run, Variant
from generation.presenting import card, related
from generation.views.campaigns import under_way, visible
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request, render_page

TEXTS_SHOWN = 40
PAGE, PANEL = "generation/copy_panel.html", "generation/_copy_panel.html"


@require_safe
@allowed("generation.view_variant")
def copy_panel(request: Request, pk: int) -> HttpResponse:
    """Answer the campaign page's slot: what to ask for, and what has been written."""
    campaign = visible(request, pk)
    return render_page(request, PAGE, PANEL, panel(request, campaign, CopyForm(campaign)))


@require_safe
@allowed("generation.view_variant")
def copy_texts(request: Request, pk: int) -> HttpResponse:
    """Show how far the runs are and which texts are there; asks again until nothing is under way."""
    return render(request, "generation/_copy_texts.html", texts(request, visible(request, pk)))


@require_POST
@allowed("generation.add_run")
def copy_request(request: Request, pk: int) -> HttpResponse:
    """Ask for texts; the same form sent twice is one request."""
    campaign = visible(request, pk)
    form = CopyForm(campaign, request.POST)
    if form.is_valid():
        try:
            run = jobs.request_copy(campaign, form.order(), request.user, form.cleaned_data["client_key"])
        except jobs.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return asked(request, campaign, run)
    return render_page(request, PAGE, PANEL, panel(request, campaign, form), status=422)


def asked(request: Request, campaign: Campaign, run: Run) -> HttpResponse:
    said = ngettext("%(count)s text is on its way.", "%(count)s texts are on their way.", run.expected)
    messages.success(request, said % {"count": number(run.expected)})
    if not request.htmx:
        return redirect(run)
    return render(request, PANEL, panel(request, campaign, CopyForm(campaign)))


def panel(request: Request, campaign: Campaign, form: CopyForm) -> dict[str, Any]:
    """Return the context of the panel."""
    may_ask = request.user.has_perm("generation.add_run") and campaign.status in jobs.COPY_STATES
    return texts(request, campaign) | {
        "form": form if may_ask or form.is_bound else None,
        "has_products": campaign.products.active().exists(),
    }


def texts(request: Request, campaign: Campaign) -> dict[str, Any]:
    """Return the context of the part that is asked for again and again."""
    runs = under_way(campaign, Run.Purpose.COPY)
    variants = related(Variant.objects.filter(campaign=campaign)).order_by("-pk")[:TEXTS_SHOWN]
    return {
        "campaign": campaign,
        "runs": runs,
        "writing": any(not each.over for each in runs),
        "cards": [card(variant, request.user) for variant in variants],
    }
