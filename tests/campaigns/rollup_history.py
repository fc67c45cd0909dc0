"""Random histories of a shop, and its figures worked out again in plain Python from what was reported.

Nothing here reads a table: the history remembers what it sent, and `Recount` adds that up with fractions.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from campaigns import attribution, spending
from campaigns.models import Channel, Spend, Touch
from shop import ingest, ledger
from shop.models import Order, Product
from tests import make

# What one unit of a currency was worth on the day of the order, in the shop's own.
RATES = {"USD": Decimal(1), "EUR": Decimal("1.08347219"), "JPY": Decimal("0.00671203")}
WINDOWS = {"email": 5, "sms": 5, "search_ad": 30}
FIRST = datetime(2025, 10, 20, tzinfo=UTC)  # both changes of the clock lie within
DAYS = 190


@dataclass(frozen=True)
class Line:
    """A line as the source reports it, in the order's own currency."""

    product: int
    gross: Decimal
    discount: Decimal
    coupon_value: Decimal


@dataclass(frozen=True)
class Reported:
    """An order as it was last reported."""

    number: int
    customer: int
    at: datetime
    currency: str
    lines: tuple[Line, ...]
    code: str = ""
    cancelled: bool = False


@dataclass(frozen=True)
class GivenBack:
    order: int
    amount: Decimal
    line_no: int | None


