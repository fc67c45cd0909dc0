"""What the pages of one campaign share: which campaign, and which of its runs."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from campaigns.models import Campaign
from generation.models import Run
from generation.work.progress import Progress, progress
from marketing_site.lib.htmx import Request

# Runs that have ended are listed on their own page; here the latest ones stay in sight.
RUNS_SHOWN = 5


def visible(request: Request, pk: int) -> Campaign:
    """Return the campaign if this person may see it, else answer 404."""
    campaigns = Campaign.objects.visible_to(request.user).select_related("brand_voice")
    return get_object_or_404(campaigns, pk=pk)


def under_way(campaign: Campaign, purpose: str) -> list[Progress]:
    """Return the campaign's latest runs that still write, or that need a person."""
    runs: QuerySet[Run] = campaign.runs.filter(purpose=purpose).select_related("requested_by")
    latest = progress(list(runs.order_by("-created_at")[:RUNS_SHOWN]))
    return [each for each in latest if not each.over or each.dead]
