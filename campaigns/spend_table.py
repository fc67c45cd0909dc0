"""The table of spend, and the file for download that the import reads again."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Spend
from marketing_site.lib.figures import day as written_day
from marketing_site.lib.tables import DayColumn, MoneyColumn, PartialColumn, Table

EXPORTED = ("campaign", "category", "amount", "day", "external_id", "note")


class SpendTable(Table):
    """Every order ends with the key, so that a page never shows a row twice.

    Leave the column `edit` out for those who may not change spend.
    """

    day = DayColumn(verbose_name=_("Day"), order_by=("day", "pk"))
    campaign = PartialColumn(
        "campaigns/_spend_campaign.html", _("Campaign"),
        order_by=("campaign__name", "pk"), attrs={"td": {"class": "wrap"}},
    )  # fmt: skip
    category = tables.Column(_("Category"), order_by=("category", "pk"))
    amount = MoneyColumn(verbose_name=_("Amount"), order_by=("amount", "pk"))
    source = PartialColumn("campaigns/_spend_source.html", _("Source"), order_by=("source", "pk"))
    edit = tables.Column(_("Actions"), orderable=False, empty_values=(), attrs={"th": {"hidden": True}})

    class Meta:
        order_by = "-day"

    def render_category(self, record: Spend) -> str:
        return capfirst(record.get_category_display())

    def render_edit(self, record: Spend) -> str:
        if record.source in Spend.OF_PROGRAM:
            return ""
        words = {"campaign": record.campaign, "day": written_day(record.day)}
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            reverse("campaigns:spend_edit", args=[record.pk]),
            gettext("Edit the spend of “%(campaign)s” on %(day)s") % words,
            gettext("Edit"),
        )


def exported(spend: Spend) -> list[object]:
    """Return one row of the file; the campaign as its id, which is never ambiguous."""
    values = (spend.campaign_id, spend.category, spend.amount, spend.day, spend.external_id, spend.note)
    return list(values)
