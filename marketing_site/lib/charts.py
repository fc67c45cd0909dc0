"""The geometry of charts that the server draws as SVG, and the tiles beside them.

Everything that needs a measure is a percentage of the plot, or lives in a 1000 × 100 box that is
stretched over it: the picture fits any width, follows the theme, prints, and needs no script.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

from marketing_site.lib.figures import Figure, number, short

Text = str | Promise
Values = Sequence[Figure | None]
BOX_WIDTH, BOX_HEIGHT = 1000, 100
# Percent of the plot: one day alone is a bar, not a wall.
WIDEST_BAR = 8.0
# Less than any amount or rate that is shown; what floats leave of an equal sum is not a range to draw.
_NO_SPAN = 1e-9


@dataclass(frozen=True)
class Series:
    """One named row of values; None leaves a gap."""

    name: Text
    values: Values


@dataclass(frozen=True)
class Mark:
    """A bar, dot or hit area; all four in percent of the plot."""

    x: float
    y: float
    width: float = 0
    height: float = 0


@dataclass(frozen=True)
class Scale:
    """A zero-based axis of round steps: at most five lines above and below zero together."""

    low: float
    high: float
    step: float

    @classmethod
    def over(cls, values: Values, lines: int = 5) -> "Scale":
        """Return the smallest round scale that holds zero and all values."""
        known = [float(value) for value in values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        span = high - low
        step = _round_step((span if span > _NO_SPAN else 1) / lines)
        while math.ceil(high / step) + math.ceil(-low / step) > lines:
            step = _round_step(step * 1.01)
        return cls(math.floor(low / step) * step, max(math.ceil(high / step), 1) * step, step)

    def ticks(self) -> list[float]:
        """Return the values of the grid lines, lowest first."""
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * index for index in range(count + 1)]

    def y(self, value: Figure) -> float:
        """Return how far below the top edge `value` lies, in percent."""
        return round(100 * (self.high - float(value)) / (self.high - self.low), 2)


@dataclass(frozen=True)
class ComboChart:
    """Bars and a line over the same periods and the same axis, with a table twin; a line alone has no `bars`.

    `labels` name the periods, `show` writes a value, `previous` is a dashed line to compare with,
    `more` are further columns of the table and the tooltip, already written.
    """

    key: str
    period: Text
    labels: Sequence[Text]
    bars: Series | None
    line: Series
    takeaway: Text
    show: Callable[[Figure | None], str] = number
    previous: Series | None = None
    more: Sequence[tuple[Text, Sequence[str]]] = ()
    scale: Scale = field(init=False)

    def __post_init__(self) -> None:
        everything = [value for series in self._series for value in series.values]
        object.__setattr__(self, "scale", Scale.over(everything))

    @property
    def _series(self) -> list[Series]:
        """Return what is drawn, in the order of the table's columns."""
        return [series for series in (self.line, self.bars, self.previous) if series]

    @property
    def axis(self) -> list[str]:
        return [short(tick) for tick in reversed(self.scale.ticks())]

    @property
    def grid(self) -> list[float]:
        return [self.scale.y(tick) for tick in self.scale.ticks()]

    @property
    def zero(self) -> float:
        return self.scale.y(0)

    @property
    def line_path(self) -> str:
        return _path(self._points(self.line.values))

    @property
    def previous_path(self) -> str:
        return _path(self._points(self.previous.values)) if self.previous else ""

    @property
    def area_path(self) -> str:
        return _area(self._points(self.line.values), self.zero)

    @property
    def bar_marks(self) -> list[Mark]:
        band, marks = 100 / max(len(self.labels), 1), []
        width = min(band * 0.56, WIDEST_BAR)
        for index, value in enumerate(self.bars.values if self.bars else ()):
            if value is not None:
                y, zero = self.scale.y(value), self.zero
                x = round(band * (index + 0.5) - width / 2, 3)
                marks.append(Mark(x, min(y, zero), round(width, 3), round(abs(zero - y), 2)))
        return marks

    @property
    def dots(self) -> list[Mark]:
        band = 100 / max(len(self.labels), 1)
        return [
            Mark(round(band * (index + 0.5), 3), self.scale.y(value or 0))
            for index, value in enumerate(self.line.values)
        ]

    @property
    def hits(self) -> list[Mark]:
        band = 100 / max(len(self.labels), 1)
        return [Mark(round(band * index, 3), 0, round(band, 3), 100) for index in range(len(self.labels))]

    @property
    def axis_labels(self) -> list[tuple[Text, bool]]:
        """Return the period names with all but about nine left blank, and which a phone leaves out."""
        every = max(1, math.ceil(len(self.labels) / 9))
        return [
            (label if index % every == 0 else "", index % (2 * every) != 0)
            for index, label in enumerate(self.labels)
        ]

    @property
    def columns(self) -> list[Text]:
        return [series.name for series in self._series] + [name for name, _ in self.more]

    @property
    def rows(self) -> list[tuple[Text, list[str]]]:
        """Return the table twin: the period's name, then its values as written."""
        written = [[self.show(value) for value in one.values] for one in self._series]
        written += [list(texts) for _, texts in self.more]
        cells = zip(*written, strict=True)
        return [(label, list(values)) for label, values in zip(self.labels, cells, strict=True)]

    def _points(self, values: Values) -> list[tuple[float, float] | None]:
        band = BOX_WIDTH / max(len(self.labels), 1)
        return [
            None if value is None else (round(band * (index + 0.5), 1), self.scale.y(value))
            for index, value in enumerate(values)
        ]


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart: its name, one or two values and how the row's figures are written."""

    label: Text
    first: Figure | None
    figures: Sequence[str]
    second: Figure | None = None
    url: str = ""


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars in a table: one row a name, longest bar over the full width."""

    caption: Text
    heading: Text
    columns: Sequence[Text]
    bars: Sequence[Bar]
    first: Text
    second: Text = ""

    @property
    def rows(self) -> list[tuple[Bar, float, float]]:
        """Return each bar with the widths of its two rectangles in percent; losses show no bar."""
        known = [float(v) for bar in self.bars for v in (bar.first, bar.second) if v is not None]
        longest = max([0.0, *known])
        return [(bar, _width(bar.first, longest), _width(bar.second, longest)) for bar in self.bars]


@dataclass(frozen=True)
class Histogram:
    """How often values fall into ranges, small; `most` is the scale, shared by two side by side."""

    counts: Sequence[int]
    label: Text
    most: int

    @property
    def marks(self) -> list[Mark]:
        """Return a bar for each range that is not empty; what is seldom is still seen."""
        width = 100 / max(len(self.counts), 1)
        heights = [max(100 * count / max(self.most, 1), 4) if count else 0 for count in self.counts]
        return [
            Mark(round(index * width, 2), round(100 - height, 2), round(width * 0.86, 2), round(height, 2))
            for index, height in enumerate(heights)
            if height
        ]


@dataclass(frozen=True)
class Sparkline:
    """A small line without axes, for the shape only."""

    values: Values

    @property
    def line(self) -> str:
        return _path(self._points())

    @property
    def area(self) -> str:
        return _area(self._points(), 32)

    def _points(self) -> list[tuple[float, float] | None]:
        known = [float(value) for value in self.values if value is not None] or [0.0]
        low, spread = min(known), (max(known) - min(known)) or 1
        step = 100 / max(len(self.values) - 1, 1)
        return [
            None if v is None else (round(step * i, 2), round(28 - 26 * (float(v) - low) / spread, 2))
            for i, v in enumerate(self.values)
        ]


@dataclass(frozen=True)
class Delta:
    """The change against the period before, as a percentage; None where that was zero or unknown.

    `rising_is` says what more means: good for revenue, bad for cost per customer, flat for spend.
    A figure that is a percentage itself changes by points: from 1 % to 2 % is no doubling.
    """

    change: float | None
    rising_is: Literal["good", "bad", "flat"] = "good"
    in_points: bool = False

    @classmethod
    def between(
        cls,
        now: Figure | None,
        before: Figure | None,
        rising_is: Literal["good", "bad", "flat"] = "good",
    ) -> "Delta":
        """Compare two values of one figure."""
        if now is None or not before:
            return cls(None, rising_is)
        return cls(100 * (float(now) - float(before)) / abs(float(before)), rising_is)

    @classmethod
    def of_percentages(cls, now: Figure | None, before: Figure | None) -> "Delta":
        """Compare two values of a figure that counts in percent, of which more is good."""
        if now is None or before is None:
            return cls(None, in_points=True)
        return cls(float(now) - float(before), in_points=True)

    @property
    def direction(self) -> str:
        if self.change is None or abs(self.change) < 0.05:
            return "same"
        return "up" if self.change > 0 else "down"

    @property
    def tone(self) -> str:
        if self.direction == "same" or self.rising_is == "flat":
            return "flat"
        return "good" if (self.direction == "up") == (self.rising_is == "good") else "bad"

    @property
    def size(self) -> float | None:
        return None if self.change is None else abs(self.change)


@dataclass(frozen=True)
class Tile:
    """One figure with its definition, its change and its shape; `key` is unique on the page."""

    key: str
    label: Text
    value: str
    definition: Text
    delta: Delta | None = None
    sparkline: Sparkline | None = None
    note: Text = ""


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return SVG path data through the points, broken at each None."""
    parts, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        parts.append(f"{pen}{point[0]} {point[1]}")
        pen = "L"
    return "".join(parts)


def _area(points: Sequence[tuple[float, float] | None], base: float) -> str:
    """Return SVG path data of the surface between the points and the level `base`, broken at each None."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return "".join(f"{_path(run)}L{run[-1][0]} {base}L{run[0][0]} {base}Z" for run in runs if run)


def _round_step(least: float) -> float:
    size = 10.0 ** math.floor(math.log10(least))
    steps = (factor * size for factor in (1, 2, 2.5, 5, 10))
    return next(step for step in steps if step >= least * 0.9999)


def _width(value: Figure | None, longest: float) -> float:
    return round(100 * max(float(value or 0), 0) / longest, 2) if longest else 0
