"""A segment is what its rule says: generated rules equal plain Python, for who is in and for why."""

import pytest
from django.db import connection

from campaigns import segmenting
from campaigns.segmenting.explaining import explanation_of
from campaigns.segmenting.fields import FIELDS
from campaigns.segmenting.linking import link
from campaigns.segmenting.tree import as_json, parse
from tests.campaigns.segment_population import TODAY, Shop

pytestmark = pytest.mark.django_db


def agree(shop: Shop, rules: int) -> None:
    """Compare generated rules with plain Python; every field must come up, and rules tell people apart."""
    sizes, met = set(), set[str]()
    with connection.cursor() as cursor:
        # Autovacuum, which sees no row of this transaction, would have the planner take its tables for empty.
        cursor.execute("ANALYZE")
    for _ in range(rules):
        rule = shop.rule()
        found = set(segmenting.matching(rule, TODAY).values_list("pk", flat=True))
        assert found == shop.expected(rule), rule
        sizes.add(len(found))
        met |= {clause.field.name for clause in parse(rule).clauses()}
    assert met == set(FIELDS)
    assert len(sizes) > 15, "the rules must tell people apart, or the test proves nothing"


@pytest.mark.parametrize("seed", range(2))
def test_generated_rules_find_whom_plain_python_finds(seed: int) -> None:
    agree(Shop(seed), 200)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(100, 150))
def test_20_000_generated_rules_find_whom_plain_python_finds(seed: int) -> None:
    agree(Shop(seed), 400)


def test_a_rule_is_kept_as_it_was_read() -> None:
    shop = Shop(seed=7, size=1)
    for _ in range(100):
        kept = as_json(parse(shop.rule()))
        assert as_json(parse(kept)) == kept


def test_explanations_agree_with_membership_and_name_what_decided() -> None:
    shop = Shop(seed=11, size=12)
    for _ in range(25):
        rule = shop.rule()
        inside, tree = shop.expected(rule), parse(rule)
        for person in shop.people:
            why = explanation_of(link(tree), person.row.pk, {}, TODAY)
            assert why.inside == (person.row.pk in inside), rule
            for verdict, clause in zip(why.verdicts, tree.clauses(), strict=True):
                assert verdict.holds == shop.holds(as_json(clause), person), clause
            assert why.decisive, "some condition always decides"


def test_hundreds_of_rules_touch_no_table_but_those_of_their_fields() -> None:
    shop, touched = Shop(seed=5, size=2), set[str]()

    def note(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        touched.update(word.strip('"(') for word in sql.split() if word.strip('"(').startswith(TABLES))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for _ in range(200):
            segmenting.matching(shop.rule(), TODAY).count()
    assert {name.split(".")[0].strip('"') for name in touched} <= {
        "shop_customer", "shop_customerrfm", "shop_order", "shop_orderline", "shop_customercategoryday",
        "shop_category", "shop_product", "shop_event", "shop_consent", "campaigns_touch",
        "campaigns_assignment", "campaigns_campaign", "campaigns_segment", "campaigns_segmentmember",
    }  # fmt: skip


TABLES = ("shop_", "campaigns_", "generation_", "auth_", "django_", "pg_", "account_")
