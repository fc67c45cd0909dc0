"""Figures as tiles and charts, for the home page and the results of one campaign."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Channel
from campaigns.reports import DEFINITIONS, WEEK, Figures, Period, series, total
from marketing_site.lib import figures
from marketing_site.lib.charts import Bar, BarChart, ComboChart, Delta, Series, Sparkline, Tile

Days = dict[date, Figures]
Write = Callable[[Decimal | int | None], str]
Tone = Literal["good", "bad", "flat"]
# Cents of larger amounts tell nothing on a tile, and would not fit there.
WHOLE_FROM = 10_000


def rounded_money(value: Decimal | int | None) -> str:
    """Write an amount for a tile."""
    whole = value is not None and abs(Decimal(value)) >= WHOLE_FROM
    return figures.money(value, whole=whole)


# The tiles in their order: how each figure is written, and whether more of it is good.
TILES: tuple[tuple[str, Write, Tone], ...] = (
    ("net_revenue", rounded_money, "good"),
    ("spend", rounded_money, "flat"),
    ("roas_attributed", figures.ratio, "good"),
    ("roi_attributed_pct", figures.percent, "good"),
    ("orders", figures.number, "good"),
    ("aov", figures.money, "good"),
    ("cac", figures.money, "bad"),
    ("mer", figures.ratio, "good"),
)


def tiles(days: Days, period: Period, *, of_shop: bool) -> list[Tile]:
    """Return a tile for each figure; those of the shop stand against the period before."""
    now, before = total(days, period), total(days, period.before())
    steps = series(days, period)
    made = []
    for name, write, rising_is in TILES:
        if name == "mer" and not of_shop:
            continue
        label, definition = DEFINITIONS[name]
        delta = change(name, now, before, rising_is) if of_shop else None
        shape = Sparkline([getattr(step, name) for _day, step in steps])
        made.append(Tile(name, label, write(getattr(now, name)), definition, delta, shape))
    return made


def change(name: str, now: Figures, before: Figures, rising_is: Tone) -> Delta:
    values = getattr(now, name), getattr(before, name)
    return Delta.of_percentages(*values) if name.endswith("_pct") else Delta.between(*values, rising_is)


def spend_and_revenue(days: Days, period: Period) -> ComboChart:
    """Return spend as bars and credited revenue as a line, by day or by week."""
    steps = series(days, period)
    whole = total(days, period)
    return ComboChart(
        "spend-revenue",
        _("Week of") if period.by_week else _("Day"),
        labels(steps, period),
        bars=Series(_("Spend"), [step.spend for _day, step in steps]),
        line=Series(_("Net revenue, credited"), [step.net_revenue for _day, step in steps]),
        takeaway=takeaway(whole),
        show=figures.money,
        more=[(_("ROAS, attributed"), [figures.ratio(step.roas_attributed) for _day, step in steps])],
    )


def labels(steps: list[tuple[date, Figures]], period: Period) -> list[str]:
    """Name the steps by their first days; a last week that is not over says so, for it looks like a fall."""
    names = [figures.short_day(day) for day, _step in steps]
    if period.by_week and period.end < steps[-1][0] + WEEK - timedelta(days=1):
        names[-1] = _("%(day)s, so far") % {"day": names[-1]}
    return names


def takeaway(whole: Figures) -> str:
    """Say in one sentence what the chart shows."""
    values = {
        "revenue": figures.money(whole.net_revenue, whole=True),
        "spend": figures.money(whole.spend, whole=True),
        "roas": figures.ratio(whole.roas_attributed),
    }
    if whole.roas_attributed is None:
        return _("%(revenue)s of net revenue is credited; no spend is booked in this period.") % values
    sentence = _(
        "%(revenue)s of net revenue is credited against %(spend)s of spend: %(roas)s for each 1 spent."
    )
    return sentence % values


def channels(rows: list[tuple[Channel, Figures]]) -> BarChart:
    """Return credited revenue and spend of each channel as bars."""
    bars = [
        Bar(
            capfirst(channel.label),
            one.net_revenue,
            [figures.money(one.net_revenue), figures.money(one.spend), figures.ratio(one.roas_attributed)],
            second=one.spend,
        )
        for channel, one in rows
    ]
    return BarChart(
        _("Credited revenue and spend by channel"),
        _("Channel"),
        columns=[_("Net revenue, credited"), _("Spend"), _("ROAS, attributed")],
        bars=bars,
        first=_("Net revenue, credited"),
        second=_("Spend"),
    )
