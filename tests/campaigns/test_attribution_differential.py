"""Campaign days after random edits, refunds and late rows, against a second implementation."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db.models import Sum

from campaigns import attribution
from campaigns.models import CampaignDay, Channel, Coupon, Credit, CreditedDay, Touch
from shop import ledger
from shop.models import Customer, Order, OrderLine
from tests import make
from tests.make import NOON

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo(settings.TIME_ZONE)
# Net revenue, orders, revenue of those orders, new customers.
Row = tuple[Decimal, int, Decimal, int]


class Shop:
    """A small shop in which random things happen."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.buyers = [make.customer() for _ in range(4)]
        self.products = [make.product() for _ in range(4)]
        channels = (Channel.EMAIL, Channel.SEARCH_AD, Channel.DIRECT_MAIL)
        self.campaigns = [make.campaign(channel=channel) for channel in channels]
        self.coupons = [
            make.coupon(campaign, self.random.sample(self.products, number), f"CODE{campaign.pk}-{number}")
            for campaign in self.campaigns
            for number in (0, 2)
        ]

    def moment(self) -> datetime:
        return NOON + timedelta(minutes=self.random.randrange(20 * 24 * 60))

    def happen(self) -> None:
        """Let a few things happen, and let the worker bring the days up to date."""
        for _ in range(4):
            self.random.choice((self.touch, self.touch, self.redeem))()
        # Whoever writes touches names the customers whose credit they may change.
        ledger.mark_dirty(customers=[buyer.pk for buyer in self.buyers])
        changed = [
            self.random.choice((self.buy, self.buy, self.edit, self.cancel, self.refund))() for _ in range(8)
        ]
        ledger.mark_dirty(orders=[key for key in changed if key])
        attribution.drain_dirty_keys()

    def buy(self) -> int:
        random = self.random
        lines = [
            (random.choice(self.products), f"{random.randrange(2000) / 100}", random.choice(("0", "0.5")))
            for _ in range(random.randrange(1, 4))
        ]
        codes = [random.choice(self.coupons).code] if random.random() < 0.3 else []
        return make.order(random.choice(self.buyers), lines, self.moment(), coupon_codes=codes).pk

    def touch(self) -> None:
        make.click(self.random.choice(self.campaigns), self.random.choice(self.buyers), self.moment())

    def redeem(self) -> None:
        make.redemption(self.random.choice(self.coupons), self.random.choice(self.buyers), self.moment())

    def edit(self) -> int | None:
        """Move an order in time, and to another customer."""
        if order := self.some_order():
            ledger.mark_dirty(customers=[order.customer_id])
            order.ordered_at, order.customer = self.moment(), self.random.choice(self.buyers)
            order.save()
            order.lines.update(ordered_at=order.ordered_at, customer_id=order.customer_id)
        return order.pk if order else None

    def cancel(self) -> int | None:
        if order := self.some_order():
            Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
        return order.pk if order else None

    def refund(self) -> int | None:
        if order := self.some_order():
            make.refund(order, "1.01", self.random.choice((None, 1)))
        return order.pk if order else None

    def some_order(self) -> Order | None:
        orders = list(Order.objects.order_by("pk"))
        return self.random.choice(orders) if orders else None


def expected() -> dict[tuple[int | None, date], Row]:
    """Work the campaign days out again, one order at a time."""
    days: dict[tuple[int | None, date], list[tuple[Decimal, Order, bool]]] = defaultdict(list)
    for buyer in Customer.objects.all():
        orders = sorted(buyer.orders.exclude(status="cancelled"), key=lambda one: (one.ordered_at, one.pk))
        for order in orders:
            for campaign, amount in shares(order).items():
                day = order.ordered_at.astimezone(ZONE).date()
                days[campaign, day].append((amount, order, order == orders[0]))
    return {
        key: (
            sum((amount for amount, _, _ in rows), Decimal(0)),
            len(rows),
            sum((order.net_revenue for _, order, _ in rows), Decimal(0)),
            sum(first for _, _, first in rows),
        )
        for key, rows in days.items()
    }


