"""The report pages: what they show, for whom, for which months; and conversion by known numbers."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from pytest_django import DjangoAssertNumQueries

from campaigns.conversion import conversions
from campaigns.models import Assignment, Campaign, Touch
from shop import ledger
from shop.models import Customer
from shop.retention import next_month
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ("", "cohorts/", "repurchase/", "conversion/")


def signed_in(client: Client, role: str = "viewer") -> Client:
    client.force_login(make.user(role))
    return client


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def months_ago(count: int) -> datetime:
    """Return noon, UTC, of the middle of a month that is over."""
    month = next_month(localdate().replace(day=1), -count)
    return datetime.fromisoformat(f"{month.replace(day=15)}T12:00+00:00")


def bought(who: Customer, *ago: int) -> None:
    ledger.refresh([make.order(who, at=months_ago(count)).pk for count in ago])


@pytest.fixture
def shop() -> None:
    """Three customers of three months ago: one came each month, one after a pause, one never again."""
    for ago in ((3, 2, 1), (3, 1), (3,)):
        bought(make.customer(), *ago)


@pytest.mark.usefixtures("shop")
def test_retention_shows_figures_with_their_denominators(client: Client) -> None:
    page = read(signed_in(client), "/reports/")
    assert "1 of the 1 customers of the month before ordered again" in page
    assert "200.0%" in page  # the second came back after a pause
    assert 'title="1 of 3"' in page


@pytest.mark.usefixtures("shop")
def test_cohorts_leave_months_that_are_not_over_empty(client: Client) -> None:
    page = read(signed_in(client), "/reports/cohorts/")
    assert page.count('title="3 of 3"') == 2  # the cohort, and all cohorts together
    assert 'title="1 of 3"' in page
    assert "66.7% of the customers of all cohorts ordered in month 2 after the first order (2 of 3)." in page
    assert 'title="2 of 3"' in page


@pytest.mark.usefixtures("shop")
def test_repurchase_counts_who_bought_twice(client: Client) -> None:
    page = read(signed_in(client), "/reports/repurchase/")
    assert "66.7% of the customers had bought at least twice by the end of month 2" in page


@pytest.mark.usefixtures("shop")
def test_the_months_stand_in_the_address_and_a_swap_gets_the_report_alone(client: Client) -> None:
    page = signed_in(client)
    whole = read(page, "/reports/cohorts/?months=24")
    assert 'href="?months=24&amp;weeks=4" aria-current="true"' in whole
    assert read(page, "/reports/cohorts/?months=nonsense").count('aria-current="true"') == 1
    swapped = page.get("/reports/cohorts/?months=24", headers={"HX-Request": "true"}).content.decode()
    assert swapped.lstrip().startswith('<div id="retention-report"')


@pytest.mark.parametrize("address", PAGES)
def test_an_empty_shop_says_so(client: Client, address: str) -> None:
    assert "Nothing to show for these months" in read(signed_in(client), f"/reports/{address}")


@pytest.mark.usefixtures("shop")
def test_who_may_export_gets_the_rows(client: Client) -> None:
    assert signed_in(client).get("/reports/cohorts.csv").status_code == 403
    approver = signed_in(Client(), "approver")
    assert "Export as CSV" in read(approver, "/reports/cohorts/")
    lines = b"".join(approver.get("/reports/cohorts.csv")).decode("utf-8-sig").splitlines()
    assert lines[0] == "first_order_in,customers,month,customers_then,share_pct"
    assert lines[1].endswith(",3,0,3,100.00")
    assert lines[2].endswith(",3,1,1,33.33")
    for name in ("retention", "repurchase", "conversion"):
        assert approver.get(f"/reports/{name}.csv").status_code == 200
    assert approver.get("/reports/nonsense.csv").status_code == 404


def sent(campaign: Campaign, who: Customer, arm: str = "treated", delivered: datetime | None = None) -> None:
    Assignment.objects.create(campaign=campaign, customer=who, arm=arm, assigned_at=now())
    if delivered:
        make.click(campaign, who, delivered, Touch.Kind.DELIVERY)


def started(days_ago: int, name: str = "") -> Campaign:
    return make.campaign(name, starts_on=localdate() - timedelta(days=days_ago))


def test_conversion_counts_recipients_who_ordered_in_the_window_once() -> None:
    campaign, people = started(40), [make.customer() for _ in range(5)]
    for who in people[:4]:
        sent(campaign, who)
    sent(campaign, people[4], "held_out")
    day = now() - timedelta(days=40)
    for who, after in ((people[0], 2), (people[0], 9), (people[1], 9), (people[2], 33), (people[4], 2)):
        make.order(who, at=day + timedelta(days=after))
    make.order(people[3], at=day - timedelta(days=3))
    make.order(people[3], at=day + timedelta(days=3), status="cancelled")
    [one] = conversions(Campaign.objects.all(), 4, now())
    assert (one.recipients, one.delivered) == (4, False)
    assert [share.part for share in one.weeks] == [1, 2, 2, 2]
    assert one.weeks[-1].value == Decimal("0.5")


def test_where_it_was_delivered_only_those_count_each_from_their_own_delivery() -> None:
    campaign, people = started(30), [make.customer() for _ in range(3)]
    for who, ago in zip(people, (28, 10, None), strict=True):
        sent(campaign, who, delivered=now() - timedelta(days=ago) if ago else None)
    make.order(people[0], at=now() - timedelta(days=27))
    make.order(people[1], at=now() - timedelta(days=11))  # before it reached them
    make.order(people[2], at=now() - timedelta(days=20))
    [one] = conversions(Campaign.objects.all(), 4, now())
    assert (one.recipients, one.delivered) == (2, True)
    # The second week is not over for the one of ten days ago.
    assert [share.part for share in one.weeks] == [1]


def test_conversion_shows_campaigns_that_started_in_the_months(client: Client) -> None:
    for days in (20, 400):
        sent(started(days, name=f"Started {days}"), make.customer())
    page = read(signed_in(client), "/reports/conversion/?months=6")
    assert "Started 20" in page
    assert "Started 400" not in page
    assert "1 assigned" in page


def test_more_campaigns_and_cohorts_cost_no_more_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page = signed_in(client)
    for days in range(10, 60, 10):
        who = make.customer()
        sent(started(days), who)
        bought(who, 1 + days // 30)
    for address, queries in (("", 7), ("cohorts/", 7), ("conversion/", 8)):
        page.get(f"/reports/{address}")
        with django_assert_num_queries(queries):
            page.get(f"/reports/{address}")
