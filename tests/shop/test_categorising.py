"""The category tree: a node's path follows its parent, and everything below follows the node."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from shop.categorising import save_category
from shop.models import Category, Product
from tests import make

pytestmark = pytest.mark.django_db


def test_a_new_category_gets_its_path_and_a_moved_one_takes_all_below_with_it() -> None:
    food, drinks = Category(name="Food"), Category(name="Drinks")
    for root in (food, drinks):
        save_category(root)
    hot = Category(name="Hot", parent=food)
    save_category(hot)
    coffee = Category(name="Coffee", parent=hot)
    save_category(coffee)
    make.product("Beans", category=coffee)
    assert coffee.path == f"/{food.pk}/{hot.pk}/{coffee.pk}/"
    hot.parent = drinks
    save_category(hot)
    coffee.refresh_from_db()
    assert coffee.path == f"/{drinks.pk}/{hot.pk}/{coffee.pk}/"
    assert not Product.objects.under(food).exists()
    assert Product.objects.under(drinks).count() == 1
    assert Category.objects.trails([coffee]) == {coffee.pk: "Drinks › Hot › Coffee"}


def test_a_category_cannot_lie_below_itself() -> None:
    food = Category(name="Food")
    save_category(food)
    bread = Category(name="Bread", parent=food)
    save_category(bread)
    food.parent = bread
    with pytest.raises(ValidationError, match="below itself"):
        save_category(food)


def test_the_admin_keeps_the_tree(client: Client) -> None:
    boss = make.user("administrator")
    client.force_login(boss)
    food = make.category("Food")
    client.post("/admin/shop/category/add/", {"name": "Bread", "parent": food.pk})
    bread = Category.objects.get(name="Bread")
    assert bread.path == f"/{food.pk}/{bread.pk}/"
    refused = client.post(f"/admin/shop/category/{food.pk}/change/", {"name": "Food", "parent": bread.pk})
    assert "below itself" in refused.content.decode()
