"""Files into the ledger: what is stored, what is refused, what happens when they are sent again."""

import gzip
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from shop import importing
from shop.importing import frames, lane
from shop.importing.handlers.orders import Orders
from shop.importing.working import Hold, Stopped
from shop.importing.writing import Batch
from shop.models import (
    ApiKey,
    Consent,
    Customer,
    DirtyKey,
    Event,
    ImportFile,
    Order,
    OrderLine,
    Product,
    Refund,
)
from tests import make
from tests.shop.imports import applied, checked, received, run

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
    assert (order.gross, order.discount, order.net_revenue) == (Decimal("24.5"), Decimal(5), Decimal("19.5"))
    assert [line.product.sku for line in order.lines.order_by("line_no")] == ["MUG", "TEA"]
    assert set(order.lines.values_list("customer_id", flat=True)) == {order.customer_id}
    assert DirtyKey.objects.filter(kind="new_order").count() == 2


def test_every_kind_takes_its_own_example(shop: None) -> None:
    make.product(sku="MUG-BLUE")
    make.customer(external_id="C-1001")
    campaign = make.campaign("Spring mugs")
    applied("orders", importing.find("orders").example_csv(), "example.csv")
    for kind in importing.kinds():
        if kind.name in ("orders", "customers"):
            continue
        file = checked(kind.name, kind.example_csv(), f"{kind.name}-example.csv")
        assert (file.state, faults(file)) == ("ready", []), kind.name
        importing.request_apply(file)
        file = run(file)
        assert (file.state, file.new + file.changed) == ("applied", 1), kind.name
        if kind.undoable:
            importing.request_undo(file)
            assert (run(file).state, file.problem) == ("undone", ""), kind.name
    assert not campaign.touches.exists()


