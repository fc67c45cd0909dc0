"""A small random shop, random rules over it, and plain Python that knows who is meant."""

import hashlib
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Assignment, Coupon, Segment, SegmentMember, Touch
from shop import ledger
from shop.models import Consent, Customer, Event, Order, OrderLine, Product
from tests import make

ZONE, TODAY = ZoneInfo("America/New_York"), date(2026, 3, 10)  # two days after the clocks changed
AGES, KINDS, BRANDS = ["19-24", "35-44", "65+"], ["search", "view", "cart"], ["", "Acme", "Bolt"]
PURPOSES, CHANNELS = ["marketing", "profiling"], ["email", "sms", "any"]
SCORES = ("recency", "frequency", "monetary")
Rule = dict[str, Any]


@dataclass
class Bought:
    """One order as the reference remembers it."""

    at: datetime
    placed: bool
    lines: list[tuple[Product, int, Decimal]]

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass
class Person:
    """Everything that the reference knows about one customer."""

    row: Customer
    orders: list[Bought] = field(default_factory=list)
    events: list[tuple[str, Product | None, datetime]] = field(default_factory=list)
    touches: list[tuple[str, int, datetime]] = field(default_factory=list)
    assignments: list[tuple[int, str, datetime]] = field(default_factory=list)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)

    @property
    def placed(self) -> list[Bought]:
        return [one for one in self.orders if one.placed]


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
        self.products = [self.product() for _ in range(8)]
        self.campaigns = [make.campaign() for _ in range(3)]
        self.coupons = [Coupon.objects.create(campaign=one, code=f"CODE{one.pk}") for one in self.campaigns]
        self.people = [self.person() for _ in range(size)]
        ledger.rebuild()
        ledger.score_customers()
        self.score()
        self.listed = {one.row.pk for one in self.people if self.random.random() < 0.3}
        self.segments: dict[int, Rule | None] = {}
        for _ in range(3):
            self.name_segment(self.rule())
        self.name_segment(None)

    def product(self) -> Product:
        category, brand = self.random.choice(self.categories), self.random.choice(BRANDS)
        return make.product(category=category, brand=brand, price=str(self.random.choice([5, 10, 20])))

    def name_segment(self, rule: Rule | None) -> Segment:
        """Make a segment that rules from now on may name; without a rule it is the list."""
        if rule is not None:
            made = make.segment(rule=rule)
        else:
            made = make.segment(kind=Segment.Kind.LIST)
            SegmentMember.objects.bulk_create(
                SegmentMember(segment=made, customer_id=pk) for pk in sorted(self.listed)
            )
        self.segments[made.pk] = rule
        return made

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
        for _ in range(draw.choice([0, 1, 4, 6])):
            self.event(person)
        self.answer(person)
        for purpose, channel in draw.sample([(one, other) for one in PURPOSES for other in CHANNELS], 2):
            state = draw.choice(list(Consent.State))
            Consent.objects.create(customer=row, purpose=purpose, channel=channel, state=state)
            person.consents[purpose, channel] = state
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
        person.orders.append(Bought(at, placed, bought))

    def event(self, person: Person) -> None:
        at, kind = self.moment(), self.random.choice(KINDS)
        product = self.random.choice([None, *self.products])
        Event.objects.create(
            source="test", external_id=str(Event.objects.count()), customer=person.row, product=product,
            kind=kind, occurred_at=at,
        )  # fmt: skip
        person.events.append((kind, product, at))

    def answer(self, person: Person) -> None:
        for campaign, coupon in zip(self.campaigns, self.coupons, strict=True):
            at, arm = self.moment(), self.random.choice(list(Assignment.Arm))
            if self.random.random() < 0.4:
                Assignment.objects.create(campaign=campaign, customer=person.row, arm=arm, assigned_at=at)
                person.assignments.append((campaign.pk, arm, at))
            if self.random.random() < 0.5:
                kind, at = self.random.choice([Touch.Kind.COUPON, Touch.Kind.CLICK]), self.moment()
                Touch.objects.create(
                    campaign=campaign, customer=person.row, kind=kind, coupon=coupon, touched_at=at,
                    source="test", external_id=f"{person.row.pk}:{campaign.pk}",
                )  # fmt: skip
                person.touches.append((kind, campaign.pk, at))

    def score(self) -> None:
        """Give the reference its own scores: the fifth in which a value and its peers stand."""
        buyers = [one for one in self.people if one.placed]
        values: dict[str, Callable[[Person], Any]] = {
            "recency": lambda one: max(order.day for order in one.placed),
            "frequency": lambda one: len(one.placed),
            "monetary": lambda one: revenue(one.placed),
        }
        for name, value in values.items():
            for one in buyers:
                below = sum(value(other) <= value(one) for other in buyers)
                one.scores[name] = math.ceil(Decimal(5 * below) / len(buyers))

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
        occurred = {
            "operator": draw.choice(["first_before", "first_within", "last_before", "last_within"]),
            "ago": draw.choice([1, 2, 7, 30, 31]),
        }
        yes_or_no = {"operator": draw.choice(["some", "none"]), **self.window()}
        one_campaign = draw.choice([{}, {"campaign": draw.choice(self.campaigns).pk}])
        one_product = draw.choice([{}, {"product": draw.choice(self.products).pk}])
        compared = {"operator": draw.choice(["at_least", "at_most"])}
        ago = {"ago": draw.choice([1, 2, 7, 30, 31])}
        known = draw.choice(["age", "visits"])
        choices = [
            {"field": "category", "category": draw.choice(self.categories).pk, **counted},
            {"field": "product", "product": draw.choice(self.products).pk, **counted},
            {"field": "bought", **self.item(), **draw.choice([counted, occurred])},
            {"field": "orders", **counted},
            {"field": "last_order", **compared, "days": draw.choice([1, 2, 7, 30, 31])},
            {"field": "first_order", **compared, **ago},
            {"field": "net_revenue", **compared, **self.window(), "amount": draw.choice(["-1", "0", "40.5"])},
            {"field": "order_value", **compared, **self.window(), "amount": draw.choice(["0", "20", "40.5"])},
            {"field": "score", "kind": draw.choice(SCORES), **compared, "number": draw.randint(1, 5)},
            {"field": "coupon", **yes_or_no, **one_campaign},
            {"field": "clicked", **yes_or_no, **one_campaign},
            {"field": "campaign", **yes_or_no, **one_campaign},
            {"field": "held_out", **yes_or_no, **one_campaign},
            {"field": "event", "kind": draw.choice(KINDS), **draw.choice([counted, occurred]),
             **draw.choice([one_product, self.item()])},
            self.sequence(),
            {"field": "attribute", "attribute": known, "operator": draw.choice(["known", "unknown"])},
            {"field": "attribute", "attribute": known, "number": draw.randint(0, 5), **compared},
            {"field": "attribute", "attribute": known, "operator": draw.choice(["is", "is_not"]),
             "values": draw.sample([*AGES, "3"], 2)},
            {"field": "language", "operator": draw.choice(["is", "is_not"]), "values": ["zh-hans"]},
            {"field": "consent", "operator": draw.choice(["granted", "withdrawn", "unknown"]),
             "purpose": draw.choice(PURPOSES), "channel": draw.choice(CHANNELS)},
            {"field": "share", "operator": draw.choice(["in", "not_in"]),
             "name": draw.choice(["A", "B"]), "percent": draw.choice(["12.5", "50", "99"])},
        ]  # fmt: skip
        if getattr(self, "segments", None):
            named = draw.choice(sorted(self.segments))
            choices.append({"field": "segment", "operator": draw.choice(["in", "not_in"]), "segment": named})
        return draw.choice(choices)

    def window(self) -> Rule:
        return self.random.choice([{}, {"days": self.random.choice([1, 2, 3, 7, 8, 30])}])

    def item(self) -> Rule:
        """Return some of the ways in which a condition may narrow items down."""
        draw = self.random
        low, high = sorted(draw.sample([1, 5, 10, 15, 20, 30], 2))
        ways: Rule = {
            "category": draw.choice(self.categories).pk, "brand": draw.choice(["acme", "Bolt", "None such"]),
            "min_price": str(low), "max_price": f"{high}.5",
        }  # fmt: skip
        return {name: ways[name] for name in draw.sample(sorted(ways), draw.choice([0, 1, 1, 2, 4]))}

    def sequence(self) -> Rule:
        draw = self.random
        acts = ["order", *KINDS, "received", "clicked", "redeemed"]
        rule: Rule = {
            "field": "sequence", "operator": draw.choice(["some", "without", "none"]), **self.window(),
            "first": draw.choice(acts), "then": draw.choice(acts), "within": draw.choice([1, 2, 7, 30]),
        }  # fmt: skip
        for act, prefix in (("first", ""), ("then", "then_")):
            if rule[act] in ("order", *KINDS) and draw.random() < 0.3:
                rule[f"{prefix}category"] = draw.choice(self.categories).pk
            if rule[act] in ("order", *KINDS) and draw.random() < 0.2:
                rule[f"{prefix}product"] = draw.choice(self.products).pk
        return rule

    # --- The reference ---

    def expected(self, rule: Rule) -> set[int]:
        """Return the ids of the customers whom the rule means, by plain Python over the raw facts."""
        return {one.row.pk for one in self.people if one.row.erased_at is None and self.holds(rule, one)}

    def holds(self, rule: Rule, person: Person) -> bool:
        if "rules" in rule:
            each = [self.holds(one, person) for one in rule["rules"]]
            return {"all": all(each), "any": any(each), "none": not any(each)}[rule["match"]]
        return bool(getattr(self, f"holds_{rule['field']}")(rule, person))

    def subtree(self, category: int) -> set[int]:
        return {one.pk for one in self.categories if f"/{category}/" in one.path}

    def fits(self, rule: Rule, product: Product | None, price: Decimal | None, prefix: str = "") -> bool:
        """Return whether an item is of the kind that a rule asks for; an event may be about none."""
        asked = {name: rule[f"{prefix}{name}"] for name in ITEM if f"{prefix}{name}" in rule}
        if product is None or price is None:
            return not asked
        return (
            asked.get("product", product.pk) == product.pk
            and ("category" not in asked or product.category_id in self.subtree(asked["category"]))
            and asked.get("brand", product.brand).upper() == product.brand.upper()
            and Decimal(asked.get("min_price", 0)) <= price <= Decimal(asked.get("max_price", 10**9))
        )

    def holds_category(self, rule: Rule, person: Person) -> bool:
        subtree = self.subtree(rule["category"])
        days = {
            order.day for order in person.placed if recent(rule, order.day)
            for product, quantity, _ in order.lines if quantity > 0 and product.category_id in subtree
        }  # fmt: skip
        return compare(rule, len(days))

    def bought(self, rule: Rule, person: Person, prefix: str = "") -> list[Bought]:
        """Return the orders that hold an item of the kind that a rule asks for."""
        return [
            order for order in person.placed
            if any(quantity > 0 and self.fits(rule, product, gross / quantity, prefix)
                   for product, quantity, gross in order.lines)
        ]  # fmt: skip

    def holds_product(self, rule: Rule, person: Person) -> bool:
        return compare(rule, len([one for one in self.bought(rule, person) if recent(rule, one.day)]))

    def holds_bought(self, rule: Rule, person: Person) -> bool:
        return occurs(rule, [one.at for one in self.bought(rule, person)])

    def holds_orders(self, rule: Rule, person: Person) -> bool:
        return compare(rule, len([one for one in person.placed if recent(rule, one.day)]))

    def holds_last_order(self, rule: Rule, person: Person) -> bool:
        days = [one.day for one in person.placed]
        return bool(days) and long_ago(rule["operator"] == "at_least", rule["days"], max(days))

    def holds_first_order(self, rule: Rule, person: Person) -> bool:
        days = [one.day for one in person.placed]
        return bool(days) and long_ago(rule["operator"] == "at_least", rule["ago"], min(days))

    def holds_net_revenue(self, rule: Rule, person: Person) -> bool:
        total = revenue([one for one in person.placed if recent(rule, one.day)])
        amount = Decimal(rule["amount"])
        return total >= amount if rule["operator"] == "at_least" else total <= amount

    def holds_order_value(self, rule: Rule, person: Person) -> bool:
        orders = [one for one in person.placed if recent(rule, one.day)]
        if not orders:
            return False
        value, amount = revenue(orders) / len(orders), Decimal(rule["amount"])
        return bool(value >= amount if rule["operator"] == "at_least" else value <= amount)

    def holds_score(self, rule: Rule, person: Person) -> bool:
        score = person.scores.get(rule["kind"])
        if score is None:
            return False
        return bool(score >= rule["number"] if rule["operator"] == "at_least" else score <= rule["number"])

    def holds_coupon(self, rule: Rule, person: Person, kind: str = "coupon") -> bool:
        touches = [
            1 for one, pk, at in person.touches
            if one == kind and named(rule, pk) and recent(rule, at.date())
        ]  # fmt: skip
        return compare(rule, len(touches))

    def holds_clicked(self, rule: Rule, person: Person) -> bool:
        return self.holds_coupon(rule, person, "click")

    def holds_campaign(self, rule: Rule, person: Person, wanted: str = "treated") -> bool:
        received = [
            1 for pk, arm, at in person.assignments
            if arm == wanted and named(rule, pk) and recent(rule, at.date())
        ]  # fmt: skip
        return compare(rule, len(received))

    def holds_held_out(self, rule: Rule, person: Person) -> bool:
        return self.holds_campaign(rule, person, "held_out")

    def done(self, rule: Rule, person: Person, kind: str, prefix: str = "") -> list[datetime]:
        return [
            at for one, product, at in person.events
            if one == kind and self.fits(rule, product, product.price if product else None, prefix)
        ]  # fmt: skip

    def holds_event(self, rule: Rule, person: Person) -> bool:
        return occurs(rule, self.done(rule, person, rule["kind"]))

    def acts(self, rule: Rule, person: Person, name: str, prefix: str) -> list[datetime]:
        """Return when a customer did what a sequence names."""
        kind = rule[name]
        if kind == "order":
            asked = any(f"{prefix}{one}" in rule for one in ITEM)
            return [one.at for one in (self.bought(rule, person, prefix) if asked else person.placed)]
        if kind == "received":
            return [at for _pk, arm, at in person.assignments if arm == "treated"]
        if kind in ("clicked", "redeemed"):
            wanted = {"clicked": "click", "redeemed": "coupon"}[kind]
            return [at for one, _pk, at in person.touches if one == wanted]
        return self.done(rule, person, kind, prefix)

    def holds_sequence(self, rule: Rule, person: Person) -> bool:
        firsts = [at for at in self.acts(rule, person, "first", "") if recent(rule, at.date())]
        thens = [at.astimezone(UTC) for at in self.acts(rule, person, "then", "then_")]
        within, over = timedelta(days=rule["within"]), datetime.combine(TODAY, time(0), ZONE)
        followed, unfollowed = [], []
        for first in (at.astimezone(UTC) for at in firsts):
            if any(first < then <= first + within for then in thens):
                followed.append(first)
            elif first + within < over:
                unfollowed.append(first)
        return bool({"some": followed, "without": unfollowed, "none": not followed}[rule["operator"]])

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

    def holds_consent(self, rule: Rule, person: Person) -> bool:
        mine = {channel: state for (of, channel), state in person.consents.items() if of == rule["purpose"]}
        asked = mine if rule["channel"] == "any" else {
            channel: state for channel, state in mine.items() if channel in (rule["channel"], "any")
        }  # fmt: skip
        refused = any(mine.get(one) == "withdrawn" for one in (rule["channel"], "any"))
        return {
            "granted": "granted" in asked.values() and not refused,
            "withdrawn": "withdrawn" in asked.values(),
            "unknown": not asked,
        }[rule["operator"]]

    def holds_share(self, rule: Rule, person: Person) -> bool:
        drawn = hashlib.sha256(f"{rule['name']}:{person.row.pk}".encode()).hexdigest()[:8]
        below = int(drawn, 16) < int(Decimal(rule["percent"]) * 2**32 / 100)
        return bool(below == (rule["operator"] == "in"))

    def holds_segment(self, rule: Rule, person: Person) -> bool:
        other = self.segments[rule["segment"]]
        inside = person.row.pk in self.listed if other is None else self.holds(other, person)
        return bool(inside == (rule["operator"] == "in"))


