"""Table columns that write figures as the rest of the site does, and sort links with URL state."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from marketing_site.lib import figures

NUMBER = {"th": {"class": "number"}, "td": {"class": "number"}}


@dataclass(frozen=True)
class Head:
    """The head of one column; `address` is "" where nothing sorts by it, `sort` where the rows are not."""

    key: str
    label: str
    css: str
    hidden: bool
    sort: str
    address: str


class Table(tables.Table):
    """A table that draws its cells column by column; `sortable` or `paged` gives it the request.

    The library asks for every cell what its column could be asked once: half the time of a page of figures.
    """

    def prepare(self) -> None:
        """Fetch at once what the rows of this page need."""

    def heads(self) -> list[Head]:
        """Return the head of each column, with the address that sorts by it."""
        return [self._head(bound) for bound in self.columns]

    def _head(self, bound: Any) -> Head:
        attributes, alias = bound.attrs["th"], bound.order_by_alias
        sort = ("descending" if alias.is_descending else "ascending") if bound.is_ordered else ""
        return Head(
            key=f"{self.prefix or ''}{bound.name}",
            label=bound.header,
            css=attributes.get("class") or "",
            hidden=bool(attributes.get("hidden")),
            sort=sort,
            address=self._sorted_by(alias.next) if bound.orderable else "",
        )

    def _sorted_by(self, alias: str) -> str:
        """Return the address of the first page in another order."""
        kept = self.request.GET.copy()
        for position in (self.prefixed_page_field, "after", "before"):
            kept.pop(position, None)
        kept[self.prefixed_order_by_field] = alias
        return f"?{kept.urlencode()}"

    def body(self) -> SafeString:
        """Return the rows of the page as HTML, each content escaped; "" where there are none."""
        self.prepare()
        columns = [(bound.attrs["td"].get("class") or "", _drawing(self, bound)) for bound in self.columns]
        rows = ([(css, draw(row)) for css, draw in columns] for row in self.paginated_rows)
        cells = (format_html_join("", '<td class="{}">{}</td>', row) for row in rows)
        return format_html_join("\n", "<tr>{}</tr>", ((row,) for row in cells))


def _drawing(table: Table, bound: Any) -> Callable[[Any], object]:
    """Return what draws a column's cell of a row, as the library's `BoundRow.get_cell` does."""
    column, accessor, default, render = bound.column, bound.accessor, bound.default, bound.render
    wanted = inspect.signature(render).parameters.keys()
    in_words = f"get_{accessor}_display"

    def draw(row: Any) -> object:
        record = row.record
        words = getattr(record, in_words, None)
        value = words() if words else accessor.resolve(record, quiet=True)
        if value in column.empty_values:
            return default
        offered = {
            "value": value, "record": record, "column": column, "bound_column": bound, "bound_row": row,
            "table": table,
        }  # fmt: skip
        content = render(**{name: offered[name] for name in offered if name in wanted})
        return bound.link(content, **offered) if bound.link else content

    return draw


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


class PartialColumn(tables.Column):
    """A cell drawn by a template that knows its `record` and nothing of the request."""

    empty_values = ()

    def __init__(self, template: str, verbose_name: Any, **options: Any) -> None:
        super().__init__(verbose_name, **options)
        self.template = template

    def render(self, record: Any) -> str:
        return get_template(self.template).render({"record": record})


def sortable(table: Table, request: HttpRequest) -> Table:
    """Let the heads of a table that is sorted and paged already keep the rest of the address."""
    table.request = request  # given to the constructor, the library would sort and page by it
    return table


def paged(table: Table, request: HttpRequest, size: int = 25) -> Table:
    """Sort and page a table as the address asks; what makes no sense there shows the first or last page.

    The library's own RequestConfig lets the address choose the size of a page as well, zero included.
    """
    sortable(table, request)
    if order := request.GET.getlist(table.prefixed_order_by_field):
        table.order_by = order
    table.paginator = Paginator(table.rows, size)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
