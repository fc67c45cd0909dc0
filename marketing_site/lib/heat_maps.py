"""Tables whose cells are shaded by their value: the picture is its own table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from marketing_site.lib.charts import Text
from marketing_site.lib.figures import Figure

SHADES = 10


@dataclass(frozen=True)
class HeatRow:
    """One row: its name, how many it is about, and its values; None is a value that is not known yet.

    `notes` say what stands behind each value, such as "12 of 40".
    """

    label: Text
    size: str
    values: Sequence[Figure | None]
    notes: Sequence[str]
    url: str = ""


@dataclass(frozen=True)
class HeatCell:
    """One value as it is shown: its text, what stands behind it, and its shade from 0 to 9."""

    text: str
    note: str
    shade: int | None


@dataclass(frozen=True)
class HeatMap:
    """Rows over the same columns; rows may be shorter, the rest of them is empty."""

    key: str
    heading: Text
    size_heading: Text
    columns: Sequence[Text]
    lines: Sequence[HeatRow]
    takeaway: Text
    show: Callable[[Figure | None], str]

    @property
    def rows(self) -> list[tuple[HeatRow, list[HeatCell]]]:
        """Return each row with its cells, from lightest at the smallest value to darkest at the largest."""
        known = [float(value) for row in self.lines for value in row.values if value is not None]
        least, most = min(known, default=0.0), max(known, default=0.0)
        return [(row, self._cells(row, least, most)) for row in self.lines]

    def _cells(self, row: HeatRow, least: float, most: float) -> list[HeatCell]:
        cells = [
            HeatCell("", "", None)
            if value is None
            else HeatCell(self.show(value), note, shade(value, least, most))
            for value, note in zip(row.values, row.notes, strict=True)
        ]
        return cells + [HeatCell("", "", None)] * (len(self.columns) - len(cells))


def shade(value: Figure, least: float, most: float) -> int:
    """Return which of ten shades a value between `least` and `most` has."""
    share = (float(value) - least) / (most - least) if most > least else 0.5
    return max(0, min(SHADES - 1, int(SHADES * share)))