ITEM = ("product", "category", "brand", "min_price", "max_price")


def recent(rule: Rule, day: date) -> bool:
    return bool("days" not in rule or (TODAY - day).days < rule["days"])


def named(rule: Rule, campaign: int) -> bool:
    return bool(rule.get("campaign", campaign) == campaign)


def revenue(orders: list[Bought]) -> Decimal:
    return sum((gross for one in orders for _, _, gross in one.lines), Decimal(0))


def long_ago(at_least: bool, days: int, day: date) -> bool:  # noqa: FBT001
    return (TODAY - day).days >= days if at_least else (TODAY - day).days <= days


def occurs(rule: Rule, moments: list[datetime]) -> bool:
    """Judge how often something happened, or when it first or last did."""
    which, _, how = rule["operator"].partition("_")
    if which not in ("first", "last"):
        return compare(rule, len([at for at in moments if recent(rule, at.date())]))
    if not moments:
        return False
    days = [at.date() for at in moments]
    return long_ago(how == "before", rule["ago"], min(days) if which == "first" else max(days))


def compare(rule: Rule, count: int) -> bool:
    verdicts: dict[str, bool] = {
        "at_least": count >= rule.get("count", 0),
        "at_most": count <= rule.get("count", 0),
        "none": count == 0,
        "some": count > 0,
    }
    return verdicts[rule["operator"]]
