"""Home answers: is marketing paying back in these days, and what needs me."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.utils.timezone import localdate, now
from pytest_django import DjangoAssertNumQueries

from campaigns.attribution import MODEL
from campaigns.models import Campaign, CampaignDay, CreditedDay, FiguresChange, figures
from shop.models import DirtyKey
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    client = Client()
    client.force_login(make.user("viewer"))
    return client


def earned(
    campaign: Campaign, spend: str = "100", revenue: str = "250", days_ago: int = 3, orders: int = 5
) -> None:
    day = localdate() - timedelta(days=days_ago)
    CampaignDay.objects.create(
        campaign=campaign, model=MODEL, day=day, spend=Decimal(spend), net_revenue=Decimal(revenue),
        orders=orders, order_revenue=2 * Decimal(revenue), redemptions=orders,
    )  # fmt: skip
    CampaignDay.objects.get_or_create(
        campaign=None, model=MODEL, day=day, defaults={"net_revenue": Decimal(750)}
    )
    CreditedDay.objects.get_or_create(
        model=MODEL,
        day=day,
        defaults={"orders": orders, "order_revenue": 2 * Decimal(revenue), "new_customers": 2},
    )


def test_the_tiles_say_what_was_spent_and_what_came_back(viewer: Client) -> None:
    earned(make.campaign("Coffee"))
    page = viewer.get("/").content.decode()
    for figure in ("$250.00", "$100.00", "2.50×", "150.0%", "$50.00", "10.00×"):
        assert figure in page


def test_nothing_spent_has_no_return_at_all(viewer: Client) -> None:
    earned(make.campaign(), spend="0")
    answer = viewer.get("/")
    written = {tile.key: tile.value for tile in answer.context["tiles"]}
    assert written["roas_attributed"] == written["roi_attributed_pct"] == written["mer"] == "–"
    assert written["spend"] == "$0.00"


def test_the_period_stands_in_the_address_and_older_days_are_compared(viewer: Client) -> None:
    campaign = make.campaign()
    earned(campaign, revenue="200", days_ago=3)
    earned(campaign, revenue="100", days_ago=3 + 35)
    tile = viewer.get("/?period=4w").context["tiles"][0]
    assert tile.value == "$200.00"
    assert tile.delta.change == 100
    day = localdate() - timedelta(days=38)
    own = viewer.get("/", {"start": str(day), "end": str(day)})
    assert own.context["tiles"][0].value == "$100.00"


def test_reversed_days_are_refused_in_words_and_the_page_still_stands(viewer: Client) -> None:
    page = viewer.get("/?start=2026-03-02&end=2026-03-01")
    assert page.status_code == 200
    earned(make.campaign())
    assert "swap the two dates" in viewer.get("/?start=2026-03-02&end=2026-03-01").content.decode()


def test_another_period_swaps_the_figures_and_a_sort_only_the_table(viewer: Client) -> None:
    earned(make.campaign())
    htmx = {"HX-Request": "true"}
    figures = viewer.get("/?period=52w", headers=htmx)
    assert figures.content.strip().startswith(b'<div id="home-report"')
    table = viewer.get("/?sort=-spend", headers=htmx | {"HX-Target": "home-campaigns"})
    assert table.content.strip().startswith(b'<section id="home-campaigns"')
    assert "HX-Request" in table["Vary"]


def test_campaigns_without_spend_stand_last_by_roas_either_way(viewer: Client) -> None:
    earned(make.campaign("Free"), spend="0")
    earned(make.campaign("Good"), spend="10")
    earned(make.campaign("Poor"), spend="1000")
    for sort, order in (
        ("-roas_attributed", ["Good", "Poor", "Free"]),
        ("roas_attributed", ["Poor", "Good", "Free"]),
    ):
        rows = viewer.get(f"/?sort={sort}").context["table"].rows
        assert [row.record.name for row in rows] == order


def test_the_table_is_narrowed_by_name_and_channel(viewer: Client) -> None:
    earned(make.campaign("Coffee", channel="sms"))
    earned(make.campaign("Tea", channel="email"))
    assert len(viewer.get("/?q=cof").context["table"].rows) == 1
    assert len(viewer.get("/?channel=email").context["table"].rows) == 1


def test_queries_do_not_grow_with_campaigns(
    viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        earned(make.campaign())
    with django_assert_max_num_queries(17):
        viewer.get("/")


def test_facts_that_are_not_counted_yet_are_said(viewer: Client) -> None:
    earned(make.campaign())
    assert "not in these figures yet" not in viewer.get("/").content.decode()
    assert "Every order and refund that has come in is counted." in viewer.get("/").content.decode()
    key = DirtyKey.objects.create(kind="order", key=1)
    DirtyKey.objects.filter(pk=key.pk).update(marked_at=now() - timedelta(seconds=41, milliseconds=500))
    page = viewer.get("/").content.decode()
    assert "not in these figures yet" in page
    assert "The oldest has waited for 42 seconds." in page


def test_an_empty_shop_says_what_comes_next(viewer: Client) -> None:
    assert "No figures yet" in viewer.get("/").content.decode()


def test_an_approver_exports_the_table_and_a_viewer_may_not(viewer: Client) -> None:
    earned(make.campaign("=cmd()"))
    approver = Client()
    approver.force_login(make.user("approver"))
    lines = b"".join(approver.get("/reports/campaigns.csv")).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("name,status,channel,spend")
    assert lines[1].startswith("'=cmd()")
    assert viewer.get("/reports/campaigns.csv").status_code == 403


def test_what_was_drawn_is_shown_again_until_a_figure_changes(
    viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = make.campaign("Coffee")
    earned(campaign)
    assert "$100.00" in viewer.get("/").content.decode()
    with django_assert_max_num_queries(7):
        assert "$100.00" in viewer.get("/").content.decode()
    CampaignDay.objects.filter(campaign=campaign).update(spend=Decimal("125"))
    assert "$125.00" in viewer.get("/").content.decode()
    Campaign.objects.filter(pk=campaign.pk).update(name="Tea")
    assert "Tea" in viewer.get("/").content.decode()
    campaign.delete()
    assert "Tea" not in viewer.get("/").content.decode()


def test_what_was_drawn_for_one_person_or_role_is_not_shown_to_another(viewer: Client) -> None:
    earned(make.campaign())
    assert "Export as CSV" not in viewer.get("/").content.decode()
    approver = make.user("approver")
    client = Client()
    client.force_login(approver)
    assert "Export as CSV" in client.get("/").content.decode()
    approver.groups.set(Group.objects.filter(name="viewer"))
    assert "Export as CSV" not in client.get("/").content.decode()


def test_what_was_drawn_in_one_language_is_not_shown_in_another(viewer: Client) -> None:
    earned(make.campaign())
    english = viewer.get("/").content.decode()
    chinese = viewer.get("/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "Campaigns in this period" in english
    assert "Campaigns in this period" not in chinese


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_seen_all_the_same() -> None:
    slow_one, fast_one = make.campaign(), make.campaign()
    committed, seen = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            Campaign.objects.filter(pk=slow_one.pk).update(name="Slow")
            seen.set()
            assert committed.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(slow)
        assert seen.wait(30)
        # Its note has the newer number, and is committed first.
        Campaign.objects.filter(pk=fast_one.pk).update(name="Fast")
        before = figures.mark()
        committed.set()
        late.result(30)
    assert figures.mark() != before


def test_pruning_changes_the_mark_and_never_empties_it() -> None:
    earned(make.campaign())
    before = figures.mark()
    FiguresChange.objects.update(at=now() - timedelta(minutes=11))
    figures.prune()
    assert FiguresChange.objects.count() == 1
    assert figures.mark() != before
