"""The table of spend, and the file for download that the import reads again."""

import django_tables2 as tables
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.models import Spend
from campaigns.spend_files import COLUMNS
from marketing_site.lib.tables import DayColumn, MoneyColumn

EXPORTED = COLUMNS


class SpendTable(tables.Table):
    """Every order ends with the key, so that a page never shows a row twice."""

    day = DayColumn(verbose_name=_("Day"), order_by=("day", "pk"))
    campaign = tables.TemplateColumn(
        template_name="campaigns/_spend_campaign.html", verbose_name=_("Campaign"),
        order_by=("campaign__name", "pk"), attrs={"td": {"class": "wrap"}},
    )  # fmt: skip
    category = tables.Column(_("Category"), order_by=("category", "pk"))
    amount = MoneyColumn(verbose_name=_("Amount"), order_by=("amount", "pk"))
    source = tables.TemplateColumn(
        template_name="campaigns/_spend_source.html", verbose_name=_("Source"), order_by=("source", "pk")
    )
    edit = tables.TemplateColumn(
        template_name="campaigns/_spend_edit_link.html", verbose_name=_("Actions"), orderable=False,
        attrs={"th": {"hidden": True}},
    )  # fmt: skip

    class Meta:
        order_by = "-day"

    def render_category(self, record: Spend) -> str:
        return capfirst(record.get_category_display())


def exported(spend: Spend) -> list[object]:
    """Return one row of the file; the campaign as its id, which is never ambiguous."""
    values = (spend.campaign_id, spend.category, spend.amount, spend.day, spend.external_id, spend.note)
    return list(values)
