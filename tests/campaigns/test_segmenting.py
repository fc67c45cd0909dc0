"""Rules: what they say in words, how they are refused, and that nothing in them is ever SQL."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import get_default_timezone, now

from campaigns import segmenting
from campaigns.models import Assignment, Campaign, Segment, SegmentMember
from campaigns.segmenting.fields import FIELDS
from campaigns.segmenting.previewing import TooSlow, preview
from campaigns.segmenting.tree import MAX_DEPTH, MAX_NODES
from shop import ledger
from shop.models import Customer
from tests import make

pytestmark = pytest.mark.django_db
Rule = dict[str, Any]


def every(*rules: Rule) -> Rule:
    return {"match": "all", "rules": list(rules)}


ORDERED: Rule = {"field": "orders", "operator": "at_least", "count": 1}


def lapsed_coffee_buyers() -> tuple[Rule, Customer, Customer]:
    """Return the demo's rule, a customer whom it means, and one who bought coffee last week as well."""
    coffee = make.category("Coffee", make.category("Drinks"))
    beans = make.product(category=make.category("Beans", coffee))
    lapsed, loyal = make.customer(), make.customer()
    for days in (70, 150, 300):
        make.order(lapsed, [(beans, "10")], now() - timedelta(days=days))
        make.order(loyal, [(beans, "10")], now() - timedelta(days=days))
    make.order(loyal, [(beans, "10")], now() - timedelta(days=7))
    ledger.rebuild()
    bought = {"field": "category", "operator": "at_least", "category": coffee.pk, "count": 3, "days": 365}
    return (
        every(bought, {"field": "category", "operator": "none", "category": coffee.pk, "days": 60}),
        lapsed,
        loyal,
    )


def test_the_demo_segment_finds_lapsed_coffee_buyers_and_reads_as_a_sentence() -> None:
    rule, lapsed, _loyal = lapsed_coffee_buyers()
    assert list(segmenting.matching(rule)) == [lapsed]
    assert segmenting.sentence(rule) == (
        "Customers who bought in category Coffee at least 3 times in the last 365 days, "
        "and did not buy in category Coffee in the last 60 days."
    )


def test_why_names_the_condition_that_keeps_a_customer_out() -> None:
    rule, lapsed, loyal = lapsed_coffee_buyers()
    assert segmenting.explain(rule, lapsed).inside
    why = segmenting.explain(rule, loyal)
    assert not why.inside
    assert [(one.place, one.words, one.found) for one in why.decisive] == [
        ("2", "did not buy in category Coffee in the last 60 days", "1 time")
    ]


def test_a_segment_is_one_statement_and_counts_what_it_finds(django_assert_num_queries: Any) -> None:
    rule, lapsed, loyal = lapsed_coffee_buyers()
    assert segmenting.count(rule) == 1
    with django_assert_num_queries(1):
        assert segmenting.matching(rule).count() == 1
    with django_assert_num_queries(1):
        assert set(segmenting.matching({"match": "none", "rules": [rule]})) == {loyal}
    segment = make.segment(rule=rule)
    assert segmenting.customers(segment).count() == segmenting.count(rule)
    assert list(segmenting.customers(segment)) == [lapsed]


def test_a_fixed_list_is_exactly_its_customers_without_the_erased() -> None:
    listed, erased = make.customer(), make.customer(erased_at=now())
    segment = make.segment(kind=Segment.Kind.LIST)
    for one in (listed, erased):
        SegmentMember.objects.create(segment=segment, customer=one)
    assert list(segmenting.customers(segment)) == [listed]


def test_an_erased_customer_is_in_no_segment_and_the_explanation_says_not_inside() -> None:
    erased = make.customer(erased_at=now())
    rule = every({"field": "orders", "operator": "none"})
    assert segmenting.count(rule) == 0
    assert not segmenting.explain(rule, erased).inside


def test_held_out_customers_did_not_receive_the_campaign() -> None:
    campaign, treated, held_out = make.campaign(), make.customer(), make.customer()
    for customer, arm in ((treated, "treated"), (held_out, "held_out")):
        Assignment.objects.create(campaign=campaign, customer=customer, arm=arm, assigned_at=now())
    received = {"field": "campaign", "operator": "some", "campaign": campaign.pk}
    assert list(segmenting.matching(every(received))) == [treated]
    assert list(segmenting.matching(every(received | {"operator": "none"}))) == [held_out]


