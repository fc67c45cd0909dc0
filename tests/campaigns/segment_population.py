"""A small random shop, random rules over it, and plain Python that knows who is meant."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Assignment, Coupon, Touch
from shop import ledger
from shop.models import Customer, Event, Order, OrderLine, Product
from tests import make

ZONE, TODAY = ZoneInfo("America/New_York"), date(2026, 3, 10)  # two days after the clocks changed
AGES, KINDS = ["19-24", "35-44", "65+"], ["search", "view", "cart"]
Rule = dict[str, Any]


@dataclass
class Bought:
    """One order as the reference remembers it."""

    day: date
    placed: bool
    lines: list[tuple[Product, int, Decimal]]


@dataclass
class Person:
    """Everything that the reference knows about one customer."""

    row: Customer
    orders: list[Bought] = field(default_factory=list)
    events: list[tuple[str, int | None, date]] = field(default_factory=list)
    touches: list[tuple[int, date]] = field(default_factory=list)
    assignments: list[tuple[int, str, date]] = field(default_factory=list)


class Shop:
    """The rows, and the same facts as lists."""

    def __init__(self, seed: int, size: int = 40) -> None:
        self.random = random.Random(seed)
        drinks = make.category("Drinks")
        self.categories = [
            drinks,
            make.category("Coffee", drinks),
            make.category("Tea", drinks),
            make.category("Pets"),
        ]
        self.products = [make.product(category=self.random.choice(self.categories)) for _ in range(8)]
        self.campaigns = [make.campaign() for _ in range(3)]
        self.coupons = [Coupon.objects.create(campaign=one, code=f"CODE{one.pk}") for one in self.campaigns]
        self.people = [self.person() for _ in range(size)]
        ledger.rebuild()

    def person(self) -> Person:
        draw = self.random
        attributes = draw.choice(
            [{}, {"age": draw.choice(AGES)}, {"visits": draw.randint(0, 5), "age": draw.choice(AGES)}]
        )
        row = make.customer(attributes=attributes, locale=draw.choice(["en", "zh-hans"]))
        if draw.random() < 0.1:
            row.erased_at = make.NOON
            row.save()
        person = Person(row)
        for _ in range(draw.choice([0, 0, 1, 2, 5])):
            self.order(person)
        for _ in range(draw.choice([0, 1, 4])):
            self.event(person)
        self.answer(person)
        return person

    def moment(self) -> datetime:
        """Return a moment near midnight more often than not: that is where days go wrong."""
        hours = self.random.choice([time(0, 0), time(23, 59, 59), time(12, 30)])
        day = TODAY - timedelta(days=self.random.choice([0, 1, 2, 3, 6, 7, 8, 29, 30, 31, 200]))
        return datetime.combine(day, hours, ZONE)

    def order(self, person: Person) -> None:
        at, placed = self.moment(), self.random.random() < 0.85
        status = Order.Status.PLACED if placed else Order.Status.CANCELLED
        chosen = [self.random.choice(self.products) for _ in range(self.random.randint(1, 3))]
        row = make.order(
            person.row, [(one, str(self.random.randint(1, 40))) for one in chosen], at, status=status
        )
        lines = list(OrderLine.objects.filter(order=row).order_by("line_no"))
        for line in lines:
            line.quantity = self.random.choice([0, 1, 1, 2])
        OrderLine.objects.bulk_update(lines, ["quantity"])
        bought = [(product, line.quantity, line.gross) for product, line in zip(chosen, lines, strict=True)]
        person.orders.append(Bought(at.date(), placed, bought))

    def event(self, person: Person) -> None:
        at, kind = self.moment(), self.random.choice(KINDS)
        product = self.random.choice([None, *self.products])
        Event.objects.create(
            source="test", external_id=str(Event.objects.count()), customer=person.row, product=product,
            kind=kind, occurred_at=at,
        )  # fmt: skip
        person.events.append((kind, product.pk if product else None, at.date()))

    def answer(self, person: Person) -> None:
        for campaign, coupon in zip(self.campaigns, self.coupons, strict=True):
            at, arm = self.moment(), self.random.choice(list(Assignment.Arm))
            if self.random.random() < 0.4:
                Assignment.objects.create(campaign=campaign, customer=person.row, arm=arm, assigned_at=at)
                person.assignments.append((campaign.pk, arm, at.date()))
            if self.random.random() < 0.3:
                kind = self.random.choice([Touch.Kind.COUPON, Touch.Kind.CLICK])
                Touch.objects.create(
                    campaign=campaign, customer=person.row, kind=kind, coupon=coupon, touched_at=at,
                    source="test", external_id=str(Touch.objects.count()),
                )  # fmt: skip
                if kind == Touch.Kind.COUPON:
                    person.touches.append((campaign.pk, at.date()))

    # --- Random rules ---

    def rule(self, depth: int = 0) -> Rule:
        draw = self.random
        nodes = [
            self.rule(depth + 1) if depth < 3 and draw.random() < 0.3 else self.clause()
            for _ in range(draw.choice([1, 2, 2, 3]))
        ]
        return {"match": draw.choice(["all", "any", "none"]), "rules": nodes}

    def clause(self) -> Rule:
        draw = self.random
        counted = {
            "operator": draw.choice(["at_least", "at_most", "none"]),
            **self.window(),
            "count": draw.randint(0, 3),
        }
        if counted["operator"] == "none":
            del counted["count"]
        yes_or_no = {"operator": draw.choice(["some", "none"]), **self.window()}
        one_campaign = draw.choice([{}, {"campaign": draw.choice(self.campaigns).pk}])
        one_product = draw.choice([{}, {"product": draw.choice(self.products).pk}])
        compared = {"operator": draw.choice(["at_least", "at_most"])}
        known = draw.choice(["age", "visits"])
        return draw.choice([
            {"field": "category", "category": draw.choice(self.categories).pk, **counted},
            {"field": "product", "product": draw.choice(self.products).pk, **counted},
            {"field": "orders", **counted},
            {"field": "last_order", **compared, "days": draw.choice([1, 2, 7, 30, 31])},
            {"field": "net_revenue", **compared, **self.window(), "amount": draw.choice(["-1", "0", "40.5"])},
            {"field": "coupon", **yes_or_no, **one_campaign},
            {"field": "campaign", **yes_or_no, **one_campaign},
            {"field": "event", "kind": draw.choice(KINDS), **counted, **one_product},
            {"field": "attribute", "attribute": known, "operator": draw.choice(["known", "unknown"])},
            {"field": "attribute", "attribute": known, "number": draw.randint(0, 5), **compared},
            {"field": "attribute", "attribute": known, "operator": draw.choice(["is", "is_not"]),
             "values": draw.sample([*AGES, "3"], 2)},
            {"field": "language", "operator": draw.choice(["is", "is_not"]), "values": ["zh-hans"]},
        ])  # fmt: skip

    def window(self) -> Rule:
        return self.random.choice([{}, {"days": self.random.choice([1, 2, 3, 7, 8, 30])}])

    # --- The reference ---

    def expected(self, rule: Rule) -> set[int]:
        """Return the ids of the customers whom the rule means, by plain Python over the raw facts."""
        return {one.row.pk for one in self.people if one.row.erased_at is None and self.holds(rule, one)}

    def holds(self, rule: Rule, person: Person) -> bool:
        if "rules" in rule:
            each = [self.holds(one, person) for one in rule["rules"]]
            return {"all": all(each), "any": any(each), "none": not any(each)}[rule["match"]]
        return bool(getattr(self, f"holds_{rule['field']}")(rule, person))

    def holds_category(self, rule: Rule, person: Person) -> bool:
        subtree = {one.pk for one in self.categories if f"/{rule['category']}/" in one.path}
        days = {
            order.day for order in person.orders if order.placed and recent(rule, order.day)
            for product, quantity, _ in order.lines if quantity > 0 and product.category_id in subtree
        }  # fmt: skip
        return compare(rule, len(days))

    def holds_product(self, rule: Rule, person: Person) -> bool:
        orders = [
            order for order in person.orders if order.placed and recent(rule, order.day)
            and any(product.pk == rule["product"] and quantity > 0 for product, quantity, _ in order.lines)
        ]  # fmt: skip
        return compare(rule, len(orders))

    def holds_orders(self, rule: Rule, person: Person) -> bool:
        return compare(rule, len([one for one in person.orders if one.placed and recent(rule, one.day)]))

    def holds_last_order(self, rule: Rule, person: Person) -> bool:
        days = [one.day for one in person.orders if one.placed]
        if not days:
            return False
        ago = (TODAY - max(days)).days
        return bool(ago >= rule["days"] if rule["operator"] == "at_least" else ago <= rule["days"])

    def holds_net_revenue(self, rule: Rule, person: Person) -> bool:
        lines = [line for one in person.orders if one.placed and recent(rule, one.day) for line in one.lines]
        total = sum((gross for _, _, gross in lines), Decimal(0))
        amount = Decimal(rule["amount"])
        return total >= amount if rule["operator"] == "at_least" else total <= amount

    def holds_coupon(self, rule: Rule, person: Person) -> bool:
        return compare(rule, len([1 for pk, day in person.touches if named(rule, pk) and recent(rule, day)]))

    def holds_campaign(self, rule: Rule, person: Person) -> bool:
        received = [
            1 for pk, arm, day in person.assignments
            if arm == "treated" and named(rule, pk) and recent(rule, day)
        ]  # fmt: skip
        return compare(rule, len(received))

    def holds_event(self, rule: Rule, person: Person) -> bool:
        done = [
            1 for kind, product, day in person.events
            if kind == rule["kind"] and rule.get("product", product) == product and recent(rule, day)
        ]  # fmt: skip
        return compare(rule, len(done))

    def holds_attribute(self, rule: Rule, person: Person) -> bool:
        value = person.row.attributes.get(rule["attribute"])
        is_number, number = isinstance(value, int), Decimal(rule.get("number", 0))
        return {
            "known": value is not None,
            "unknown": value is None,
            "is": str(value) in rule.get("values", []),
            "is_not": str(value) not in rule.get("values", []),
            "at_least": is_number and value >= number,
            "at_most": is_number and value <= number,
        }[rule["operator"]]

    def holds_language(self, rule: Rule, person: Person) -> bool:
        return bool((person.row.locale in rule["values"]) == (rule["operator"] == "is"))


def recent(rule: Rule, day: date) -> bool:
    return bool("days" not in rule or (TODAY - day).days < rule["days"])


def named(rule: Rule, campaign: int) -> bool:
    return bool(rule.get("campaign", campaign) == campaign)


def compare(rule: Rule, count: int) -> bool:
    verdicts: dict[str, bool] = {
        "at_least": count >= rule.get("count", 0),
        "at_most": count <= rule.get("count", 0),
        "none": count == 0,
        "some": count > 0,
    }
    return verdicts[rule["operator"]]
