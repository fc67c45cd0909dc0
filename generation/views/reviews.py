"""The review queue: every text that waits for a decision, across campaigns, oldest first."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from campaigns.models import Campaign
from generation.forms import ReviewFilterForm
from generation.models import Variant
from generation.presenting import card, related
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page

# Few enough to read; deciding one brings the next.
SHOWN = 10


@require_safe
@allowed("generation.view_variant")
def review_list(request: Request) -> HttpResponse:
    """Show the texts to decide."""
    return render_page(
        request, "generation/review_list.html", "generation/_review_list.html", queue(request, request.GET)
    )


@require_safe
@allowed("generation.view_variant")
def review_count(request: Request) -> HttpResponse:
    """Answer the navigation's badge: how many texts wait, or nothing."""
    count = waiting(request).count()
    return HttpResponse(str(count) if count else "")


def after(request: Request, decided: Variant) -> HttpResponse:
    """Answer a decision made in the queue: the queue without it, the next text current."""
    if not request.htmx:
        return redirect("generation:review_list")
    context = queue(request, request.POST, after=decided.pk)
    response = render(request, "generation/_review_list.html", context)
    # The badge of the navigation listens for this.
    return trigger_client_event(response, "counts", {})


def waiting(request: Request) -> QuerySet[Variant]:
    return Variant.objects.visible_to(request.user).filter(state=Variant.State.READY)


def queue(request: Request, asked: Any, after: int = 0) -> dict[str, Any]:
    """Return the context of the queue; the first text behind `after` is current."""
    form = ReviewFilterForm(asked, Campaign.objects.visible_to(request.user).order_by("name"))
    variants = waiting(request)
    if form.is_valid() and (campaign := form.cleaned_data["campaign"]):
        variants = variants.filter(campaign=campaign)
    if form.is_valid() and form.cleaned_data["mine"] and settings.FOUR_EYES:
        variants = variants.exclude(Q(author=request.user) | Q(edited_by=request.user))
    total = variants.count()
    cards = [
        card(variant, request.user) for variant in related(variants).order_by("created_at", "pk")[:SHOWN]
    ]
    keys = [each.variant.pk for each in cards]
    later = [key for key in keys if key > after]
    current = later[0] if later else keys[0] if keys else 0
    return {"form": form, "cards": cards, "total": total, "current": current}
