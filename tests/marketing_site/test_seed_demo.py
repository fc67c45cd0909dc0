"""The demo data: the sums of the source hold to the cent, dates end with the latest week, it loads once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q, Sum

from campaigns import attribution, segmenting
from campaigns.models import Assignment, Campaign, CouponProduct, Credit, Spend, Touch
from marketing_site.demo import catalog, mailings, naming, purchases, reading, seeding
from shop.models import (
    Consent,
    ConsentEvent,
    Customer,
    CustomerCategoryDay,
    CustomerProfile,
    Event,
    Order,
    OrderLine,
    Product,
    SetupStep,
)
from tests import make

SHOP = ZoneInfo(settings.TIME_ZONE)


@pytest.fixture(scope="module")
def source() -> reading.Source:
    return reading.Source.installed(small=False, weeks=0)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the small demo smaller: about forty households instead of two hundred and fifty."""
    monkeypatch.setattr(reading, "SMALL_SAMPLE", 60)
    yield
    SetupStep.objects.all().delete()


def dollars(frame: pl.DataFrame, column: str) -> Decimal:
    return Decimal(str(round(frame[column].sum(), 2)))


# --- The source, read ---------------------------------------------------------------------------------


def test_the_sums_of_the_source_hold_to_the_cent(source: reading.Source) -> None:
    orders, lines = purchases.orders(source), purchases.lines(source)
    assert (orders.height, lines.height) == (155_848, 1_469_307)
    assert dollars(orders, "net_revenue") == Decimal("4596039.58")
    assert dollars(lines, "discount") == Decimal("791650.64") + Decimal("4542.65")
    assert dollars(lines, "gross") == Decimal("4596039.58") + Decimal("791650.64") + Decimal("4542.65")
    assert dollars(lines, "coupon_value") == Decimal("26359.90")
    assert dollars(orders, "gross") == dollars(lines, "gross")
    assert (lines["quantity"] == 0).sum() == 8_869


def test_in_the_shop_s_zone_the_year_is_2017_and_every_redemption_has_a_basket(
    source: reading.Source,
) -> None:
    days = purchases.orders(source).select(
        "household", day=pl.col("ordered_at").dt.convert_time_zone(settings.TIME_ZONE).dt.date()
    )
    assert (days["day"].min(), days["day"].max()) == (date(2017, 1, 1), date(2017, 12, 31))
    on_a_day = source.redemptions.join(days, on=["household", "day"], how="semi")
    assert on_a_day.height == source.redemptions.height == 2_102


def test_the_strict_rule_links_1130_redemptions(source: reading.Source) -> None:
    covered = mailings.covered_lines(source)
    assert covered["number"].n_unique() == 1_130
    assert covered.unique(["basket", "item"])["sales"].sum() == 435_328


def test_products_have_composed_names_observed_prices_and_assumed_costs(source: reading.Source) -> None:
    products = catalog.read(source).products
    assert products.height == 92_331 + 20  # the stubs for products that lines or coupons name
    assert products.filter(pl.col("name") == "").is_empty()
    coffee = products.filter(pl.col("sku") == "862799").row(0, named=True)
    assert (coffee["name"], coffee["product_category_name"]) == ("Ground Coffee, 39 oz", "Coffee")
    assert (coffee["price"], coffee["cost"], coffee["cost_assumed"], coffee["active"]) == (
        6.99,
        5.17,
        True,
        True,
    )
    assert not products.filter(pl.col("department") == "FUEL")["active"].any()
    assert products.filter(pl.col("price").is_null() & pl.col("active")).is_empty()


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("FRZN PIZZA", "Frozen Pizza"),
        ("BREAD:ITALIAN/FRENCH", "Bread: Italian/French"),
        ("CHEESE CRACKERS (CHEEZ-ITS/GOL", "Cheese Crackers"),
        ("INSTANT COFFEE FLAVORED NO SWE", "Instant Coffee Flavored no Sweetener"),
        ("AUTHENTIC SAUCES SALSA PICAN W", "Authentic Sauces Salsa Pican"),
        ("PREMIUM 750ML WINES", "Premium 750ml Wines"),
    ],
)
def test_names_are_in_plain_words(raw: str, plain: str) -> None:
    assert naming.plain_words(raw) == plain


def test_no_two_households_have_the_same_name() -> None:
    assert len({naming.person(number).name for number in range(1, 2501)}) == 2_500


@pytest.mark.parametrize(
    ("today", "last_day"),
    [
        (date(2026, 11, 22), date(2026, 11, 15)),  # a Sunday: this week is not complete
        (date(2026, 11, 23), date(2026, 11, 22)),
        (date(2026, 11, 28), date(2026, 11, 22)),
    ],
)
def test_the_data_ends_with_the_latest_complete_week(today: date, last_day: date) -> None:
    weeks = reading.weeks_to_latest(today)
    moved = reading.Source.installed(small=True, weeks=weeks)
    newest = purchases.orders(moved)["ordered_at"].max()
    assert isinstance(newest, datetime)
    assert newest.astimezone(SHOP).date() == last_day


def test_an_hour_that_spring_skips_becomes_the_one_after_it(source: reading.Source) -> None:
    skipped = pl.DataFrame({"at": [datetime(2026, 3, 8, 2, 30)]})  # noqa: DTZ001  (a wall clock's time)
    moment = skipped.select(source.local(pl.col("at")))["at"][0]
    assert moment == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


