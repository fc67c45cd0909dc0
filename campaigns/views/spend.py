"""Spend: what campaigns cost, entered by hand, imported from files, corrected, deleted and brought back."""

from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import spending
from campaigns.forms.spend import SpendFilterForm, SpendForm
from campaigns.models import Campaign, Spend
from campaigns.models.campaign import CampaignQuerySet
from campaigns.spend_table import EXPORTED, SpendTable, exported
from marketing_site.lib import figures
from marketing_site.lib.access import allowed
from marketing_site.lib.exports import csv_response
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.money import ZERO
from marketing_site.lib.tables import paged

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@allowed("campaigns.view_spend")
def spend_list(request: Request) -> HttpResponse:
    """Show every cost, or those of one campaign; the filters stand in the address."""
    form = SpendFilterForm(request.GET, campaigns=campaigns_of(request))
    spends = Spend.objects.visible_to(request.user)
    found = form.narrow(spends)
    hidden = () if request.user.has_perm("campaigns.change_spend") else ("edit",)
    context: dict[str, Any] = {
        "form": form,
        "table": paged(SpendTable(found.select_related("campaign"), exclude=hidden), request, 25),
        "total": found.aggregate(total=Sum("amount", default=ZERO))["total"],
        "nothing": not spends.exists(),
        "assumed": spends.filter(source=Spend.Source.DEMO).exists(),
        "campaign": form.cleaned_data.get("campaign"),
        "deleted": deleted_visible(request, request.GET.get("deleted", "")),
    }
    return render_page(request, "campaigns/spend_list.html", "campaigns/_spend_table.html", context)


@require_safe
@allowed("campaigns.export_report")
def spend_export(request: Request) -> StreamingHttpResponse:
    """Send the list as a file that an import of spend reads again."""
    form = SpendFilterForm(request.GET, campaigns=campaigns_of(request))
    rows = form.narrow(Spend.objects.visible_to(request.user)).order_by("day", "pk")
    return csv_response("spend.csv", EXPORTED, map(exported, rows))


@form_view
@allowed("campaigns.add_spend")
def spend_new(request: Request) -> HttpResponse:
    today = localdate(timezone=get_default_timezone())
    initial = {"campaign": request.GET.get("campaign"), "day": today}
    spend = Spend(source=Spend.Source.MANUAL, created_by=request.user)
    return edited(request, spend, "campaigns/spend_new.html", initial)


@form_view
@allowed("campaigns.change_spend")
def spend_edit(request: Request, pk: int) -> HttpResponse:
    spend = get_object_or_404(Spend.objects.visible_to(request.user).by_people(), pk=pk)
    return edited(request, spend, "campaigns/spend_edit.html")


@require_POST
@allowed("campaigns.delete_spend")
def spend_delete(request: Request, pk: int) -> HttpResponse:
    """Delete at once: the list that follows offers to undo it."""
    spend = get_object_or_404(Spend.objects.visible_to(request.user).by_people(), pk=pk)
    spending.delete(spend)
    return redirect(f"{reverse('campaigns:spend_list')}?deleted={pk}")


@require_POST
@allowed("campaigns.add_spend")
def spend_restore(request: Request, pk: int) -> HttpResponse:
    spend = deleted_visible(request, str(pk))
    if spend is None:
        raise Http404
    try:
        spending.restore(spend)
        messages.success(request, _("The spend is back."))
    except spending.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("campaigns:spend_list")


def edited(request: Request, spend: Spend, page: str, initial: dict[str, Any] | None = None) -> HttpResponse:
    """Show the form of a spend, or save it and go back to the list of its campaign."""
    data = request.POST if request.method == "POST" else None
    form = SpendForm(data, instance=spend, initial=initial, campaigns=campaigns_of(request))
    if form.is_valid():
        spending.save(form.instance)
        messages.success(request, _("Saved."))
        warn_of_budgets(request, {spend.campaign})
        return redirect(f"{reverse('campaigns:spend_list')}?campaign={spend.campaign_id}")
    return render(request, page, {"form": form, "spend": spend}, status=422 if form.errors else 200)


def campaigns_of(request: Request) -> CampaignQuerySet:
    return Campaign.objects.visible_to(request.user)


def deleted_visible(request: Request, pk: str) -> Spend | None:
    """Return a deleted spend of a campaign that this person may see."""
    spend = spending.deleted(int(pk)) if pk.isdecimal() and len(pk) < 19 else None
    if spend is None or not campaigns_of(request).filter(pk=spend.campaign_id).exists():
        return None
    return spend


def warn_of_budgets(request: Request, campaigns: set[Campaign]) -> None:
    """Say which campaigns have spent more than planned; it is a fact, so nothing is refused."""
    for campaign, spent in spending.over_budget(campaigns):
        text = _("“%(campaign)s” has spent %(spent)s, more than its budget of %(budget)s.")
        amounts = {"spent": figures.money(spent), "budget": figures.money(campaign.budget)}
        messages.warning(request, text % {"campaign": campaign, **amounts})
