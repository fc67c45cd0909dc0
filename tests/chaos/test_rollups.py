"""Two who write at the same time: neither's money is missing from the day."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from campaigns import attribution, spending
from campaigns.models import Campaign, CampaignDay, Spend
from shop import ledger
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
DAY = make.NOON.date()


def together(first: Callable[[], None], second: Callable[[], None]) -> None:
    """Do `second` while the transaction of `first` is open and has written everything."""

    def late() -> None:
        written.wait(10)
        second()
        connection.close()

    written = threading.Event()
    thread = threading.Thread(target=late)
    thread.start()
    with transaction.atomic():
        first()
        written.set()
        thread.join(0.5)  # as long as it takes to reach the lock
        assert thread.is_alive()
    thread.join(10)


def cost(campaign: Campaign, amount: int) -> Spend:
    return Spend(campaign=campaign, category="media", amount=Decimal(amount), day=DAY)


def test_two_people_book_spend_on_one_day() -> None:
    campaign = make.campaign()
    together(lambda: spending.save(cost(campaign, 5)), lambda: spending.save(cost(campaign, 7)))
    assert CampaignDay.objects.get().spend == 12


def test_two_workers_credit_two_orders_of_one_day() -> None:
    campaign = make.campaign()
    orders = [make.order(coupon_codes=["TEN"], at=make.NOON + timedelta(hours=hour)) for hour in (0, 1)]
    make.coupon(campaign, code="TEN")
    ledger.refresh([order.pk for order in orders])
    one, other = ([order.pk] for order in orders)
    together(lambda: attribution.refresh(one), lambda: attribution.refresh(other))
    day = CampaignDay.objects.get(campaign=campaign)
    assert (day.net_revenue, day.orders, day.redemptions) == (Decimal(20), 2, 2)


def test_spend_does_not_wait_for_a_recomputation_of_other_days() -> None:
    campaign, order = make.campaign(), make.order(at=make.NOON - timedelta(days=9))
    ledger.refresh([order.pk])
    booked = threading.Event()

    def book() -> None:
        spending.save(cost(campaign, 5))
        connection.close()
        booked.set()

    with transaction.atomic():
        attribution.refresh([order.pk])
        thread = threading.Thread(target=book)
        thread.start()
        assert booked.wait(10)
    thread.join()


def test_a_correction_that_is_not_committed_yet_is_counted_by_the_next_round() -> None:
    order = make.order()
    ledger.mark_dirty(orders=[order.pk])

    def refund() -> None:
        make.refund(order, "4")
        ledger.mark_dirty(orders=[order.pk])

    def drain() -> None:
        drained.append(attribution.drain_dirty_keys())
        connection.close()

    drained: list[int] = []
    with transaction.atomic():
        refund()
        worker = threading.Thread(target=drain)
        worker.start()
        worker.join(10)
    # The key was the writer's, so the worker left it alone.
    assert drained == [0]
    assert attribution.drain_dirty_keys() == 1
    assert CampaignDay.objects.get(campaign=None).net_revenue == 6
