"""The table of spend, and the file for download that the import reads again."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from campaigns.models import Spend
from campaigns.spend_files import COLUMNS
from marketing_site.lib import figures
from marketing_site.lib.tables import DayColumn, MoneyColumn

EXPORTED = COLUMNS


class SpendTable(tables.Table):
    """Every order ends with the key, so that a page never shows a row twice."""

    day = DayColumn(verbose_name=_("Day"), order_by=("day", "pk"))
    campaign = tables.Column(
        _("Campaign"), linkify=True, order_by=("campaign__name", "pk"), attrs={"td": {"class": "wrap"}}
    )
    category = tables.Column(_("Category"), order_by=("category", "pk"))
    amount = MoneyColumn(verbose_name=_("Amount"), order_by=("amount", "pk"))
    source = tables.TemplateColumn(
        template_name="campaigns/_spend_source.html", verbose_name=_("Source"), order_by=("source", "pk")
    )
    note = tables.Column(_("Note"), orderable=False, empty_values=(None,), attrs={"td": {"class": "wrap"}})
    edit = tables.TemplateColumn(
        template_name="campaigns/_spend_edit_link.html", verbose_name="", orderable=False
    )

    class Meta:
        order_by = "-day"

    def render_note(self, record: Spend) -> str:
        """Add how a computed amount came about."""
        if record.quantity is None or record.rate is None:
            return record.note
        how = f"{figures.number(record.quantity)} × {figures.number(record.rate, 6).rstrip('0')}"
        return f"{record.note} ({how})" if record.note else how


def exported(spend: Spend) -> list[object]:
    """Return one row of the file; the campaign as its id, which is never ambiguous."""
    values = (spend.campaign_id, spend.category, spend.amount, spend.day, spend.external_id, spend.note)
    return list(values)
