"""An importer that is killed leaves the ledger as it was, as it should be, or at the end of a whole part."""

import io
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from shop import importing
from shop.models import DirtyKey, ImportFile, Order, OrderLine
from shop.models.importing import ImportedOrder, ImportRow
from tests import make
from tests.chaos import harness

pytestmark = pytest.mark.django_db(transaction=True)
# Rows for each kill, so that every kill meets work; every so many are faulty in a feed.
ROWS, EVERY_BAD = 1_800, 97
FAST = {"WORK_LEASE_SECONDS": "1", "WORK_HEARTBEAT_SECONDS": "0.2"}
LONGEST = 60.0


@pytest.fixture(autouse=True)
def shop() -> None:
    for number in range(20):
        make.product(sku=f"P{number}")
        make.customer(external_id=f"C{number}")


def content(rows: int, *, faulty: bool) -> bytes:
    """Return orders of three lines; where it is faulty, every so many rows name an unknown product."""
    lines = (
        f"O{number // 3},C{number // 3 % 20},2026-03-02T12:00:00Z,"
        f"{'NONE' if faulty and number % EVERY_BAD == 0 else f'P{number % 20}'},{number % 50 + 1}.25"
        for number in range(rows)
    )
    return ("order,customer,ordered_at,product,gross\n" + "\n".join(lines) + "\n").encode()


def asked(mode: str, rows: int) -> ImportFile:
    raw = content(rows, faulty=mode == "resumable")
    file = importing.receive("orders", io.BytesIO(raw), "orders.csv", mode=mode)
    importing.inspect(file)
    ImportFile.objects.filter(pk=file.pk).update(state="ready")
    importing.request_apply(file)
    return file


class Importer:
    """The process that imports, started anew after each kill."""

    def __init__(self, log: Path, mutation: str = "") -> None:
        self.log, self.mutation = log, mutation
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.chaos.importer", *filter(None, [self.mutation])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=harness.environment(**FAST))

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


@pytest.fixture
def importer(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Importer]:
    one = Importer(tmp_path / "importer.log", getattr(request, "param", ""))
    yield one
    one.kill()


def kill_at_random(
    importer: Importer, file: ImportFile, kills: int, dice: random.Random, look: Callable[[], None]
) -> None:
    """Kill the importer so many times while it works, look at the ledger each time, then let it end."""
    deadline = time.monotonic() + LONGEST + 10 * kills
    longest = 0.3 if file.mode == "resumable" else 0.2 * kills
    for _kill in range(kills):
        again(file)
        importer.start()
        harness.wait_until(lambda: importer.ended or working_on(file), LONGEST, "the importer works")
        time.sleep(dice.random() * min(longest, 1.5))
        importer.kill()
        look()
        assert ImportFile.objects.get(pk=file.pk).state != "applied", "too quick for this kill"
    while ImportFile.objects.get(pk=file.pk).state != "applied":
        assert time.monotonic() < deadline, ImportFile.objects.values().get(pk=file.pk)
        again(file)
        if importer.ended or importer.process is None:
            importer.start()
        time.sleep(0.1)
    look()


def working_on(file: ImportFile) -> bool:
    return bool(ImportFile.objects.filter(pk=file.pk, lease_until__isnull=False, worker="chaos").exists())


def again(file: ImportFile) -> None:
    """Press "apply" again where it was given up, as a person does."""
    file.refresh_from_db()
    if file.state == "failed":
        importing.request_apply(file)


def all_or_nothing(rows: int) -> None:
    """Look for a third state: some of the rows."""
    assert OrderLine.objects.count() in (0, rows)
    assert Order.objects.count() in (0, rows // 3)
    assert DirtyKey.objects.count() == Order.objects.count()


def whole_parts(file: ImportFile) -> None:
    """Look whether stored and reported rows are those that were read, and nothing is half there."""
    upto = ImportFile.objects.get(pk=file.pk).applied_upto or {"row": 0, "ok": 0, "bad": 0}
    assert OrderLine.objects.count() == upto["ok"]
    assert ImportRow.objects.filter(file=file).count() == upto["bad"]
    assert upto["ok"] + upto["bad"] == upto.get("row", 0)
    sums = OrderLine.objects.aggregate(sum=Sum("gross"))["sum"]
    assert sums == Order.objects.aggregate(sum=Sum("net_revenue"))["sum"]
    assert DirtyKey.objects.filter(kind="new_order").count() == Order.objects.count()


def expected(rows: int, *, faulty: bool) -> dict[str, Any]:
    good = [number for number in range(rows) if not faulty or number % EVERY_BAD]
    return {"lines": len(good), "sum": sum(Decimal(number % 50 + 1) + Decimal("0.25") for number in good)}


def stored() -> dict[str, Any]:
    return OrderLine.objects.aggregate(sum=Sum("gross")) | {"lines": OrderLine.objects.count()}


def survives(mode: str, importer: Importer, kills: int, seed: int) -> None:
    rows = ROWS * kills
    file = asked(mode, rows)
    kill_at_random(
        importer,
        file,
        kills,
        harness.dice(seed),
        lambda: all_or_nothing(rows) if mode == "atomic" else whole_parts(file),
    )
    assert stored() == expected(rows, faulty=mode == "resumable")
    file.refresh_from_db()
    assert (file.rows, file.new + file.rejected) == (rows, rows)
    assert not ImportedOrder.objects.exists()


@pytest.mark.parametrize("mode", ["atomic", "resumable"])
def test_five_kills(mode: str, importer: Importer) -> None:
    survives(mode, importer, 5, seed=1)


@pytest.mark.proof
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("mode", ["atomic", "resumable"])
def test_thirty_kills(mode: str, importer: Importer, seed: int) -> None:
    survives(mode, importer, 30, seed)


@pytest.mark.parametrize("importer", ["commits_parts"], indirect=True)
def test_an_importer_that_commits_its_parts_is_caught(importer: Importer) -> None:
    asked("atomic", ROWS)
    importer.start()
    harness.wait_until(OrderLine.objects.exists, LONGEST, "the first part")
    importer.kill()
    with pytest.raises(AssertionError):
        all_or_nothing(ROWS)
