"""The tables of products and customers. Their rows come sorted from the database, one page at a time."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.tables import DayColumn, MoneyColumn, NumberColumn, Table


class SortedRows(tables.data.TableListData):
    """Rows that are in order already: the table only shows which column they are sorted by."""

    def order_by(self, aliases: Any) -> None:
        pass


class ProductTable(Table):
    """Products with their category from the root; the view puts `trail` on each."""

    name = tables.Column(_("Name"), linkify=True, attrs={"td": {"class": "wrap"}})
    sku = tables.Column(_("SKU"))
    trail = tables.Column(_("Category"), orderable=False, attrs={"td": {"class": "wrap"}})
    price = MoneyColumn(verbose_name=_("Price"))
    active = tables.Column(_("State"), orderable=False)
    updated_at = DayColumn(_("Changed"))

    def render_active(self, value: bool) -> str:  # noqa: FBT001  # called by the library
        return gettext("Active") if value else gettext("Retired")


class CustomerTable(Table):
    """Customers with their value; the view puts `name` and `email` on each, or nothing."""

    external_id = tables.Column(_("Number"), linkify=True)
    name = tables.Column(_("Name"), orderable=False, default="–")
    email = tables.Column(_("E-mail"), orderable=False, default="–")
    orders = NumberColumn(accessor="value__orders", verbose_name=_("Orders"))
    net_revenue = MoneyColumn(accessor="value__net_revenue", verbose_name=_("Net revenue"))
    last_order_at = DayColumn(_("Last order"), accessor="value__last_order_at")
