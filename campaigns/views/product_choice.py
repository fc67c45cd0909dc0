"""Choosing the products of a draft: search, add and remove, each saved at once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns import launching
from campaigns.models import Campaign
from campaigns.views.campaigns import visible
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request
from shop.models import Product

FOUND, SHOWN = 12, 200


class ProductsForm(forms.Form):
    """The products that were ticked; ids that are none are refused."""

    product = forms.ModelMultipleChoiceField(Product.objects.all())


@require_safe
@allowed("campaigns.change_campaign")
def campaign_product_search(request: Request, pk: int) -> HttpResponse:
    """Answer the search field of step 3; without htmx, the step itself does."""
    return fragment(request, visible(request, pk), request.GET.get("q", ""))


@require_POST
@allowed("campaigns.change_campaign")
def campaign_product_add(request: Request, pk: int) -> HttpResponse:
    def add(campaign: Campaign, products: QuerySet[Product]) -> None:
        campaign.products.add(*products.filter(active=True))

    return change(request, pk, add)


@require_POST
@allowed("campaigns.change_campaign")
def campaign_product_remove(request: Request, pk: int) -> HttpResponse:
    def remove(campaign: Campaign, products: QuerySet[Product]) -> None:
        campaign.products.remove(*products)

    return change(request, pk, remove)


def change(request: Request, pk: int, act: Callable[[Campaign, QuerySet[Product]], None]) -> HttpResponse:
    """Add or remove the products that were named, and show both lists again."""
    campaign, form = visible(request, pk), ProductsForm(request.POST)
    words = request.POST.get("q", "")
    try:
        with transaction.atomic():
            row = launching.editable(campaign)
            if form.is_valid():
                act(row, form.cleaned_data["product"])
    except launching.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(campaign)
    if request.htmx:
        return fragment(request, campaign, words)
    query = QueryDict(mutable=True)
    query["q"] = words
    return redirect(f"{reverse('campaigns:campaign_products_edit', args=[pk])}?{query.urlencode()}")


def fragment(request: Request, campaign: Campaign, words: str) -> HttpResponse:
    context = chosen_and_found(campaign, words) | {"campaign": campaign}
    return render(request, "campaigns/_campaign_products.html", context)


def chosen_and_found(campaign: Campaign, words: str) -> dict[str, Any]:
    """Return the campaign's products, and active ones that match the words and are not among them."""
    words = words.replace("\0", " ").strip()  # which Postgres refuses
    chosen = campaign.products.order_by("name", "pk")
    found = Product.objects.active().search(words).exclude(campaigns=campaign).select_related("category")
    return {
        "words": words,
        "chosen": chosen[:SHOWN],
        "chosen_count": chosen.count(),
        "found": found.order_by("name", "pk")[:FOUND] if words else [],
    }
