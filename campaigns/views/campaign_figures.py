"""The few figures at the top of a campaign's page; its Results tab has them all."""

from django.utils.translation import gettext as _

from campaigns.assigning import Audience
from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay
from marketing_site.lib import figures
from marketing_site.lib.charts import Tile


def tiles(campaign: Campaign, audience: Audience | None) -> list[Tile]:
    """Return spend, credited revenue, ROAS and recipients of all the campaign's days."""
    totals = Campaign.objects.with_totals(CampaignDay.objects.filter(model=MODEL)).get(pk=campaign.pk)
    budget = _("of %(budget)s budget") % {"budget": figures.money(campaign.budget)}
    return [
        Tile(
            "spend", _("Spend"), figures.money(totals.spend),
            _("Media, delivery, creative, fees and generation, as booked here. Discounts are not spend."),
            note="" if campaign.budget is None else budget,
        ),
        Tile(
            "net-revenue", _("Net revenue, credited"), figures.money(totals.net_revenue),
            _("Orders less discounts and refunds, as far as attribution credits them to this campaign."),
        ),
        Tile(
            "roas", _("ROAS, attributed"), figures.ratio(totals.roas_attributed),
            _("Net revenue credited, divided by spend. Not shown until something was spent."),
        ),
        Tile(
            "recipients", _("Treated customers"), figures.number(audience.treated if audience else None),
            _("Customers who get the campaign; those held out get nothing from it."),
            note=_("%(count)s held out") % {"count": figures.number(audience.held_out)} if audience else "",
        ),
    ]  # fmt: skip
