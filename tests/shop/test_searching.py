"""Search: long words anywhere, short ones at the beginning, Chinese ones anywhere; and each from an index."""

from typing import Any

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop import searching
from shop.models import Customer, CustomerProfile, Product
from tests import make

pytestmark = pytest.mark.django_db


def products(words: str) -> set[str]:
    return {product.name for product in Product.objects.search(words)}


def customers(words: str, *, personal: bool = True) -> set[str]:
    found = searching.find(Customer.objects.all(), words, personal=personal)
    assert found.total == found.rows.count()
    return {customer.external_id for customer in found.rows}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("coffee", {"Ground Coffee", "Coffee cups"}),
        ("OFFE", {"Ground Coffee", "Coffee cups"}),
        ("co", {"Coffee cups"}),  # at the beginning only
        ("c", {"Coffee cups"}),
        ("fe", set()),
        ("coffee cup", {"Coffee cups"}),
        ("咖啡", {"速溶咖啡", "咖啡豆 500g"}),
        ("啡", {"速溶咖啡", "咖啡豆 500g"}),
        ("啡咖", set()),  # both characters, though not in this order
        ("咖啡豆", {"咖啡豆 500g"}),
        ("速溶 咖啡", {"速溶咖啡"}),
        ("500g 咖", {"咖啡豆 500g"}),
        ("100%", {"100% Cotton"}),
        ("a_b", set()),
        ("北山", {"Tea"}),  # the brand
    ],
)
def test_products_are_found_by_words_of_any_length_and_script(words: str, found: set[str]) -> None:
    for name in ("Ground Coffee", "Coffee cups", "速溶咖啡", "咖啡豆 500g", "100% Cotton"):
        make.product(name)
    make.product("Tea", brand="北山茶业")
    assert products(words) == found


def test_customers_are_found_by_name_address_and_number() -> None:
    make.customer("王小红", external_id="K-17")
    make.customer("Anna Wang", external_id="K-18")
    assert customers("小红") == {"K-17"}
    assert customers("王") == {"K-17"}
    assert customers("wang") == {"K-18"}
    assert customers("an") == {"K-18"}
    assert customers("k-1") == {"K-17", "K-18"}
    assert customers("wang anna") == {"K-18"}
    assert customers("anna wong") == set()
    assert customers(" ") == {"K-17", "K-18"}
    assert customers(CustomerProfile.objects.get(customer__external_id="K-17").email) == {"K-17"}


def test_who_may_not_see_names_finds_by_number_alone() -> None:
    make.customer("Anna Wang", external_id="K-18")
    assert customers("anna", personal=False) == set()
    assert customers("k-18", personal=False) == {"K-18"}


def test_the_palette_finds_customers_and_names_them_for_those_who_may_see_names(client: Client) -> None:
    make.customer("王小红", external_id="K-17")
    make.customer("王芳", external_id="K-99", erased_at=make.NOON)
    client.force_login(make.user("marketer"))
    found = client.get("/search/?q=王").content.decode()
    assert "王小红" in found
    assert "K-99" not in found
    client.force_login(make.user("viewer"))
    assert "K-17" not in client.get("/search/?q=王").content.decode()
    found = client.get("/search/?q=K-1").content.decode()
    assert "K-17" in found
    assert "王小红" not in found


@pytest.mark.parametrize("words", ["K", "王", "小红", "example", "@ex"])
def test_many_matches_are_listed_in_order_without_being_counted(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MANY", 2)
    for number in (3, 1, 2):
        make.customer("王小红", external_id=f"K-{number}")
    make.customer("Anna", external_id="A-1")
    found = searching.find(Customer.objects.all(), words, personal=True)
    assert found.total is None
    with found.reading():
        listed = [one.external_id for one in found.rows.order_by("external_id")]
    assert listed[-3:] == ["K-1", "K-2", "K-3"]
    assert len(listed) == (4 if "ex" in words else 3)


def plan(found: "models.QuerySet[Any, Any]") -> str:
    with connection.cursor() as cursor:
        # What a million rows make the planner do, a few show when it may not read them all.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    return found.explain()


@pytest.mark.parametrize(
    ("word", "index"),
    [("wang", "profile_search"), ("wa", "profile_name_prefix"), ("w", "profile_name_prefix"),
     ("王", "profile_name_characters"), ("小红", "profile_name_characters"),
     ("王小红", "profile_name_characters")],
)  # fmt: skip
def test_each_word_of_a_customer_is_answered_by_an_index(word: str, index: str) -> None:
    plan(Customer.objects.all())
    with CaptureQueriesContext(connection) as asked:
        searching.find_keys(word, 5, personal=True)
    with connection.cursor() as cursor:
        numbers, names = (str(cursor.execute(f"EXPLAIN {one['sql']}").fetchall()) for one in asked)
    assert "customer_prefix" in numbers
    assert index in names


@pytest.mark.parametrize(
    ("word", "index"),
    [("coffee", "product_search"), ("co", "product_brand_prefix"), ("咖啡", "product_name_characters")],
)
def test_each_word_of_a_product_is_answered_by_an_index(word: str, index: str) -> None:
    assert index in plan(Product.objects.search(word))
