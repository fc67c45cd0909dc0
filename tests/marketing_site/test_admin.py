"""The admin: every model has its pages, facts are read-only, and the way in is the site's own."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import CompositePrimaryKey
from django.test import Client

from shop.models import ApiKey, Product
from tests import make

pytestmark = pytest.mark.django_db
OURS = ("shop", "campaigns", "generation")


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(make.user("administrator"))
    return client


def models() -> list[type]:
    """Return our models but history tables, and those whose composite key the admin cannot take."""
    return [
        model
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model, "pgh_tracked_model")
        and not isinstance(model._meta.pk, CompositePrimaryKey)
        and not model._meta.proxy
    ]


def test_every_model_is_there() -> None:
    assert [model.__name__ for model in models() if model not in admin.site._registry] == []


def test_every_list_opens_and_searches(administrator: Client) -> None:
    make.order()
    make.approved_campaign()
    for model, options in admin.site._registry.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert administrator.get(address).status_code == 200, address
        if options.search_fields:
            assert administrator.get(address, {"q": "1"}).status_code == 200, address


def test_an_order_shows_its_lines_and_cannot_be_changed(administrator: Client) -> None:
    mug = make.product("Blue mug")
    placed = make.order(lines=[(mug, "12.50")])
    page = administrator.get(f"/admin/shop/order/{placed.pk}/change/")
    assert "Blue mug" in page.content.decode()
    assert administrator.post(f"/admin/shop/order/{placed.pk}/change/", {}).status_code == 403
    assert administrator.post(f"/admin/shop/order/{placed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_products_are_retired_together(administrator: Client) -> None:
    mug = make.product()
    body = {"action": "retire", "_selected_action": [mug.pk]}
    administrator.post("/admin/shop/product/", body)
    assert not Product.objects.get(pk=mug.pk).active


def test_a_key_is_shown_once_and_keeps_to_its_scopes(administrator: Client) -> None:
    body = {"name": "Till", "scopes": ["orders:write"], "all_campaigns": "on"}
    page = administrator.post("/admin/shop/apikey/add/", body, follow=True)
    key = ApiKey.objects.get()
    assert key.scopes == ["orders:write"]
    shown = re.search(rf"{re.escape(key.prefix)}\.[A-Za-z0-9]{{32}}(?![A-Za-z0-9_])", page.content.decode())
    assert shown
    assert ApiKey.objects.get_from_key(shown.group()) == key
    again = administrator.get(f"/admin/shop/apikey/{key.pk}/change/").content.decode()
    assert shown.group() not in again


def test_a_restricted_key_cannot_read_customers(administrator: Client) -> None:
    body = {"name": "Agency", "scopes": ["customers:read", "campaigns:read"]}
    page = administrator.post("/admin/shop/apikey/add/", body)
    assert "cannot read customers" in page.content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "marketer", "approver"])
def test_other_roles_stay_outside(role: str) -> None:
    client = Client()
    client.force_login(make.user(role))
    assert client.get("/admin/").status_code in {302, 403}