def test_an_order_that_is_sent_again_is_corrected_and_nothing_is_doubled(shop: None) -> None:
    applied("orders", ORDERS)
    again = ORDERS.replace("A1,C1,2026-03-02T12:00:00Z,TEA,1,4.50,\n", "").replace("A2,C2", "A2,C1")
    file = applied("orders", again)
    assert (file.new, file.changed, file.unchanged) == (0, 1, 1)
    first, second = Order.objects.order_by("external_id")
    assert (first.lines.count(), first.net_revenue) == (1, Decimal(15))
    assert second.customer.external_id == "C1"
    assert set(second.lines.values_list("customer_id", flat=True)) == {second.customer_id}
    assert DirtyKey.objects.filter(kind="customer").count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_else_writes_at_the_same_moment_is_there_once(
    shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up, looks = Orders.resolve, []

    def resolve(self: Orders, batch: Batch) -> None:
        looked_up(self, batch)
        looks.append(batch)
        if len(looks) == 1:
            with ThreadPoolExecutor(1) as somebody:
                somebody.submit(elsewhere).result()

    def elsewhere() -> None:
        other = Customer.objects.get(external_id="C2")
        Order.objects.create(source="file", external_id="A1", customer=other, ordered_at=make.NOON)
        connection.close()

    file = checked("orders", ORDERS)
    importing.request_apply(file)
    monkeypatch.setattr(Orders, "resolve", resolve)
    file = run(file)
    assert (len(looks), file.state, file.new) == (2, "applied", 3)
    order = Order.objects.get(external_id="A1")
    assert (order.customer.external_id, order.net_revenue) == ("C1", Decimal("19.5"))
    assert (Order.objects.count(), OrderLine.objects.count()) == (2, 3)


def test_the_same_rows_in_another_file_change_nothing(shop: None) -> None:
    applied("orders", ORDERS)
    DirtyKey.objects.all().delete()
    file = applied("orders", ORDERS + "\n")
    assert (file.new, file.changed, file.unchanged) == (0, 0, 3)
    assert not DirtyKey.objects.exists()


def test_an_order_whose_rows_lie_apart_keeps_all_its_lines(shop: None) -> None:
    head, *rows = ORDERS.splitlines(keepends=True)
    assert applied("orders", head + rows[0] + rows[2] + rows[1]).new == 3
    assert Order.objects.get(external_id="A1").lines.count() == 2


@pytest.mark.parametrize("mode", ["atomic", "resumable"])
def test_small_parts_give_what_one_part_gives(shop: None, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, *rows = ORDERS.splitlines(keepends=True)
    many = [row.replace("A", f"{number}-A", 1) for number in range(40) for row in rows]
    apart = many[0::2] + many[1::2]
    monkeypatch.setattr("shop.importing.streams.BLOCK", 700)
    assert applied("orders", head + "".join(many), mode=mode).new == 120
    assert Order.objects.filter(lines__isnull=False).distinct().count() == 80
    assert set(Order.objects.filter(external_id__endswith="A1").values_list("net_revenue", flat=True)) == {
        Decimal("19.5")
    }
    again = applied("orders", head + "".join(apart), mode=mode)
    assert again.rows == 120
    assert {order.lines.count() for order in Order.objects.filter(external_id__endswith="A1")} == {2}


def test_a_part_by_part_import_stores_the_right_rows_and_names_the_others(shop: None) -> None:
    file = applied("orders", ORDERS.replace("TEA", "NONE").replace(",10,0", ",ten,0"), mode="resumable")
    assert (file.rows, file.new, file.rejected) == (3, 1, 2)
    assert faults(file) == [(2, "product", "unknown_product"), (3, "gross", "number")]
    lines = "".join(importing.rejected_csv(file)).splitlines()
    assert lines[0].endswith("product: problem,gross: problem")
    assert "No product has this SKU." in lines[1]


def test_unknown_ids_become_stubs_where_that_is_chosen() -> None:
    file = applied("orders", ORDERS, policies={"orphans": "stub"})
    assert (file.new, Product.objects.count(), Customer.objects.count()) == (3, 2, 2)
    assert not Product.objects.filter(active=True).exists()
    assert file.report["orphans"] == {"products": 2, "customers": 2, "examples": ["C1", "C2", "TEA", "mug"]}
    importing.request_undo(file)
    assert run(file).state == "undone"
    assert not Product.objects.exists()
    assert not Customer.objects.exists()


def test_another_currency_keeps_its_amount_and_its_rate(shop: None) -> None:
    content = (
        "order,customer,ordered_at,product,gross,discount,currency,rate\n"
        "E1,C1,2026-03-02T12:00:00Z,MUG,10.00,1.00,EUR,1.10\nE2,C1,2026-03-02T12:00:00Z,MUG,10.00,,USD,\n"
    )
    applied("orders", content)
    order = Order.objects.get(external_id="E1")
    assert (order.net_revenue, order.original_currency, order.original_total) == (
        Decimal("9.9"),
        "EUR",
        Decimal(9),
    )
    assert Order.objects.get(external_id="E2").original_currency == ""
    file = checked("orders", content.replace("1.10", "").replace("E1", "E3"))
    assert faults(file) == [(1, "currency", "currency")]


CUSTOMERS = "external_id,name,email,consent_email\nC1,Ada,ada@example.com,{}\nC9,Bob,bob@example.com,yes\n"


def test_consent_is_never_raised_against_what_a_person_said() -> None:
    ada = make.customer(external_id="C1")
    make.consent(ada, state="withdrawn")
    file = checked("customers", CUSTOMERS.format("yes"))
    assert (file.state, faults(file)) == ("rejected", [(1, "consent_email", "suppressed")])
    assert applied("customers", CUSTOMERS.format("no")).new == 1
    assert Consent.objects.get(customer=ada).state == "withdrawn"
    assert Consent.objects.get(customer__external_id="C9").state == "granted"


def test_a_suppression_list_withdraws_the_consent_of_those_on_it_and_a_later_file_cannot_give_it() -> None:
    applied("customers", CUSTOMERS.format("yes"))
    applied("suppressions", "address\nADA@example.com\n")
    assert Consent.objects.get(customer__external_id="C1").state == "withdrawn"
    file = checked("customers", CUSTOMERS.format("yes").replace("ada@", "new@"))
    assert faults(file) == [(1, "consent_email", "suppressed")]


def test_an_empty_cell_leaves_what_is_known() -> None:
    applied("products", "sku,name,category,price\nMUG,Mug,Kitchen > Mugs,12\n")
    file = applied("products", "sku,name,price\nmug,,13.5\n")
    product = Product.objects.get()
    assert file.changed == 1
    assert (product.sku, product.name, product.price, str(product.category)) == (
        "MUG",
        "Mug",
        Decimal("13.5"),
        "Mugs",
    )
    assert product.category
    assert product.category.path.count("/") == 3


def test_titles_for_shop_and_search_engines_come_with_a_file_and_go_with_its_undo() -> None:
    mug = make.product("Mug", sku="MUG", shop_title="Old", seo_title="Old for search")
    content = (
        "sku,name,Display title,SEO title,Meta description\nmug,,Big mug,,Holds 300 ml.\nCUP,Cup,,Cup!,\n"
    )
    dry = checked("products", content)
    assert dry.mapping["Meta description"] == "seo_description"
    assert dry.report["samples"]["changed"][0]["after"] == {
        "sku": "MUG", "shop_title": "Big mug", "seo_description": "Holds 300 ml.",
    }  # fmt: skip
    file = applied("products", content)
    titles = Product.objects.order_by("pk").values_list("shop_title", "seo_title", "seo_description")
    assert list(titles) == [("Big mug", "Old for search", "Holds 300 ml."), ("", "Cup!", "")]
    importing.request_undo(file)
    assert run(file).state == "undone"
    assert list(titles.all()) == [("Old", "Old for search", "")]
    assert Product.objects.get() == mug


def test_a_title_longer_than_its_column_is_a_fault() -> None:
    file = checked("products", f"sku,name,seo_title\nMUG,Mug,{'x' * 121}\n")
    assert faults(file) == [(1, "seo_title", "cell_too_long")]


def test_undo_brings_back_what_was_and_refuses_when_something_was_built_on_it(shop: None) -> None:
    applied("orders", ORDERS)
    changed = applied("orders", ORDERS.replace("20.00", "30.00"))
    importing.request_undo(changed)
    assert run(changed).state == "undone"
    order = Order.objects.get(external_id="A1")
    assert (order.net_revenue, order.lines.count()) == (Decimal("19.5"), 2)
    again = applied("orders", ORDERS.replace("20.00", "40.00"))
    applied("refunds", "external_id,order,amount,refunded_at\nR1,A1,4,2026-03-05T12:00:00Z\n")
    with pytest.raises(importing.ImportRefused, match="cannot be undone"):
        importing.request_undo(again)
    assert Refund.objects.get().order == order


def test_taobao_logs_import_unedited_with_and_without_a_header() -> None:
    rows = "1,2268318,2520377,pv,1511544070\n" * 2 + "100,2333346,2520771,buy,1511561733\n"
    bare = applied("taobao", rows, "UserBehavior.csv")
    assert (bare.new, bare.unchanged, Event.objects.count()) == (2, 1, 2)
    assert Event.objects.get(kind="purchase").occurred_at.isoformat() == "2017-11-24T22:15:33+00:00"
    named = applied("taobao", "user_id,item_id,category_id,behavior_type,timestamp\n" + rows)
    assert (named.new, named.unchanged) == (0, 3)
    assert Product.objects.filter(sku="2268318", active=False).exists()


def test_user_behavior_imports_unedited() -> None:
    content = (
        "user_id,search_record,purchase_record,review\n"
        'u1,"mug;tea pot","SKU1|SKU2","[""Lovely; really"", {""text"": ""Broke"", ""rating"": 2}]"\nu2,,,\n'
    )
    file = applied("user_behavior", content, "user_behavior.csv")
    assert (file.new, file.unchanged) == (1, 1)
    found = set(Event.objects.values_list("kind", "text", "product__sku", "rating"))
    assert found == {
        ("search", "mug", None, None), ("search", "tea pot", None, None), ("purchase", "", "SKU1", None),
        ("purchase", "", "SKU2", None), ("review", "Lovely; really", None, None),
        ("review", "Broke", None, 2),
    }  # fmt: skip


JSON_LINES = "".join(
    json.dumps(
        {
            "order": f"J{number}",
            "customer": "C1",
            "ordered_at": "2026-03-02",
            "product": "MUG",
            "gross": number,
        }
    )
    + "\n"
    for number in range(1, 4)
)


def parquet() -> bytes:
    target = io.BytesIO()
    pl.read_ndjson(JSON_LINES.encode()).write_parquet(target)
    return target.getvalue()


def zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("orders.csv", content)
    return target.getvalue()


FORMATS = {
    "orders.csv.gz": gzip.compress(ORDERS.encode()),
    "orders.zip": zipped(ORDERS.encode()),
    "orders.tsv": ORDERS.replace(",", "\t").encode(),
    "utf16.csv": ORDERS.encode("utf-16"),
    "orders.jsonl": JSON_LINES.encode(),
    "orders.ndjson.gz": gzip.compress(JSON_LINES.encode()),
    "orders.parquet": parquet(),
}


@pytest.mark.parametrize("mode", ["atomic", "resumable"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read(shop: None, name: str, mode: str) -> None:
    file = applied("orders", FORMATS[name], name, mode=mode)
    assert (file.state, file.rows, file.new) == ("applied", 3, 3)


def stops_after(parts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the worker shut down after so many parts."""
    advance, seen = Hold.advance, [0]

    def act(self: Hold, done: int) -> None:
        advance(self, done)
        seen[0] += 1
        if seen[0] == parts:
            raise Stopped

    monkeypatch.setattr(Hold, "advance", act)


@pytest.mark.parametrize(
    "name", ["orders.csv", "utf16.csv", "orders.csv.gz", "orders.jsonl", "orders.parquet"]
)
def test_a_stopped_feed_goes_on_where_it_was(shop: None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, *rows = ORDERS.splitlines(keepends=True)
    many = [row.replace("A", f"{number}-A", 1) for number in range(50) for row in rows]
    text = head + "".join(many)
    frame = pl.read_csv(text.encode(), infer_schema=False)
    target = io.BytesIO()
    frame.write_parquet(target)
    content = {
        "orders.csv": text.encode(), "utf16.csv": text.encode("utf-16"),
        "orders.csv.gz": gzip.compress(text.encode()),
        "orders.jsonl": frame.write_ndjson().encode(), "orders.parquet": target.getvalue(),
    }[name]  # fmt: skip
    monkeypatch.setattr("shop.importing.streams.BLOCK", 900)
    monkeypatch.setattr("shop.importing.frames.PARQUET_ROWS", 20)
    monkeypatch.setattr(frames.read_parquet, "__defaults__", (20,))
    file = checked("orders", content, name, mode="resumable")
    importing.request_apply(file)
    with monkeypatch.context() as patch:
        stops_after(2, patch)
        held = lane.claim("test")
        assert held
        lane.work(held)
    file.refresh_from_db()
    assert file.state == "applying"
    assert file.lease_token is None
    assert 0 < file.applied_upto["row"] < 150
    assert OrderLine.objects.count() == file.applied_upto["ok"] == file.new
    file = run(file)
    assert (file.state, file.rows, file.new, OrderLine.objects.count()) == ("applied", 150, 150, 150)


def test_a_file_is_taken_over_when_its_worker_is_gone_and_given_up_after_three(shop: None) -> None:
    file = checked("orders", ORDERS)
    importing.request_apply(file)
    for crashes in range(3):
        held = lane.claim("gone")
        assert held
        assert (held.pk, held.crashes) == (file.pk, crashes)
        assert lane.claim("other") is None
        ImportFile.objects.update(lease_until=Now())
    assert (run(file).state, Order.objects.count()) == ("failed", 0)
    importing.request_apply(file)
    assert (run(file).state, Order.objects.count()) == ("applied", 2)


def test_who_lost_the_lease_stores_nothing(shop: None) -> None:
    file = checked("orders", ORDERS, mode="resumable")
    importing.request_apply(file)
    mine = lane.claim("slow")
    assert mine
    ImportFile.objects.update(lease_until=Now())
    other = lane.claim("quick")
    assert other
    lane.work(mine)
    assert not Order.objects.exists()
    lane.work(other)
    assert Order.objects.count() == 2


def test_a_cancelled_import_leaves_nothing(shop: None) -> None:
    file = checked("orders", ORDERS)
    importing.request_apply(file)
    importing.cancel(file)
    assert (run(file).state, Order.objects.count()) == ("cancelled", 0)
    assert not received("orders", ORDERS).known


def test_outliers_and_missing_values_are_shown_and_treated_as_chosen() -> None:
    rows = "".join(f"P{number},Thing,{10 + number % 5},{4 if number else ''}\n" for number in range(40))
    content = "sku,name,price,cost\n" + rows + "PX,Dear thing,9000,4\n"
    file = checked("products", content)
    price = file.report["columns"]["price"]
    assert (price["outliers"], price["before"]["max"], price["after"]["max"]) == (1, 9000, 9000)
    assert file.report["columns"]["cost"]["missing"] == 1
    policies = {"price": {"outlier": "cap"}, "cost": {"missing": "fill"}}
    importing.configure(file, {}, file.mapping, policies)
    importing.request_check(file)
    file = run(file)
    assert file.report["columns"]["price"]["after"]["max"] < 30
    importing.request_apply(file)
    assert (run(file).state, file.new) == ("applied", 41)
    assert Product.objects.get(sku="PX").price == Decimal("17.1890")
    assert Product.objects.get(sku="P0").cost == 4


def test_rows_that_are_left_out_by_choice_stop_nothing() -> None:
    rows = "".join(f"P{number},Thing,{10 + number % 5}\n" for number in range(40))
    content = "sku,name,price\n" + rows + "PX,Dear thing,9000\n"
    file = checked("products", content, policies={"price": {"outlier": "drop"}})
    assert (file.state, file.new, file.rejected) == ("ready", 40, 1)
    assert file.rejected_rows.get().action == "dropped"


def test_day_first_and_decimal_comma_are_used_once_they_are_said(shop: None) -> None:
    content = "order;customer;ordered_at;product;gross\nD1;C1;02/03/2026 08:30;MUG;12,50\n"
    file = received("orders", content)
    assert file.shape["decimal"] == {"value": ",", "guessed": True}
    assert file.shape["day_first"] == {"value": None, "guessed": True}
    importing.request_check(file)
    assert faults(run(file)) == [(1, "ordered_at", "date")]
    importing.configure(file, {"day_first": True, "time_zone": "Europe/Berlin"}, file.mapping)
    importing.request_check(file)
    importing.request_apply(run(file))
    run(file)
    order = Order.objects.get()
    assert (order.ordered_at.isoformat(), order.gross) == ("2026-03-02T07:30:00+00:00", Decimal("12.5"))
    assert received("orders", content.replace("D1", "D2")).shape["day_first"] == {
        "value": True,
        "guessed": False,
    }


def test_the_command_imports_and_says_what_it_did(shop: None, tmp_path: Path) -> None:
    path, out = tmp_path / "orders.csv", io.StringIO()
    path.write_text(ORDERS)
    call_command("import_file", "orders", path, stdout=out)
    assert "Applied: 3 rows, 3 new, 0 changed, 0 unchanged, 0 rejected." in out.getvalue()
    path.write_text(ORDERS.replace("TEA", "NONE"))
    with pytest.raises(CommandError, match="Rows with faults: 1"):
        call_command("import_file", "orders", path, stdout=out, rejected=tmp_path / "faults.csv")
    assert "No product has this SKU." in (tmp_path / "faults.csv").read_text()


def test_a_key_sees_its_own_files_and_viewers_see_all(shop: None) -> None:
    file = received("orders", ORDERS, by=make.user("marketer"))
    assert ImportFile.objects.visible_to(make.user("viewer")).get() == file
    ApiKey.objects.create_key(name="tool", scopes=["imports:read"])
    key = ApiKey.objects.get(name="tool")
    assert not ImportFile.objects.visible_to(key).exists()
