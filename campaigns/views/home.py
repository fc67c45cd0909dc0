"""Home: is marketing paying back, and what needs me. Every figure is for the period in the address."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.timezone import get_default_timezone, localdate
from django.views.decorators.http import require_safe

from campaigns import reports
from campaigns.forms.period import WEEKS, PeriodForm, ReportFilterForm
from campaigns.models import Campaign, CampaignDay, Spend
from campaigns.report_table import EXPORTED, ReportTable, exported
from campaigns.views import figure_charts
from campaigns.views.drawn import drawn
from marketing_site.lib.access import allowed
from marketing_site.lib.exports import csv_response
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.tables import paged
from shop import ledger

Context = dict[str, Any]
TABLE, REPORT = "campaigns/_home_campaigns.html", "campaigns/_home_report.html"
FIGURES = "campaigns/_home_figures.html"


@require_safe
@allowed("campaigns.view_campaign")
def home(request: Request) -> HttpResponse:
    """Show the figures; a change of the period swaps them all, a change of the table only the table."""
    if request.htmx and request.htmx.target == "home-campaigns":
        period, _chosen = chosen_period(PeriodForm(request.GET))
        return render_page(request, "campaigns/home.html", TABLE, campaign_context(request, period))
    # Facts that the figures do not hold yet: each look at them may find more, or an older one.
    behind = ledger.backlog()
    report = drawn(request, FIGURES, lambda: report_context(request) | {"behind": behind}, behind)
    return render_page(request, "campaigns/home.html", REPORT, {"report": report})


@require_safe
@allowed("campaigns.export_report")
def report_export(request: Request) -> StreamingHttpResponse:
    """Send the table of campaigns as a CSV file, as filtered and for the same period."""
    period, _chosen = chosen_period(PeriodForm(request.GET))
    rows = narrowed(request, period).by_revenue()
    name = f"campaigns-{period.start}-{period.end}.csv"
    return csv_response(name, EXPORTED, map(exported, rows))


def campaign_context(request: Request, period: reports.Period) -> Context:
    table = ReportTable(narrowed(request, period))
    return {
        "period": period,
        "filter_form": ReportFilterForm(request.GET),
        "table": paged(table, request, 10),
        "assumed": Spend.objects.filter(source=Spend.Source.DEMO).exists(),
    }


def narrowed(request: Request, period: reports.Period) -> Any:
    campaigns = ReportFilterForm(request.GET).narrow(Campaign.objects.visible_to(request.user))
    return reports.campaign_rows(period, campaigns)


def report_context(request: Request) -> Context:
    """Return what is drawn of a period: tiles and charts, the campaigns, what waits for somebody."""
    form = PeriodForm(request.GET)
    period, chosen = chosen_period(form)
    in_review = Campaign.objects.visible_to(request.user).filter(status=Campaign.Status.IN_REVIEW)
    return {
        "form": form,
        "chosen": chosen,
        "choices": WEEKS,
        "in_review": list(in_review.order_by("updated_at")[:5]),
        **campaign_context(request, period),
        **figures_context(period),
    }


def figures_context(period: reports.Period) -> Context:
    """Return tiles and charts, with the period before to compare with."""
    before = period.before()
    days = reports.daily(reports.Period(before.start, period.end))
    return {
        "before": before,
        "basis": reports.basis(),
        "tiles": figure_charts.tiles(days, period, of_shop=True),
        "chart": figure_charts.spend_and_revenue(days, period),
        "channels": figure_charts.channels(reports.by_channel(period)),
        "nothing": not days and not CampaignDay.objects.exists(),
    }


def chosen_period(form: PeriodForm) -> tuple[reports.Period, str]:
    return form.chosen(localdate(timezone=get_default_timezone()))
