"""Size over time, overlap, export and the customer page's slot: right numbers, safe files, masked names."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.timezone import now

from campaigns.models import Segment, SegmentMembership
from campaigns.segmenting import membership
from campaigns.segmenting.sizes import overlap, sizes
from shop import ledger
from shop.models import Customer
from tests import make

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
ORDERED = {"match": "all", "rules": [{"field": "orders", "operator": "at_least", "count": 1}]}


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("approver"))
    return client


def stay(segment: Segment, entered: str, left: str = "") -> None:
    """Let a new customer stay in a segment, by moments of the shop's zone."""

    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))

    SegmentMembership.objects.create(
        segment=segment, customer=make.customer(), entered_at=moment(entered),
        left_at=moment(left) if left else None,
    )  # fmt: skip


def test_the_size_of_each_day_counts_who_was_in_at_its_end() -> None:
    segment = make.segment()
    stay(segment, "2026-03-01 23:59")
    stay(segment, "2026-03-02 00:00", "2026-03-04 00:00")
    stay(segment, "2026-03-03 09:00", "2026-03-03 10:00")
    stay(make.segment(), "2026-03-01 12:00")
    days = sizes(segment, date(2026, 3, 5))
    assert [(day.day.day, day.size, day.entered, day.left) for day in days] == [
        (1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 1), (4, 1, 0, 1), (5, 1, 0, 0),
    ]  # fmt: skip
    assert [day.size for day in sizes(segment, date(2026, 3, 5), days=2)] == [1, 1]


def test_the_page_draws_the_size_and_writes_it_as_a_table(page: Client) -> None:
    segment = make.segment()
    html = page.get(f"/segments/{segment.pk}/sizes/", headers=HTMX).content.decode()
    assert "The chart begins on the second day" in html
    SegmentMembership.objects.create(
        segment=segment, customer=make.customer(), entered_at=now() - timedelta(days=3)
    )
    html = page.get(f"/segments/{segment.pk}/sizes/", headers=HTMX).content.decode()
    assert "1 customers today, +0 since" in html
    assert html.count("<tr>") == 5


def test_two_segments_share_whom_both_mean(page: Client, django_assert_num_queries: Any) -> None:
    customers = [make.customer() for _ in range(4)]
    erased = make.customer(erased_at=now())
    for one in customers[:3]:
        make.order(one)
    ledger.rebuild()
    buyers, listed = make.segment("Buyers", rule=ORDERED), make.segment("Friends", kind=Segment.Kind.LIST)
    for one in (*customers[2:], erased):
        listed.members.create(customer=one)
    with django_assert_num_queries(1):
        shared = overlap(buyers, listed)
    assert (shared.only_one, shared.both, shared.only_other) == (2, 1, 1)
    for headers in ({}, HTMX):
        sent = {"with_segment": listed.pk}
        html = page.get(f"/segments/{buyers.pk}/overlap/", sent, headers=headers).content.decode()
        assert "1 customer is in this segment and in “Friends”." in html
        assert "Only in “Buyers”" in html
        assert "50.0%" in html
    assert "chart" not in page.get(f"/segments/{buyers.pk}/overlap/", headers=HTMX).content.decode()


def test_a_comparison_with_an_unreadable_or_unknown_segment_says_so(page: Client) -> None:
    segment, broken = make.segment(rule=ORDERED), make.segment(rule={"match": "all", "rules": [{}]})
    html = page.get(f"/segments/{segment.pk}/overlap/?with_segment={broken.pk}").content.decode()
    assert "there is no field" in html
    html = page.get(f"/segments/{segment.pk}/overlap/?with_segment=4711").content.decode()
    assert "Select a valid choice" in html


def rows_of(client: Client, segment: Segment) -> list[dict[str, str]]:
    answer = client.get(f"/segments/{segment.pk}/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(StringIO(text)))


def test_the_export_has_the_segments_customers_and_no_formula(page: Client) -> None:
    buyer, _other = make.customer("=HYPERLINK(1)", external_id="+1"), make.customer()
    make.order(buyer)
    ledger.rebuild()
    segment = make.segment(rule=ORDERED)
    membership.keep_up()
    (row,) = rows_of(page, segment)
    assert (row["customer"], row["name"], row["orders"]) == ("'+1", "'=HYPERLINK(1)", "1")
    assert row["entered_at"].startswith(str(now().date()))


def test_names_are_exported_only_for_those_who_may_see_them(page: Client) -> None:
    segment = make.segment(kind=Segment.Kind.LIST)
    segment.members.create(customer=make.customer("Ada Lovelace"))
    assert rows_of(page, segment)[0]["name"] == "Ada Lovelace"
    user = make.user("viewer")
    user.user_permissions.add(Permission.objects.get(codename="export_report"))
    page.force_login(user)
    (row,) = rows_of(page, segment)
    assert set(row) & {"name", "email", "phone"} == set()


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_who_may_not_export_does_not(client: Client, role: str) -> None:
    client.force_login(make.user(role))
    segment = make.segment(rule=ORDERED)
    assert client.get(f"/segments/{segment.pk}/export.csv").status_code == 403
    assert "export.csv" not in client.get(segment.get_absolute_url()).content.decode()


def test_an_unreadable_segment_is_not_exported_as_an_empty_file(page: Client) -> None:
    segment = make.segment(rule={"match": "all", "rules": [{"field": "later"}]})
    html = page.get(f"/segments/{segment.pk}/export.csv", follow=True).content.decode()
    assert "Nothing to export." in html


def test_a_customer_page_tells_the_current_segments_and_since_when(page: Client) -> None:
    buyer = make.customer()
    make.order(buyer)
    ledger.rebuild()
    for name, fields in (("Buyers", {}), ("Old", {"archived_at": now()})):
        segment = make.segment(name, rule=ORDERED, **fields)
        membership.settle(segment)
    html = page.get(f"/customers/{buyer.pk}/segments/").content.decode()
    assert "Buyers" in html
    assert "Old" not in html
    nobody = Customer.objects.create(external_id="N")
    assert "is in no segment" in page.get(f"/customers/{nobody.pk}/segments/").content.decode()


@pytest.mark.parametrize("address", ["sizes/", "overlap/", "export.csv"])
def test_a_stranger_is_sent_to_the_login(client: Client, address: str) -> None:
    assert client.get(f"/segments/{make.segment().pk}/{address}").status_code == 302
