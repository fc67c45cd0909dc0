"""Memberships: who entered and left when, right after random histories, nobody judged without a reason."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from campaigns import attribution, segmenting
from campaigns.models import Assignment, ChangedCustomer, Segment, SegmentMember, SegmentMembership
from campaigns.segmenting import membership
from campaigns.segmenting.predicates import today as shop_day
from campaigns.tasks import refresh_rollups
from shop import ingest, ledger
from shop.categorising import save_category
from shop.models import Consent, Customer, Event, Order
from tests import make
from tests.campaigns.segment_population import BRANDS, Rule, Shop
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db
ORDERED = {"match": "all", "rules": [{"field": "orders", "operator": "at_least", "count": 1}]}
LATELY = {"match": "all", "rules": [{"field": "orders", "operator": "at_least", "count": 1, "days": 30}]}


def catch_up(today: date | None = None) -> None:
    """Do what the worker does every few seconds."""
    while attribution.drain_dirty_keys():
        continue
    membership.keep_up(today)


def inside(segment: Segment) -> set[int]:
    stays = SegmentMembership.objects.filter(segment=segment, left_at=None)
    return set(stays.values_list("customer_id", flat=True))


def names(segment: Segment, operator: str = "in") -> Rule:
    return {
        "match": "all",
        "rules": [{"field": "segment", "operator": operator, "segment": segment.pk}],
    }


class History:
    """Changes of every kind of fact, each by the way that the product writes it, chosen at random."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.random = shop, shop.random
        self.orders = list(Order.objects.all())

    def step(self) -> None:
        steps: list[Callable[[], Any]] = [
            self.order, self.order, self.cancel, self.refund, self.event, self.touch, self.assign,
            self.consent, self.attributes, self.erase, self.newcomer, self.product, self.list, self.rule,
            self.move, ledger.score_customers, self.delete,
        ]  # fmt: skip
        self.random.choice(steps)()

    def customer(self) -> Customer:
        return self.random.choice(self.shop.people).row

    def order(self) -> None:
        product = self.random.choice(self.shop.products)
        known = self.random.choice([None, *self.orders])
        line = ingest.NewLine(product, self.random.randint(0, 2), Decimal(self.random.randint(1, 40)))
        identity = known.external_id if known else f"N{Order.objects.count()}"
        new = ingest.NewOrder("test", identity, self.customer(), self.moment(), [line])
        order, created = ingest.put_order(new)
        self.orders += [order] if created else []

    def moment(self) -> Any:
        return now() - timedelta(days=self.random.choice([0, 1, 2, 7, 8, 29, 31]), hours=1)

    def cancel(self) -> None:
        known = self.random.choice(self.orders)
        lines = [ingest.NewLine(self.random.choice(self.shop.products), 1, Decimal(5))]
        buyer = Customer.objects.get(pk=known.customer_id)
        ingest.put_order(
            ingest.NewOrder("test", known.external_id, buyer, known.ordered_at, lines, status="cancelled")
        )

    def refund(self) -> None:
        order = self.random.choice(self.orders)
        ingest.put_refund("test", f"F{self.random.random()}", order, Decimal("1.5"), now())

    def event(self) -> None:
        product, kind = self.random.choice([None, *self.shop.products]), self.random.choice(["view", "cart"])
        ingest.put_event(
            Event(
                source="test", external_id=f"E{self.random.random()}", customer=self.customer(),
                product=product, kind=kind, occurred_at=self.moment(),
            )
        )  # fmt: skip

    def touch(self) -> None:
        campaign, coupon = self.random.choice(list(zip(self.shop.campaigns, self.shop.coupons, strict=True)))
        if self.random.random() < 0.5:
            make.click(campaign, self.customer(), self.moment())
        else:
            make.redemption(coupon, self.customer(), self.moment())

    def assign(self) -> None:
        campaign, arm = self.random.choice(self.shop.campaigns), self.random.choice(["treated", "held_out"])
        Assignment.objects.update_or_create(
            campaign=campaign, customer=self.customer(), defaults={"arm": arm, "assigned_at": self.moment()}
        )

    def consent(self) -> None:
        found = Consent.objects.filter(customer=self.customer())
        if self.random.random() < 0.3:
            found.delete()
        found.update(state=self.random.choice(["granted", "withdrawn"]))

    def attributes(self) -> None:
        Customer.objects.filter(pk=self.customer().pk).update(attributes={"age": "65+"}, locale="zh-hans")

    def erase(self) -> None:
        Customer.objects.filter(pk=self.customer().pk).update(erased_at=now(), attributes={})

    def newcomer(self) -> None:
        self.shop.people.append(self.shop.person())

    def product(self) -> None:
        product = self.random.choice(self.shop.products)
        product.brand, product.price = self.random.choice(BRANDS), Decimal(self.random.choice([5, 20]))
        product.category = self.random.choice(self.shop.categories)
        ingest.save_product(product)

    def list(self) -> None:
        listed = Segment.objects.get(kind=Segment.Kind.LIST)
        if self.random.random() < 0.5:
            listed.members.filter(customer=self.customer()).delete()
        else:
            SegmentMember.objects.get_or_create(segment=listed, customer=self.customer())

    def rule(self) -> None:
        """Another rule; of what it may name nothing leads back to it."""
        segment = Segment.objects.filter(kind=Segment.Kind.RULE).order_by("pk").last()
        assert segment
        segment.rule = self.shop.rule()
        try:
            segmenting.validate(segment.rule, segment=segment)
        except segmenting.RuleError:
            return  # something is gone, or it would go in a circle
        Segment.objects.filter(pk=segment.pk).update(rule=segment.rule)
        membership.make_due(segment)

    def move(self) -> None:
        """Put Tea below Pets, or back below Drinks."""
        drinks, _coffee, tea, pets = self.shop.categories
        tea.parent = self.random.choice([drinks, pets])
        save_category(tea)

    def delete(self) -> None:
        """Delete a campaign that rules name, rarely: nobody is in those any more."""
        if self.random.random() < 0.1 and len(self.shop.campaigns) > 1:
            self.shop.coupons.pop()
            self.shop.campaigns.pop().delete()


