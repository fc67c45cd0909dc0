"""The few figures at the top of a campaign's page; its Results tab has them all."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from campaigns.assigning import Audience
from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, Spend
from campaigns.reports import DEFINITIONS
from marketing_site.lib import figures
from marketing_site.lib.charts import Tile
from marketing_site.lib.money import ZERO, ratio


def figures_of(campaign: Campaign, audience: Audience | None) -> dict[str, Any]:
    """Return the tiles, and the budget meter where there is a budget, over all the campaign's days."""
    days = CampaignDay.objects.filter(campaign=campaign, model=MODEL)
    sums = days.aggregate(spend=Sum("spend", default=ZERO), revenue=Sum("net_revenue", default=ZERO))
    return {
        "tiles": tiles(campaign, audience, sums["spend"], sums["revenue"]),
        "meter": meter(campaign.budget, sums["spend"]),
    }


def tiles(campaign: Campaign, audience: Audience | None, spend: Decimal, revenue: Decimal) -> list[Tile]:
    """Return spend, credited revenue, ROAS and recipients."""
    written = {
        "spend": figures.money(spend),
        "net_revenue": figures.money(revenue),
        "roas_attributed": figures.ratio(ratio(revenue, spend)),
    }
    assumed = campaign.spends.filter(source=Spend.Source.DEMO).exists()
    notes = {"spend": _("Assumed cost: the demo data has none")} if assumed else {}
    return [
        *(Tile(key, DEFINITIONS[key][0], value, DEFINITIONS[key][1], note=notes.get(key, ""))
          for key, value in written.items()),
        Tile(
            "recipients", _("Treated customers"), figures.number(audience.treated if audience else None),
            _("Customers who get the campaign; those held out get nothing from it."),
            note=_("%(count)s held out") % {"count": figures.number(audience.held_out)} if audience else "",
        ),
    ]  # fmt: skip


def meter(budget: Decimal | None, spend: Decimal) -> dict[str, Any] | None:
    """Return how much of the budget is spent; None without a budget."""
    used = ratio(spend, budget)
    if used is None:
        return None
    return {"used": used, "percent": min(int(100 * used), 100), "over": used > 1}
