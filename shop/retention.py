"""Who comes back: period retention, cohorts and repurchase by calendar month, read from one small roll-up.

A customer is one of a month who has an order in it that was not cancelled; a cohort is all customers whose
first order fell in one month. Months are those of the shop's zone. A month that is not over has no figure.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, Sum

from marketing_site.lib.money import ratio
from shop.models import CohortMonth


def next_month(month: date, steps: int = 1) -> date:
    """Return the first day of the month so many steps later; earlier where `steps` is below zero."""
    number = month.year * 12 + month.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def complete_months(count: int, today: date) -> list[date]:
    """Return the last months that are over, oldest first."""
    this = today.replace(day=1)
    return [next_month(this, -number) for number in range(count, 0, -1)]


@dataclass(frozen=True)
class Month:
    """The customers of one month: how many, how many of them were new, and of the month before kept."""

    month: date
    before: int = 0
    customers: int = 0
    new: int = 0
    kept: int = 0

    @property
    def returned(self) -> int:
        """Customers who were there before, though not in the month before."""
        return self.customers - self.new - self.kept

    @property
    def retention(self) -> Decimal | None:
        """(customers − new) ÷ customers of the month before; None where there were none."""
        return ratio(Decimal(self.customers - self.new), Decimal(self.before))

    @property
    def kept_share(self) -> Decimal | None:
        """Customers of the month before who ordered in this month too ÷ customers of the month before."""
        return ratio(Decimal(self.kept), Decimal(self.before))


def by_month(months: Sequence[date]) -> list[Month]:
    """Return the period retention of successive months."""
    rows = CohortMonth.objects.filter(month__range=(next_month(months[0], -1), months[-1]))
    sums = rows.values("month").annotate(
        all=Sum("customers"), new=Sum("customers", filter=Q(cohort=F("month")), default=0), stayed=Sum("kept")
    )
    known = {row["month"]: row for row in sums}
    nobody = {"all": 0, "new": 0, "stayed": 0}
    found = []
    for month in months:
        now, before = known.get(month, nobody), known.get(next_month(month, -1), nobody)
        found.append(Month(month, before["all"], now["all"], now["new"], now["stayed"]))
    return found


@dataclass(frozen=True)
class Step:
    """What a cohort has done by one of its months: `active` in it, `again` bought twice by its end."""

    active: int
    again: int


@dataclass(frozen=True)
class Cohort:
    """The customers whose first order fell in `month`, and their steps from that month on.

    Step 0 is the month itself. Steps of months that are not over are missing.
    """

    month: date
    size: int
    steps: Sequence[Step]


def cohorts(months: Sequence[date]) -> list[Cohort]:
    """Return the cohorts of successive months that are over, oldest first; empty ones are left out."""
    rows = CohortMonth.objects.filter(cohort__range=(months[0], months[-1]), month__lte=months[-1])
    cells: dict[date, dict[date, CohortMonth]] = defaultdict(dict)
    for cell in rows:
        cells[cell.cohort][cell.month] = cell
    return [_cohort(month, cells[month], months[-1]) for month in months if month in cells]


def _cohort(month: date, cells: dict[date, CohortMonth], last: date) -> Cohort:
    steps, again = [], 0
    for number in range(months_between(month, last) + 1):
        cell = cells.get(next_month(month, number))
        again += cell.second_orders if cell else 0
        steps.append(Step(cell.customers if cell else 0, again))
    return Cohort(month, cells[month].customers, steps)


@dataclass(frozen=True)
class Share:
    """A part of some customers; the figure is never shown without how many they are."""

    part: int
    of: int

    @property
    def value(self) -> Decimal | None:
        return ratio(Decimal(self.part), Decimal(self.of))


def active_shares(cohort: Cohort) -> list[Share]:
    """Return the share of the cohort that ordered in each of its months."""
    return [Share(step.active, cohort.size) for step in cohort.steps]


def again_shares(cohort: Cohort) -> list[Share]:
    """Return the share of the cohort that had at least two orders by the end of each of its months."""
    return [Share(step.again, cohort.size) for step in cohort.steps]


def together(rows: Iterable[Sequence[Share]]) -> list[Share]:
    """Add up rows of shares step by step; a step counts only those whose month is over."""
    found: list[Share] = []
    for row in rows:
        for number, share in enumerate(row):
            if number == len(found):
                found.append(Share(0, 0))
            found[number] = Share(found[number].part + share.part, found[number].of + share.of)
    return found
