"""What one campaign cost and brought: the Results tab."""

from django.db.models import Max, Min
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import get_default_timezone, localdate
from django.views.decorators.http import require_safe

from campaigns import assigning, reports
from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, Coupon, Spend
from campaigns.views import figure_charts
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request

# Nobody is held out yet.
BEFORE_APPROVAL = (Campaign.Status.DRAFT, Campaign.Status.IN_REVIEW)


@require_safe
@allowed("campaigns.view_campaign")
def campaign_results(request: Request, pk: int) -> HttpResponse:
    """Answer the slot of the campaign's page: figures over all its days, chart, coupons, arms."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    period = days_of(campaign)
    days = reports.daily(period, Campaign.objects.filter(pk=pk))
    context = {
        "campaign": campaign,
        "period": period,
        "basis": reports.basis(),
        "whole": reports.total(days, period),
        "tiles": figure_charts.tiles(days, period, of_shop=False),
        "chart": figure_charts.spend_and_revenue(days, period),
        "audience": assigning.frozen(campaign),
        "coupons": Coupon.objects.filter(campaign=campaign).count(),
        "measurable": reports.has_holdout(campaign),
        "holdout_planned": campaign.status in BEFORE_APPROVAL and campaign.holdout_percent > 0,
        "nothing": not days,
        "assumed": campaign.spends.filter(source=Spend.Source.DEMO).exists(),
    }
    return render(request, "campaigns/campaign_results.html", context)


def days_of(campaign: Campaign) -> reports.Period:
    """Return the days from the campaign's first spend, credit or start to its last one."""
    known = CampaignDay.objects.filter(campaign=campaign, model=MODEL).aggregate(Min("day"), Max("day"))
    today = localdate(timezone=get_default_timezone())
    starts = [day for day in (known["day__min"], campaign.starts_on) if day]
    ends = [day for day in (known["day__max"], campaign.ends_on) if day]
    start = min(starts, default=today)
    return reports.Period(start, max([*(day for day in ends if day <= today), start]))