def test_days_are_those_of_the_shop_and_not_of_utc() -> None:
    customer = make.customer()
    local_midnight = (
        now().astimezone(get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    make.order(customer, at=local_midnight - timedelta(seconds=1))
    ledger.rebuild()
    assert segmenting.count(every({"field": "orders", "operator": "none", "days": 1})) == 1
    assert segmenting.count(every({"field": "orders", "operator": "at_least", "count": 1, "days": 2})) == 1
    assert segmenting.count(every({"field": "last_order", "operator": "at_least", "days": 1})) == 1


def test_nested_groups_read_with_brackets() -> None:
    rule = every(
        {"field": "last_order", "operator": "at_most", "days": 30},
        {"match": "any", "rules": [
            {"field": "net_revenue", "operator": "at_least", "amount": "100", "days": 90},
            {"field": "attribute", "operator": "is", "attribute": "age", "values": ["35-44", "45-54"]},
        ]},
    )  # fmt: skip
    assert segmenting.sentence(rule) == (
        "Customers who last ordered at most 30 days ago, and (brought net revenue of at least $100.00 in the "
        "last 90 days, or have age 35-44 or 45-54)."
    )


def test_events_name_their_product_where_there_is_one() -> None:
    viewed = {"field": "event", "kind": "view", "operator": "at_least", "count": 2}
    mug = make.product("Blue mug")
    said = [segmenting.sentence(every(viewed | more)) for more in ({}, {"product": mug.pk, "days": 7})]
    assert said == [
        "Customers who did “view” at least 2 times.",
        "Customers who did “view” with Blue mug at least 2 times in the last 7 days.",
    ]


def test_conditions_on_items_and_sequences_read_as_sentences() -> None:
    coffee, mug = make.category("Coffee"), make.product("Blue mug")
    items = {"category": coffee.pk, "brand": "Acme", "min_price": "5", "max_price": "9.9"}
    bought = {"field": "bought", "operator": "at_least", "count": 2, "days": 30, **items}
    first = {"field": "event", "operator": "first_before", "kind": "view", "product": mug.pk, "ago": 60}
    left = {
        "field": "sequence", "operator": "without", "first": "cart", "product": mug.pk, "then": "order",
        "then_category": coffee.pk, "within": 2, "days": 30,
    }  # fmt: skip
    said = [segmenting.sentence(every(one)) for one in (bought, first, left)]
    assert said == [
        "Customers who bought something in category Coffee, of brand “Acme”, at $5.00 or more, at $9.90 or "
        "less at least 2 times in the last 30 days.",
        "Customers who first did “view” with Blue mug at least 60 days ago.",
        "Customers who did “cart” with Blue mug in the last 30 days but not “order” with something in "
        "category Coffee within 2 days.",
    ]


def test_every_operator_of_every_field_has_words() -> None:
    starts = {
        "count": 1, "days": 2, "values": ["a"], "number": 3, "amount": "4", "attribute": "age", "ago": 5,
        "brand": "Acme", "min_price": "6", "max_price": "7", "purpose": "marketing", "channel": "email",
        "kind": "view", "name": "test", "percent": "8", "then": "order", "first": "cart", "within": 9,
        "segment": make.segment(kind="list").pk, "campaign": make.campaign().pk,
    }  # fmt: skip
    starts |= dict.fromkeys(["category", "then_category"], make.category().pk)
    starts |= dict.fromkeys(["product", "then_product"], make.product().pk)
    for name, field in FIELDS.items():
        for operator, asks in field.operators.items():
            for parts in (asks.needs, asks.parameters):
                clause = {"field": name, "operator": operator} | {part: starts[part] for part in parts}
                clause |= {"kind": "recency"} if name == "score" else {}
                said = segmenting.sentence(every(clause))
                assert said
                assert "%" not in said.replace("8%", "")
                assert "  " not in said


def test_sentences_of_a_page_take_a_query_for_each_kind_of_thing_named(
    django_assert_max_num_queries: Any,
) -> None:
    category = make.category("Tea")
    rule = every({"field": "category", "operator": "none", "category": category.pk})
    segments = [make.segment(rule=rule) for _ in range(5)]
    with django_assert_max_num_queries(1):
        said = segmenting.sentences(segments)
    assert set(said.values()) == {"Customers who never bought in category Tea."}


# --- Refusals ---


@pytest.mark.parametrize(
    ("rule", "place", "says"),
    [
        (None, "", "group"),
        ([], "", "group"),
        ({}, "", "group"),
        ({"match": "some", "rules": [ORDERED]}, "", "all, any or none"),
        ({"match": ["all"], "rules": [ORDERED]}, "", "all, any or none"),
        ({"match": "all", "rules": {}}, "", "group"),
        ({"match": "all", "rules": [ORDERED], "more": 1}, "", "group"),
        (every(), "", "needs a condition"),
        (every(ORDERED, every()), "2", "needs a condition"),
        (every("orders"), "1", "field, an operator"),  # type: ignore[arg-type]
        (every({"field": "password"}), "1", "no field “password”"),
        (every({"field": "customer__profile__email", "operator": "is"}), "1", "no field"),
        (every({"field": ["orders"]}), "1", "no field"),
        (every({"field": "orders", "operator": "gte"}), "1", "no operator “gte”"),
        (every({"field": "orders", "operator": "at_least"}), "1", "whole number"),
        (every({"field": "orders", "operator": "at_least", "count": "3"}), "1", "whole number"),
        (every({"field": "orders", "operator": "at_least", "count": True}), "1", "whole number"),
        (every({"field": "orders", "operator": "at_least", "count": -1}), "1", "whole number"),
        (every({"field": "orders", "operator": "at_least", "count": 1.5}), "1", "whole number"),
        (every(ORDERED | {"days": 0}), "1", "in the last"),
        (every(ORDERED | {"days": 99999}), "1", "3,650"),
        (every(ORDERED | {"days": None}), "1", "whole number"),
        (every(ORDERED | {"category": 1}), "1", "no value “category”"),
        (every({"field": "net_revenue", "operator": "at_least", "amount": "NaN"}), "1", "such as 19.90"),
        (every({"field": "net_revenue", "operator": "at_least", "amount": "1e999999999"}), "1", "19.90"),
        (every({"field": "net_revenue", "operator": "at_least", "amount": []}), "1", "such as 19.90"),
        (every({"field": "category", "operator": "none", "category": 2**70}), "1", "one of the list"),
        (every({"field": "category", "operator": "none", "category": 4711}), "1", "no category number 4711"),
        (every({"field": "product", "operator": "none", "product": 4711}), "1", "no product number 4711"),
        (every({"field": "coupon", "operator": "some", "campaign": 4711}), "1", "no campaign number 4711"),
        (every({"field": "attribute", "operator": "known", "attribute": "shoe"}), "1", "no customer has"),
        (every({"field": "attribute", "operator": "known", "attribute": "a\x00b"}), "1", "cannot be seen"),
        (every({"field": "attribute", "operator": "known", "attribute": "\ud800"}), "1", "cannot be seen"),
        (every({"field": "language", "operator": "is", "values": []}), "1", "1 to 50"),
        (every({"field": "language", "operator": "is", "values": ["en"] * 51}), "1", "1 to 50"),
        (every({"field": "language", "operator": "is", "values": "en"}), "1", "1 to 50"),
        (every({"field": "event", "operator": "none", "kind": "hack"}), "1", "one of the list"),
        (every({"field": "bought", "operator": "none", "min_price": "9", "max_price": "8"}), "1", "swap"),
        (every({"field": "score", "operator": "at_least", "kind": "luck", "number": 3}), "1", "of the list"),
        (every({"field": "score", "operator": "at_least", "kind": "recency", "number": 6}), "1", "1 to 5"),
        (every({"field": "consent", "operator": "granted", "purpose": "x", "channel": "sms"}), "1", "list"),
        (every({"field": "share", "operator": "in", "name": "A", "percent": "100"}), "1", "between 0 and"),
        (every({"field": "share", "operator": "in", "name": "A", "percent": "-1"}), "1", "between 0 and 100"),
        (every({"field": "segment", "operator": "in", "segment": 4711}), "1", "no segment number 4711"),
        (every({"field": "sequence", "operator": "some", "first": "clicked", "then": "order", "within": 2,
                "product": 1}), "1", "leave it out"),
        (every({"field": "sequence", "operator": "some", "first": "cart", "then": "order"}), "1", "within"),
        (every(ORDERED, every(ORDERED, {"field": "x"})), "2.2", "no field “x”"),
    ],
)  # fmt: skip
def test_a_bad_rule_is_refused_and_the_condition_is_named(rule: object, place: str, says: str) -> None:
    with pytest.raises(segmenting.RuleError) as refused:
        segmenting.validate(rule)
    assert says in str(refused.value)
    assert not place or f"Condition {place}:" in str(refused.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(segmenting.RuleError) as refused:
        segmenting.validate(every({"field": "x"}, ORDERED, ORDERED | {"days": 0, "count": -1}))
    assert [(problem.path, problem.part) for problem in refused.value.problems] == [
        ((0,), "field"), ((2,), "count"), ((2,), "days"),
    ]  # fmt: skip


def test_depth_and_size_have_limits() -> None:
    deep = ORDERED
    for _ in range(MAX_DEPTH):
        deep = every(deep)
    assert segmenting.validate(deep)
    for absurd in (every(deep), every(*[ORDERED] * (MAX_NODES + 1)), every(*[every(*[ORDERED] * 20)] * 20)):
        with pytest.raises(segmenting.RuleError, match="at most"):
            segmenting.validate(absurd)


def test_a_rule_at_the_limit_still_runs() -> None:
    rules = [ORDERED | {"days": days} for days in range(1, MAX_NODES + 1)]
    assert segmenting.count({"match": "any", "rules": rules}) == 0


def test_a_rule_whose_category_is_gone_means_nobody_instead_of_everybody() -> None:
    make.customer()
    rule = every({"field": "category", "operator": "none", "category": 4711})
    assert segmenting.count(rule) == 0
    assert segmenting.explain(rule, make.customer()).gone
    assert segmenting.sentence(rule) == "Customers who never bought in category (not available, no. 4711)."


def test_campaigns_that_somebody_may_not_see_cannot_be_named() -> None:
    hidden = make.campaign("Secret")
    rule = every({"field": "campaign", "operator": "some", "campaign": hidden.pk})
    nothing = Campaign.objects.none()
    with pytest.raises(segmenting.RuleError, match="no campaign number"):
        segmenting.validate(rule, nothing)
    assert "Secret" not in segmenting.sentence(rule, nothing)


HOSTILE = (
    "'; DROP TABLE shop_customer; --", '" OR 1=1 --', "%s", "%(x)s", "{s}", "{0}", "\\", "%' OR '1'='1",
    "$$;select 1", "id__in", "profile__email", "../../etc/passwd", "1);--", "🙂", "a" * 200,
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_values_are_only_values(hostile: str) -> None:
    mine, other = make.customer(attributes={hostile: hostile}, locale=hostile[:12]), make.customer()
    known = every({"field": "attribute", "operator": "is", "attribute": hostile, "values": [hostile]})
    assert list(segmenting.matching(segmenting.validate(known))) == [mine]
    language = every({"field": "language", "operator": "is_not", "values": [hostile[:12]]})
    assert list(segmenting.matching(segmenting.validate(language))) == [other]
    assert segmenting.explain(known, mine).verdicts[0].found == hostile
    assert hostile in segmenting.sentence(known)


def test_hostile_names_never_reach_the_database() -> None:
    draw, statements = random.Random(3), list[str]()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for _ in range(500):
            rule: Any = {
                "field": draw.choice([*FIELDS, *HOSTILE]),
                "operator": draw.choice(["none", *HOSTILE]),
            }
            rule[draw.choice(["values", "count", "days", *HOSTILE])] = draw.choice(
                [*HOSTILE, 1, None, [], {}]
            )
            with pytest.raises(segmenting.RuleError):
                segmenting.validate(
                    {"match": draw.choice(["all", *HOSTILE]), "rules": [rule, {"field": "x"}]}
                )
    assert statements == []


def test_a_preview_that_takes_too_long_is_stopped_and_says_so(settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_customer (external_id, locale, time_zone, attributes, created_at)"
            " SELECT 'X' || n, 'en', '', jsonb_build_object('age', n), now() FROM generate_series(1, 20000) n"
        )
    rule = every({"field": "attribute", "operator": "at_least", "attribute": "age", "number": 1})
    settings.SEGMENT_PREVIEW_SECONDS = 0.001
    with pytest.raises(TooSlow, match="was stopped"):
        preview(segmenting.matching(rule))
    settings.SEGMENT_PREVIEW_SECONDS = 30
    assert preview(segmenting.matching(rule)).size == 20_000
