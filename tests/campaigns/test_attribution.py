"""Which campaign gets the credit for an order's net revenue."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import Sum

from campaigns import attribution
from campaigns.models import CampaignDay, Channel, Credit, CreditedDay, Touch
from shop import ledger
from shop.models import Order
from tests import make
from tests.make import NOON

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def settle(*orders: Order) -> None:
    """Do what the worker does after somebody changed these orders."""
    ledger.mark_dirty(orders=[order.pk for order in orders])
    attribution.drain_dirty_keys()


def credits(order: Order) -> dict[str, Decimal]:
    """Return what each campaign has of an order, "" for no campaign."""
    settle(order)
    rows = Credit.objects.filter(order=order).values_list("campaign__name").annotate(Sum("amount"))
    return {name or "": amount for name, amount in rows}


def test_a_coupon_is_credited_with_the_lines_of_its_products_and_no_more() -> None:
    coffee, bread, buyer = make.product(), make.product(), make.customer()
    make.redemption(make.coupon(make.campaign("Coffee"), [coffee]), buyer)
    order = make.order(buyer, [(coffee, "8", "2"), (bread, "12")])
    assert credits(order) == {"Coffee": 8, "": 12}
    day = CampaignDay.objects.get(campaign__name="Coffee")
    assert (day.day, day.orders, day.redemptions, day.new_customers) == (date(2026, 3, 2), 1, 1, 1)
    assert (day.net_revenue, day.order_revenue) == (Decimal(8), Decimal(20))


def test_a_covered_product_bought_without_a_coupon_is_not_credited() -> None:
    coffee, buyer = make.product(), make.customer()
    make.redemption(make.coupon(make.campaign("Coffee"), [coffee]), buyer)
    assert credits(make.order(buyer, [(coffee, "8", "0")])) == {"": 8}


def test_a_coupon_that_names_no_product_covers_the_whole_order() -> None:
    buyer = make.customer()
    make.redemption(make.coupon(make.campaign("Ten off")), buyer)
    assert credits(make.order(buyer, [(make.product(), "8"), (make.product(), "12")])) == {"Ten off": 20}


@pytest.mark.parametrize(
    ("redeemed", "bought", "credited"),
    [
        # 23:30 and 00:30 in New York, both on 3 March in UTC.
        (datetime(2026, 3, 3, 4, 30, tzinfo=UTC), datetime(2026, 3, 3, 5, 30, tzinfo=UTC), False),
        # 00:30 and 23:30 on the same day in New York, on two days in UTC.
        (datetime(2026, 3, 2, 5, 30, tzinfo=UTC), datetime(2026, 3, 3, 4, 30, tzinfo=UTC), True),
        # The day the clocks change has 23 hours.
        (datetime(2026, 3, 8, 5, 30, tzinfo=UTC), datetime(2026, 3, 9, 3, 30, tzinfo=UTC), True),
        (datetime(2026, 3, 8, 5, 30, tzinfo=UTC), datetime(2026, 3, 9, 4, 30, tzinfo=UTC), False),
    ],
)
def test_a_redemption_counts_on_the_same_day_of_the_shops_zone(
    redeemed: datetime, bought: datetime, *, credited: bool
) -> None:
    buyer = make.customer()
    make.redemption(make.coupon(make.campaign("Ten off")), buyer, redeemed)
    assert credits(make.order(buyer, at=bought)) == ({"Ten off": 10} if credited else {"": 10})


def test_somebody_elses_redemption_does_not_count() -> None:
    make.redemption(make.coupon(make.campaign("Ten off")), make.customer())
    assert credits(make.order()) == {"": 10}


def test_a_redemption_that_names_its_order_counts_for_that_order_only() -> None:
    buyer = make.customer()
    first, second = make.order(buyer, at=NOON - DAY), make.order(buyer)
    make.redemption(make.coupon(make.campaign("Ten off")), buyer, order=first)
    assert credits(first) == {"Ten off": 10}
    assert credits(second) == {"": 10}


def test_an_order_that_names_a_code_redeems_it() -> None:
    make.coupon(make.campaign("Another"), code="OTHER")
    make.coupon(make.campaign("Ten off"), code="TEN")
    order = make.order(coupon_codes=["TEN", "UNKNOWN"])
    assert credits(order) == {"Ten off": 10}
    assert CampaignDay.objects.get(campaign__name="Ten off").redemptions == 1


def test_a_corrected_code_takes_its_credit_back() -> None:
    make.coupon(make.campaign("Ten off"), code="TEN")
    order = make.order(coupon_codes=["TEN"])
    settle(order)
    Order.objects.filter(pk=order.pk).update(coupon_codes=[])
    assert credits(order) == {"": 10}
    day = CampaignDay.objects.get(campaign__name="Ten off")
    assert (day.net_revenue, day.orders, day.redemptions) == (Decimal(0), 0, 0)


def test_an_expired_code_earns_nothing() -> None:
    make.coupon(make.campaign("Ten off"), code="TEN", valid_until=NOON.date() - DAY)
    assert credits(make.order(coupon_codes=["TEN"])) == {"": 10}


def test_a_code_of_two_campaigns_is_redeemed_for_one_the_customers_own_first() -> None:
    buyer = make.customer()
    make.coupon(make.campaign("All"), code="TEN")
    make.coupon(make.campaign("Personal"), code="TEN", customer=buyer)
    assert credits(make.order(buyer, coupon_codes=["TEN"])) == {"Personal": 10}


def test_a_line_is_credited_once_to_the_earliest_redemption_then_the_lowest_id() -> None:
    coffee, buyer = make.product(), make.customer()
    late, early, same = (make.coupon(make.campaign(name), [coffee]) for name in ("late", "early", "same"))
    make.redemption(late, buyer, NOON)
    make.redemption(early, buyer, NOON - MINUTE)
    make.redemption(same, buyer, NOON - MINUTE)
    assert credits(make.order(buyer, [(coffee, "8", "2")])) == {"early": 8}


@pytest.mark.parametrize(("days", "credited"), [(4, True), (6, False)])
def test_what_is_left_goes_to_the_last_touch_within_the_channels_window(days: int, *, credited: bool) -> None:
    buyer = make.customer()
    make.click(make.campaign("Mail", channel=Channel.EMAIL), buyer, NOON - days * DAY)
    assert credits(make.order(buyer)) == ({"Mail": 10} if credited else {"": 10})


def test_the_latest_touch_wins_and_a_tie_goes_to_the_lowest_id() -> None:
    buyer = make.customer()
    make.click(make.campaign("older"), buyer, NOON - 2 * MINUTE)
    make.click(make.campaign("first"), buyer, NOON - MINUTE, Touch.Kind.DELIVERY)
    make.click(make.campaign("second"), buyer, NOON - MINUTE)
    make.click(make.campaign("too late"), buyer, NOON + MINUTE)
    assert credits(make.order(buyer)) == {"first": 10}


def test_a_wider_window_of_another_channel_does_not_hide_behind_a_closed_one() -> None:
    buyer = make.customer()
    make.click(make.campaign("Ad", channel=Channel.SEARCH_AD), buyer, NOON - 20 * DAY)
    make.click(make.campaign("Mail", channel=Channel.EMAIL), buyer, NOON - 10 * DAY)
    assert credits(make.order(buyer)) == {"Ad": 10}


def test_the_coupon_comes_first_and_the_last_touch_gets_the_rest() -> None:
    coffee, buyer = make.product(), make.customer()
    make.redemption(make.coupon(make.campaign("Coffee"), [coffee]), buyer)
    make.click(make.campaign("Mail"), buyer, NOON - DAY)
    assert credits(make.order(buyer, [(coffee, "8", "2"), (make.product(), "12")])) == {
        "Coffee": 8,
        "Mail": 12,
    }
    # One order, although it counts for both campaigns.
    assert CreditedDay.objects.get().orders == 1


def test_the_refund_of_a_line_takes_credit_from_whom_the_line_was_credited_to() -> None:
    coffee, buyer = make.product(), make.customer()
    make.redemption(make.coupon(make.campaign("Coffee"), [coffee]), buyer)
    order = make.order(buyer, [(coffee, "8", "2"), (make.product(), "12")])
    settle(order)
    make.refund(order, "5", line_no=1)
    assert credits(order) == {"Coffee": 3, "": 12}


def test_the_refund_of_an_order_takes_credit_back_with_the_same_weights() -> None:
    coffee, tea, buyer = make.product(), make.product(), make.customer()
    make.redemption(make.coupon(make.campaign("Coffee"), [coffee]), buyer)
    make.redemption(make.coupon(make.campaign("Tea"), [tea]), buyer)
    order = make.order(buyer, [(coffee, "10", "1"), (tea, "10", "1"), (make.product(), "10")])
    make.refund(order, "10")
    # Thirds of 20, and still 20 together.
    found = credits(order)
    assert sum(found.values()) == 20
    assert all(abs(amount - Decimal(20) / 3) < Decimal("0.0001") for amount in found.values())


def test_a_cancelled_order_is_credited_to_nobody() -> None:
    make.coupon(make.campaign("Ten off"), code="TEN")
    order = make.order(coupon_codes=["TEN"])
    settle(order)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
    assert credits(order) == {}
    day = CampaignDay.objects.get(campaign__name="Ten off")
    assert (day.orders, day.new_customers, day.redemptions) == (0, 0, 0)


def test_an_earlier_order_that_comes_in_late_moves_the_new_customer() -> None:
    buyer = make.customer()
    make.click(make.campaign("Mail"), buyer, NOON - DAY)
    settle(make.order(buyer))
    assert CampaignDay.objects.get(campaign__name="Mail").new_customers == 1
    settle(make.order(buyer, at=NOON - 90 * DAY))
    assert CampaignDay.objects.get(campaign__name="Mail").new_customers == 0
    assert CreditedDay.objects.get(day=NOON.date()).new_customers == 0


@pytest.mark.parametrize("drained_between", [True, False])
def test_a_first_order_that_is_cancelled_leaves_the_next_one_as_the_first(*, drained_between: bool) -> None:
    buyer = make.customer()
    make.click(make.campaign("Mail"), buyer, NOON - DAY)
    earlier = make.order(buyer, at=NOON - 90 * DAY)
    if drained_between:
        settle(earlier)
    settle(make.order(buyer))
    assert CampaignDay.objects.get(campaign__name="Mail").new_customers == 0
    Order.objects.filter(pk=earlier.pk).update(status=Order.Status.CANCELLED)
    settle(earlier)
    assert CampaignDay.objects.get(campaign__name="Mail").new_customers == 1
    assert CreditedDay.objects.get(day=NOON.date()).new_customers == 1


def test_a_first_order_that_gets_a_later_day_leaves_the_next_one_as_the_first() -> None:
    buyer = make.customer()
    make.click(make.campaign("Mail"), buyer, NOON - DAY)
    first = make.order(buyer, at=NOON - 90 * DAY)
    settle(first, make.order(buyer))
    Order.objects.filter(pk=first.pk).update(ordered_at=NOON + 90 * DAY)
    settle(first)
    assert CampaignDay.objects.get(campaign__name="Mail").new_customers == 1


def test_a_deleted_order_leaves_no_trace_in_the_days() -> None:
    make.coupon(make.campaign("Ten off"), code="TEN")
    order = make.order(coupon_codes=["TEN"])
    settle(order)
    key = order.pk
    order.delete()
    ledger.mark_dirty(orders=[key])
    attribution.drain_dirty_keys()
    assert not CampaignDay.objects.exclude(orders=0, net_revenue=0, redemptions=0).exists()


def test_nothing_to_drain_is_fine() -> None:
    assert attribution.drain_dirty_keys() == 0


def test_the_command_recomputes_everything_and_says_what_came_out(capsys: pytest.CaptureFixture[str]) -> None:
    make.coupon(make.campaign("Ten off"), code="TEN")
    order = make.order(coupon_codes=["TEN"])
    ledger.refresh([order.pk])
    call_command("attribute")
    assert Credit.objects.get().amount == 10
    assert "$10.00" in capsys.readouterr().out
