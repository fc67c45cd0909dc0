"""How figures are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from marketing_site.lib import figures
from marketing_site.templatetags.site import word_difference


def test_nothing_is_a_dash_whatever_the_figure() -> None:
    writers = (figures.money, figures.percent, figures.share, figures.ratio, figures.number, figures.day)
    assert {write(None) for write in writers} == {"–"}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["$1,234.50", "$1,235", "-$3.00", "7 Apr 2026"]),
        ("zh-hans", ["US$1,234.50", "US$1,235", "-US$3.00", "2026年4月7日"]),
    ],
)
def test_money_and_days_follow_the_language(language: str, expected: list[str]) -> None:
    with override(language):
        assert [
            figures.money(Decimal("1234.5")),
            figures.money(Decimal("1234.51"), whole=True),
            figures.money(-3),
            figures.day(date(2026, 4, 7)),
        ] == expected


def test_percent_counts_in_percent_and_share_in_parts_of_one() -> None:
    assert figures.percent(Decimal("12.34")) == "12.3%"
    assert figures.share(Decimal("0.1")) == "10%"
    assert figures.ratio(Decimal("2.349")) == "2.35×"


def test_money_rounds_half_even_for_show() -> None:
    assert [figures.money(Decimal(text)) for text in ("0.125", "0.135")] == ["$0.12", "$0.14"]


def test_moments_are_told_in_the_shops_zone() -> None:
    assert figures.moment(datetime(2026, 4, 7, 18, 5, tzinfo=UTC)) == "7 Apr 2026, 14:05"
    assert figures.day(datetime(2026, 4, 8, 2, 0, tzinfo=UTC)) == "7 Apr 2026"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.25, "0.25"), (950, "950"), (25_000, "25k"), (-1_500_000, "-1.5M")]
)
def test_axis_numbers_are_short(value: float, text: str) -> None:
    assert figures.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(950, "950"), (2_500, "2500"), (25_000, "2.5万"), (-150_000_000, "-1.5亿")]
)
def test_axis_numbers_count_in_ten_thousands_in_chinese(value: float, text: str) -> None:
    with override("zh-hans"):
        assert figures.short(value) == text


def test_a_difference_marks_words_and_escapes_them() -> None:
    marked = word_difference("a red mug", "a <b>blue</b> mug")
    assert marked == "<span>a </span><del>red</del><ins>&lt;b&gt;blue&lt;/b&gt;</ins><span> mug</span>"


def test_a_difference_in_chinese_marks_characters() -> None:
    assert (
        word_difference("买新咖啡", "买好咖啡")
        == "<span>买</span><del>新</del><ins>好</ins><span>咖啡</span>"
    )