def lives_through(seed: int, rounds: int) -> None:
    """Compare memberships with a fresh answer of each rule after every round of random changes."""
    shop, changes = Shop(seed, size=15), 0
    history, segments = History(shop), [shop.name_segment(shop.rule()) for _ in range(8)]
    catch_up()
    for _ in range(rounds):
        for _ in range(shop.random.randint(1, 4)):
            history.step()
        before = SegmentMembership.objects.filter(left_at=None).count()
        catch_up()
        for segment in Segment.objects.all():
            fresh = set(segmenting.customers(segment).values_list("pk", flat=True))
            assert inside(segment) == fresh, segment.rule
            assert Segment.objects.get(pk=segment.pk).size == len(fresh)
        changes += before != SegmentMembership.objects.filter(left_at=None).count()
    assert changes > rounds / 5, "the history must move people, or the test proves nothing"
    assert segments


@pytest.mark.parametrize("seed", range(3))
def test_after_a_random_history_memberships_are_what_the_rules_say(seed: int) -> None:
    lives_through(seed, 12)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(100, 140))
def test_after_long_random_histories_memberships_are_what_the_rules_say(seed: int) -> None:
    lives_through(seed, 60)


def test_a_customer_enters_leaves_and_enters_again_and_each_stay_is_kept() -> None:
    buyer, segment = make.customer(), make.segment(rule=ORDERED)
    catch_up()
    assert inside(segment) == set()
    line = [ingest.NewLine(make.product(), 1, Decimal(10))]
    for status in ("placed", "cancelled", "placed"):
        ingest.put_order(ingest.NewOrder("test", "1", buyer, now(), line, status=status))
        catch_up()
    first, second = SegmentMembership.objects.filter(segment=segment, customer=buyer).order_by("pk")
    assert first.left_at is not None
    assert first.left_at >= first.entered_at
    assert second.left_at is None
    assert second.entered_at >= first.left_at


def test_only_customers_whose_facts_changed_are_judged() -> None:
    segment, untouched, touched = make.segment(rule=ORDERED), make.customer(), make.customer()
    make.order(untouched)
    ledger.rebuild()
    catch_up()
    assert inside(segment) == {untouched.pk}
    SegmentMembership.objects.filter(customer=untouched).delete()  # as nothing would do; a rebuild would show
    ingest.put_order(
        ingest.NewOrder("test", "1", touched, now(), [ingest.NewLine(make.product(), 1, Decimal(10))])
    )
    catch_up()
    assert inside(segment) == {touched.pk}


