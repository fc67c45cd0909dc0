"""Orders, refunds, events and customers through the API: written once, corrected by repeating."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from shop.models import Customer, Event, Order
from tests import make
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db


def order_of(sku: str, buyer: Customer, **fields: Any) -> dict[str, Any]:
    line = {"product": sku, "quantity": 2, "gross": "20.00", "discount": "5.00"}
    body = {"external_id": "O-1", "customer": buyer.external_id, "ordered_at": "2026-03-02T12:00:00Z"}
    return body | {"lines": [line]} | fields


def test_an_order_comes_in_with_its_sums() -> None:
    buyer, mug = make.customer(), make.product()
    answer = Tool("orders:write", "orders:read").post("orders", order_of(mug.sku, buyer))
    assert answer.status_code == 201, answer.content
    assert answer.json()["net_revenue"] == "15.0000"
    assert Order.objects.get().net_revenue == Decimal(15)


def test_the_same_order_again_is_the_same_order_and_another_body_corrects_it() -> None:
    buyer, mug, tool = make.customer(), make.product(), Tool("orders:write")
    assert tool.post("orders", order_of(mug.sku, buyer)).status_code == 201
    assert tool.post("orders", order_of(mug.sku, buyer)).status_code == 200
    changed = order_of(mug.sku, buyer, lines=[{"product": mug.sku, "quantity": 1, "gross": "9.00"}])
    assert tool.post("orders", changed).json()["net_revenue"] == "9.0000"
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"customer": "nobody"}, "/customer"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"product": "none", "quantity": 1, "gross": "1"}]}, "/lines/0/product"),
        ({"lines": [{"product": "MUG", "quantity": -1, "gross": "1"}]}, "/lines/0/quantity"),
        ({"lines": [{"product": "MUG", "quantity": 1, "gross": "1", "discount": "2"}]}, "/lines/0/discount"),
        ({"ordered_at": "yesterday"}, "/ordered_at"),
        ({"net_revenue": "1000000"}, "/net_revenue"),
    ],
)
def test_a_wrong_order_names_the_value_and_writes_nothing(change: dict[str, Any], pointer: str) -> None:
    make.product(sku="MUG")
    answer = Tool("orders:write").post("orders", order_of("MUG", make.customer(), **change))
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert not Order.objects.exists()


def test_a_refund_takes_revenue_back() -> None:
    buyer, mug, tool = make.customer(), make.product(), Tool("orders:write", "orders:read")
    tool.post("orders", order_of(mug.sku, buyer))
    refund = {"external_id": "R-1", "order": "O-1", "amount": "4.00", "refunded_at": "2026-03-05T12:00:00Z"}
    assert tool.post("refunds", refund).status_code == 201
    assert tool.post("refunds", refund).status_code == 200
    assert tool.get("orders").json()["results"][0]["net_revenue"] == "11.0000"


def test_an_event_is_kept_once() -> None:
    buyer, tool = make.customer(), Tool("events:write")
    body = {
        "external_id": "E-1", "customer": buyer.external_id, "kind": "review", "rating": 5,
        "text": "Good mug.",
        "occurred_at": "2026-03-02T12:00:00Z",
    }  # fmt: skip
    assert tool.post("events", body).status_code == 201
    assert tool.post("events", body).status_code == 200
    assert Event.objects.get().rating == 5
    wrong = body | {"external_id": "E-2", "kind": "view"}
    assert tool.post("events", wrong).status_code == 400


def test_personal_fields_are_for_those_who_may_see_them() -> None:
    make.customer("Ada Example")
    assert "Ada Example" in Tool("customers:read").get("customers").content.decode()
    viewer = Client()
    viewer.force_login(make.user("viewer"))
    answer = viewer.get("/api/v1/customers/")
    assert answer.status_code == 200
    assert "Ada Example" not in answer.content.decode()


def test_a_customer_is_made_and_changed_but_consent_is_not_raised() -> None:
    tool = Tool("customers:write", "customers:read")
    made = tool.post(
        "customers", {"external_id": "C-9", "email": "a@example.com", "attributes": {"age": "25-34"}}
    )
    assert made.status_code == 201, made.content
    changed = tool.patch(f"customers/{made.json()['id']}", {"name": "Ada"})
    assert changed.json()["name"] == "Ada"
    assert changed.json()["email"] == "a@example.com"
    refused = tool.patch(f"customers/{made.json()['id']}", {"consents": [{"state": "granted"}]})
    assert refused.status_code == 400
