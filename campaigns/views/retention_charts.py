"""Retention, cohorts, repurchase and conversion as a line, a heat map and the rows of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.conversion import Conversion
from marketing_site.lib import figures
from marketing_site.lib.charts import ComboChart, Series
from marketing_site.lib.figures import Figure
from marketing_site.lib.heat_maps import HeatMap, HeatRow
from shop import retention
from shop.retention import Cohort, Month, Share


@dataclass(frozen=True)
class Report:
    """What a page shows; without a chart there is nothing to show yet."""

    chart: ComboChart | None = None
    heat: HeatMap | None = None
    header: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = field(default=())


def percent(value: Figure | None) -> str:
    """Write a figure that counts in percent already with one place."""
    return figures.percent(value)


def in_percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else 100 * share


def behind(share: Share) -> str:
    """Say what stands behind a share."""
    return _("%(part)s of %(of)s") % {"part": figures.number(share.part), "of": figures.number(share.of)}


def retention_report(months: Sequence[Month]) -> Report:
    """Return period retention by month; months before the first customers are left out."""
    shown = [month for month in months if month.before]
    if not shown:
        return Report()
    return Report(_retention_line(shown), _retention_heat(shown), RETENTION_HEADER, _retention_rows(shown))


RETENTION_HEADER = (
    "month", "customers_of_month_before", "customers", "new", "kept", "returned", "retention_pct", "kept_pct",
)  # fmt: skip


def _retention_rows(months: Iterable[Month]) -> list[Sequence[Any]]:
    return [
        (
            month.month.isoformat(), month.before, month.customers, month.new, month.kept, month.returned,
            two_places(month.retention), two_places(month.kept_share),
        )
        for month in months
    ]  # fmt: skip


def _retention_line(months: Sequence[Month]) -> ComboChart:
    last = months[-1]
    takeaway = _(
        "%(month)s: %(kept)s of the %(before)s customers of the month before ordered again; with those who "
        "came back after a pause, retention is %(retention)s."
    ) % {
        "month": figures.month(last.month), "kept": figures.number(last.kept),
        "before": figures.number(last.before), "retention": percent(in_percent(last.retention)),
    }  # fmt: skip
    counts = (
        (_("Customers of the month before"), [month.before for month in months]),
        (_("Customers"), [month.customers for month in months]),
        (_("New"), [month.new for month in months]),
        (_("Came back after a pause"), [month.returned for month in months]),
    )
    return ComboChart(
        "retention-line", _("Month"), [figures.month(month.month) for month in months], bars=None,
        line=Series(_("Retention"), [in_percent(month.retention) for month in months]),
        previous=Series(_("Kept from the month before"), [in_percent(one.kept_share) for one in months]),
        takeaway=takeaway, show=percent,
        more=[(name, [figures.number(value) for value in values]) for name, values in counts],
    )  # fmt: skip


def _retention_heat(months: Sequence[Month]) -> HeatMap:
    years = sorted({month.month.year for month in months})
    known = {month.month: month for month in months}
    lines = [_year(year, known) for year in years]
    return HeatMap(
        "retention-heat", _("Year"), _("Months"),
        [capfirst(MONTHS_3[number]) for number in range(1, 13)], lines,
        _("Retention by month of the year; months that are not over are empty."), percent,
    )  # fmt: skip


def _year(year: int, known: dict[date, Month]) -> HeatRow:
    months = [known.get(date(year, number, 1)) for number in range(1, 13)]
    notes = [behind(Share(one.customers - one.new, one.before)) if one else "" for one in months]
    values = [in_percent(one.retention) if one else None for one in months]
    return HeatRow(str(year), figures.number(sum(one is not None for one in months)), values, notes)


def cohort_report(cohorts: Sequence[Cohort]) -> Report:
    """Return which part of each cohort ordered in each of its months."""
    shares = [retention.active_shares(cohort) for cohort in cohorts]
    return _by_cohort(cohorts, shares, "cohorts", COHORT_TAKEAWAY, _("Ordered in the month"))


def repurchase_report(cohorts: Sequence[Cohort]) -> Report:
    """Return which part of each cohort had ordered twice by the end of each of its months."""
    shares = [retention.again_shares(cohort) for cohort in cohorts]
    return _by_cohort(cohorts, shares, "repurchase", REPURCHASE_TAKEAWAY, _("Bought at least twice"))


COHORT_TAKEAWAY = gettext_lazy(
    "%(share)s of the customers of all cohorts ordered in month %(step)s after the first order (%(behind)s)."
)
REPURCHASE_TAKEAWAY = gettext_lazy(
    "%(share)s of the customers had bought at least twice by the end of month %(step)s after the first order "
    "(%(behind)s)."
)


def _by_cohort(
    cohorts: Sequence[Cohort], shares: list[list[Share]], key: str, said: str | Promise, name: str
) -> Report:
    if not cohorts:
        return Report()
    whole = retention.together(shares)
    steps = [figures.number(number) for number in range(len(whole))]
    names = [figures.month(cohort.month) for cohort in cohorts]
    lines = [
        _heat_row(label, cohort.size, own) for label, cohort, own in zip(names, cohorts, shares, strict=True)
    ]
    lines.append(_heat_row(_("All cohorts"), sum(cohort.size for cohort in cohorts), whole))
    heat = HeatMap(
        f"{key}-heat", _("First order in"), _("Customers"), steps, lines,
        _("Columns are months after that of the first order. Months that are not over are empty."), percent,
    )  # fmt: skip
    rows = [
        (cohort.month.isoformat(), cohort.size, number, share.part, two_places(share.value))
        for cohort, own in zip(cohorts, shares, strict=True)
        for number, share in enumerate(own)
    ]
    header = ("first_order_in", "customers", "month", "customers_then", "share_pct")
    return Report(_line(f"{key}-line", _("Month"), steps, name, whole, said), heat, header, rows)


def conversion_report(conversions: Sequence[Conversion], weeks: int) -> Report:
    """Return which part of each campaign's recipients had ordered by the end of each week."""
    if not conversions:
        return Report()
    steps = [figures.number(number) for number in range(1, weeks + 1)]
    lines = [_campaign_row(one) for one in conversions]
    whole = retention.together(one.weeks for one in conversions)
    heat = HeatMap(
        "conversion-heat", _("Campaign"), _("Recipients"), steps, lines,
        _("Columns are weeks after the campaign reached them. Weeks that are not over for all are empty."),
        percent,
    )  # fmt: skip
    rows = [
        (
            str(one.campaign), "delivered" if one.delivered else "assigned", one.recipients, number,
            share.part, two_places(share.value),
        )
        for one in conversions
        for number, share in enumerate(one.weeks, start=1)
    ]  # fmt: skip
    header = ("campaign", "recipients_are", "recipients", "week", "ordered", "conversion_pct")
    if not whole:
        return Report(None, heat, header, rows)
    line = _line("conversion-line", _("Week"), steps[: len(whole)], _("Had ordered"), whole, CONVERTED)
    return Report(line, heat, header, rows)


