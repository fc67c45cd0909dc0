"""A customer's page: figures, one timeline, consents; personal data for those who may see it, and erasing."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Assignment
from shop import ingest, ledger
from shop.models import (
    Consent,
    ConsentEvent,
    Customer,
    CustomerProfile,
    Disclosure,
    Erasure,
    Event,
    ImportFile,
    ImportImage,
    Order,
    Suppression,
)
from shop.models.people import address_hash
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer() -> Customer:
    """Anna, with 22 orders of $10, an invented review, and a consent she took back."""
    anna, tea = (
        make.customer("Anna Abbott", external_id="17", attributes={"age": "35-44"}),
        make.product("Tea"),
    )
    for number in range(22):
        at = make.NOON + timedelta(days=number)
        line = ingest.NewLine(tea, 1, Decimal("12.50"), Decimal("2.50"))
        ingest.put_order(ingest.NewOrder("test", f"ORDER-{number:02}", anna, at, [line]))
    ledger.refresh(*ledger.take_dirty_keys())
    ledger.score_customers()
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
    return " ".join(client.get(customer.get_absolute_url() + query).content.decode().split())


def older(page: str) -> str:
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def whole_timeline(client: Client, customer: Customer, query: str = "?") -> list[str]:
    """Return the titles of all pages, oldest page last."""
    titles: list[str] = []
    while query:
        page = read(client, customer, query=query)
        titles += re.findall(r'<li> <span class="strong"> (.*?) </span>', page)
        query = older(page)
    return titles


def test_it_shows_figures_timeline_and_consent(client: Client, buyer: Customer) -> None:
    page = read(client, buyer)
    for words in ("Anna Abbott", "$220.00", "$10.00", "35-44", "Withdrawn", "Score 5 of 5"):
        assert words.lower() in page.lower()
    for slot in ("campaigns", "segments"):
        assert f'hx-get="/customers/{buyer.pk}/{slot}/"' in page
    events = read(client, buyer, query="?kind=event")
    assert "4 of 5" in events
    assert "invented" in events
    assert "&lt;b&gt;Good&lt;/b&gt;" in events  # words of strangers are never markup


def test_the_timeline_holds_everything_once_newest_first(client: Client, buyer: Customer) -> None:
    campaign = make.campaign("Spring")
    make.click(campaign, buyer, make.NOON)
    make.redemption(make.coupon(campaign, code="TEN"), buyer, make.NOON + timedelta(days=3))
    Assignment.objects.create(campaign=campaign, customer=buyer, arm="held_out", assigned_at=make.NOON)
    titles = whole_timeline(client, buyer)
    assert len(titles) == 22 + 1 + 1 + 2 + 1
    orders = [title for title in titles if title.startswith("Order")]
    assert orders == [f"Order ORDER-{number:02}: $10.00" for number in range(21, -1, -1)]
    # At one moment by kind: nothing is lost where a page ends between equal times.
    assert titles[-5:] == [
        "Held out of a campaign", "Consent granted: marketing, e-mail", "Review · 4 of 5",
        "Order ORDER-00: $10.00", "Click",
    ]  # fmt: skip


def test_a_kind_alone_pages_by_itself_and_swaps_the_timeline_only(client: Client, buyer: Customer) -> None:
    assert len(whole_timeline(client, buyer, "?kind=order")) == 22
    assert whole_timeline(client, buyer, "?kind=consent") == ["Consent granted: marketing, e-mail"]
    assert len(whole_timeline(client, buyer, "?kind=nonsense")) == 24
    address = buyer.get_absolute_url() + "?kind=order"
    swapped = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert swapped.lstrip().startswith('<section id="customer-timeline"')


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U=", "WzEsMiwzXQ==", "WyIyMDI2IiwiYSIsMV0="])
def test_a_cursor_that_makes_no_sense_is_the_first_page(client: Client, buyer: Customer, cursor: str) -> None:
    assert "Order ORDER-21" in read(client, buyer, query=f"?after={cursor}")


def test_offers_stand_there_for_those_who_may_see_them(client: Client, buyer: Customer) -> None:
    assert 'href="?kind=offer"' in read(client, buyer, "viewer")
    bare = make.user("viewer")
    bare.groups.clear()
    client.force_login(bare)
    assert client.get(buyer.get_absolute_url()).status_code == 403


def test_who_may_not_see_personal_data_sees_number_and_figures(client: Client, buyer: Customer) -> None:
    page = read(client, buyer, "viewer", "?kind=event")
    for words in ("Anna", buyer.profile.email, "35-44", "Good"):
        assert words not in page
    assert "Customer 17" in page
    assert "4 of 5" in page
    assert "Erase this person" not in page


def test_somebody_who_never_bought_has_a_page(client: Client) -> None:
    bare = Customer.objects.create(external_id="bare")
    page = read(client, bare)
    assert "Nothing is known yet" in page
    assert "may not be contacted" in page


def test_a_longer_timeline_costs_no_more_queries(
    client: Client, buyer: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    read(client, buyer)
    with django_assert_num_queries(14):
        client.get(buyer.get_absolute_url())


def erase(client: Client, customer: Customer, role: str = "administrator", **typed: str) -> int:
    client.force_login(make.user(role))
    return client.post(f"{customer.get_absolute_url()}erase/", typed).status_code


def test_erasing_takes_the_person_away_and_leaves_the_figures(client: Client, buyer: Customer) -> None:
    address = buyer.profile.email
    upload = ImportFile.objects.create(kind="customers", name="a.csv", sha256="0" * 64, size=1)
    ImportImage.objects.create(
        file=upload, model="shop_customerprofile", key=buyer.pk, before={"name": "Anna Abbott"}
    )
    assert "never written to again" in read_erase_page(client, buyer)
    assert erase(client, buyer, number="17", reason="Letter of 3 March") == 302
    buyer = Customer.objects.get(pk=buyer.pk)
    assert buyer.erased_at
    assert buyer.attributes == {}
    assert not CustomerProfile.objects.filter(customer=buyer).exists()
    event = Event.objects.get()
    assert (event.text, event.rating) == ("", 4)
    assert Suppression.objects.get().address_hash == address_hash(address.upper())
    assert "Anna" not in str(ImportImage.objects.get().before)
    assert Order.objects.filter(customer=buyer).count() == 22
    assert ConsentEvent.objects.filter(customer=buyer).exists()
    done = Erasure.objects.get()
    page = read(client, buyer)
    assert f"by {done.by.email if done.by else ''}" in page
    assert "Letter of 3 March" in page
    for words in ("Anna", address, "Good"):
        assert words not in page


def read_erase_page(client: Client, customer: Customer) -> str:
    client.force_login(make.user("administrator"))
    return client.get(f"{customer.get_absolute_url()}erase/").content.decode()


def test_erasing_needs_the_number_and_an_administrator(client: Client, buyer: Customer) -> None:
    for role in ("viewer", "marketer", "approver"):
        assert erase(client, buyer, role, number="17") == 403
    assert erase(client, buyer, number="71") == 422
    assert erase(client, buyer) == 422
    assert not Erasure.objects.exists()
    assert CustomerProfile.objects.filter(customer=buyer).exists()


def test_erasing_twice_changes_nothing(client: Client, buyer: Customer) -> None:
    assert erase(client, buyer, number="17") == 302
    first = Erasure.objects.get()
    assert erase(client, buyer, number="17") == 302
    assert Erasure.objects.get() == first
    gone = make.customer(external_id="gone", erased_at=now())
    assert "Erased on" in read(client, gone)


def export(client: Client, customer: Customer, role: str = "administrator") -> HttpResponse:
    client.force_login(make.user(role))
    answer = client.post(f"{customer.get_absolute_url()}export/")
    return cast(HttpResponse, answer)


def test_an_export_holds_all_of_the_person_and_nothing_of_others(client: Client, buyer: Customer) -> None:
    campaign = make.campaign("Spring")
    make.redemption(make.coupon(campaign, code="TEN", customer=buyer), buyer)
    make.refund(buyer.orders.order_by("pk")[0], "3", 1)
    buyer.consents.update(state="granted")
    other = make.customer("Berta Bell", external_id="18")
    make.click(make.campaign("Autumn"), other, make.NOON)
    Event.objects.create(source="demo", external_id="2", customer=other, occurred_at=make.NOON, kind="search")
    answer = export(client, buyer)
    assert answer["Content-Disposition"] == f'attachment; filename="customer-{buyer.pk}.json"'
    told = json.loads(answer.content)
    assert (told["customer"]["number"], told["profile"]["name"]) == ("17", "Anna Abbott")
    assert told["customer"]["attributes"] == {"age": "35-44"}
    assert [one["state"] for one in told["consents"] + told["consent_history"]] == ["granted", "granted"]
    assert len(told["orders"]) == 22
    assert told["orders"][0]["lines"][0]["gross"] == "12.5000"
    assert told["orders"][0]["refunds"][0]["amount"] == "3.0000"
    assert [(one["kind"], one["text"]) for one in told["events"]] == [("review", "<b>Good</b>")]
    assert [one["campaign_name"] for one in told["contacts"]] == ["Spring"]
    assert [one["code"] for one in told["codes"]] == ["TEN"]
    for words in ("Berta", "Autumn", other.profile.email):
        assert words not in answer.content.decode()


def test_the_history_says_who_took_the_data_out(client: Client, buyer: Customer) -> None:
    assert export(client, buyer, "approver").status_code == 200
    done = Disclosure.objects.get()
    assert done.by
    assert (done.customer, done.by.groups.get().name) == (buyer, "approver")
    page = read(client, buyer, "administrator", "?kind=disclosure")
    assert f"Data exported by {done.by.email}" in page
    assert "Data exported by" not in read(client, buyer, query="?kind=disclosure")


def test_an_export_needs_the_permission_and_no_link_starts_one(client: Client, buyer: Customer) -> None:
    for role in ("viewer", "marketer"):
        assert export(client, buyer, role).status_code == 403
        assert "Export this person" not in read(client, buyer, role)
    assert "Export this person" in read(client, buyer, "approver")
    assert client.get(f"{buyer.get_absolute_url()}export/").status_code == 405
    assert not Disclosure.objects.exists()


def test_an_erased_person_is_given_what_stayed(client: Client, buyer: Customer) -> None:
    assert erase(client, buyer, number="17") == 302
    told = json.loads(export(client, buyer).content)
    assert (told["profile"], told["events"][0]["text"], len(told["orders"])) == (None, "", 22)


def test_the_api_hides_the_same_from_the_same_people(client: Client, buyer: Customer) -> None:
    client.force_login(make.user("viewer"))
    shown = client.get(f"/api/v1/customers/{buyer.pk}/").json()
    assert (shown["name"], shown["email"], shown["attributes"]) == (None, None, {})
    client.force_login(make.user("marketer"))
    assert client.get(f"/api/v1/customers/{buyer.pk}/").json()["attributes"] == {"age": "35-44"}
