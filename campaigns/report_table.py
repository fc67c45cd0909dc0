"""The table of campaigns over a period."""

from django.utils.translation import gettext_lazy as _

from campaigns.campaign_table import CampaignTable
from marketing_site.lib.tables import MoneyColumn, NumberColumn, PercentColumn, RatioColumn


class ReportTable(CampaignTable):
    """What each campaign cost and brought in the period; campaigns without spend have no ROAS and no ROI."""

    starts_on = None  # type: ignore[assignment]  # how the library leaves a column out
    spend = MoneyColumn(verbose_name=_("Spend"), order_by=("spend", "pk"))
    net_revenue = MoneyColumn(verbose_name=_("Revenue, credited"), order_by=("net_revenue", "pk"))
    roas_attributed = RatioColumn(verbose_name=_("ROAS, attributed"))
    roi_attributed_pct = PercentColumn(verbose_name=_("ROI, attributed"), orderable=False)
    orders = NumberColumn(verbose_name=_("Orders"), order_by=("orders", "pk"))
    redemptions = NumberColumn(verbose_name=_("Coupons redeemed"), order_by=("redemptions", "pk"))

    class Meta:
        order_by = "-net_revenue"
        sequence = ("name", "status", "channel", "...")


# What the file for download holds: plain figures, named as in the API.
EXPORTED = (
    "name", "status", "channel", "spend", "net_revenue", "roas_attributed", "roi_attributed_pct", "orders",
    "redemptions",
)  # fmt: skip


def exported(campaign: object) -> list[object]:
    """Return one row of the file; an undefined figure is empty."""
    values = (getattr(campaign, name) for name in EXPORTED)
    return ["" if value is None else value for value in values]
