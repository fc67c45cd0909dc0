"""Which product suits whom: bought most, else the favourite category, else the best seller."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate, now

from generation.offering.matching import Matcher
from shop.models import CustomerCategoryDay
from tests import make

pytestmark = pytest.mark.django_db


def test_three_reasons_in_their_order() -> None:
    drinks, snacks = make.category("Drinks"), make.category("Snacks")
    tea, coffee = make.product("Tea", category=drinks), make.product("Coffee", category=drinks)
    chips = make.product("Chips", category=snacks)
    regular, snacker, stranger = (make.customer() for _ in range(3))
    for _ in range(2):
        make.order(regular, [(tea, "4")], at=now())
    make.order(regular, [(coffee, "4")], at=now())
    for _ in range(3):
        make.order(make.customer(), [(coffee, "4")], at=now())
    CustomerCategoryDay.objects.create(category=snacks, day=localdate(), customer=snacker, orders=5)
    matches = Matcher([tea.pk, coffee.pk, chips.pk]).match([regular.pk, snacker.pk, stranger.pk])
    assert (matches[regular.pk].product_id, matches[regular.pk].reason["reason"]) == (tea.pk, "bought")
    assert matches[regular.pk].reason["orders"] == 2
    assert matches[snacker.pk].product_id == chips.pk
    assert matches[snacker.pk].reason == {"reason": "category", "orders": 5, "category": "Snacks"}
    assert (matches[stranger.pk].product_id, matches[stranger.pk].reason) == (
        coffee.pk,
        {"reason": "popular"},
    )


def test_only_products_of_the_campaign_count() -> None:
    on_offer, other = make.product(), make.product()
    customer = make.customer()
    make.order(customer, [(other, "4")], at=now())
    assert Matcher([on_offer.pk]).match([customer.pk])[customer.pk].product_id == on_offer.pk


def test_an_interest_of_long_ago_does_not_count() -> None:
    snacks = make.category("Snacks")
    chips, tea = make.product(category=snacks), make.product()
    make.order(make.customer(), [(tea, "4")], at=now())
    customer = make.customer()
    long_ago = localdate() - timedelta(days=500)
    CustomerCategoryDay.objects.create(category=snacks, day=long_ago, customer=customer, orders=9)
    assert Matcher([chips.pk, tea.pk]).match([customer.pk])[customer.pk].product_id == tea.pk


def test_a_returned_line_is_no_purchase() -> None:
    tea, coffee = make.product(), make.product()
    make.order(make.customer(), [(coffee, "4")], at=now())
    customer = make.customer()
    order = make.order(customer, [(tea, "4")], at=now())
    order.lines.update(quantity=0)
    assert Matcher([tea.pk, coffee.pk]).match([customer.pk])[customer.pk].reason["reason"] == "popular"