def shares(order: Order) -> dict[int | None, Decimal]:
    """Return what each campaign has of one order, without a coupon's rounding of whole-order refunds."""
    lines = list(order.lines.order_by("line_no"))
    own = {line.line_no: refunds_of(order, line.line_no) for line in lines}
    whole = sum((one.amount for one in order.refunds.filter(line_no=None)), Decimal(0))
    total = sum((line.gross for line in lines), Decimal(0))
    found: dict[int | None, Decimal] = {}
    rest = order.net_revenue
    redemptions = sorted(redemptions_of(order), key=lambda one: (one.touched_at, one.pk))
    for line in lines:
        weight = line.gross / total if total else Decimal(1) / len(lines)
        value = line.gross - own[line.line_no] - whole * weight
        if touch := next((one for one in redemptions if covers(one.coupon, line)), None):
            found[touch.campaign_id] = found.get(touch.campaign_id, Decimal(0)) + value
            rest -= value
    if not found or abs(rest) > Decimal("0.001"):
        campaign = last_touch(order)
        found[campaign] = found.get(campaign, Decimal(0)) + rest
    return found


def refunds_of(order: Order, line_no: int) -> Decimal:
    return sum((one.amount for one in order.refunds.filter(line_no=line_no)), Decimal(0))


def redemptions_of(order: Order) -> list[Touch]:
    day = order.ordered_at.astimezone(ZONE).date()
    touches = Touch.objects.filter(kind="coupon", customer=order.customer).select_related("coupon")
    free = [one for one in touches.filter(order=None) if one.touched_at.astimezone(ZONE).date() == day]
    named = touches.filter(order=order)
    assert sorted({str(one.coupon) for one in named}) == sorted(order.coupon_codes)
    return [*free, *named]


def covers(coupon: Coupon | None, line: OrderLine) -> bool:
    assert coupon is not None
    products = set(coupon.covered.values_list("product", flat=True))
    return not products or (line.product_id in products and line.coupon_value > 0)


def last_touch(order: Order) -> int | None:
    within = [
        (-touch.touched_at.timestamp(), touch.pk, touch.campaign_id)
        for touch in Touch.objects.filter(kind="click", customer=order.customer).select_related("campaign")
        if timedelta(0) <= order.ordered_at - touch.touched_at
        < timedelta(days=settings.ATTRIBUTION_WINDOW_DAYS[touch.campaign.channel])
    ]  # fmt: skip
    return min(within)[2] if within else None


def kept() -> dict[tuple[int | None, date], Row]:
    return {
        (day.campaign_id, day.day): (day.net_revenue, day.orders, day.order_revenue, day.new_customers)
        for day in CampaignDay.objects.filter(orders__gt=0)
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_days_equal_those_worked_out_by_hand_and_a_full_rebuild(seed: int) -> None:
    shop = Shop(seed)
    for _ in range(6):
        shop.happen()
        wanted, found = expected(), kept()
        assert found.keys() == wanted.keys()
        for key, row in wanted.items():
            assert found[key][1:] == row[1:], key
            assert abs(found[key][0] - row[0]) < Decimal("0.001"), key
    days, credited = kept(), list(CreditedDay.objects.filter(orders__gt=0).order_by("day").values())
    attribution.rebuild()
    assert kept() == days
    assert list(CreditedDay.objects.filter(orders__gt=0).order_by("day").values()) == credited


def test_the_credits_of_every_order_sum_exactly_to_its_net_revenue() -> None:
    shop = Shop(7)
    for _ in range(6):
        shop.happen()
    sums = dict(Credit.objects.values_list("order").annotate(Sum("amount")))
    assert len(sums) > 10
    for order in Order.objects.all():
        assert sums.get(order.pk, 0) == order.net_revenue
    total = CampaignDay.objects.aggregate(total=Sum("net_revenue"))["total"]
    assert total == Order.objects.aggregate(total=Sum("net_revenue"))["total"]
