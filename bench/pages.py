"""Server time and queries of each main page on the full demo, in one warm process.

Every page is asked for in turn, round after round, as an approver; the time is from the request to the whole
answer, middleware included. Home keeps what it has drawn until a figure changes: `home_drawn_anew` is the
first look after a change. Without LIFTWRIGHT_DATA the demo is loaded into a folder that is removed after it
(DEMO=small loads the small one). The peer of each page is the empty frame: a page of the same site
without figures.
"""

import argparse
import statistics
import sys
import time
from typing import Any

import bench

ROUNDS = 60

bench.set_up()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

import marketing_site.wsgi  # noqa: E402, F401  (loads all as the server does)
from campaigns.models import Campaign, Segment  # noqa: E402
from shop.models import Customer, OrderLine, Product  # noqa: E402

NAME = "bench@liftwright.example"
FRAME, DRAWN_ANEW = "frame", "home_drawn_anew"


def pages() -> dict[str, str]:
    """Return the address of each page, of the largest object where it shows one."""
    campaign = (
        Campaign.objects.annotate(size=Count("assignments")).order_by("-size").values_list("pk", flat=True)[0]
    )
    product = OrderLine.objects.values_list("product").annotate(sold=Count("*")).order_by("-sold")[0][0]
    customer = Customer.objects.order_by("-rfm__orders").exclude(rfm=None).values_list("pk", flat=True)[0]
    segment = Segment.objects.values_list("pk", flat=True)[0]
    home = reverse("campaigns:home")
    return {
        FRAME: reverse("account_change_password"),
        "home": home,
        "home_52_weeks": f"{home}?period=52w",
        "home_table_sorted": f"{home}?sort=-spend",
        DRAWN_ANEW: home + "?look={number}",  # every look is another address
        "campaign_list": reverse("campaigns:campaign_list"),
        "campaign": reverse("campaigns:campaign_detail", args=[campaign]),
        "campaign_audience": reverse("campaigns:campaign_audience", args=[campaign]),
        "campaign_results": reverse("campaigns:campaign_results", args=[campaign]),
        "campaign_history": reverse("campaigns:campaign_history", args=[campaign]),
        "copy_panel": reverse("generation:copy_panel", args=[campaign]),
        "segment_list": reverse("campaigns:segment_list"),
        "segment": reverse("campaigns:segment_detail", args=[segment]),
        "product_list": reverse("shop:product_list"),
        "product_search": reverse("shop:product_list") + "?q=coffee",
        "product": reverse("shop:product_detail", args=[product]),
        "customer_list": reverse("shop:customer_list"),
        "customer": reverse("shop:customer_detail", args=[customer]),
        "retention": reverse("campaigns:retention"),
        "cohorts": reverse("campaigns:cohorts"),
        "conversion": reverse("campaigns:conversion"),
        "search": reverse("search") + "?q=an",
        "spend_list": reverse("campaigns:spend_list"),
        "review": reverse("generation:review_list"),
        "generation": reverse("generation:run_list"),
        "api_reports": "/api/v1/reports/summary/",
        "api_products": "/api/v1/products/",
    }


def signed_in() -> Client:
    user, _created = User.objects.get_or_create(username=NAME, email=NAME)
    user.groups.set(Group.objects.filter(name="approver"))
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, address: str) -> tuple[float, int]:
    """Return the seconds of one answer and its size in bytes; anything but a page ends the measurement."""
    began = time.perf_counter()
    answer = client.get(address)
    taken = time.perf_counter() - began
    if answer.status_code != 200:
        sys.exit(f"{address} answered {answer.status_code}")
    return taken, len(answer.content)


def measured(client: Client, addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    """Alternate all pages over the rounds, so that a slow moment of the machine meets every one of them."""
    seconds: dict[str, list[float]] = {name: [] for name in addresses}
    sizes, queries = {}, {}
    for name, address in addresses.items():
        ask(client, address.format(number="first"))
        with CaptureQueriesContext(connection) as captured:
            _taken, sizes[name] = ask(client, address.format(number="second"))
        queries[name] = len(captured)
    for number in range(ROUNDS):
        for name, address in addresses.items():
            seconds[name].append(ask(client, address.format(number=number))[0])
    return {
        name: {
            "p50_ms": round(1000 * statistics.median(taken), 1),
            "p95_ms": round(1000 * statistics.quantiles(taken, n=20)[-1], 1),
            "queries": queries[name],
            "kilobytes": round(sizes[name] / 1024, 1),
        }
        for name, taken in seconds.items()
    }


def figures() -> dict[str, Any]:
    by_page = measured(signed_in(), pages())
    frame = by_page[FRAME]["p50_ms"]
    slowest = max((page for page in by_page if page != FRAME), key=lambda page: by_page[page]["p95_ms"])
    dashboards = [page for page in by_page if page.startswith("home") and page != DRAWN_ANEW]
    return {
        "dashboard_p95_ms": max(by_page[page]["p95_ms"] for page in dashboards),
        "dashboard_drawn_anew_p95_ms": by_page[DRAWN_ANEW]["p95_ms"],
        "worst_p95_ms": by_page[slowest]["p95_ms"],
        "worst_page": slowest,
        "frame_p50_ms": frame,
        "pages": by_page,
        "rounds": ROUNDS,
        "order_lines": OrderLine.objects.count(),
        "products": Product.objects.count(),
        "machine": bench.machine(),
        "versions": bench.versions("Django", "psycopg", "django-tables2"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    with bench.running():
        if not OrderLine.objects.exists():
            call_command("seed_demo", stdout=sys.stderr)
        bench.show(figures(), as_json=as_json)
        User.objects.filter(username=NAME).delete()


if __name__ == "__main__":
    main()
