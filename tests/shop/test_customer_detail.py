"""A customer's page: figures, orders a page at a time, events, consents; names for those who may see them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from shop import ingest, ledger
from shop.models import Consent, ConsentEvent, Customer, Event
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer() -> Customer:
    """Anna, with twelve orders of $10, an invented review, and a consent she took back."""
    anna, tea = (
        make.customer("Anna Abbott", external_id="17", attributes={"age": "35-44"}),
        make.product("Tea"),
    )
    for number in range(12):
        at = make.NOON + timedelta(days=number)
        line = ingest.NewLine(tea, 1, Decimal("12.50"), Decimal("2.50"))
        ingest.put_order(ingest.NewOrder("test", f"ORDER-{number:02}", anna, at, [line]))
    ledger.refresh(*ledger.take_dirty_keys())
    Event.objects.create(
        source="demo", external_id="1", customer=anna, product=tea, occurred_at=make.NOON, kind="review",
        rating=4, text="<b>Good</b>", synthetic=True,
    )  # fmt: skip
    Consent.objects.create(customer=anna, purpose="marketing", channel="email", state="withdrawn")
    ConsentEvent.objects.create(
        customer=anna, purpose="marketing", channel="email", state="granted", source="shop", at=make.NOON
    )
    return anna


def read(client: Client, customer: Customer, role: str = "marketer", query: str = "") -> str:
    client.force_login(make.user(role))
    return client.get(customer.get_absolute_url() + query).content.decode()


def test_it_shows_figures_orders_events_and_consent(client: Client, buyer: Customer) -> None:
    page = read(client, buyer)
    for words in ("Anna Abbott", "$120.00", "$10.00", "35-44", "4 of 5", "Withdrawn", "invented"):
        assert words.lower() in page.lower()
    assert "&lt;b&gt;Good&lt;/b&gt;" in page  # words of strangers are never markup
    assert f'hx-get="/customers/{buyer.pk}/campaigns/"' in page


def test_orders_come_newest_first_a_page_at_a_time(client: Client, buyer: Customer) -> None:
    first = read(client, buyer)
    assert re.findall(r"ORDER-\d\d", first) == [f"ORDER-{number:02}" for number in range(11, 1, -1)]
    found = re.search(r'rel="next"\s+href="([^"]+)"', first)
    assert found
    response = client.get(
        buyer.get_absolute_url() + found[1].replace("&amp;", "&"), headers={"HX-Request": "true"}
    )
    swapped = response.content.decode()
    assert re.findall(r"ORDER-\d\d", swapped) == ["ORDER-01", "ORDER-00"]
    assert swapped.strip().startswith('<section id="customer-orders"') or "<html" not in swapped


def test_who_may_not_see_names_sees_the_number(client: Client, buyer: Customer) -> None:
    page = read(client, buyer, "viewer")
    assert "Anna" not in page
    assert buyer.profile.email not in page
    assert "Customer 17" in page


def test_somebody_who_never_bought_has_a_page(client: Client) -> None:
    bare = Customer.objects.create(external_id="bare")
    page = read(client, bare)
    assert "No order yet" in page
    assert "may not be contacted" in page