def test_without_changes_nothing_is_asked(django_assert_max_num_queries: Any) -> None:
    make.segment(rule=LATELY)
    catch_up()
    with django_assert_max_num_queries(6):
        membership.keep_up()


def test_time_alone_moves_people_once_a_day_and_only_where_the_rule_looks_at_time() -> None:
    buyer = make.customer()
    make.order(buyer, at=now() - timedelta(days=1))
    ledger.rebuild()
    lately, ever = make.segment(rule=LATELY), make.segment(rule=ORDERED)
    through = make.segment(rule=names(lately, "not_in"))
    catch_up()
    assert [inside(one) for one in (lately, ever, through)] == [{buyer.pk}, {buyer.pk}, set()]
    SegmentMembership.objects.filter(segment=ever).delete()  # judged again, it would come back
    catch_up(shop_day() + timedelta(days=40))
    assert [inside(one) for one in (lately, ever, through)] == [set(), set(), {buyer.pk}]


def test_facts_that_an_import_writes_by_sql_count_as_well() -> None:
    buyer = make.customer()
    segment = make.segment(
        rule={"match": "all", "rules": [{"field": "event", "operator": "none", "kind": "view"}]}
    )
    catch_up()
    assert inside(segment) == {buyer.pk}
    Event.objects.bulk_create([
        Event(source="x", external_id=str(n), customer=buyer, kind="view", occurred_at=now())
        for n in range(3)
    ])  # fmt: skip
    assert ChangedCustomer.objects.count() == 1  # once for a statement, not for each row
    catch_up()
    assert inside(segment) == set()


def test_many_changes_at_once_have_everybody_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "MANY", 3)
    segment = make.segment(rule={"match": "all", "rules": [{"field": "orders", "operator": "none"}]})
    catch_up()
    customers = {make.customer().pk for _ in range(5)}
    catch_up()
    assert inside(segment) == customers
    assert not ChangedCustomer.objects.exists()


def test_a_saved_segment_has_its_members_at_once(client: Client) -> None:
    client.force_login(make.user("marketer"))
    buyer = make.customer()
    make.order(buyer)
    ledger.rebuild()
    sent = {
        "name": "Buyers", "rule-match": "all", "rule-0-field": "orders", "rule-0-operator": "at_least",
        "rule-0-count": "1",
    }  # fmt: skip
    client.post("/segments/new/", sent)
    segment = Segment.objects.get(name="Buyers")
    assert (inside(segment), segment.size) == ({buyer.pk}, 1)


def test_a_segment_follows_the_one_that_it_names(client: Client) -> None:
    client.force_login(make.user("marketer"))
    buyer, other = make.customer(), make.customer()
    make.order(buyer)
    ledger.rebuild()
    inner = make.segment("Buyers", rule=ORDERED)
    outer = make.segment(rule=names(inner, "not_in"))
    catch_up()
    assert inside(outer) == {other.pk}
    sent = {
        "name": "Buyers", "rule-match": "all", "rule-0-field": "orders", "rule-0-operator": "none",
        "version": inner.updated_at.isoformat(),
    }  # fmt: skip
    client.post(f"/segments/{inner.pk}/edit/", sent)
    catch_up()
    assert (inside(inner), inside(outer)) == ({other.pk}, {buyer.pk})


def test_a_rule_that_a_tool_changes_is_judged_by_the_next_round() -> None:
    tool, customer = Tool("segments:read", "segments:write"), make.customer()
    segment = make.segment("Tool's", rule=ORDERED)
    catch_up()
    never = {"match": "all", "rules": [{"field": "orders", "operator": "none"}]}
    assert tool.patch(f"segments/{segment.pk}", {"rule": never}).status_code == 200
    catch_up()
    assert inside(segment) == {customer.pk}
    circle = tool.patch(f"segments/{segment.pk}", {"rule": names(segment)})
    assert circle.status_code == 400
    assert "goes in a circle: Tool's → Tool's" in circle.content.decode()


def test_the_worker_settles_segments_right_after_the_roll_ups() -> None:
    buyer, segment = make.customer(), make.segment(rule=ORDERED)
    ingest.put_order(
        ingest.NewOrder("test", "1", buyer, now(), [ingest.NewLine(make.product(), 1, Decimal(10))])
    )
    refresh_rollups()
    assert inside(segment) == {buyer.pk}


