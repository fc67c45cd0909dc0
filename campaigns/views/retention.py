"""Reports on who comes back: retention, cohorts, repurchase, and the conversion of campaigns."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import conversion as converting
from campaigns.forms.reports import MONTHS, WEEKS, ReportForm
from campaigns.models import Campaign
from campaigns.views import retention_charts as charts
from marketing_site.lib.access import allowed
from marketing_site.lib.exports import csv_response
from marketing_site.lib.htmx import Request, render_page
from shop import ledger
from shop import retention as returning

SEEN = "shop.view_order"


@require_safe
@allowed(SEEN)
def retention(request: Request) -> HttpResponse:
    """Period retention by month."""
    return shown(request, "retention", asked_retention(request))


@require_safe
@allowed(SEEN)
def cohorts(request: Request) -> HttpResponse:
    """Which part of the customers won in a month order in the months after it."""
    return shown(request, "cohorts", charts.cohort_report(asked_cohorts(request)))


@require_safe
@allowed(SEEN)
def repurchase(request: Request) -> HttpResponse:
    """Which part of the customers won in a month have bought twice."""
    return shown(request, "repurchase", charts.repurchase_report(asked_cohorts(request)))


@require_safe
@allowed("campaigns.view_campaign")
def conversion(request: Request) -> HttpResponse:
    """Which part of a campaign's recipients order in the weeks after it."""
    return shown(request, "conversion", asked_conversion(request))


@require_safe
@allowed("campaigns.export_report")
def retention_export(request: Request, name: str) -> StreamingHttpResponse:
    """Send one of these reports as a CSV file, for the same months."""
    if name not in REPORTS:
        raise Http404(name)
    report = REPORTS[name](request)
    return csv_response(f"{name}.csv", report.header, report.rows)


def shown(request: Request, name: str, report: charts.Report) -> HttpResponse:
    form = ReportForm(request.GET)
    context = {
        "name": name,
        "report": report,
        "months": form.chosen_months(),
        "weeks": form.chosen_weeks(),
        "month_choices": {key: charts.months_word(count) for key, count in MONTHS.items()},
        "week_choices": {key: charts.weeks_word(count) for key, count in WEEKS.items()},
        "tabs": tabs(name),
        "behind": ledger.backlog(),
        "export": reverse("campaigns:retention_export", args=[name]),
    }
    return render_page(request, f"campaigns/{name}.html", "campaigns/_retention_report.html", context)


def tabs(current: str) -> list[dict[str, Any]]:
    labels = {
        "retention": _("Retention"), "cohorts": _("Cohorts"), "repurchase": _("Repurchase"),
        "conversion": _("Conversion"),
    }  # fmt: skip
    return [
        {"label": label, "url": reverse(f"campaigns:{name}"), "current": name == current}
        for name, label in labels.items()
    ]


def asked_months(request: Request) -> list[Any]:
    count = MONTHS[ReportForm(request.GET).chosen_months()]
    return returning.complete_months(count, localdate(timezone=get_default_timezone()))


def asked_retention(request: Request) -> charts.Report:
    return charts.retention_report(returning.by_month(asked_months(request)))


def asked_cohorts(request: Request) -> list[returning.Cohort]:
    return returning.cohorts(asked_months(request))


def asked_conversion(request: Request) -> charts.Report:
    """Return the campaigns that started in the chosen months, or since."""
    weeks = WEEKS[ReportForm(request.GET).chosen_weeks()]
    today = localdate(timezone=get_default_timezone())
    seen = Campaign.objects.visible_to(request.user)
    campaigns = converting.started_between(seen, asked_months(request)[0], today)
    return charts.conversion_report(converting.conversions(campaigns, weeks, now()), weeks)


REPORTS: dict[str, Callable[[Request], charts.Report]] = {
    "retention": asked_retention,
    "cohorts": lambda request: charts.cohort_report(asked_cohorts(request)),
    "repurchase": lambda request: charts.repurchase_report(asked_cohorts(request)),
    "conversion": asked_conversion,
}