@dataclass
class History:
    """A shop to which things happen; `step` lets one happen."""

    seed: int
    orders: dict[int, Reported] = field(default_factory=dict)
    refunds: dict[int, GivenBack] = field(default_factory=dict)
    clicks: list[tuple[datetime, int, int]] = field(default_factory=list)
    spends: dict[int, tuple[int, date, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.categories = [make.category() for _ in range(3)]
        self.buyers = [make.customer() for _ in range(12)]
        self.products = [make.product(category=self.random.choice(self.categories)) for _ in range(8)]
        self.channels = [Channel.EMAIL, Channel.SMS, Channel.SEARCH_AD]
        self.campaigns = [make.campaign(channel=channel) for channel in self.channels]
        # By code: the campaign and the products that it covers, none for all of them.
        self.codes: dict[str, tuple[int, frozenset[int]]] = {}
        for number in range(len(self.campaigns)):
            for covered in ((), (0, 1, 2), (3, 4)):
                code = f"H{self.seed}-{number}-{len(covered)}"
                self.codes[code] = (number, frozenset(covered))
                make.coupon(self.campaigns[number], [self.products[one] for one in covered], code)
        self.placed: dict[int, Order] = {}
        self.booked: dict[int, Spend] = {}

    def step(self) -> None:
        acts = (
            [self.order] * 6 + [self.click] * 5 + [self.repeat, self.correct, self.cancel, self.revive]
            + [self.refund] * 2 + [self.repeat_refund, self.spend, self.correct_spend, self.delete_spend]
            + [self.move_product]
        )  # fmt: skip
        self.random.choice(acts)()
        if self.random.random() < 0.05:
            attribution.drain_dirty_keys(limit=self.random.randrange(1, 40))

    def finish(self) -> None:
        while attribution.drain_dirty_keys():
            continue

    def order(self) -> None:
        """Report a new order; its time may lie long before that of the last one."""
        self._send(Reported(len(self.orders) + 1, **self._content()))

    def repeat(self) -> None:
        if self.orders:
            self._send(self._some_order())

    def correct(self) -> None:
        """Report a known order again: other lines, another time, perhaps somebody else's."""
        if self.orders:
            known = self._some_order()
            lines = self.random.randrange(len(known.lines), 5)
            self._send(replace(known, **self._content(lines=lines)))

    def cancel(self) -> None:
        if self.orders:
            self._send(replace(self._some_order(), cancelled=True))

    def revive(self) -> None:
        if self.orders:
            self._send(replace(self._some_order(), cancelled=False))

    def refund(self) -> None:
        if self.orders:
            order = self._some_order()
            line_no = self.random.choice((None, 1))
            given = GivenBack(order.number, Decimal(self.random.randrange(1, 60)) / 1000, line_no)
            self._refund(len(self.refunds) + 1, given)

    def repeat_refund(self) -> None:
        if self.refunds:
            number = self.random.choice(list(self.refunds))
            self._refund(number, self.refunds[number])

    def click(self) -> None:
        campaign, buyer = self.random.randrange(len(self.campaigns)), self.random.randrange(len(self.buyers))
        at = self._moment()
        kind = self.random.choice((Touch.Kind.CLICK, Touch.Kind.DELIVERY))
        make.click(self.campaigns[campaign], self.buyers[buyer], at, kind)
        ledger.mark_dirty(customers=[self.buyers[buyer].pk])
        self.clicks.append((at, campaign, buyer))

    def spend(self) -> None:
        campaign, day = self.random.randrange(len(self.campaigns)), self._moment().date()
        number, amount = len(self.booked) + 1, self._amount()
        row = Spend(campaign=self.campaigns[campaign], category="media", amount=amount, day=day)
        spending.save(row)
        self.booked[number], self.spends[number] = row, (campaign, day, amount)

    def correct_spend(self) -> None:
        if self.spends:
            number = self.random.choice(list(self.spends))
            row, amount, day = self.booked[number], self._amount(), self._moment().date()
            row.amount, row.day = amount, day
            spending.save(row)
            self.spends[number] = (self.spends[number][0], day, amount)

    def delete_spend(self) -> None:
        if len(self.spends) > 5:
            number = self.random.choice(list(self.spends))
            spending.delete(self.booked[number])
            del self.spends[number]

    def move_product(self) -> None:
        """Put a product into another category: what was bought of it moves along."""
        product = Product.objects.get(pk=self.random.choice(self.products).pk)
        product.category = self.random.choice(self.categories)
        ingest.save_product(product)
        self.products = [product if one.pk == product.pk else one for one in self.products]

    def _content(self, lines: int | None = None) -> dict[str, Any]:
        random = self.random
        count = lines or random.randrange(1, 5)
        currency = random.choice(list(RATES))
        return {
            "customer": random.randrange(len(self.buyers)), "at": self._moment(), "currency": currency,
            "lines": tuple(self._line() for _ in range(count)),
            "code": random.choice(list(self.codes)) if random.random() < 0.3 else "",
        }  # fmt: skip

    def _line(self) -> Line:
        gross = self._amount() + 100
        discount = gross / 10 if self.random.random() < 0.3 else Decimal(0)
        coupon = self.random.choice((Decimal(0), Decimal("0.5")))
        return Line(self.random.randrange(len(self.products)), gross, discount.quantize(CENT), coupon)

    def _amount(self) -> Decimal:
        return Decimal(self.random.randrange(1, 9_000_000)) / 10_000

    def _moment(self) -> datetime:
        return FIRST + timedelta(microseconds=self.random.randrange(DAYS * 86_400_000_000))

    def _some_order(self) -> Reported:
        return self.random.choice(list(self.orders.values()))

    def _send(self, told: Reported) -> None:
        rate = RATES[told.currency]
        lines = [
            ingest.NewLine(
                self.products[line.product], 1, in_shop_currency(line.gross, rate),
                in_shop_currency(line.discount, rate), line.coupon_value,
            )
            for line in told.lines
        ]  # fmt: skip
        foreign: dict[str, Any] = {} if rate == 1 else {
            "original_currency": told.currency, "exchange_rate": rate,
            "original_total": sum((line.gross - line.discount for line in told.lines), Decimal(0)),
        }  # fmt: skip
        new = ingest.NewOrder(
            "history", f"{self.seed}-{told.number}", self.buyers[told.customer], told.at, lines,
            status="cancelled" if told.cancelled else "placed",
            coupon_codes=[told.code] if told.code else [], **foreign,
        )  # fmt: skip
        self.placed[told.number], _created = ingest.put_order(new)
        self.orders[told.number] = told

    def _refund(self, number: int, given: GivenBack) -> None:
        ingest.put_refund(
            "history", f"{self.seed}-{number}", self.placed[given.order], given.amount,
            self.orders[given.order].at + timedelta(days=3), line_no=given.line_no,
        )  # fmt: skip
        self.refunds[number] = given


CENT = Decimal("0.01")


def in_shop_currency(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * rate).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


@dataclass
class Day:
    """What one campaign, or none, has on one day."""

    net_revenue: Fraction = Fraction(0)
    orders: int = 0
    order_revenue: Fraction = Fraction(0)
    new_customers: int = 0
    redemptions: int = 0
    spend: Fraction = Fraction(0)


class Recount:
    """The figures of a history, one order after the other."""

    def __init__(self, history: History, zone: str) -> None:
        self.history, self.zone = history, ZoneInfo(zone)
        self.live = [one for one in history.orders.values() if not one.cancelled]
        # The first order of each buyer.
        self.first: dict[int, int] = {}
        for order in sorted(self.live, key=lambda one: one.at):
            self.first.setdefault(order.customer, order.number)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def paid(self, line: Line, currency: str) -> Fraction:
        rate = RATES[currency]
        return Fraction(in_shop_currency(line.gross, rate)) - Fraction(in_shop_currency(line.discount, rate))

    def refunded(self, order: Reported, line_no: int | None) -> Fraction:
        given = self.history.refunds.values()
        amounts = [one.amount for one in given if (one.order, one.line_no) == (order.number, line_no)]
        return sum((Fraction(amount) for amount in amounts), Fraction(0))

    def line_values(self, order: Reported) -> list[Fraction]:
        """Return what is left of each line after its own refunds and its part of the order's."""
        amounts = [self.paid(line, order.currency) for line in order.lines]
        whole = self.refunded(order, None)
        return [
            amount - self.refunded(order, number) - whole * amount / sum(amounts)
            for number, amount in enumerate(amounts, start=1)
        ]

    def net(self, order: Reported) -> Fraction:
        return sum(self.line_values(order), Fraction(0))

    def credits(self, order: Reported) -> dict[int | None, Fraction]:
        values, found = self.line_values(order), defaultdict[int | None, Fraction](Fraction)
        campaign, covered = self.history.codes.get(order.code, (None, frozenset()))
        claimed = [
            bool(order.code) and (not covered or (line.product in covered and line.coupon_value > 0))
            for line in order.lines
        ]
        for value, taken in zip(values, claimed, strict=True):
            if taken:
                found[campaign] += value
        if not all(claimed):
            rest = (value for value, taken in zip(values, claimed, strict=True) if not taken)
            found[self.last_touch(order)] += sum(rest, Fraction(0))
        return found

    def last_touch(self, order: Reported) -> int | None:
        near = [
            (at, campaign) for at, campaign, buyer in self.history.clicks
            if buyer == order.customer and timedelta(0) <= order.at - at
            < timedelta(days=WINDOWS[self.history.channels[campaign]])
        ]  # fmt: skip
        return max(near)[1] if near else None

    def campaign_days(self) -> dict[tuple[int | None, date], Day]:
        days = defaultdict[tuple[int | None, date], Day](Day)
        for order in self.live:
            when = self.day(order.at)
            for campaign, amount in self.credits(order).items():
                row = days[campaign, when]
                row.net_revenue += amount
                row.orders += 1
                row.order_revenue += self.net(order)
                row.new_customers += self.first[order.customer] == order.number
            if order.code:
                days[self.history.codes[order.code][0], when].redemptions += 1
        for campaign, day, spent in self.history.spends.values():
            days[campaign, day].spend += Fraction(spent)
        return days

    def whole(self) -> dict[str, Fraction | None]:
        """Return the figures of the whole shop over all days."""
        days = self.campaign_days()
        own = [row for (campaign, _day), row in days.items() if campaign is not None]
        credited = [order for order in self.live if set(self.credits(order)) - {None}]
        spend, revenue = sum(row.spend for row in own), sum(row.net_revenue for row in own)
        shop = sum(self.net(order) for order in self.live)
        new = sum(self.first[order.customer] == order.number for order in credited)
        value = sum(self.net(order) for order in credited)
        return {
            "spend": Fraction(spend), "net_revenue": Fraction(revenue), "shop_revenue": Fraction(shop),
            "orders": Fraction(len(credited)), "new_customers": Fraction(new),
            "redemptions": Fraction(sum(row.redemptions for row in own)),
            "roas_attributed": Fraction(revenue) / spend if spend else None,
            "roi_attributed_pct": 100 * Fraction(revenue - spend) / spend if spend else None,
            "aov": Fraction(value) / len(credited) if credited else None,
            "cac": Fraction(spend) / new if new else None,
            "mer": Fraction(shop) / spend if spend else None,
        }  # fmt: skip

    def customers(self) -> dict[int, tuple[int, Fraction, datetime, datetime]]:
        """Return orders, net revenue, first and last order of each buyer."""
        found = {}
        for buyer in {order.customer for order in self.live}:
            own = [order for order in self.live if order.customer == buyer]
            times = [order.at for order in own]
            net = sum((self.net(order) for order in own), Fraction(0))
            found[self.history.buyers[buyer].pk] = (len(own), net, min(times), max(times))
        return found

    def category_days(self) -> dict[tuple[int, date, int], tuple[int, int, Fraction]]:
        """Return orders, lines and net revenue by category, day and customer."""
        numbers = defaultdict[tuple[int, date, int], set[int]](set)
        lines = defaultdict[tuple[int, date, int], int](int)
        money = defaultdict[tuple[int, date, int], Fraction](Fraction)
        for order in self.live:
            for line, value in zip(order.lines, self.line_values(order), strict=True):
                category = self.history.products[line.product].category
                path = category.path.strip("/").split("/") if category else []
                for one in map(int, path):
                    key = one, self.day(order.at), self.history.buyers[order.customer].pk
                    numbers[key].add(order.number)
                    lines[key] += 1
                    money[key] += value
        return {key: (len(numbers[key]), lines[key], money[key]) for key in lines}

    def cohorts(self) -> dict[tuple[date, date], tuple[int, int, int, int, Fraction]]:
        """Return customers, kept, second orders, orders and net revenue by cohort and month."""
        found = defaultdict[tuple[date, date], list[Fraction]](lambda: [Fraction(0)] * 5)
        for buyer in {order.customer for order in self.live}:
            own = sorted((one for one in self.live if one.customer == buyer), key=lambda one: one.at)
            months = [self.day(order.at).replace(day=1) for order in own]
            for month in sorted(set(months)):
                before = (month - timedelta(days=1)).replace(day=1)
                second = len(months) > 1 and months[1] == month
                money = sum(self.net(one) for one, its in zip(own, months, strict=True) if its == month)
                added = (1, before in months, second, months.count(month), money)
                cell = found[months[0], month]
                found[months[0], month] = [old + new for old, new in zip(cell, added, strict=True)]
        return {
            key: (int(cell[0]), int(cell[1]), int(cell[2]), int(cell[3]), cell[4])
            for key, cell in found.items()
        }