def test_an_archived_segment_rests_and_is_right_again_when_it_is_taken_back(client: Client) -> None:
    client.force_login(make.user("marketer"))
    segment = make.segment(rule={"match": "all", "rules": [{"field": "orders", "operator": "none"}]})
    catch_up()
    client.post(f"/segments/{segment.pk}/archive/")
    buyer = make.customer()
    catch_up()
    assert inside(segment) == set()
    client.post(f"/segments/{segment.pk}/restore/")
    catch_up()
    assert inside(segment) == {buyer.pk}


# --- Segments that name each other ---


def test_a_circle_is_refused_and_its_way_is_named() -> None:
    one, two, three = (make.segment(name, rule=ORDERED) for name in ("One", "Two", "Three"))
    for segment, named in ((two, one), (three, two)):
        Segment.objects.filter(pk=segment.pk).update(rule=segmenting.validate(names(named), segment=segment))
    with pytest.raises(segmenting.RuleError, match="This goes in a circle: One → Three → Two → One"):
        segmenting.validate(names(three), segment=one)
    with pytest.raises(segmenting.RuleError, match="One → One"):
        segmenting.validate(names(one), segment=one)


def test_a_circle_that_exists_all_the_same_means_nobody() -> None:
    one, two = make.segment("One"), make.segment("Two")
    for segment, named in ((one, two), (two, one)):
        Segment.objects.filter(pk=segment.pk).update(rule=names(named, "not_in"))
    make.customer()
    catch_up()
    assert (inside(one), inside(two)) == (set(), set())


def test_a_segment_that_others_are_made_of_is_not_archived(client: Client) -> None:
    client.force_login(make.user("marketer"))
    inner = make.segment("Buyers", rule=ORDERED)
    make.segment("Lapsed buyers", rule=names(inner))
    html = client.post(f"/segments/{inner.pk}/archive/", follow=True).content.decode()
    assert "Other segments use this one: Lapsed buyers." in html
    assert Segment.objects.current().filter(pk=inner.pk).exists()


def test_an_archived_segment_cannot_be_named_anew() -> None:
    archived = make.segment("Old", rule=ORDERED, archived_at=now())
    with pytest.raises(segmenting.RuleError, match="“Old” is archived"):
        segmenting.validate(names(archived))


def test_without_the_segment_that_a_rule_names_nobody_is_meant_instead_of_everybody() -> None:
    make.customer()
    inner = make.segment(rule=ORDERED)
    middle = make.segment(rule=names(inner, "not_in"))
    outer = make.segment(rule=names(middle))
    catch_up()
    assert len(inside(outer)) == 1
    inner.delete()
    catch_up()
    assert (inside(middle), inside(outer)) == (set(), set())
    assert "(not available, no." in segmenting.sentence(middle.rule)


def test_why_names_what_decided_in_the_other_segment() -> None:
    customer = make.customer()
    inner = make.segment("Buyers", rule=ORDERED)
    why = segmenting.explain(names(inner), customer)
    assert [(one.words, one.found) for one in why.decisive] == [
        ("are in segment “Buyers”", "not in it – ordered at least 1 time: no (0 times)")
    ]


def test_a_rule_that_grows_too_large_through_others_is_refused() -> None:
    rules = [{"field": "orders", "operator": "at_least", "count": n} for n in range(59)]
    segments = [make.segment(rule={"match": "any", "rules": rules}) for _ in range(4)]
    rule = {"match": "any", "rules": [names(one)["rules"][0] for one in segments]}
    with pytest.raises(segmenting.RuleError, match="more than 200 conditions"):
        segmenting.validate(rule)


def test_random_shares_are_stable_nested_and_about_as_large_as_asked() -> None:
    draw = random.Random(5)
    customers = [make.customer() for _ in range(200)]

    def share(name: str, percent: str) -> set[int]:
        rule = {"field": "share", "operator": "in", "name": name, "percent": percent}
        return set(segmenting.matching({"match": "all", "rules": [rule]}).values_list("pk", flat=True))

    tenth, half, other = share("A", "10"), share("A", "50"), share("B", "50")
    assert tenth < half
    assert half != other
    assert 70 <= len(half) <= 130
    Customer.objects.filter(pk=draw.choice(customers).pk).update(locale="de")
    assert share("A", "50") == half
