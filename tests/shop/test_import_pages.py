"""The pages of imports in each state of a file: who sees what, and what can be done next."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from shop import importing
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
