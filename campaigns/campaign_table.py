"""The table of campaigns: what each is, and what it has cost and brought in all its days."""

import django_tables2 as tables
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import CampaignQuerySet
from marketing_site.lib.tables import DayColumn, MoneyColumn, PartialColumn, RatioColumn, Table


class CampaignTable(Table):
    """Every order ends with the key, so that a page never shows a row twice."""

    name = tables.Column(_("Name"), linkify=True, order_by=("name", "pk"), attrs={"td": {"class": "wrap"}})
    status = PartialColumn("campaigns/_campaign_status.html", _("Status"), order_by=("status", "pk"))
    channel = tables.Column(_("Channel"), order_by=("channel", "pk"))
    starts_on = DayColumn(_("Starts"), order_by=("starts_on", "pk"))
    spend = MoneyColumn(verbose_name=_("Spend"), order_by=("spend", "pk"))
    net_revenue = MoneyColumn(verbose_name=_("Revenue, credited"), order_by=("net_revenue", "pk"))
    roas_attributed = RatioColumn(verbose_name=_("ROAS, attributed"))

    class Meta:
        order_by = "-starts_on"

    def render_channel(self, value: str) -> str:
        return capfirst(value)

    def order_roas_attributed(
        self,
        campaigns: CampaignQuerySet,
        is_descending: bool,  # noqa: FBT001  # called by the library
    ) -> tuple[CampaignQuerySet, bool]:
        """Keep the campaigns without spend at the end, whichever way the others are sorted."""
        return campaigns.by_roas(descending=is_descending), True
