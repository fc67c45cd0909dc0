"""The corpus of malformed files: every fault is named, and nothing is stored before all is right."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test import Client

from shop import importing
from shop.importing import ImportRefused, lane
from shop.models import ImportFile
from tests import make
from tests.shop.imports import fresh, ledger, sent, small_shop, upload
from tests.shop.malformed_files import CASES, LOGIC, SIZES, Case, Fault

pytestmark = pytest.mark.django_db
SMALL = 1024 * 1024
EVERY = [pytest.param(case, marks=pytest.mark.proof if case.huge else (), id=str(case)) for case in CASES]
IN_CI = [case for case in CASES if not case.huge]


@pytest.fixture(autouse=True)
def shop() -> None:
    small_shop()


@dataclass
class Found:
    """What became of one file: what was named, and the file unless it was refused at the door."""

    faults: list[Fault] = field(default_factory=list)
    file: ImportFile | None = None


def checked(case: Case) -> Found:
    """Send a file, declare what the case declares, and have it checked."""
    found = Found()
    try:
        file = sent(case.bytes, case.kind, case.file_name, mode=case.mode)
        if case.shape:
            plain = {name: one["value"] for name, one in file.shape.items()}
            importing.configure(file, plain | case.shape, file.mapping)
        importing.request_check(fresh(file))
    except ImportRefused as refusal:
        found.faults = [(0, one["column"], one["code"]) for one in refusal.faults]
        return found
    lane.work_off("test")
    found.file = fresh(file)
    found.faults = sorted(named(found.file))
    return found


def named(file: ImportFile) -> Iterator[Fault]:
    for one in file.report["header_faults"]:
        yield 0, one["column"], one["code"]
    for row in file.rejected_rows.all():
        for one in row.errors:
            yield row.row_no, one["column"], one["code"]


def test_the_corpus_has_every_group() -> None:
    assert len(CASES) == 141  # a line of 3 MB stands in for that of 1 GB where time is short
    assert SIZES == {
        "container": 17, "encoding": 18, "lines": 11, "quotes": 15, "shape": 14, "numbers": 19, "dates": 15,
        "text": 21, "logic": 11,
    }  # fmt: skip


@pytest.mark.parametrize("case", EVERY)
def test_every_fault_is_named_and_nothing_is_stored(case: Case) -> None:
    before = ledger()
    found = checked(case)
    assert found.faults == sorted(case.faults)
    assert ledger() == before
    if found.file is None or case.rows is None:
        assert case.rows is None
        return
    file = found.file
    refused = bool(case.faults) and case.mode == "atomic"
    assert file.state == ("rejected" if refused else "ready"), file.problem
    assert file.rows == case.rows
    assert file.rejected == len({row for row, _column, _code in case.faults})
    assert file.new + file.changed + file.unchanged + file.rejected == file.rows
    assert file.unchanged == case.unchanged
    if refused:
        with pytest.raises(ImportRefused):
            importing.request_apply(file)


@pytest.mark.parametrize("case", [case for case in IN_CI if not case.faults], ids=str)
def test_a_right_file_is_stored_to_the_last_row_and_taken_back_to_the_last_cell(case: Case) -> None:
    if len(case.bytes) > SMALL:
        return  # what is stored of large files is measured elsewhere
    before = ledger()
    file = checked(case).file
    assert file
    importing.request_apply(file)
    lane.work_off("test")
    file = fresh(file)
    assert (file.state, file.new + file.unchanged) == ("applied", case.rows), file.problem
    assert (ledger() == before) == (file.new == 0)
    importing.request_undo(file)
    lane.work_off("test")
    assert (fresh(file).state, fresh(file).problem) == ("undone", "")
    assert without_marks(ledger()) == without_marks(before)


def without_marks(tables: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Leave out what is only to be rolled up anew."""
    return {name: rows for name, rows in tables.items() if name != "DirtyKey"}


@pytest.mark.parametrize("group", SIZES)
def test_no_file_is_an_error_of_the_site(client: Client, group: str) -> None:
    """Through the upload page, its columns, and its report: each file is answered in words."""
    client.force_login(make.user("marketer"))
    for case in (case for case in IN_CI if case.group == group):
        form = {"kind": case.kind, "source": "file", "mode": "atomic"}
        answer = client.post("/data/new/", form | {"file": upload(case.bytes, case.file_name)})
        assert answer.status_code in {302, 422}, case
        if answer.status_code == 422:
            assert "Please correct this first" in answer.content.decode(), case
            continue
        columns = client.get(answer["Location"])
        assert columns.status_code in {200, 302}, case
        for file in ImportFile.objects.filter(state="received"):
            importing.request_check(file)
        lane.work_off("test")
        for file in ImportFile.objects.all():
            assert client.get(file.get_absolute_url()).status_code == 200, case
            rejected = client.get(f"{file.get_absolute_url()}rejected.csv")
            assert b"".join(rejected.streaming_content), case  # type: ignore[attr-defined]
        ImportFile.objects.all().delete()


def test_the_same_file_again_is_the_same_import() -> None:
    again, copied = (case for case in LOGIC if case.name.startswith("same") and "customer" not in case.name)
    first = sent(again.bytes)
    known = importing.receive("orders", upload(again.bytes), again.file_name)
    renamed = importing.receive("orders", upload(copied.bytes), copied.file_name)
    assert known.known
    assert renamed.known
    assert first.pk == known.pk == renamed.pk
    assert ImportFile.objects.count() == 1
