"""The few figures at the top of a campaign's page; its Results tab has them all."""

from django.db.models import Sum
from django.utils.translation import gettext as _

from campaigns.assigning import Audience
from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay
from marketing_site.lib import figures
from marketing_site.lib.charts import Tile
from marketing_site.lib.money import ZERO, ratio


def tiles(campaign: Campaign, audience: Audience | None) -> list[Tile]:
    """Return spend, credited revenue, ROAS and recipients over all the campaign's days."""
    days = CampaignDay.objects.filter(campaign=campaign, model=MODEL)
    sums = days.aggregate(spend=Sum("spend", default=ZERO), revenue=Sum("net_revenue", default=ZERO))
    budget = _("of %(budget)s budget") % {"budget": figures.money(campaign.budget)}
    return [
        Tile(
            "spend", _("Spend"), figures.money(sums["spend"]),
            _("Media, delivery, creative, fees and generation, as booked here. Discounts are not spend."),
            note="" if campaign.budget is None else budget,
        ),
        Tile(
            "net-revenue", _("Net revenue, credited"), figures.money(sums["revenue"]),
            _("Orders less discounts and refunds, as far as attribution credits them to this campaign."),
        ),
        Tile(
            "roas", _("ROAS, attributed"), figures.ratio(ratio(sums["revenue"], sums["spend"])),
            _("Net revenue credited, divided by spend. Not shown until something was spent."),
        ),
        Tile(
            "recipients", _("Treated customers"), figures.number(audience.treated if audience else None),
            _("Customers who get the campaign; those held out get nothing from it."),
            note=_("%(count)s held out") % {"count": figures.number(audience.held_out)} if audience else "",
        ),
    ]  # fmt: skip
