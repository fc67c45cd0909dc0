"""Writing a product: what is kept, what is refused and why, and that only those who may can do it."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from shop import ingest, ledger
from shop.models import CustomerCategoryDay, Product
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def typed(**changes: str) -> dict[str, str]:
    form = {
        "sku": "MUG-1",
        "name": "Blue mug",
        "price": "9.50",
        "cost": "4",
        "attributes": "Material: stoneware",
    }
    return form | changes


def write(page: Client, product: Product | None = None, **changes: Any) -> Any:
    address = f"/products/{product.pk}/edit/" if product else "/products/new/"
    return page.post(address, typed(**changes))


def test_a_product_is_made_with_its_facts_and_category(page: Client) -> None:
    coffee = make.category("Coffee", parent=make.category("Grocery"))
    response = write(page, category=str(coffee.pk), attributes="Material: stoneware\n\n产地：景德镇: 江西")
    made = Product.objects.get()
    assert response.url == f"/products/{made.pk}/"
    assert (made.name, made.price, made.category, made.active) == ("Blue mug", Decimal("9.50"), coffee, True)
    assert made.attributes == {"Material": "stoneware", "产地": "景德镇: 江西"}
    assert "is saved" in page.get(response.url).content.decode()


def test_the_form_shows_what_is_kept_and_an_untouched_one_changes_nothing(page: Client) -> None:
    product = make.product(
        "Tea", price="5.1725", cost=Decimal("3"), attributes={"Size": "12 oz"}, cost_assumed=True
    )
    form = page.get(f"/products/{product.pk}/edit/").content.decode()
    assert 'value="5.1725"' in form
    assert "Size: 12 oz" in form
    page.post(
        f"/products/{product.pk}/edit/",
        {"sku": product.sku, "name": "Tea", "price": "5.1725", "cost": "3.00", "attributes": "Size: 12 oz"},
    )
    product.refresh_from_db()
    assert (product.price, product.cost, product.cost_assumed) == (Decimal("5.1725"), Decimal(3), True)


def test_a_cost_that_somebody_enters_is_assumed_no_more(page: Client) -> None:
    product = make.product(cost=Decimal("3"), cost_assumed=True)
    write(page, product, sku=product.sku, cost="3.20")
    product.refresh_from_db()
    assert not product.cost_assumed


def test_purchases_follow_a_product_into_its_new_category(page: Client) -> None:
    old, new, buyer = make.category("old"), make.category("new"), make.customer()
    product = make.product(category=old)
    line = ingest.NewLine(product, 1, Decimal(5))
    ingest.put_order(ingest.NewOrder("test", "1", buyer, make.NOON, [line]))
    ledger.refresh(*ledger.take_dirty_keys())
    write(page, product, sku=product.sku, category=str(new.pk))
    ledger.refresh(*ledger.take_dirty_keys())
    assert CustomerCategoryDay.objects.get().category == new


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sku": "mug-9"}, "“Red mug” has this SKU already"),
        ({"price": "-1"}, "Price and cost cannot be negative."),
        ({"price": "cheap"}, "Enter a number."),
        ({"name": ""}, "This field is required."),
        ({"category": "999"}, "Select a valid choice."),
        ({"attributes": "stoneware"}, "Line 1: write a label, a colon and a value"),
        ({"attributes": "Size: 3\nsize: 4"}, "Line 2: “size” stands there twice."),
        ({"attributes": f"Size: {'x' * 301}"}, "Line 1: a label has at most 60 characters"),
        ({"image_url": "no address"}, "Enter a valid URL."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    page: Client, changes: dict[str, str], sentence: str
) -> None:
    make.product("Red mug", sku="MUG-9")
    response = page.post("/products/new/", typed(**changes))
    assert response.status_code == 422
    shown = response.content.decode()
    assert sentence in shown
    assert "stoneware" in shown or "attributes" in changes
    assert Product.objects.count() == 1


def test_retiring_is_undone_on_the_same_page(page: Client) -> None:
    product = make.product("Tea")
    retired = page.post(f"/products/{product.pk}/retire/", follow=True).content.decode()
    assert not Product.objects.get().active
    assert "This product is retired" in retired
    assert f"/products/{product.pk}/reactivate/" in retired
    page.post(f"/products/{product.pk}/reactivate/")
    assert Product.objects.get().active


def test_a_second_click_changes_and_says_nothing(page: Client) -> None:
    product = make.product("Tea", active=False)
    before = Product.objects.get().updated_at
    again = page.post(f"/products/{product.pk}/retire/", follow=True).content.decode()
    assert Product.objects.get().updated_at == before
    assert "is retired. You can" not in again


def test_a_viewer_may_not_write(client: Client) -> None:
    client.force_login(make.user("viewer"))
    product = make.product()
    for address in ("new/", f"{product.pk}/edit/"):
        assert client.get(f"/products/{address}").status_code == 403
    for address in ("new/", f"{product.pk}/edit/", f"{product.pk}/retire/", f"{product.pk}/reactivate/"):
        assert client.post(f"/products/{address}", typed()).status_code == 403
    assert Product.objects.get().active


def test_a_get_changes_nothing(page: Client) -> None:
    product = make.product()
    assert page.get(f"/products/{product.pk}/retire/").status_code == 405
    assert Product.objects.get().active


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get("/products/")["Location"].startswith("/accounts/login/")
