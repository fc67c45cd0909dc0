"""A product's page: its facts, its margin, and what was sold of it month by month."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.timezone import localdate

from shop import ingest
from shop.models import Order, Product
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
