"""Rules and sorts from somebody who means harm: each refused, and no table read that is not a field's own."""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from campaigns import segmenting
from campaigns.models import Segment
from campaigns.segmenting.fields import FIELDS
from tests import make
from tests.campaigns.segment_population import Rule, Shop
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db
HOSTILE = (
    "'; DROP TABLE shop_customer; --", '" OR 1=1 --', "%s", "%(x)s", "{s}", "{0.__class__}", "\\",
    "%' OR '1'='1", "$$;select pg_sleep(9)", "id__in", "profile__email__startswith",
    "customer__profile__email", "_connector", "pk__regex", "__class__", "password", "auth_user.password",
    "c.erased_at", "s0.n", "rules", "1);--", "🙂", "field", "operator", "count ", "COUNT", "cou\u200bnt",
    "a" * 200, "", " ", "\x00", "\ud800", "../../etc/passwd",
)  # fmt: skip
ODD: tuple[Any, ...] = (None, True, -1, 1.5, 2**70, float("inf"), [], {}, [[]], {"$ne": 1}, [None], ["x", {}])
# What a rule may be checked against before it is accepted.
KNOWN_TABLES = {
    "shop_customer", "shop_category", "shop_product", "campaigns_campaign", "campaigns_segment",
}  # fmt: skip
TABLE = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?([a-z_]+)"?', re.IGNORECASE)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect every statement that is executed."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def clauses_of(rule: Rule) -> list[Rule]:
    return [one for below in rule["rules"] for one in (clauses_of(below) if "rules" in below else [below])]


def spoilt(shop: Shop) -> Rule:
    """Return a sound rule with one thing in it that no rule may have."""
    draw, rule = shop.random, copy.deepcopy(shop.rule())
    clause = draw.choice(clauses_of(rule))
    asks = FIELDS[clause["field"]].operators[clause["operator"]]
    part = draw.choice([one for one in asks.parameters if one in clause] or ["field"])
    hostile = draw.choice([*HOSTILE, *ODD])
    text_is_right = part in ("attribute", "brand", "name")
    spoil: list[Rule] = [
        {"field": hostile}, {"operator": hostile}, {str(hostile) + "_": 1},
        {str(draw.choice(HOSTILE)): draw.choice([*HOSTILE, *ODD])} if draw.random() < 0.5 else {"days ": 1},
        {part: draw.choice(ODD[:-4]) if text_is_right else {"hostile": hostile}},
    ]  # fmt: skip
    changes = draw.choice([one for one in spoil if not set(one) <= {"rules", "match"}])
    if draw.random() < 0.1:
        rule["match"] = draw.choice([*HOSTILE, *ODD])
    else:
        clause |= changes
    return rule


def all_are_refused(rules: int) -> None:
    shop, refused = Shop(seed=3, size=4), 0
    with watched() as statements:
        for _ in range(rules):
            rule = spoilt(shop)
            with pytest.raises(segmenting.RuleError) as error:
                segmenting.validate(rule)
            assert error.value.problems, rule
            refused += 1
    assert refused == rules
    assert {table for sql in statements for table in TABLE.findall(sql)} <= KNOWN_TABLES


def test_hostile_rules_are_refused_and_read_no_other_table() -> None:
    all_are_refused(500)


@pytest.mark.proof
def test_5_000_hostile_rules_are_refused_and_read_no_other_table() -> None:
    all_are_refused(5_000)


def test_the_api_answers_hostile_rules_with_400() -> None:
    shop, tool = Shop(seed=4, size=2), Tool("segments:read", "segments:write")
    asked = 0
    for number in range(25):
        rule = spoilt(shop)
        if writable(rule):
            assert tool.post("segments", {"name": f"H{number}", "rule": rule}).status_code == 400, rule
            asked += 1
    assert asked > 10
    assert not Segment.objects.filter(name__startswith="H").exists()


def writable(rule: Rule) -> bool:
    """Return whether a rule can be sent at all: JSON knows no infinity."""
    return "inf" not in str(rule)


SORTS = ("name", "-name", "kind", "size", "-size", "counted_at", "used", "-used")


@pytest.mark.parametrize("many", [8, pytest.param(99, marks=pytest.mark.proof)])
def test_hostile_sorts_and_filters_order_by_nothing_but_columns_of_the_table(
    client: Client, many: int
) -> None:
    client.force_login(make.user("viewer"))
    make.segment("One", size=1)
    order = re.compile(r"ORDER BY (.*?)(?: LIMIT|$)")

    def orders(query: dict[str, str]) -> set[str]:
        with watched() as statements:
            assert client.get("/segments/", query, headers={"HX-Request": "true"}).status_code == 200
        rows = [sql for sql in statements if 'FROM "campaigns_segment"' in sql]
        return {found for sql in rows for found in order.findall(sql)}

    known = {found for sort in SORTS for found in orders({"sort": sort})}
    assert len(known) >= len(SORTS)
    for hostile in (
        *HOSTILE,
        "created_by__password",
        "-created_by__password",
        "rule__match",
        "?",
        "name,-size",
    ):
        if "\ud800" in hostile:
            continue
        query = {"sort": hostile, "q": hostile, "kind": hostile, "archived": hostile, "page": hostile}
        assert orders(query) <= known, hostile
