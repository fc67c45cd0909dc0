"""The list of products: search, filters, sort, pages by key, and few queries however many there are."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Product, SetupStep
from tests import make

pytestmark = pytest.mark.django_db
URL = "/products/"


def signed_in(client: Client, role: str = "viewer") -> Client:
    client.force_login(make.user(role))
    return client


def names(page: str) -> list[str]:
    """Return the product names of a page, in its order."""
    return re.findall(r'<a href="/products/\d+/">([^<]+)</a>', page)


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_search_finds_every_word_in_name_sku_or_brand(client: Client) -> None:
    make.product("Ground Coffee", sku="GC-1", brand="Store brand")
    make.product("Coffee Filters", sku="CF-1")
    make.product("Tea", sku="COFFEE-9")
    page = signed_in(client)
    assert names(read(page, f"{URL}?q=coffee")) == ["Coffee Filters", "Ground Coffee", "Tea"]
    assert names(read(page, f"{URL}?q=coffee+store")) == ["Ground Coffee"]
    assert "Nothing matches" in read(page, f"{URL}?q=chairs")


def test_a_category_has_everything_below_it_and_is_shown_from_the_root(client: Client) -> None:
    grocery = make.category("Grocery")
    coffee = make.category("Coffee", parent=grocery)
    make.product("Beans", category=coffee)
    make.product("Bread", category=grocery)
    make.product("Chair", category=make.category("Furniture"))
    page = signed_in(client)
    found = read(page, f"{URL}?category={grocery.pk}")
    assert names(found) == ["Beans", "Bread"]
    assert "Grocery › Coffee" in found
    assert names(read(page, f"{URL}?category={coffee.pk}")) == ["Beans"]


def test_retired_products_are_shown_when_asked_for(client: Client) -> None:
    make.product("New")
    make.product("Old", active=False)
    page = signed_in(client)
    assert names(read(page, URL)) == ["New"]
    assert names(read(page, f"{URL}?active=no")) == ["Old"]
    assert names(read(page, f"{URL}?active=all")) == ["New", "Old"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Apple", "Bread", "Corn"]),
        ("-name", ["Corn", "Bread", "Apple"]),
        ("price", ["Bread", "Corn", "Apple"]),  # one without a price sorts as if it cost nothing
        ("-price", ["Apple", "Corn", "Bread"]),
        ("sku", ["Corn", "Apple", "Bread"]),
        ("nonsense", ["Apple", "Bread", "Corn"]),
    ],
)
def test_it_sorts(client: Client, sort: str, expected: list[str]) -> None:
    make.product("Apple", price="9", sku="B")
    make.product("Bread", sku="C", price=None)
    make.product("Corn", price="3", sku="A")
    assert names(read(signed_in(client), f"{URL}?sort={sort}")) == expected


@pytest.mark.parametrize("sort", ["name", "-price", "updated_at"])
def test_pages_forth_and_back_show_each_product_once(client: Client, sort: str) -> None:
    Product.objects.bulk_create(
        Product(sku=f"S{number}", name=f"P{number % 7}", price=Decimal(number % 5)) for number in range(60)
    )
    page = signed_in(client)
    first = read(page, f"{URL}?sort={sort}")
    assert "25 of 60 shown" in first
    assert first.count('class="pager"') == 1
    second = read(page, URL + link(first, "next"))
    third = read(page, URL + link(second, "next"))
    shown = [ids(one) for one in (first, second, third)]
    assert [len(one) for one in shown] == [25, 25, 10]
    assert len({key for one in shown for key in one}) == 60
    assert ids(read(page, URL + link(third, "prev"))) == shown[1]
    assert 'rel="next"' not in third
    assert 'rel="prev"' not in first


def ids(page: str) -> list[str]:
    return re.findall(r'<a href="/products/(\d+)/">', page)


def link(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}"\s+href="([^"]+)"', page)
    assert found, f"no link to the {rel} page"
    return found[1].replace("&amp;", "&")


def test_a_cursor_that_makes_no_sense_shows_the_first_page(client: Client) -> None:
    make.product("Tea")
    assert names(read(signed_in(client), f"{URL}?after=nonsense&category=x&active=maybe")) == ["Tea"]


def test_htmx_gets_the_table_alone(client: Client) -> None:
    make.product("Tea")
    response = signed_in(client).get(URL, headers={"HX-Request": "true"})
    assert response.content.decode().strip().startswith('<section id="product-table"')
    assert "HX-Request" in response["Vary"]


def test_without_any_product_the_page_says_what_to_do(client: Client) -> None:
    page = read(signed_in(client, "marketer"), URL)
    assert "No product yet" in page
    assert "/products/new/" in page


def test_a_viewer_is_not_offered_what_they_may_not_do(client: Client) -> None:
    assert "/products/new/" not in read(signed_in(client), URL)


def test_the_demo_is_called_so(client: Client) -> None:
    make.product("Tea")
    page = signed_in(client)
    assert "About the demo data" not in re.sub(r"(?s)<nav.*?</nav>|<dialog.*?</dialog>", "", read(page, URL))
    SetupStep.objects.create(name="demo", label="Demo data", state=SetupStep.State.DONE)
    assert "names are composed" in read(page, URL)


def test_sixty_products_cost_no_more_queries_than_two(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = signed_in(client)
    for number in range(60):
        make.product(category=make.category(f"c{number}", parent=make.category(f"p{number}")))
    page.get(URL)
    with django_assert_num_queries(10):
        page.get(URL)
