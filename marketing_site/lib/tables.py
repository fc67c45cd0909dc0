"""Table columns that write figures as the rest of the site does, and sort links with URL state."""

from collections.abc import Callable
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.http import HttpRequest

from marketing_site.lib import figures

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


class FigureColumn(tables.Column):
    """A right-aligned column; `None` shows as "–"."""

    write: Callable[[Any], str] = staticmethod(figures.number)
    empty_values = ()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"attrs": NUMBER} | options)

    def render(self, value: Any) -> str:
        return self.write(value)


class NumberColumn(FigureColumn):
    """Counts and quantities."""


class MoneyColumn(FigureColumn):
    """Amounts in the shop's currency."""

    write = staticmethod(figures.money)


class PercentColumn(FigureColumn):
    """Figures that count in percent already."""

    write = staticmethod(figures.percent)


class RatioColumn(FigureColumn):
    """Quotients such as ROAS."""

    write = staticmethod(figures.ratio)


class DayColumn(tables.Column):
    """A day in the shop's zone."""

    empty_values = ()

    def render(self, value: Any) -> str:
        return figures.day(value)


def paged(table: tables.Table, request: HttpRequest, size: int = 25) -> tables.Table:
    """Sort and page a table as the address asks; what makes no sense there shows the first or last page.

    The library's own RequestConfig lets the address choose the size of a page as well, zero included.
    """
    table.request = request
    if order := request.GET.getlist(table.prefixed_order_by_field):
        table.order_by = order
    table.paginator = Paginator(table.rows, size)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
