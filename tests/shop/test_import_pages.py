"""The pages of imports in each state of a file: who sees what, and what can be done next."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from shop import importing
from shop.importing import lane
from shop.models import ImportFile
from tests import make

pytestmark = pytest.mark.django_db

SECRET = "ada@example.com"
REPORT = {
    "head": {"columns": ["Id", "Mail"], "rows": [["N1", SECRET]]},
    "header_faults": [],
    "samples": {"new": [{"row": 1, "before": {}, "after": {"external_id": "N1", "email": SECRET}}]},
    "columns": {},
    "orphans": {},
}


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def sent(state: str = "ready", **fields: Any) -> ImportFile:
    """Return a file of one customer in this state."""
    checked = {"rows": 1, "new": 1, "checked_at": now(), "report": REPORT} if state != "received" else {}
    values = {
        "kind": "customers", "source": "till", "name": "people.csv", "sha256": uuid4().hex, "size": 20,
        "format": "csv", "state": state, "mapping": {"Id": "external_id", "Mail": "email"},
        "shape": {"encoding": {"value": "utf-8", "guessed": True}},
    }  # fmt: skip
    return ImportFile.objects.create(**(values | checked | fields))


def shown(client: Client, file: ImportFile) -> str:
    answer = client.get(file.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_names_files_with_their_state_and_counts(marketer: Client) -> None:
    sent("applied", name="march.csv", new=1234)
    page = marketer.get("/data/").content.decode()
    assert "march.csv" in page
    assert "Applied" in page
    assert "1,234" in page


def test_a_list_without_files_says_where_to_begin(marketer: Client) -> None:
    page = marketer.get("/data/").content.decode()
    assert "Nothing was imported yet" in page
    assert "/data/new/" in page


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("received", {"columns", "discard"}),
        ("checking", {"cancel"}),
        ("ready", {"apply", "columns", "discard"}),
        ("rejected", {"columns", "discard"}),
        ("applying", {"cancel"}),
        ("applied", {"undo", "discard"}),
        ("failed", {"apply", "discard"}),
        ("undoing", {"cancel"}),
        ("undone", {"discard"}),
        ("cancelled", {"discard"}),
        ("discarded", set()),
    ],
)
def test_each_state_offers_its_next_steps(marketer: Client, state: str, steps: set[str]) -> None:
    file = sent(state)
    page = shown(marketer, file)
    every = {"columns", "apply", "undo", "cancel", "discard"}
    assert {step for step in every if f'"{file.get_absolute_url()}{step}/"' in page} == steps


@pytest.mark.parametrize("state", ["checking", "applying", "undoing"])
def test_a_page_asks_again_while_a_worker_has_the_file(marketer: Client, state: str) -> None:
    assert 'hx-trigger="every 2s"' in shown(marketer, sent(state, done=3, total=10))
    assert "every 2s" not in shown(marketer, sent("applied"))


def test_a_resumable_import_offers_no_undo(marketer: Client) -> None:
    assert "undo/" not in shown(marketer, sent("applied", mode="resumable"))


def test_a_viewer_sees_counts_and_no_rows_and_changes_nothing(client: Client) -> None:
    client.force_login(make.user("viewer"))
    file = sent("ready", rejected=1)
    page = shown(client, file)
    assert "Checked: nothing is stored yet" in page
    assert SECRET not in page
    assert "apply/" not in page
    assert client.get("/data/new/").status_code == 403
    assert client.get(f"{file.get_absolute_url()}columns/").status_code == 403
    assert client.get(f"{file.get_absolute_url()}rejected.csv").status_code == 403
    assert client.post(f"{file.get_absolute_url()}apply/").status_code == 403


def test_a_marketer_sees_the_rows(marketer: Client) -> None:
    assert SECRET in shown(marketer, sent())


def test_what_stands_in_a_file_is_text_on_the_page(marketer: Client) -> None:
    harm = "<script>alert(1)</script>"
    report = REPORT | {"samples": {"new": [{"row": 1, "before": {}, "after": {"external_id": harm}}]}}
    page = shown(marketer, sent(name=f"{harm}.csv", report=report))
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 2


@pytest.mark.parametrize("kind", importing.kinds(), ids=lambda kind: kind.name)
def test_every_kind_has_an_example_with_its_columns(marketer: Client, kind: Any) -> None:
    answer = marketer.get(f"/data/examples/{kind.name}.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{kind.name}-example.csv"'
    assert answer.content.decode().splitlines()
    assert f"/data/examples/{kind.name}.csv" in marketer.get("/data/new/").content.decode()


def test_an_unknown_kind_has_no_example(marketer: Client) -> None:
    assert marketer.get("/data/examples/nothing.csv").status_code == 404


def test_no_file_is_said_beside_the_field(marketer: Client) -> None:
    answer = marketer.post("/data/new/", {"kind": "orders", "source": "file", "mode": "atomic"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


def test_a_file_above_the_limit_is_not_even_read(marketer: Client, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = {"atomic": 1000, "resumable": 2000}
    upload = SimpleUploadedFile("orders.csv", b"x" * 100_000)
    answer = marketer.post(
        "/data/new/", {"kind": "orders", "source": "file", "mode": "atomic", "file": upload}
    )
    assert answer.status_code == 422
    assert "The file is larger than" in answer.content.decode()
    assert not ImportFile.objects.exists()


def sent_by_form(client: Client, content: bytes, **fields: str) -> ImportFile:
    """Send a file of customers by the form, and return it."""
    form = {"kind": "customers", "source": "till", "mode": "atomic"} | fields
    answer = client.post("/data/new/", form | {"file": SimpleUploadedFile("people.csv", content)})
    file = ImportFile.objects.latest("created_at")
    assert answer["Location"] == f"{file.get_absolute_url()}columns/"
    return file


def columns_form(client: Client, file: ImportFile) -> dict[str, str]:
    """Return what the page of columns would send as it stands."""
    form = client.get(f"{file.get_absolute_url()}columns/").context["form"]
    return {field.html_name: field.value() or "" for field in form}


def test_guesses_are_marked_until_they_are_confirmed(marketer: Client) -> None:
    file = sent_by_form(marketer, b"id,name\nN1,Ada\n")
    columns = f"{file.get_absolute_url()}columns/"
    assert "Guessed: please check" in marketer.get(columns).content.decode()
    assert marketer.post(columns, columns_form(marketer, file))["Location"] == file.get_absolute_url()
    file.refresh_from_db()
    assert file.state == "checking"
    assert not any(one["guessed"] for one in file.shape.values())


def test_a_column_that_is_needed_and_not_named_is_asked_for(marketer: Client) -> None:
    file = sent_by_form(marketer, b"id,name\nN1,Ada\n")
    said = columns_form(marketer, file) | {"column-0": ""}
    answer = marketer.post(f"{file.get_absolute_url()}columns/", said)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == ["Customer: No column is chosen for this."]
    assert said["column-1"] == "name"
    assert answer.context["form"]["column-1"].value() == "name"


def test_another_delimiter_shows_other_columns_before_anything_is_checked(marketer: Client) -> None:
    file = sent_by_form(marketer, b"id|a,name|a\nN1|b,Ada|b\n")
    columns = f"{file.get_absolute_url()}columns/"
    answer = marketer.post(columns, columns_form(marketer, file) | {"delimiter": ","})
    assert answer["Location"] == columns
    file.refresh_from_db()
    assert file.state == "received"
    assert file.report["head"]["columns"] == ["id|a", "name|a"]


def test_a_declared_encoding_is_kept_for_the_next_file_of_this_source(marketer: Client) -> None:
    content = "id,name\nN1,Zoë\n".encode("cp1252")
    file = sent_by_form(marketer, content)
    columns = f"{file.get_absolute_url()}columns/"
    marketer.post(columns, columns_form(marketer, file) | {"encoding": "cp1252"})
    assert "Zoë" in marketer.get(columns).content.decode()
    marketer.post(columns, columns_form(marketer, file))
    following = sent_by_form(marketer, content.replace(b"N1", b"N2"))
    assert following.shape["encoding"] == {"value": "cp1252", "guessed": False}
    assert "Zoë" in marketer.get(f"{following.get_absolute_url()}columns/").content.decode()


def test_the_same_file_again_leads_to_what_became_of_it(marketer: Client) -> None:
    content = b"id,name\nN1,Ada\n"
    file = sent_by_form(marketer, content)
    form = {"kind": "customers", "source": "till", "mode": "atomic"}
    answer = marketer.post(
        "/data/new/", form | {"file": SimpleUploadedFile("again.csv", content)}, follow=True
    )
    assert answer.redirect_chain == [(file.get_absolute_url(), 302)]
    assert "This file was sent before" in answer.content.decode()
    assert ImportFile.objects.count() == 1


def test_going_on_with_the_right_rows_keeps_what_was_chosen(marketer: Client) -> None:
    orders = b"order,customer,ordered_at,product,gross\nA1,NEW,2026-03-02,NONE,5\nA2,NEW,2026-03-02,NONE,x\n"
    file = sent_by_form(marketer, orders, kind="orders")
    marketer.post(f"{file.get_absolute_url()}columns/", columns_form(marketer, file))
    lane.work_off("test")
    assert "2 customers" not in (page := shown(marketer, file))
    assert "1 customer is not known." in page
    marketer.post(f"{file.get_absolute_url()}policies/", {"orphans": "stub"})
    lane.work_off("test")
    assert "Go on without the faulty rows" in shown(marketer, file)
    marketer.post(f"{file.get_absolute_url()}policies/", {"mode": "resumable"})
    lane.work_off("test")
    file.refresh_from_db()
    assert (file.state, file.mode, file.policies["orphans"]) == ("ready", "resumable", "stub")
    assert (file.new, file.rejected) == (1, 1)


def test_odd_values_are_counted_and_done_with_as_chosen(marketer: Client) -> None:
    rows = [f"P{number},Mug,{10 + number % 5}" for number in range(60)]
    content = "sku,name,price\n" + "\n".join([*rows, "P60,Mug,900", "P61,Mug,", "P61,Mug,11"]) + "\n"
    file = sent_by_form(marketer, content.encode(), kind="products")
    marketer.post(f"{file.get_absolute_url()}columns/", columns_form(marketer, file))
    lane.work_off("test")
    form = marketer.get(file.get_absolute_url()).context["form"]
    asked = {(name, problem): key for key, (name, problem) in form.places.items()}
    assert asked.keys() == {("price", "missing"), ("price", "outlier"), ("sku", "duplicate")}
    chosen = {
        asked["price", "missing"]: "fill",
        asked["price", "outlier"]: "cap",
        asked["sku", "duplicate"]: "drop",
    }
    marketer.post(f"{file.get_absolute_url()}policies/", chosen)
    lane.work_off("test")
    file.refresh_from_db()
    assert (file.state, file.new, file.rejected) == ("ready", 62, 1)
    prices = file.report["columns"]["price"]
    assert prices["before"]["max"] == 900
    assert prices["after"]["max"] < 100
    assert "<rect" in shown(marketer, file)


def test_what_a_column_might_need_is_asked_before_it_is_named(marketer: Client) -> None:
    content = "sku;Bezeichnung;Wert\nP1;Becher;12,50\nP2;Tasse;8,00\n"
    file = sent_by_form(marketer, content.encode(), kind="products")
    assert file.shape["decimal"] == {"value": ",", "guessed": True}
    said = columns_form(marketer, file) | {"column-1": "name", "column-2": "price"}
    marketer.post(f"{file.get_absolute_url()}columns/", said)
    lane.work_off("test")
    file.refresh_from_db()
    assert file.report["columns"]["Wert"]["before"]["max"] == 12.5


def test_samples_name_things_as_people_know_them(marketer: Client) -> None:
    buyer, mug = make.customer(external_id="C1"), make.product("Mug", price="3", sku="MUG")
    orders = b"order,customer,ordered_at,product,gross\nA1,C1,2026-03-02T12:00:00Z,MUG,5\n"
    file = sent_by_form(marketer, orders, kind="orders")
    marketer.post(f"{file.get_absolute_url()}columns/", columns_form(marketer, file))
    products = sent_by_form(marketer, b"sku,price\nMUG,4\n", kind="products")
    marketer.post(f"{products.get_absolute_url()}columns/", columns_form(marketer, products))
    lane.work_off("test")
    (sample,) = marketer.get(file.get_absolute_url()).context["samples"]
    row = dict(zip(sample.columns, (cell for cell, _before, _wrong in sample.rows[0].cells), strict=True))
    assert {"Order": "A1", "Customer": buyer.external_id, "Product": mug.sku}.items() <= row.items()
    assert list(row) == ["Order", "Customer", "Ordered at", "Product", "Amount before discounts"]
    assert row["Ordered at"].split() == ["2", "Mar", "2026,", "07:00"]
    assert row["Amount before discounts"] == "5.00"
    (sample,) = marketer.get(products.get_absolute_url()).context["samples"]
    assert sample.key == "changed"
    assert sample.rows[0].cells[:2] == [("MUG", "", ""), ("4.00", "3.00", "")]


def test_rows_of_one_order_that_contradict_each_other_say_so(marketer: Client) -> None:
    make.customer(external_id="C1")
    make.product("Mug", sku="MUG")
    orders = (
        b"order,customer,ordered_at,product,gross\n"
        b"A1,C1,2026-03-02T12:00:00Z,MUG,5\nA1,C1,2026-03-03T12:00:00Z,MUG,5\n"
    )
    file = sent_by_form(marketer, orders, kind="orders")
    marketer.post(f"{file.get_absolute_url()}columns/", columns_form(marketer, file))
    lane.work_off("test")
    assert [row.errors[0]["code"] for row in file.rejected_rows.all()] == ["differs"]
    assert "An earlier row of this order has another customer" in shown(marketer, file)


def test_a_longer_list_asks_no_more_questions(
    marketer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(12):
        sent("applied")
    marketer.get("/data/")
    with django_assert_max_num_queries(8):
        assert marketer.get("/data/").status_code == 200


def test_faults_are_read_in_the_language_of_the_reader(marketer: Client) -> None:
    file = sent_by_form(marketer, b"sku,price\nMUG,dear\n", kind="products")
    marketer.post(f"{file.get_absolute_url()}columns/", columns_form(marketer, file))
    lane.work_off("test")
    marketer.cookies["django_language"] = "zh-hans"
    page = shown(marketer, file)
    assert "不是数字。" in page
    assert "有误的行：1。未导入任何内容：请更正后重新上传文件。" in page
    rejected = b"".join(marketer.get(f"{file.get_absolute_url()}rejected.csv")).decode()
    assert rejected.endswith("MUG,dear,不是数字。\r\n")
