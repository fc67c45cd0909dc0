"""Imports through the partner API: a file is sent, checked, applied and undone; each caller sees its own."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from shop.importing import lane
from shop.models import ImportFile, Order
from tests import make
from tests.marketing_site.api import Tool
from tests.shop.imports import ledger, small_shop, upload
from tests.shop.malformed_files import GOOD, HEADER, orders

pytestmark = pytest.mark.django_db
PATH = "/api/v1/imports/"


@pytest.fixture(autouse=True)
def shop() -> None:
    small_shop()


@pytest.fixture
def tool() -> Tool:
    return Tool("imports:read", "imports:write")


def send(tool: Tool, content: bytes = GOOD, **fields: Any) -> Any:
    form = {"kind": "orders", "source": "till", "file": upload(content)} | fields
    return tool.client.post(PATH, form)


def step(tool: Tool, file: dict[str, Any], name: str) -> dict[str, Any]:
    """Ask for a step, let the worker do it, and return how the file is then."""
    answer = tool.client.post(f"{PATH}{file['id']}/{name}/")
    assert answer.status_code == 202, answer.content
    lane.work_off("test")
    found: dict[str, Any] = tool.client.get(f"{PATH}{file['id']}/").json()
    return found


def test_a_file_is_sent_checked_applied_and_undone(tool: Tool) -> None:
    before = Order.objects.count()
    answer = send(tool)
    assert answer.status_code == 201
    file = answer.json()
    assert file["state"] == "received"
    assert file["mapping"]["order"] == "order"
    assert file["shape"]["delimiter"] == {"value": ",", "guessed": True}
    assert file["columns"][:2] == ["order", "customer"]
    checked = step(tool, file, "check")
    assert (checked["state"], checked["new"], checked["rejected"]) == ("ready", 3, 0)
    assert Order.objects.count() == before
    assert step(tool, file, "apply")["state"] == "applied"
    assert Order.objects.count() == before + 3
    assert step(tool, file, "undo")["state"] == "undone"
    assert Order.objects.count() == before


def test_the_same_file_again_answers_what_became_of_it(tool: Tool) -> None:
    first = send(tool).json()
    again = send(tool)
    assert again.status_code == 200
    assert again.json()["id"] == first["id"]
    assert ImportFile.objects.count() == 1


def test_faults_are_named_by_row_column_and_code_and_can_be_read_as_a_file(tool: Tool) -> None:
    before = ledger()
    file = send(tool, orders({}, {"quantity": "=two", "ordered_at": "02/03/04"})).json()
    checked = step(tool, file, "check")
    assert checked["state"] == "rejected"
    found = {(one["row"], one["line"], one["column"], one["code"]) for one in checked["faults"]}
    assert found == {(2, 3, "quantity", "integer"), (2, 3, "ordered_at", "date")}
    assert tool.client.post(f"{PATH}{file['id']}/apply/").status_code == 409
    assert ledger() == before
    answer = tool.client.get(f"{PATH}{file['id']}/rejected.csv", headers={"Accept": "text/csv"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(rows) == 2
    assert "'=two" in rows[1]  # a spreadsheet must not run it


def test_what_the_sender_says_takes_the_place_of_the_guess(tool: Tool) -> None:
    content = orders({"ordered_at": "03/02/2026 12:00"}).replace(b"gross", b"worth")
    options = {
        "shape": {"day_first": False, "time_zone": "Europe/Berlin"},
        "mapping": {
            "order": "order", "customer": "customer", "ordered_at": "ordered_at", "product": "product",
            "worth": "gross",
        },
    }  # fmt: skip
    file = send(tool, content, options=json.dumps(options)).json()
    assert file["shape"]["time_zone"] == {"value": "Europe/Berlin", "guessed": False}
    step(tool, file, "check")
    step(tool, file, "apply")
    assert Order.objects.get(source="till").ordered_at.isoformat() == "2026-03-02T11:00:00+00:00"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"kind": "nothing"}, "/kind"),
        ({"source": "no spaces here"}, "/source"),
        ({"mode": "now"}, "/mode"),
        ({"file": ""}, "/file"),
        ({"options": "{"}, "/options"),
        ({"options": "[]"}, "/options"),
        ({"options": '{"shape": {"currency": "\'; DROP TABLE shop_order; --"}}'}, "/options"),
        ({"options": '{"shape": {"encoding": "rot13"}}'}, "/options"),
        ({"options": '{"mapping": {"order": "password"}}'}, "/options"),
        ({"options": '{"policies": {"orphans": "delete"}}'}, "/options"),
        ({"options": '{"colour": "red"}'}, "/options/colour"),
        ({"price": "1"}, "/price"),
    ],
)
def test_what_makes_no_sense_is_pointed_at(tool: Tool, fields: dict[str, Any], pointer: str) -> None:
    before = ledger()
    answer = send(tool, **fields)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert ledger() == before


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty"), (HEADER, "header_only"), (b"%PDF-1.7", "not_text")]
)
def test_a_file_that_cannot_be_read_is_refused_with_its_code(tool: Tool, content: bytes, code: str) -> None:
    answer = send(tool, content)
    assert answer.status_code == 400
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/file", code)]


def test_a_file_above_the_limit_is_413(tool: Tool, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = {"atomic": 1000, "resumable": 2000}
    answer = send(tool, GOOD + b"x" * 100_000)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"


def test_a_key_sees_its_own_files_only(tool: Tool) -> None:
    file = send(tool).json()
    other = Tool("imports:read", "imports:write")
    assert other.get("imports").json()["results"] == []
    for address in ("", "rejected.csv"):
        assert other.client.get(f"{PATH}{file['id']}/{address}").status_code == 404
    for name in ("check", "apply", "undo"):
        assert other.client.post(f"{PATH}{file['id']}/{name}/").status_code == 404
    assert send(other).status_code == 409  # and is not told whose it is
    assert [one["id"] for one in tool.get("imports").json()["results"]] == [file["id"]]


def test_reading_does_not_allow_sending(tool: Tool) -> None:
    file = send(tool).json()
    reader = Tool("imports:read")
    assert send(reader).status_code == 403
    assert reader.client.post(f"{PATH}{file['id']}/check/").status_code == 403


def test_a_key_of_some_campaigns_cannot_import() -> None:
    assert send(Tool("imports:write", campaigns=[])).status_code == 403
    assert not ImportFile.objects.exists()


def test_people_import_with_their_role(tool: Tool) -> None:
    file = send(tool).json()
    viewer, marketer = Client(), Client()
    viewer.force_login(make.user("viewer"))
    marketer.force_login(make.user("marketer"))
    assert viewer.get(f"{PATH}{file['id']}/").status_code == 200
    assert viewer.get(f"{PATH}{file['id']}/rejected.csv").status_code == 403
    assert viewer.post(f"{PATH}{file['id']}/check/").status_code == 403
    assert marketer.post(f"{PATH}{file['id']}/check/").status_code == 202


def test_the_document_says_how_a_file_is_sent(client: Client) -> None:
    paths = client.get("/api/schema/?format=json").json()["paths"]
    sending = paths["/api/v1/imports/"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert sending
    assert "202" in paths["/api/v1/imports/{id}/apply/"]["post"]["responses"]
    assert "text/csv" in paths["/api/v1/imports/{id}/rejected.csv"]["get"]["responses"]["200"]["content"]


def test_a_stranger_sends_nothing(client: Client) -> None:
    answer = client.post(PATH, {"kind": "orders", "file": upload(GOOD)})
    assert answer.status_code == 401
    assert not ImportFile.objects.exists()
