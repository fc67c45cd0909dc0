"""Files into the ledger: what is stored, what is refused, what happens when they are sent again."""

import io
from decimal import Decimal
from typing import Any

import pytest

from shop import importing
from shop.importing.lane import work_off
from shop.models import Consent, Customer, DirtyKey, Event, ImportFile, Order, Product, Refund
from shop.models.importing import ImportRow
from tests import make

pytestmark = pytest.mark.django_db
ORDERS = """order,customer,ordered_at,product,quantity,gross,discount
A1,C1,2026-03-02T12:00:00Z,mug,2,20.00,5.00
A1,C1,2026-03-02T12:00:00Z,TEA,1,4.50,
A2,C2,2026-03-03T12:00:00Z,MUG,1,10,0
"""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shop() -> None:
    make.product("Mug", sku="MUG")
    make.product("Tea", sku="TEA")
    make.customer(external_id="C1")
    make.customer(external_id="C2")


def received(kind: str, content: str | bytes, name: str = "", **options: Any) -> ImportFile:
    raw = content.encode() if isinstance(content, str) else content
    file = importing.receive(kind, io.BytesIO(raw), name or f"{kind}.csv", **options)
    if not file.known:
        importing.inspect(file)
    return file


def run(file: ImportFile) -> ImportFile:
    work_off("test")
    file.refresh_from_db()
    return file


def checked(kind: str, content: str | bytes, name: str = "", policies: Any = None, **options: Any) -> ImportFile:
    file = received(kind, content, name, **options)
    if policies:
        importing.configure(file, {}, file.mapping, policies)
    importing.request_check(file)
    return run(file)


def applied(kind: str, content: str | bytes, name: str = "", **options: Any) -> ImportFile:
    file = checked(kind, content, name, **options)
    assert file.state == "ready", (file.problem, file.report.get("header_faults"), list(ImportRow.objects.values()))
    importing.request_apply(file)
    return run(file)


def faults(file: ImportFile) -> list[tuple[int, str, str]]:
    return [
        (row.row_no, one["column"], one["code"])
        for row in file.rejected_rows.order_by("row_no")
        for one in row.errors
    ]


def test_orders_are_stored_with_their_lines_and_sums(shop: None) -> None:
    file = applied("orders", ORDERS)
    assert (file.state, file.rows, file.new, file.rejected) == ("applied", 3, 3, 0)
    order = Order.objects.get(source="file", external_id="A1")
    assert (order.gross, order.discount, order.net_revenue) == (Decimal("24.5"), 5, Decimal("19.5"))
    assert [line.product.sku for line in order.lines.order_by("line_no")] == ["MUG", "TEA"]
    assert set(order.lines.values_list("customer_id", flat=True)) == {order.customer_id}
    assert DirtyKey.objects.filter(kind="order").count() == 2
