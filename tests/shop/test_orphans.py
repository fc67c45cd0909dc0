"""Order lines that lost what they refer to are made whole, and counted anew."""

import pytest
from django.db import connection

from shop import orphans
from shop.models import DirtyKey, Order, OrderLine, Product
from tests import make

pytestmark = pytest.mark.django_db


def test_nothing_is_done_where_nothing_is_lost() -> None:
    make.order()
    assert orphans.repair() == (0, 0, 0)
    assert not DirtyKey.objects.exists()


def test_lines_without_order_go_and_lost_products_come_back_as_stubs() -> None:
    lost, kept = make.order(), make.order()
    product = kept.lines.get().product_id
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shop_order WHERE id = %s", [lost.pk])
        cursor.execute("DELETE FROM shop_product WHERE id = %s", [product])
    assert orphans.repair() == (1, 1, 0)
    assert OrderLine.objects.get().order == kept
    assert (Product.objects.get(pk=product).active, Product.objects.get(pk=product).name) == (
        False,
        f"lost-{product}",
    )
    assert DirtyKey.objects.filter(kind="customer", key=lost.customer_id).exists()


def test_lines_that_say_another_customer_follow_their_order() -> None:
    order, other = make.order(), make.customer()
    Order.objects.filter(pk=order.pk).update(customer=other)
    assert orphans.repair() == (0, 0, 1)
    assert order.lines.get().customer_id == other.pk
