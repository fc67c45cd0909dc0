"""The list of customers: found by number, name or e-mail; names only for those who may see them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from shop.models import Customer, CustomerProfile, CustomerRfm
from tests import make

pytestmark = pytest.mark.django_db
URL = "/customers/"


def signed_in(client: Client, role: str = "marketer") -> Client:
    client.force_login(make.user(role))
    return client


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/customers/\d+/">([^<]+)</a>', page)


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def with_value(number: str, orders: int, revenue: str) -> Customer:
    customer, at = make.customer(external_id=number), now()
    CustomerRfm.objects.create(
        customer=customer, orders=orders, net_revenue=Decimal(revenue), first_order_at=at,
        last_order_at=at - timedelta(days=orders),
    )  # fmt: skip
    return customer


def test_a_customer_is_found_by_number_name_and_address(client: Client) -> None:
    anna = make.customer("Anna Abbott", external_id="17")
    make.customer("Ben Baker", external_id="18")
    page = signed_in(client)
    for words in ("17", "abbott", "ANNA", anna.profile.email):
        assert numbers(read(page, f"{URL}?q={words}")) == ["17"]
    assert "Anna Abbott" in read(page, URL)


def test_who_may_not_see_names_sees_none_and_finds_by_number_only(client: Client) -> None:
    anna = make.customer("Anna Abbott", external_id="17")
    page = signed_in(client, "viewer")
    assert "Anna" not in read(page, URL)
    assert anna.profile.email not in read(page, URL)
    assert numbers(read(page, f"{URL}?q=17")) == ["17"]
    assert numbers(read(page, f"{URL}?q=abbott")) == []


def test_sorted_by_a_figure_it_has_those_who_have_one_and_says_so(client: Client) -> None:
    with_value("a", 3, "10")
    with_value("b", 1, "30")
    make.customer(external_id="c")
    page = signed_in(client)
    assert numbers(read(page, URL)) == ["a", "b", "c"]
    by_revenue = read(page, f"{URL}?sort=-net_revenue")
    assert numbers(by_revenue) == ["b", "a"]
    assert "customers without an order are left out" in by_revenue
    assert numbers(read(page, f"{URL}?sort=-orders")) == ["a", "b"]
    assert numbers(read(page, f"{URL}?sort=-last_order_at")) == ["b", "a"]


def test_pages_by_a_figure_show_each_customer_once(client: Client) -> None:
    for number in range(30):
        with_value(f"n{number}", number % 3, "5")
    page = signed_in(client)
    first = read(page, f"{URL}?sort=-orders")
    found = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert found
    second = read(page, URL + found[1].replace("&amp;", "&"))
    assert len({*numbers(first), *numbers(second)}) == 30


def test_erased_people_are_not_listed_and_invented_ones_are_called_so(client: Client) -> None:
    make.customer(external_id="gone", erased_at=now())
    make.customer(external_id="here")
    page = signed_in(client)
    assert numbers(read(page, URL)) == ["here"]
    assert "are invented" not in read(page, URL)
    CustomerProfile.objects.update(synthetic=True)
    assert "the names and addresses are invented" in read(page, URL)


def test_a_customer_without_profile_is_listed(client: Client) -> None:
    Customer.objects.create(external_id="bare")
    assert numbers(read(signed_in(client), URL)) == ["bare"]


def test_many_customers_cost_no_more_queries_than_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = signed_in(client)
    for number in range(20):
        with_value(str(number), 1, "1")
    page.get(URL)
    with django_assert_num_queries(11):
        page.get(URL)
