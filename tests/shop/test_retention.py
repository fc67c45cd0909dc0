"""Retention, cohorts and repurchase by numbers worked out on paper."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shop import ledger, retention
from shop.models import CohortMonth, Customer, CustomerMonth, Order
from tests import make

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))
MONTHS = [JANUARY, FEBRUARY, MARCH, APRIL]


def bought(*months: int, who: Customer | None = None) -> Customer:
    """Return a customer with an order of $10 in the middle of each of these months of 2026."""
    who = who or make.customer()
    orders = [make.order(who, at=datetime(2026, month, 15, 17, tzinfo=UTC)) for month in months]
    ledger.refresh([order.pk for order in orders])
    return who


def shop() -> None:
    """January: a, b, c, d. February: a, b and e. March: a, c, e and f. April: nobody."""
    for months in ((1, 2, 3), (1, 2), (1, 3), (1, 1), (2, 3), (3,)):
        bought(*months)


def test_period_retention_leaves_the_new_ones_out_and_divides_by_the_month_before() -> None:
    shop()
    january, february, march, april = retention.by_month(MONTHS)
    assert (january.before, january.customers, january.new, january.retention) == (0, 4, 4, None)
    assert (february.before, february.customers, february.new, february.kept) == (4, 3, 1, 2)
    assert february.retention == Decimal("0.5")
    # c came back after a pause: she counts in retention, not among those kept.
    assert (march.before, march.customers, march.new, march.kept, march.returned) == (3, 4, 1, 2, 1)
    assert march.retention == 1
    assert march.kept_share == Decimal(2) / 3
    assert (april.before, april.customers, april.retention) == (4, 0, Decimal(0))


def test_cohorts_have_one_share_for_each_month_that_is_over() -> None:
    shop()
    january, february, march = retention.cohorts([JANUARY, FEBRUARY, MARCH])
    assert [(one.size, len(one.steps)) for one in (january, february, march)] == [(4, 3), (2 - 1, 2), (1, 1)]
    assert [share.part for share in retention.active_shares(january)] == [4, 2, 2]
    assert [share.part for share in retention.again_shares(january)] == [1, 3, 4]
    # Month 2 is over for January's cohort alone: nobody else is in its denominator.
    whole = retention.together(retention.active_shares(one) for one in (january, february, march))
    assert [(share.part, share.of) for share in whole] == [(6, 6), (3, 5), (2, 4)]


def test_the_month_that_is_not_over_is_left_out() -> None:
    assert retention.complete_months(2, date(2026, 3, 31)) == [JANUARY, FEBRUARY]
    assert retention.complete_months(2, date(2026, 4, 1)) == [FEBRUARY, MARCH]
    assert retention.complete_months(2, date(2026, 1, 9)) == [date(2025, 11, 1), date(2025, 12, 1)]


def test_months_are_those_of_the_shops_zone() -> None:
    order = make.order(at=datetime(2026, 2, 1, 3, tzinfo=UTC))  # the evening of 31 January in New York
    ledger.refresh([order.pk])
    assert CustomerMonth.objects.get().month == JANUARY


def test_an_earlier_order_moves_a_customer_to_another_cohort_and_a_cancelled_one_back() -> None:
    who = bought(3)
    bought(2, who=who)
    assert list(CohortMonth.objects.values_list("cohort", "month", "kept").order_by("month")) == [
        (FEBRUARY, FEBRUARY, 0), (FEBRUARY, MARCH, 1),
    ]  # fmt: skip
    early = Order.objects.earliest("ordered_at")
    Order.objects.filter(pk=early.pk).update(status="cancelled")
    ledger.refresh([early.pk])
    assert [(cell.cohort, cell.month, cell.orders) for cell in CohortMonth.objects.all()] == [
        (MARCH, MARCH, 1)
    ]


def test_customers_who_are_deleted_leave_their_cohorts() -> None:
    gone, stays = bought(1, 2), bought(1)
    ledger.forget_customers([gone.pk])
    cells = CohortMonth.objects.order_by("month").values_list("cohort", "month", "customers", "net_revenue")
    assert list(cells) == [(JANUARY, JANUARY, 1, Decimal(10))]
    assert CustomerMonth.objects.get().customer_id == stays.pk
