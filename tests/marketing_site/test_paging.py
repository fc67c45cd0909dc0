"""Pages by key."""

import pytest
from django.http import QueryDict

from marketing_site.lib.paging import Page, keyset_page
from shop.models import Product
from tests import make

pytestmark = pytest.mark.django_db


def page(query: str, order: str = "name") -> Page[Product]:
    return keyset_page(
        Product.objects.all(), QueryDict(query.removeprefix("?")), order=order, size=2, total=5
    )


def names(shown: Page[Product]) -> list[str]:
    return [product.name for product in shown.rows]


@pytest.fixture(autouse=True)
def five_products() -> None:
    for name, price in (("a", "3"), ("b", "1"), ("b", "3"), ("c", "2"), ("d", "3")):
        make.product(name, price)


@pytest.mark.parametrize("order", ["name", "-name", "price", "-price", "pk"])
def test_every_row_is_met_once_forwards_and_the_same_pages_come_backwards(order: str) -> None:
    forwards = [page("", order)]
    while forwards[-1].next:
        forwards.append(page(forwards[-1].next, order))
    seen = [row.pk for shown in forwards for row in shown.rows]
    assert len(seen) == len(set(seen)) == 5
    backwards = [page(forwards[-1].previous, order)]
    while backwards[-1].previous:
        backwards.append(page(backwards[-1].previous, order))
    assert [names(shown) for shown in reversed(backwards)] == [names(shown) for shown in forwards[:-1]]


def test_the_addresses_keep_filters_and_drop_the_old_cursor() -> None:
    first = page("q=x&sort=name")
    assert first.next.startswith("?q=x&sort=name&after=")
    assert page(first.next).next.count("after=") == 1


@pytest.mark.parametrize(
    "query", ["after=nonsense", "after=WzEsMiwzXQ==", "before=W3t9LHt9XQ==", "after=WyJhIiwibm8iXQ=="]
)
def test_a_cursor_that_makes_no_sense_shows_the_first_page(query: str) -> None:
    assert names(page(query)) == ["a", "b"]


def test_the_summary_names_shown_and_total() -> None:
    assert page("").summary == "2 of 5 shown"