# --- The database, loaded -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_small_demo_loads_once_and_whole(tiny: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--size=small")
    assert_whole()
    step = SetupStep.objects.get(name="demo")
    assert (step.state, step.done) == (SetupStep.State.DONE, step.total)
    orders = Order.objects.count()
    call_command("seed_demo", "--size=small")
    assert "nothing was imported" in capsys.readouterr().out
    assert Order.objects.count() == orders


def assert_whole() -> None:
    """What must be true of the demo at any size."""
    assert not OrderLine.objects.exclude(customer_id=F("order__customer_id")).exists()
    assert not OrderLine.objects.exclude(ordered_at=F("order__ordered_at")).exists()
    sums = {name: Sum(name) for name in ("gross", "discount")}
    orders = Order.objects.aggregate(**sums, net=Sum("net_revenue"))
    assert {name: orders[name] for name in sums} == OrderLine.objects.aggregate(**sums)
    assert (
        orders["gross"] - orders["discount"]
        == orders["net"]
        == Credit.objects.aggregate(all=Sum("amount"))["all"]
    )
    in_a_category = OrderLine.objects.filter(product__category__isnull=False)
    expected = in_a_category.aggregate(net=Sum(F("gross") - F("discount")))
    in_departments = CustomerCategoryDay.objects.filter(category__parent=None)  # below them it counts again
    assert in_departments.aggregate(net=Sum("net_revenue")) == expected
    assert Campaign.objects.exclude(source="").count() == 27
    assert_labelled()
    assert_example_waits()


def assert_labelled() -> None:
    assert not CustomerProfile.objects.filter(synthetic=False).exists()
    assert not CustomerProfile.objects.exclude(email__endswith="@example.invalid").exists()
    assert not Event.objects.filter(synthetic=False).exists()
    assert not Spend.objects.exclude(source=Spend.Source.DEMO).exists()
    assert not Spend.objects.exclude(note__startswith="Demo assumption").exists()
    assert not Product.objects.filter(cost__isnull=False, cost_assumed=False).exists()
    assert set(Event.objects.values_list("kind", flat=True)) == {"search", "view", "cart", "review"}
    assert Consent.objects.count() == ConsentEvent.objects.count() > Customer.objects.count()


def assert_example_waits() -> None:
    draft = Campaign.objects.get(name="Win back lapsed coffee buyers")
    assert (draft.status, draft.channel, draft.holdout_percent) == ("draft", "email", Decimal(10))
    assert draft.offer_policy.value == 15
    assert all(product.price and product.active for product in draft.products.all())
    assert draft.products.exists()
    assert draft.segment is not None
    assert "Coffee" in segmenting.sentence(draft.segment.rule)
    assert draft.segment.size == segmenting.count(draft.segment.rule)


@pytest.mark.django_db(transaction=True)
def test_a_broken_import_leaves_nothing_and_the_next_one_starts_clean(
    tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        seen = SetupStep.objects.get(name="demo")
        assert (seen.state, seen.total > seen.done > 0) == (SetupStep.State.RUNNING, True)
        raise RuntimeError("the machine was switched off")

    with monkeypatch.context() as broken:
        broken.setattr(attribution, "rebuild", fail)
        with pytest.raises(RuntimeError):
            call_command("seed_demo", "--size=small")
    assert not Order.objects.exists()
    assert not Product.objects.exists()
    assert "switched off" in SetupStep.objects.get(name="demo").detail
    call_command("seed_demo", "--size=small")
    assert Order.objects.exists()
    assert SetupStep.objects.get(name="demo").state == SetupStep.State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_database_with_other_data_is_refused(tiny: None) -> None:
    make.product()
    with pytest.raises(CommandError, match="data of its own"):
        call_command("seed_demo", "--size=small")
    assert SetupStep.objects.get(name="demo").state == SetupStep.State.FAILED
    assert Product.objects.count() == 1


def test_a_size_that_does_not_exist_is_one_clear_sentence() -> None:
    with pytest.raises(CommandError, match="set it to full or small"):
        call_command("seed_demo", size="tiny")


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_the_full_demo_is_the_whole_source(source: reading.Source) -> None:
    call_command("seed_demo", "--size=full", "--keep-dates")
    assert_whole()
    assert Order.objects.aggregate(net=Sum("net_revenue"))["net"] == Decimal("4596039.58")
    counts = [
        model.objects.count() for model in (Order, OrderLine, Customer, Assignment, Touch, CouponProduct)
    ]
    assert counts == [155_848, 1_469_307, 2_469, 6_589, 2_102, 111_332]
    credited = Credit.objects.aggregate(campaigns=Sum("amount", filter=Q(campaign__isnull=False)))
    assert credited["campaigns"] == Decimal("4353.28")
    assert attribution.linked_redemptions(Order.objects.values_list("pk", flat=True)) == 1_130
    contacted = Assignment.objects.aggregate(customers=Count("customer", distinct=True))
    assert contacted["customers"] == 1_559
    spend = Spend.objects.filter(category=Spend.Category.DELIVERY).aggregate(all=Sum("amount"))["all"]
    assert spend == 6_589 * settings.DEMO_COST_PER_CONTACT
    SetupStep.objects.all().delete()
    assert seeding.is_loaded()
