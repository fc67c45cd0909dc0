"""The rule builder: what it stores, its live parts, that it works without a script, and what it refuses."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from campaigns import segmenting
from campaigns.models import Segment
from campaigns.segmenting.fields import FIELDS
from shop import ledger
from tests import make
from tests.campaigns.segment_population import Shop

pytestmark = pytest.mark.django_db
SEVERAL = {"name": "Several orders", "rule-match": "all"}
TWICE = {"rule-0-field": "orders", "rule-0-operator": "at_least", "rule-0-count": "2", "rule-0-days": ""}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def inputs(html: str) -> dict[str, str]:
    """Return what a browser would send back from the builder, without pressing any button."""
    sent = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or "checked" in tag):
            sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def buyers(count: int, orders: int) -> None:
    for _ in range(count):
        customer = make.customer()
        for _ in range(orders):
            make.order(customer)
    ledger.rebuild()


def test_a_marketer_writes_a_rule_and_gets_a_segment(page: Client) -> None:
    buyers(2, orders=2)
    buyers(1, orders=1)
    answer = page.post("/segments/new/", SEVERAL | TWICE, follow=True)
    segment = Segment.objects.get()
    assert segment.rule == {
        "match": "all",
        "rules": [{"field": "orders", "operator": "at_least", "count": 2}],
    }
    assert (segment.size, segment.created_by) == (2, answer.context["user"])
    assert "Customers who ordered at least 2 times." in answer.content.decode()


def test_the_demo_segment_can_be_built(page: Client) -> None:
    coffee = make.category("Coffee", make.category("Drinks"))
    common = {"field": "category", "category": "Drinks › Coffee"}
    bought = common | {"operator": "at_least", "count": "3", "days": "365"}
    lately = common | {"operator": "none", "days": "60"}
    data = {
        f"rule-{at}-{name}": text for at, one in enumerate((bought, lately)) for name, text in one.items()
    }
    page.post("/segments/new/", {"name": "Lapsed", "rule-match": "all"} | data)
    assert segmenting.sentence(Segment.objects.get().rule) == (
        "Customers who bought in category Coffee at least 3 times in the last 365 days, "
        "and did not buy in category Coffee in the last 60 days."
    )
    assert Segment.objects.get().rule["rules"][0]["category"] == coffee.pk


def test_a_stored_rule_comes_back_into_the_inputs_unchanged(page: Client) -> None:
    product, campaign = make.product(sku="MUG-1"), make.campaign()
    make.customer(attributes={"age": "35-44", "visits": 3}, locale="zh-hans")
    rule = segmenting.validate(
        {"match": "any", "rules": [
            {"field": "product", "operator": "at_most", "product": product.pk, "count": 2},
            {"match": "none", "rules": [
                {"field": "campaign", "operator": "some", "campaign": campaign.pk, "days": 30},
                {"field": "event", "operator": "at_least", "kind": "view", "count": 1, "product": product.pk},
                {"field": "attribute", "operator": "is", "attribute": "age", "values": ["35-44"]},
            ]},
            {"field": "attribute", "operator": "at_least", "attribute": "visits", "number": "2.5"},
            {"field": "language", "operator": "is", "values": ["zh-hans"]},
            {"field": "net_revenue", "operator": "at_least", "amount": "19.9", "days": 90},
        ]}
    )  # fmt: skip
    segment = make.segment(rule=rule)
    before = page.get(f"/segments/{segment.pk}/edit/").content.decode()
    page.post(f"/segments/{segment.pk}/edit/", inputs(before) | {"name": "Renamed"})
    segment.refresh_from_db()
    assert (segment.name, segment.rule) == ("Renamed", rule)


def test_buttons_work_without_a_script_and_keep_what_was_typed(page: Client) -> None:
    added = page.post("/segments/new/", SEVERAL | TWICE | {"edit": "add-group "}).content.decode()
    assert inputs(added)["rule-1-0-field"] == "orders"
    assert (inputs(added)["name"], inputs(added)["rule-0-count"]) == ("Several orders", "2")
    nested = page.post("/segments/new/", inputs(added) | {"edit": "add-clause 1"}).content.decode()
    assert "rule-1-1-field" in inputs(nested)
    removed = page.post("/segments/new/", inputs(nested) | {"edit": "remove 0"}).content.decode()
    assert "rule-0-1-field" in inputs(removed)
    assert "rule-1-match" not in inputs(removed)
    gone = page.post("/segments/new/", inputs(added) | {"edit": "remove 1-0"}).content.decode()
    assert "rule-1-match" not in inputs(gone), "an emptied group goes with its last condition"
    assert not Segment.objects.exists()


def test_another_kind_of_condition_brings_its_own_inputs(page: Client) -> None:
    make.customer(attributes={"age": "35-44"})
    chosen = SEVERAL | TWICE | {"rule-0-field": "attribute"}
    drawn = page.post("/segments/builder/", chosen, headers=HTMX).content.decode()
    assert drawn.strip().startswith('<div id="segment-builder"')
    assert "rule-0-count" not in inputs(drawn)
    with_key = inputs(drawn) | {"rule-0-attribute": "age", "rule-0-operator": "is"}
    assert 'value="35-44"' in page.post("/segments/builder/", with_key, headers=HTMX).content.decode()


def test_the_preview_counts_says_and_shows_while_editing(page: Client) -> None:
    buyers(3, orders=2)
    seen = page.post("/segments/preview/", SEVERAL | TWICE, headers=HTMX).content.decode()
    assert '<span class="big">3</span>' in seen
    assert "Customers who ordered at least 2 times." in seen
    assert seen.count("<tr>") == 1 + 3
    assert not Segment.objects.exists()


def test_an_unfinished_condition_is_named_in_the_preview(page: Client) -> None:
    data = SEVERAL | {"rule-0-field": "category", "rule-0-category": "Nowhere", "rule-0-operator": "none"}
    seen = page.post("/segments/preview/", data, headers=HTMX).content.decode()
    assert "Condition 1: bought in category, category: there is no category “Nowhere”." in seen


def test_an_empty_segment_warns_and_says_what_to_do(page: Client) -> None:
    make.customer()
    answer = page.post("/segments/new/", SEVERAL | TWICE, follow=True).content.decode()
    assert "Nobody is in this segment today" in answer
    assert "lower a count" in answer


def test_an_ambiguous_category_asks_which_one_is_meant(page: Client) -> None:
    for parent in ("Drinks", "Sweets"):
        make.category("Coffee", make.category(parent))
    data = SEVERAL | {"rule-0-field": "category", "rule-0-category": "coffee", "rule-0-operator": "none"}
    answer = page.post("/segments/new/", data)
    assert answer.status_code == 422
    assert "Drinks › Coffee; Sweets › Coffee" in answer.content.decode()


def test_suggestions_follow_what_is_typed(page: Client) -> None:
    make.category("Coffee", make.category("Drinks"))
    make.product("Blue mug", sku="MUG-1")
    categories = page.get("/segments/suggest/category/", {"rule-0-category": "cof"}).content.decode()
    assert 'value="Drinks › Coffee"' in categories
    products = page.get("/segments/suggest/product/", {"rule-0-1-product": "mug"}).content.decode()
    assert '<option value="MUG-1">Blue mug</option>' in products
    assert page.get("/segments/suggest/password/").status_code == 404


def test_the_builder_gives_back_every_kind_of_condition_as_it_was(page: Client) -> None:
    shop, seen = Shop(seed=2, size=3), dict[tuple[str, str], dict[str, Any]]()
    for _ in range(600):
        clause = shop.clause()
        known = seen.setdefault((clause["field"], clause["operator"]), clause)
        if len(clause) > len(known):
            seen[clause["field"], clause["operator"]] = clause
    clauses = [
        one | ({"values": one["values"][:1]} if "values" in one else {})  # `inputs` knows one tick a box
        for one in seen.values() if one.get("attribute", "age") == "age"
    ]  # fmt: skip
    assert {one["field"] for one in clauses} == set(FIELDS)
    rule = {"match": "any", "rules": clauses[:59]}
    segment = make.segment("All of it", rule=segmenting.validate(rule))
    html = page.get(f"/segments/{segment.pk}/edit/").content.decode()
    assert page.post(f"/segments/{segment.pk}/edit/", inputs(html)).status_code == 302
    assert Segment.objects.get(pk=segment.pk).rule == segment.rule


# --- Refusals ---


def test_a_bad_rule_is_not_stored_and_nothing_typed_is_lost(page: Client) -> None:
    answer = page.post("/segments/new/", SEVERAL | TWICE | {"rule-0-count": "many", "note": "For spring"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Condition 1: number of orders, times: enter a whole number" in html
    assert inputs(html)["rule-0-count"] == "many"
    assert "For spring" in html
    assert 'aria-invalid="true"' in html
    assert not Segment.objects.exists()


def test_a_rule_without_conditions_is_refused(page: Client) -> None:
    answer = page.post("/segments/new/", SEVERAL)
    assert answer.status_code == 422
    assert "needs a condition" in answer.content.decode()


def test_a_taken_name_is_refused(page: Client) -> None:
    make.segment("Several orders")
    answer = page.post("/segments/new/", SEVERAL | TWICE)
    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(page: Client) -> None:
    segment = make.segment("Mine", rule={"match": "all", "rules": [{"field": "orders", "operator": "none"}]})
    mine = inputs(page.get(f"/segments/{segment.pk}/edit/").content.decode())
    page.post(f"/segments/{segment.pk}/edit/", mine | {"name": "Theirs"})
    answer = page.post(f"/segments/{segment.pk}/edit/", mine | {"name": "Mine again"})
    assert answer.status_code == 422
    assert "Somebody else changed" in answer.content.decode()
    segment.refresh_from_db()
    assert segment.name == "Theirs"


def test_an_archived_segment_is_not_edited(page: Client) -> None:
    segment = make.segment(rule={"match": "all", "rules": [{"field": "orders", "operator": "none"}]})
    mine = inputs(page.get(f"/segments/{segment.pk}/edit/").content.decode())
    page.post(f"/segments/{segment.pk}/archive/")
    answer = page.post(f"/segments/{segment.pk}/edit/", mine | {"name": "Back"}, follow=True)
    assert "restore it before you edit it" in answer.content.decode()
    segment.refresh_from_db()
    assert segment.name != "Back"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; DROP TABLE x"]
)
def test_hostile_texts_come_back_as_texts(page: Client, text: str) -> None:
    data = SEVERAL | {
        "name": text,
        "rule-0-field": "category",
        "rule-0-category": text,
        "rule-0-operator": text,
    }
    html = page.post("/segments/new/", data | {f"rule-0-{text}": text, "rule-match": text}).content.decode()
    assert escape(text) in html
    assert text not in html.replace(escape(text), "")


@pytest.mark.parametrize(
    "edit", ["add-clause 7-7", "remove", "remove 99", "add-group x", "", "drop", "remove 0-0-0"]
)
def test_a_button_that_does_not_exist_changes_nothing(page: Client, edit: str) -> None:
    answer = page.post("/segments/builder/", SEVERAL | TWICE | {"edit": edit}, headers=HTMX)
    assert answer.status_code == 200
    assert inputs(answer.content.decode())["rule-0-count"] == "2"


@pytest.mark.parametrize("path", ["new/", "new-list/", "builder/", "preview/", "{pk}/edit/"])
def test_a_viewer_may_not_write_segments(client: Client, path: str) -> None:
    client.force_login(make.user("viewer"))
    address = "/segments/" + path.format(pk=make.segment().pk)
    assert client.post(address, SEVERAL | TWICE).status_code == 403
    assert Segment.objects.count() == 1


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    assert "/login/" in client.get("/segments/new/")["Location"]


def test_a_preview_of_a_segment_asks_few_questions(page: Client, django_assert_max_num_queries: Any) -> None:
    buyers(2, orders=2)
    with django_assert_max_num_queries(12):
        page.post("/segments/preview/", SEVERAL | TWICE, headers=HTMX)
