"""The rows that were not stored, as a file that people correct and send again."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from marketing_site.lib.exports import safe_cell
from shop.importing.faults import told
from shop.models.importing import ImportFile


class _Echo:
    """A file for `csv.writer` that gives each line back."""

    def write(self, line: str) -> str:
        return line


def rejected_csv(file: ImportFile) -> Iterator[str]:
    """Yield the rejected rows in the file's order, original cells first, then what is wrong with each."""
    writer: Any = csv.writer(_Echo())
    columns = list(file.report.get("head", {}).get("columns", []))
    rows = file.rejected_rows.order_by("row_no")
    wrong = _faulty_columns(rows, columns)
    names = [f"{name or _('row')}: {_('problem')}" for name in wrong]
    yield "\ufeff" + writer.writerow([safe_cell(one) for one in (_("row"), _("line"), *columns, *names)])
    for row in rows.iterator(chunk_size=2000):
        cells = [*row.raw, *[""] * (len(columns) - len(row.raw))]
        faults = [" ".join(told(one) for one in row.errors if one["column"] == name) for name in wrong]
        yield writer.writerow([row.row_no, row.line_no, *(safe_cell(one) for one in (*cells, *faults))])


def _faulty_columns(rows: Any, columns: Sequence[str]) -> list[str]:
    """Return the columns in which anything is wrong, in the file's order, the row as a whole first."""
    if not rows.aggregate(last=Max("row_no"))["last"]:
        return []
    found = set(rows.values_list("errors__0__column", flat=True).distinct())
    for errors in (
        rows.filter(errors__1__isnull=False).values_list("errors", flat=True).iterator(chunk_size=2000)
    ):
        found |= {one["column"] for one in errors}
    order = {name: at for at, name in enumerate(("", *columns))}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name))
