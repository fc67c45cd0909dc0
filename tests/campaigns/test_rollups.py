"""Roll-ups of random histories equal a recount in plain Python and a full rebuild; a wrong one is found."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from campaigns import attribution, reports
from campaigns.models import CampaignDay
from shop import importing, ledger
from shop.models import CohortMonth, CustomerCategoryDay, CustomerMonth, CustomerRfm, DirtyKey, Lane
from tests import make
from tests.campaigns.rollup_history import DAYS, FIRST, History, Recount
from tests.shop.imports import applied, run
from tests.shop.test_importing import ORDERS

pytestmark = pytest.mark.django_db
CENT = Fraction(1, 100)
ZONES = ("America/New_York", "Asia/Shanghai", "Europe/Berlin", "Pacific/Auckland")


def near(found: Decimal | int | None, wanted: Fraction | int | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return abs(Fraction(found) - wanted) < CENT


def played(seed: int, steps: int) -> History:
    history = History(seed)
    for _step in range(steps):
        history.step()
    history.finish()
    return history


def compare(recount: Recount) -> None:
    """Hold every roll-up and every figure of the reports against the recount."""
    compare_reports(recount)
    compare_campaign_days(recount)
    values = CustomerRfm.objects.values_list(
        "customer_id", "orders", "net_revenue", "first_order_at", "last_order_at"
    )
    wanted = recount.customers()
    assert {row[0] for row in values} == wanted.keys()
    for customer, orders, net, first, last in values:
        assert (orders, first, last) == (wanted[customer][0], *wanted[customer][2:])
        assert near(net, wanted[customer][1])
    compare_cells(
        {(row.category_id, row.day, row.customer_id): (row.orders, row.lines, row.net_revenue)
         for row in CustomerCategoryDay.objects.all()},
        recount.category_days(),
    )  # fmt: skip
    compare_cells(
        {(row.cohort, row.month): (row.customers, row.kept, row.second_orders, row.orders, row.net_revenue)
         for row in CohortMonth.objects.all()},
        recount.cohorts(),
    )  # fmt: skip


def compare_cells(found: Mapping[Any, tuple[Any, ...]], wanted: Mapping[Any, tuple[Any, ...]]) -> None:
    assert found.keys() == wanted.keys()
    for key, (*counts, money) in found.items():
        assert tuple(counts) == wanted[key][:-1], key
        assert near(money, wanted[key][-1]), key


def compare_reports(recount: Recount) -> None:
    start = (FIRST - timedelta(days=2)).date()
    period = reports.Period(start, start + timedelta(days=DAYS + 4))
    whole = reports.total(reports.daily(period), period)
    for name, wanted in recount.whole().items():
        assert near(getattr(whole, name), wanted), name


def compare_campaign_days(recount: Recount) -> None:
    number: dict[int | None, int] = {campaign.pk: at for at, campaign in enumerate(recount.history.campaigns)}
    wanted = recount.campaign_days()
    counted = ("orders", "new_customers", "redemptions")
    for row in CampaignDay.objects.all():
        one = wanted.pop((number.get(row.campaign_id), row.day), None)
        for name in (*counted, "net_revenue", "order_revenue", "spend"):
            assert near(getattr(row, name), getattr(one, name, 0)), (row, name)
    assert not wanted


@pytest.mark.parametrize("seed", range(4))
def test_a_history_adds_up_as_by_hand(seed: int, settings: Settings) -> None:
    settings.TIME_ZONE = ZONES[seed % 4]
    compare(Recount(played(seed, 60), settings.TIME_ZONE))
    assert attribution.differences() == []


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(20))
def test_a_history_of_five_thousand_events_adds_up_as_by_hand(seed: int, settings: Settings) -> None:
    settings.TIME_ZONE = ZONES[seed % 4]
    compare(Recount(played(100 + seed, 5000), settings.TIME_ZONE))
    assert attribution.differences() == []


def checked() -> str:
    out = StringIO()
    call_command("rollups", "--check", stdout=out)
    return out.getvalue()


def test_the_check_changes_nothing_and_says_that_all_is_well() -> None:
    order = make.order()
    ledger.mark_dirty(orders=[order.pk])
    assert "Every roll-up equals a full rebuild." in checked()
    assert DirtyKey.objects.count() == 1
    assert not CampaignDay.objects.exists()


def test_each_wrong_roll_up_is_named_and_the_rebuild_makes_it_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = make.order(lines=[(make.product(category=make.category()), "10")])
    ledger.mark_dirty(orders=[order.pk])
    attribution.drain_dirty_keys()
    CustomerRfm.objects.update(orders=7)
    CustomerCategoryDay.objects.all().delete()
    CustomerMonth.objects.update(net_revenue=3)
    CohortMonth.objects.update(kept=1)
    CampaignDay.objects.update(net_revenue=Decimal("10.01"))
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rollups", "--check", stdout=out)
    assert ended.value.code == 1
    said = out.getvalue()
    for name in ("customer values", "category days", "customer months", "cohort months", "campaign days"):
        assert name in said
    assert "order totals" not in said
    assert "kept: " in said
    assert "net_revenue 10.0100" in said
    call_command("rollups", "--rebuild", stdout=StringIO())
    assert "Every roll-up equals" in checked()


def test_a_write_hints_once_until_the_hint_is_taken(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    order = make.order()
    with django_capture_on_commit_callbacks(execute=True) as called:
        ledger.mark_dirty(orders=[order.pk])
    assert len(called) == 1
    hinted = Lane.objects.get(name="rollups").hinted_at
    assert hinted is not None
    with django_capture_on_commit_callbacks(execute=True):
        ledger.mark_dirty(orders=[order.pk])
    assert Lane.objects.get(name="rollups").hinted_at == hinted


def test_an_import_that_is_taken_back_leaves_no_roll_up_behind() -> None:
    make.order(lines=[(make.product(category=make.category()), "10")])
    attribution.rebuild_all()
    file = applied("orders", ORDERS, policies={"orphans": "stub"})
    attribution.drain_dirty_keys()
    assert CohortMonth.objects.get().customers == 3
    importing.request_undo(file)
    assert run(file).state == "undone"
    attribution.drain_dirty_keys()
    assert CohortMonth.objects.get().customers == 1
    assert attribution.differences() == []
