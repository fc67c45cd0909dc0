"""The page of a segment: what it tells, why somebody is in it, and what may be done with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from campaigns.models import Assignment, Segment, SegmentMember
from shop import ledger
from shop.models import Customer
from tests import make

pytestmark = pytest.mark.django_db
ORDERED_TWICE = {"match": "all", "rules": [{"field": "orders", "operator": "at_least", "count": 2}]}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def buyer(orders: int, name: str = "") -> Customer:
    customer = make.customer(name)
    for _ in range(orders):
        make.order(customer)
    ledger.rebuild()
    return customer


def test_the_page_tells_rule_size_sample_and_campaigns(page: Client) -> None:
    ada = buyer(2, "Ada Lovelace")
    segment = make.segment("Regulars", rule=ORDERED_TWICE)
    make.campaign("Spring", segment=segment)
    html = page.get(segment.get_absolute_url()).content.decode()
    for told in ("Regulars", "Customers who ordered at least 2 times.", '<span class="big">1</span>'):
        assert told in html
    for told in ("Ada Lovelace", ada.get_absolute_url(), "Spring"):
        assert told in html


def test_names_are_masked_for_viewers(client: Client) -> None:
    ada = buyer(2, "Ada Lovelace")
    client.force_login(make.user("viewer"))
    html = client.get(make.segment(rule=ORDERED_TWICE).get_absolute_url()).content.decode()
    assert "Ada" not in html
    assert ada.external_id in html


def test_why_names_the_condition_and_the_customers_own_figure(page: Client) -> None:
    once, segment = buyer(1), make.segment(rule=ORDERED_TWICE)
    asked = {"customer": once.external_id}
    for headers in ({}, HTMX):
        html = page.get(f"/segments/{segment.pk}/why/", asked, headers=headers).content.decode()
        assert f"Customer {once.external_id} is not in this segment." in html
        assert "Condition 1 does not hold: ordered at least 2 times" in html
        assert "This customer: 1 time" in html
    twice = page.get(f"/segments/{segment.pk}/why/", {"customer": buyer(2).external_id}, headers=HTMX)
    assert "is in this segment." in twice.content.decode()
    assert "<html" not in twice.content.decode()


def test_why_on_a_list_tells_since_when(page: Client) -> None:
    listed, other = make.customer(), make.customer()
    segment = make.segment(kind=Segment.Kind.LIST)
    SegmentMember.objects.create(segment=segment, customer=listed)
    assert "On the list since" in page.get(f"/segments/{segment.pk}/why/?customer={listed}").content.decode()
    assert "is not on the list" in page.get(f"/segments/{segment.pk}/why/?customer={other}").content.decode()


def test_why_asks_again_for_a_customer_that_does_not_exist(page: Client) -> None:
    segment = make.segment(rule=ORDERED_TWICE)
    html = page.get(f"/segments/{segment.pk}/why/", {"customer": "nobody"}).content.decode()
    assert "There is no customer with this id." in html


def test_a_segment_is_archived_and_taken_back(page: Client) -> None:
    segment = make.segment("Old", rule=ORDERED_TWICE)
    assert "Restore" in page.post(f"/segments/{segment.pk}/archive/", follow=True).content.decode()
    assert "Old" not in page.get("/segments/").content.decode()
    assert "Old" in page.get("/segments/?archived=on").content.decode()
    page.post(f"/segments/{segment.pk}/restore/")
    assert "Old" in page.get("/segments/").content.decode()


def test_a_copy_is_another_segment_with_the_same_rule(page: Client) -> None:
    segment = make.segment("Regulars", rule=ORDERED_TWICE)
    for name in ("Regulars (copy)", "Regulars (copy 2)"):
        answer = page.post(f"/segments/{segment.pk}/duplicate/")
        copy = Segment.objects.get(name=name)
        assert (copy.rule, answer["Location"]) == (segment.rule, f"/segments/{copy.pk}/edit/")


def test_a_copied_list_has_the_same_customers(page: Client) -> None:
    segment = make.audience(3)
    page.post(f"/segments/{segment.pk}/duplicate/")
    assert Segment.objects.latest("pk").members.count() == 3


def test_counting_again_keeps_the_size_for_the_list(page: Client) -> None:
    segment = make.segment(rule=ORDERED_TWICE, size=99)
    buyer(2)
    page.post(f"/segments/{segment.pk}/count/")
    segment.refresh_from_db()
    assert segment.size == 1


def test_a_customer_page_shows_received_and_held_out_campaigns(page: Client) -> None:
    customer = make.customer()
    for name, arm in (("Spring", "treated"), ("Summer", "held_out")):
        Assignment.objects.create(
            campaign=make.campaign(name), customer=customer, arm=arm, assigned_at=now() - timedelta(days=1)
        )
    html = page.get(f"/customers/{customer.pk}/campaigns/").content.decode()
    assert html.index("Summer") < html.index("Held out") < html.index("Spring") < html.index("Received")


# --- Refusals ---


def test_a_rule_that_cannot_be_read_says_so_and_means_nobody(page: Client) -> None:
    segment = make.segment(rule={"match": "all", "rules": [{"field": "from_the_future"}]})
    html = page.get(segment.get_absolute_url()).content.decode()
    assert "The stored rule cannot be read" in html
    assert page.get(f"/segments/{segment.pk}/why/?customer={make.customer()}").status_code == 200
    assert "here is a new one" in page.get(f"/segments/{segment.pk}/edit/").content.decode()
    assert page.get("/segments/").status_code == 200


@pytest.mark.parametrize("act", ["archive", "restore", "duplicate", "count"])
def test_a_viewer_reads_and_changes_nothing(client: Client, act: str) -> None:
    client.force_login(make.user("viewer"))
    segment = make.segment(rule=ORDERED_TWICE)
    assert client.get(segment.get_absolute_url()).status_code == 200
    assert client.post(f"/segments/{segment.pk}/{act}/").status_code == 403
    assert list(Segment.objects.current()) == [segment]


@pytest.mark.parametrize("act", ["archive", "restore", "duplicate", "count"])
def test_reading_an_address_changes_nothing(page: Client, act: str) -> None:
    assert page.get(f"/segments/{make.segment().pk}/{act}/").status_code == 405


def test_an_unknown_segment_is_not_found(page: Client) -> None:
    assert page.get("/segments/4711/").status_code == 404


def test_the_list_finds_sorts_and_asks_a_fixed_number_of_questions(
    page: Client, django_assert_max_num_queries: Any
) -> None:
    category = make.category("Tea")
    rule = {"match": "all", "rules": [{"field": "category", "operator": "none", "category": category.pk}]}
    for number in range(12):
        make.segment(f"Number {number}", rule=rule, size=number)
    make.campaign(segment=make.segment("Fixed", kind=Segment.Kind.LIST, size=100))
    with django_assert_max_num_queries(14):
        html = page.get("/segments/?sort=-size").content.decode()
    assert html.index("Fixed") < html.index("Number 11") < html.index("Number 1<")
    assert "Customers who never bought in category Tea." in html
    only = page.get("/segments/?kind=list&q=fix", headers=HTMX).content.decode()
    assert "Fixed" in only
    assert "Number" not in only
    assert "<html" not in only
