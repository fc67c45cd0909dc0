"""The geometry of charts."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketing_site.lib.charts import Bar, BarChart, ComboChart, Delta, Scale, Series, Sparkline
from marketing_site.lib.heat_maps import HeatMap, HeatRow


def combo(spend: list[float | None], revenue: list[float | None]) -> ComboChart:
    labels = [str(number) for number in range(len(spend))]
    return ComboChart("key", "Week", labels, Series("Spend", spend), Series("Revenue", revenue), "Said.")


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1))
@example([5e-324])
def test_a_scale_is_zero_based_round_holds_all_and_has_at_most_five_steps(values: list[float | None]) -> None:
    scale = Scale.over(values)
    known = [value for value in values if value is not None]
    assert scale.low <= min([0, *known])
    assert scale.high >= max([0, *known])
    assert 2 <= len(scale.ticks()) <= 7
    assert any(abs(tick) < 1e-9 * max(1, scale.high - scale.low) for tick in scale.ticks())


def test_bars_stand_on_zero_and_hang_from_it_when_negative() -> None:
    chart = combo([10, -10], [0, 0])
    up, down = chart.bar_marks
    assert up.y + up.height == pytest.approx(chart.zero)
    assert down.y == pytest.approx(chart.zero)


def test_a_missing_value_breaks_the_line_and_shows_as_a_dash_in_the_table() -> None:
    chart = combo([1, 1, 1, 1], [1, 2, None, 4])
    assert chart.line_path.count("M") == 2
    assert chart.rows[2] == ("2", ["–", "1"])


def test_a_chart_without_periods_or_without_values_is_still_a_chart() -> None:
    assert combo([], []).rows == []
    assert combo([None], [None]).area_path == ""


def test_the_longest_bar_fills_the_track_and_a_loss_shows_none() -> None:
    chart = BarChart("All", "Channel", ["Net"], [Bar("a", 4, ["4"]), Bar("b", -2, ["-2"], 8)], "Net", "Spend")
    assert [(first, second) for _bar, first, second in chart.rows] == [(50, 0), (0, 100)]


def test_a_sparkline_of_one_value_has_a_path() -> None:
    assert Sparkline([Decimal(3)]).line.startswith("M")


@pytest.mark.parametrize(
    ("now", "before", "rising_is", "expected"),
    [
        (120, 100, "good", ("up", "good", 20)),
        (80, 100, "good", ("down", "bad", 20)),
        (120, 100, "bad", ("up", "bad", 20)),
        (120, 100, "flat", ("up", "flat", 20)),
        (-50, -100, "good", ("up", "good", 50)),
        (100, 100, "good", ("same", "flat", 0)),
        (100, 0, "good", ("same", "flat", None)),
        (None, 100, "good", ("same", "flat", None)),
    ],
)
def test_a_change_has_a_direction_a_tone_and_a_size(now, before, rising_is, expected) -> None:  # type: ignore[no-untyped-def]
    delta = Delta.between(now, before, rising_is)
    assert (delta.direction, delta.tone, delta.size) == expected


def test_a_percentage_changes_by_points_and_not_by_percent_of_itself() -> None:
    assert Delta.of_percentages(Decimal(2), Decimal(1)).size == 1
    assert Delta.of_percentages(Decimal(-17), Decimal(-100)).tone == "good"
    assert Delta.of_percentages(None, Decimal(1)).size is None


def test_a_gap_breaks_line_and_surface() -> None:
    shape = Sparkline([1, None, 3])
    assert shape.area.count("Z") == shape.line.count("M") == 2


def test_a_line_alone_has_no_bars_and_no_column_for_them() -> None:
    line = Series("Share", [50, 100])
    chart = ComboChart("key", "Month", ["0", "1"], None, line, "Said.", previous=Series("Before", [20, 30]))
    assert chart.bar_marks == []
    assert chart.columns == ["Share", "Before"]
    assert chart.rows == [("0", ["50", "20"]), ("1", ["100", "30"])]


def test_a_heat_map_is_darkest_at_its_largest_value_and_leaves_unknown_cells_empty() -> None:
    lines = [HeatRow("a", "4", [0, None, 10], ["", "", ""]), HeatRow("b", "2", [5], ["1 of 2"])]
    heat = HeatMap("key", "Row", "Size", ["0", "1", "2"], lines, "Said.", str)
    [(_first, cells), (_second, short)] = heat.rows
    assert [cell.shade for cell in cells] == [0, None, 9]
    assert [(cell.text, cell.note) for cell in short] == [("5", "1 of 2"), ("", ""), ("", "")]