CONVERTED = gettext_lazy("%(share)s of the recipients had ordered by the end of week %(step)s (%(behind)s).")


def _campaign_row(one: Conversion) -> HeatRow:
    counted = figures.number(one.recipients)
    size = _("%(count)s delivered") if one.delivered else _("%(count)s assigned")
    row = _heat_row(str(one.campaign), one.recipients, one.weeks)
    return HeatRow(
        row.label, size % {"count": counted}, row.values, row.notes, one.campaign.get_absolute_url()
    )


def _heat_row(label: str, size: int, shares: Sequence[Share]) -> HeatRow:
    values = [in_percent(share.value) for share in shares]
    return HeatRow(label, figures.number(size), values, [behind(share) for share in shares])


def _line(
    key: str, step: str, labels: Sequence[str], name: str, whole: Sequence[Share], said: str | Promise
) -> ComboChart:
    last = whole[-1]
    takeaway = str(said) % {
        "share": percent(in_percent(last.value)), "step": labels[-1], "behind": behind(last),
    }  # fmt: skip
    return ComboChart(
        key, step, labels, bars=None,
        line=Series(name, [in_percent(share.value) for share in whole]), takeaway=takeaway, show=percent,
        more=[
            (_("Customers"), [figures.number(share.part) for share in whole]),
            (_("Out of"), [figures.number(share.of) for share in whole]),
        ],
    )  # fmt: skip


def two_places(share: Decimal | None) -> str:
    """Write a share for a file, in percent with two places and without grouping; "" where it is unknown."""
    return "" if share is None else f"{100 * share:.2f}"


def months_word(count: int) -> str:
    return ngettext("%(count)s month", "%(count)s months", count) % {"count": figures.number(count)}


def weeks_word(count: int) -> str:
    return ngettext("%(count)s week", "%(count)s weeks", count) % {"count": figures.number(count)}
