"""How figures are written for people, in the page's language: pages, tables and charts share it."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.numbers import format_currency, format_decimal
from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, to_locale

Figure = Decimal | int | float
NOTHING = "–"
REMEMBERED = 8_192
# Units of an axis, largest first: Chinese counts in ten thousands.
THOUSANDS = ((1_000_000_000, "B"), (1_000_000, "M"), (1000, "k"))
MYRIADS = ((100_000_000, "亿"), (10_000, "万"))


def money(value: Figure | None, *, whole: bool = False) -> str:
    """Write an amount in the shop's currency with two places, or none when `whole`."""
    if value is None:
        return NOTHING
    return _currency(value, settings.SHOP_CURRENCY, "¤#,##0" if whole else "¤#,##0.00", _language())


def percent(value: Figure | None, places: int = 1) -> str:
    """Write a figure that already counts in percent (`roi_attributed_pct`): 12.5 is "12.5%"."""
    return NOTHING if value is None else f"{_decimal(value, places)}%"


def share(value: Figure | None, places: int = 0) -> str:
    """Write a part of one (a holdout of 0.1) as a percentage: "10%"."""
    return NOTHING if value is None else percent(value * 100, places)


def ratio(value: Figure | None, places: int = 2) -> str:
    """Write a quotient such as `roas_attributed`: 2.349 is "2.35×"."""
    return NOTHING if value is None else f"{_decimal(value, places)}×"


def number(value: Figure | None, places: int = 0) -> str:
    """Write a count or quantity with the language's grouping."""
    return NOTHING if value is None else _decimal(value, places)


def short(value: Figure) -> str:
    """Write a number for an axis: 25000 is "25k", "2.5万"."""
    plain = float(value)
    for limit, suffix in MYRIADS if _chinese() else THOUSANDS:
        if abs(plain) >= limit:
            return f"{plain / limit:.1f}".removesuffix(".0") + suffix
    return f"{plain:.2f}".rstrip("0").rstrip(".") or "0"


def day(value: date | datetime | None) -> str:
    """Write a day in the shop's zone: "7 Apr 2026", "2026年4月7日"."""
    if value is None:
        return NOTHING
    local = localtime(value) if isinstance(value, datetime) else value
    return date_format(local, "Y年n月j日" if _chinese() else "j M Y")


def moment(value: datetime | None) -> str:
    """Write a day and time in the shop's zone: "7 Apr 2026, 14:05"."""
    if value is None:
        return NOTHING
    return date_format(localtime(value), "Y年n月j日 H:i" if _chinese() else "j M Y, H:i")


def short_day(value: date) -> str:
    """Write a day without its year, for an axis: "7 Apr", "4月7日"."""
    return date_format(value, "n月j日" if _chinese() else "j M")


def month(value: date) -> str:
    """Write the month of a day: "Apr 2026", "2026年4月"."""
    return date_format(value, "Y年n月" if _chinese() else "M Y")


def _decimal(value: Figure, places: int) -> str:
    return _grouped(value, "#,##0" + ("." + "0" * places if places else ""), _language())


def _chinese() -> bool:
    return _language().startswith("zh")


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


# A page writes a hundred figures, most of them those of the page before, and Babel takes its time.
@lru_cache(REMEMBERED)
def _currency(value: Figure, currency: str, pattern: str, language: str) -> str:
    return format_currency(value, currency, pattern, locale=_parsed(language), currency_digits=False)


@lru_cache(REMEMBERED)
def _grouped(value: Figure, pattern: str, language: str) -> str:
    return format_decimal(value, pattern, locale=_parsed(language))


@cache
def _parsed(language: str) -> Locale:
    return Locale.parse(to_locale(language))
