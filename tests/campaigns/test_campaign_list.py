"""The list of campaigns: find, filter, sort, and the same few queries however many there are."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay
from tests import make

pytestmark = pytest.mark.django_db
URL = "/campaigns/"


def signed_in(client: Client, role: str = "marketer") -> Client:
    client.force_login(make.user(role))
    return client


def earned(campaign: Campaign, spend: str, revenue: str) -> None:
    for day, share in ((date(2026, 3, 2), Decimal("0.25")), (date(2026, 3, 3), Decimal("0.75"))):
        CampaignDay.objects.create(
            campaign=campaign, model=MODEL, day=day, spend=Decimal(spend) * share,
            net_revenue=Decimal(revenue) * share,
        )  # fmt: skip


def names(page: str, *wanted: str) -> list[str]:
    """Return the wanted names in the order in which the page has them."""
    return sorted((name for name in wanted if name in page), key=page.index)


def test_each_campaign_has_its_spend_credited_revenue_and_roas(client: Client) -> None:
    earned(make.campaign("Coffee"), "100", "250")
    make.campaign("Tea")
    page = signed_in(client, "viewer").get(URL).content.decode()
    assert "$100.00" in page
    assert "$250.00" in page
    assert "2.50×" in page
    assert "–" in page  # nothing was spent on tea: no ratio


def test_search_and_filters_narrow_and_stay_in_the_address(client: Client) -> None:
    make.campaign("Coffee club", channel="sms")
    make.campaign("Coffee win-back", status="live")
    make.campaign("Tea time", status="archived")
    page = signed_in(client).get(URL).content.decode()
    assert names(page, "Coffee club", "Coffee win-back", "Tea time") == names(
        page, "Coffee club", "Coffee win-back"
    )
    for query, wanted in (
        ("q=club", "Coffee club"),
        ("status=live", "Coffee win-back"),
        ("channel=sms", "Coffee club"),
    ):
        found = client.get(f"{URL}?{query}").content.decode()
        assert names(found, "Coffee club", "Coffee win-back", "Tea time") == [wanted]
    assert "Tea time" in client.get(f"{URL}?status=archived").content.decode()


def test_the_table_sorts_by_figures_with_the_unknown_last(client: Client) -> None:
    for name, spend, revenue in (("Alpha", "10", "10"), ("Beta", "10", "90"), ("Gamma", "20", "60")):
        earned(make.campaign(name), spend, revenue)
    make.campaign("Omega")
    client = signed_in(client)
    for sort, order in (
        ("-roas_attributed", "Beta Gamma Alpha Omega"),
        ("roas_attributed", "Alpha Gamma Beta Omega"),
        ("-net_revenue", "Beta Gamma Alpha Omega"),
        ("name", "Alpha Beta Gamma Omega"),
    ):
        page = client.get(f"{URL}?sort={sort}").content.decode()
        assert names(page, "Alpha", "Beta", "Gamma", "Omega") == order.split(), sort


def test_pages_have_a_count_and_nonsense_in_the_address_does_no_harm(client: Client) -> None:
    for number in range(30):
        make.campaign(f"Campaign {number:02}")
    client = signed_in(client)
    assert "1–25 of 30" in client.get(f"{URL}?sort=name").content.decode()
    assert "26–30 of 30" in client.get(f"{URL}?sort=name&page=2").content.decode()
    for query in ("page=99", "page=x", "per_page=0", "sort=nothing", "status=nothing", "q=%00"):
        assert client.get(f"{URL}?{query}").status_code == 200, query


def test_htmx_gets_the_table_alone(client: Client) -> None:
    make.campaign("Coffee")
    response = signed_in(client).get(URL, headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith("<section")
    assert "HX-Request" in response["Vary"]


def test_without_any_campaign_the_page_says_what_to_do(client: Client) -> None:
    page = signed_in(client).get(URL).content.decode()
    assert "No campaign yet" in page
    assert "/campaigns/new/" in page


def test_a_viewer_is_not_offered_what_they_may_not_do(client: Client) -> None:
    assert "/campaigns/new/" not in signed_in(client, "viewer").get(URL).content.decode()


def test_thirty_campaigns_cost_no_more_queries_than_three(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in(client).get(URL)  # the first page of a session notes when it was used
    for number in range(3):
        make.campaign(f"Campaign {number}")
    with django_assert_num_queries(QUERIES):
        client.get(URL)
    for number in range(27):
        earned(make.campaign(f"More {number}"), "1", "2")
    with django_assert_num_queries(QUERIES):
        client.get(URL)


# Session, user, two for permissions and one for roles; is there any campaign, is spend assumed, how many
# match, and one page of them.
QUERIES = 9
