"""The ledger's sums and roll-ups equal a plain recomputation, whatever was edited, refunded or cancelled."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from shop import ingest, ledger
from shop.categorising import save_category
from shop.models import CustomerCategoryDay, CustomerRfm, DirtyKey, Order, OrderLine, Product
from tests import make

pytestmark = pytest.mark.django_db
SHOP = ZoneInfo(settings.TIME_ZONE)
FOUR_PLACES = Decimal("0.0001")
LATE = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # half past eleven in the evening of 2 March in New York


def drain() -> None:
    ledger.refresh(*ledger.take_dirty_keys())


def bought(order: Order, product: Product, gross: str, *, quantity: int = 1, discount: str = "0") -> None:
    """Add a line to the order as a source would: the whole order is sent again."""
    lines = [ingest.NewLine(one.product, one.quantity, one.gross, one.discount) for one in order.lines.all()]
    lines.append(ingest.NewLine(product, quantity, Decimal(gross), Decimal(discount)))
    ingest.put_order(again(order, lines=lines))


def again(order: Order, **changes: Any) -> ingest.NewOrder:
    lines = [ingest.NewLine(one.product, one.quantity, one.gross, one.discount) for one in order.lines.all()]
    values: dict[str, Any] = {
        "source": order.source, "external_id": order.external_id, "customer": order.customer,
        "ordered_at": order.ordered_at, "status": order.status, "lines": lines,
    }  # fmt: skip
    return ingest.NewOrder(**(values | changes))


def order(customer: Any, day: date, lines: list[tuple[Product, str]], hour: int = 12) -> Order:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=SHOP)
    new = [ingest.NewLine(product, 1, Decimal(gross)) for product, gross in lines]
    placed = Order(source="test", external_id=f"{customer.pk}-{day}-{hour}", customer=customer, ordered_at=at)
    return ingest.put_order(
        ingest.NewOrder(placed.source, placed.external_id, customer, at, lines=new)
    )[0]  # fmt: skip


# --- The same figures in plain Python ---------------------------------------------------------------


def expected_totals() -> dict[int, tuple[Decimal, ...]]:
    found: dict[int, tuple[Decimal, ...]] = {}
    for one in Order.objects.all():
        gross = sum((line.gross for line in one.lines.all()), Decimal(0))
        discount = sum((line.discount for line in one.lines.all()), Decimal(0))
        refunded = sum((refund.amount for refund in one.refunds.all()), Decimal(0))
        net = Decimal(0) if one.status == Order.Status.CANCELLED else gross - discount - refunded
        found[one.pk] = (gross, discount, refunded, net)
    return found


def expected_values() -> dict[int, tuple[Any, ...]]:
    by_customer = defaultdict(list)
    for one in Order.objects.exclude(status=Order.Status.CANCELLED):
        by_customer[one.customer_id].append(one)
    totals = expected_totals()
    return {
        customer: (
            min(one.ordered_at for one in orders),
            max(one.ordered_at for one in orders),
            len(orders),
            sum(totals[one.pk][3] for one in orders),
        )
        for customer, orders in by_customer.items()
    }


def line_refund(line: OrderLine, whole: Decimal) -> Decimal:
    found = Decimal(0)
    for refund in line.order.refunds.all():
        if refund.line_no == line.line_no:
            found += refund.amount
        elif refund.line_no is None and whole:
            found += (refund.amount * (line.gross - line.discount) / whole).quantize(FOUR_PLACES)
    return found


def expected_days() -> dict[tuple[int, date, int], tuple[int, int, Decimal]]:
    orders: dict[Any, set[int]] = defaultdict(set)
    lines: dict[Any, int] = defaultdict(int)
    money: dict[Any, Decimal] = defaultdict(Decimal)
    totals = expected_totals()
    for line in OrderLine.objects.select_related("order", "product__category"):
        if line.order.status == Order.Status.CANCELLED or line.product.category is None:
            continue
        day = line.order.ordered_at.astimezone(SHOP).date()
        gross, discount, *_ = totals[line.order_id]
        for category in map(int, line.product.category.path.strip("/").split("/")):
            key = (category, day, line.order.customer_id)
            money[key] += line.gross - line.discount - line_refund(line, gross - discount)
            if line.quantity > 0:
                orders[key].add(line.order_id)
                lines[key] += 1
    return {key: (len(orders[key]), lines[key], money[key]) for key in money}


def assert_ledger_is_right() -> None:
    totals = Order.objects.values_list("pk", "gross", "discount", "refunded", "net_revenue")
    assert {pk: tuple(sums) for pk, *sums in totals} == expected_totals()
    values = CustomerRfm.objects.values_list(
        "customer_id", "first_order_at", "last_order_at", "orders", "net_revenue"
    )
    assert {pk: tuple(rest) for pk, *rest in values} == expected_values()
    days = CustomerCategoryDay.objects.values_list(
        "category_id", "day", "customer_id", "orders", "lines", "net_revenue"
    )
    assert {tuple(row[:3]): tuple(row[3:]) for row in days} == expected_days()


# --- What is promised --------------------------------------------------------------------------------


def test_sums_follow_every_kind_of_change() -> None:
    goods = make.category("goods")
    food, drinks = make.category("food", goods), make.category("drinks", goods)
    bread, tea = make.product("bread", category=food), make.product("tea", category=drinks)
    bag = make.product("bag")  # in no category
    anna, ben = make.customer(), make.customer()
    monday, later = date(2026, 3, 2), date(2026, 3, 9)
    first = order(anna, monday, [(bread, "4"), (tea, "6.50"), (bag, "0.10")])
    evening = order(anna, monday, [(tea, "6.50")], hour=20)
    second = order(anna, later, [(bread, "4")])
    other = order(ben, monday, [(tea, "13")])
    drain()
    assert_ledger_is_right()
    assert CustomerCategoryDay.objects.get(customer=anna, category=drinks, day=monday).orders == 2

    bought(second, tea, "7", discount="1.25")
    bought(other, bread, "0.80", quantity=0)  # money, and no purchase
    ingest.put_refund("test", "R1", evening, Decimal("2.5"), LATE, line_no=1)
    ingest.put_refund("test", "R2", first, Decimal("3.3333"), LATE)
    drain()
    assert_ledger_is_right()
    assert CustomerCategoryDay.objects.get(customer=ben, category=food).orders == 0

    ingest.put_order(again(evening, status=Order.Status.CANCELLED))
    ingest.put_order(again(first, ordered_at=first.ordered_at + timedelta(days=3)))
    ingest.put_order(again(other, customer=anna))
    drain()
    assert_ledger_is_right()
    assert not CustomerRfm.objects.filter(customer=ben).exists()

    tea.category = food
    ingest.save_product(tea)
    drain()
    assert_ledger_is_right()
    assert not CustomerCategoryDay.objects.filter(category=drinks).exists()

    food.parent = make.category("other goods")
    save_category(food)
    drain()
    assert_ledger_is_right()
    assert not CustomerCategoryDay.objects.filter(category=goods).exists()
    assert not DirtyKey.objects.exists()


def test_a_rebuild_finds_nothing_to_correct_and_repairs_what_was_broken() -> None:
    food = make.category()
    for number in range(3):
        buyer = make.customer()
        order(buyer, date(2026, 3, 1) + timedelta(days=number), [(make.product(category=food), "5")])
    drain()
    assert_ledger_is_right()
    Order.objects.update(net_revenue=1, gross=0)
    CustomerCategoryDay.objects.all().delete()
    CustomerRfm.objects.update(orders=9)
    ledger.rebuild()
    assert_ledger_is_right()


def test_an_evening_order_belongs_to_the_shop_s_day() -> None:
    product = make.product(category=make.category())
    ingest.put_order(
        ingest.NewOrder("test", "late", make.customer(), LATE, [ingest.NewLine(product, 1, Decimal(5))])
    )
    drain()
    assert CustomerCategoryDay.objects.get().day == date(2026, 3, 2)


def test_an_order_carries_its_sums_at_once_and_repeating_it_changes_nothing() -> None:
    product, buyer = make.product(), make.customer()
    line = ingest.NewLine(product, 2, Decimal("10"), Decimal("1.50"))
    new = ingest.NewOrder("till", "17", buyer, make.NOON, [line])
    made, created = ingest.put_order(new)
    same, created_again = ingest.put_order(new)
    assert (created, created_again, made.pk) == (True, False, same.pk)
    assert made.net_revenue == Decimal("8.50")
    assert OrderLine.objects.count() == 1
    assert DirtyKey.objects.count() == 1


def test_scores_are_fifths_and_equal_values_share_one() -> None:
    today = date(2026, 3, 1)
    for count in (1, 1, 1, 2, 3):
        buyer = make.customer()
        for number in range(count):
            order(buyer, today + timedelta(days=number), [(make.product(), "10")])
    drain()
    ledger.score_customers()
    scores = CustomerRfm.objects.order_by("orders").values_list("frequency_score", flat=True)
    assert list(scores) == [3, 3, 3, 4, 5]
    newest = CustomerRfm.objects.latest("last_order_at")
    assert (newest.recency_score, newest.monetary_score) == (5, 5)


def test_a_refund_of_another_order_or_of_no_line_is_refused() -> None:
    one, two = (order(make.customer(), date(2026, 3, 2), [(make.product(), "5")]) for _ in range(2))
    ingest.put_refund("test", "R1", one, Decimal(1), LATE)
    with pytest.raises(ingest.IngestError, match="another order"):
        ingest.put_refund("test", "R1", two, Decimal(1), LATE)
    with pytest.raises(ingest.IngestError, match="no line 7"):
        ingest.put_refund("test", "R2", two, Decimal(1), LATE, line_no=7)


def test_a_product_is_known_by_its_sku_in_any_case() -> None:
    first, created = ingest.put_product("Mug-1", {"name": "Mug"})
    second, created_again = ingest.put_product("MUG-1", {"price": Decimal(9)})
    assert (created, created_again, first.pk) == (True, False, second.pk)
    assert Product.objects.get().name == "Mug"


def test_the_clock_keeps_the_scores() -> None:
    order(make.customer(), date(2026, 3, 2), [(make.product(), "5")])
    drain()
    [task] = [
        str(entry["task"])
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if "score" in str(entry["task"])
    ]
    import_string(str(task))()
    assert CustomerRfm.objects.get().monetary_score == 5


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_cannot_lose_its_key() -> None:
    """A worker that took the key in between would recompute the old facts and forget the new ones."""
    ledger.mark_dirty(orders=[7])
    marked, taken = Event(), Event()

    def change() -> None:
        with transaction.atomic():
            ledger.mark_dirty(orders=[7])
            marked.set()
            assert taken.wait(10)
        connection.close()

    with ThreadPoolExecutor(1) as somebody:
        changing = somebody.submit(change)
        assert marked.wait(10)
        with transaction.atomic():
            assert ledger.take_dirty_keys().orders == []
        taken.set()
        changing.result()
    with transaction.atomic():
        assert ledger.take_dirty_keys().orders == [7]


def test_a_new_order_keeps_its_sums_until_something_of_it_changes() -> None:
    order = make.order(make.customer(), [(make.product(), "10")])
    Order.objects.filter(pk=order.pk).update(net_revenue=Decimal(4))
    DirtyKey.objects.all().delete()
    DirtyKey.objects.create(kind="new_order", key=order.pk)
    drain()
    assert CustomerRfm.objects.get().net_revenue == Decimal(4)
    DirtyKey.objects.create(kind="new_order", key=order.pk)
    ledger.mark_dirty(orders=[order.pk])
    drain()
    assert CustomerRfm.objects.get().net_revenue == Order.objects.get().net_revenue == Decimal(10)
