"""A product's page: facts, margin, sales by month, the way from view to order, and reviews."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from shop import ingest
from shop.interest import Funnel, funnel, reviews
from shop.models import Customer, Event, Order, Product
from shop.sales import last_months, sales_by_month
from tests import make

pytestmark = pytest.mark.django_db


def sold(product: Product, at: datetime, gross: str, discount: str = "0", status: str = "placed") -> Order:
    line = ingest.NewLine(product, 2, Decimal(gross), Decimal(discount))
    number = str(Order.objects.count())
    return ingest.put_order(ingest.NewOrder("test", number, make.customer(), at, [line], status=status))[0]


def test_sales_are_summed_by_month_of_the_shop_s_zone_without_cancelled_orders() -> None:
    product, other = make.product(), make.product()
    sold(product, datetime(2026, 3, 2, 17, tzinfo=UTC), "10", "1.50")
    sold(product, datetime(2026, 4, 1, 3, tzinfo=UTC), "5")  # still 31 March in New York
    sold(product, datetime(2026, 4, 1, 5, tzinfo=UTC), "7")
    sold(product, datetime(2026, 4, 2, 5, tzinfo=UTC), "100", status="cancelled")
    sold(product, datetime(2025, 4, 30, 17, tzinfo=UTC), "100")  # thirteen months ago
    sold(other, datetime(2026, 4, 2, 5, tzinfo=UTC), "100")
    months = {one.month: one for one in sales_by_month(product, date(2026, 4, 20))}
    assert len(months) == 12
    march, april = months[date(2026, 3, 1)], months[date(2026, 4, 1)]
    assert (march.sales, march.discount, march.units, march.orders) == (
        Decimal("13.50"),
        Decimal("1.50"),
        4,
        2,
    )
    assert (april.sales, april.orders) == (Decimal(7), 1)
    assert sum(one.sales for one in months.values()) == Decimal("20.50")


def test_twelve_months_cross_a_year() -> None:
    months = last_months(date(2026, 2, 14), 3)
    assert months == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_the_page_has_facts_margin_sales_and_the_slot_of_its_campaigns(client: Client) -> None:
    client.force_login(make.user("viewer"))
    coffee = make.category("Coffee", parent=make.category("Grocery"))
    product = make.product(
        "Ground Coffee", price="8", cost=Decimal(6), cost_assumed=True, category=coffee,
        attributes={"size": "12 oz"},
    )  # fmt: skip
    at = datetime.combine(localdate(), datetime.min.time(), UTC) + timedelta(hours=17)
    sold(product, at, "16", "1")
    page = client.get(product.get_absolute_url()).content.decode()
    for words in ("Grocery › Coffee", "$8.00", "25.0%", "assumed cost", "12 oz", "$15.00", "Discounts given"):
        assert words in page
    assert f'hx-get="/products/{product.pk}/campaigns/"' in page


def test_what_is_unknown_is_a_dash_and_what_was_not_sold_is_said(client: Client) -> None:
    client.force_login(make.user("viewer"))
    page = client.get(make.product("Tea", price=None).get_absolute_url()).content.decode()
    assert "Nothing was sold of it" in page
    assert "<dd>–</dd>" in page.replace(" ", "").replace("\n", "")
    assert "/edit/" not in page


def test_there_is_no_page_for_what_does_not_exist(client: Client) -> None:
    client.force_login(make.user("viewer"))
    assert client.get("/products/999999/").status_code == 404


def did(kind: str, product: Product, who: Customer, days_ago: int = 1, **fields: object) -> None:
    Event.objects.create(
        source="test", external_id=str(Event.objects.count()), kind=kind, product=product, customer=who,
        occurred_at=now() - timedelta(days=days_ago), **fields,
    )  # fmt: skip


def test_the_funnel_counts_customers_of_ninety_days_once() -> None:
    product, people = make.product(), [make.customer() for _ in range(4)]
    for who in people:
        did("view", product, who)
        did("view", product, who)
    did("cart", product, people[0])
    did("cart", product, people[1], days_ago=91)
    did("view", make.product(), make.customer())
    sold(product, now() - timedelta(days=2), "10")
    sold(product, now() - timedelta(days=2), "10", status="cancelled")
    sold(product, now() - timedelta(days=91), "10")
    counted = funnel(product, now())
    assert counted == Funnel(views=4, carts=1, orders=1)
    assert (counted.carts_per_view, counted.orders_per_cart) == (Decimal("0.25"), Decimal(1))
    assert Funnel(0, 0, 1).orders_per_cart is None


def test_reviews_have_their_average_with_the_number_of_ratings() -> None:
    product, who = make.product(), make.customer()
    for rating in (5, 4, 1, None):
        did("review", product, who, rating=rating, text="Good")
    found = reviews(product)
    assert (found.ratings, found.satisfied, len(found.latest)) == (3, 2, 4)
    assert found.average_written == "3.3"
    assert reviews(make.product()).satisfied_share is None


def test_the_page_shows_funnel_and_reviews_and_words_of_strangers_are_no_markup(client: Client) -> None:
    product, who = make.product(), make.customer("Anna Abbott")
    client.force_login(make.user("viewer"))
    empty = client.get(product.get_absolute_url()).content.decode()
    assert "Nobody has reviewed it yet" in empty
    assert "Nobody viewed it" in empty
    did("view", product, who)
    did("review", product, who, rating=4, text="<script>alert(1)</script>")
    page = " ".join(client.get(product.get_absolute_url()).content.decode().split())
    assert "4.0 of 5 on average, 1 rating, 100% with 4 or 5" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "Viewed it" in page
    assert "Anna" not in page
