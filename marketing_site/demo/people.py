"""The demo's customers: real households under invented names, with invented consent."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from marketing_site.demo.naming import person
from marketing_site.demo.reading import SOURCE_ZONE, Source

KNOWN = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)
CONSENT_SOURCE = "demo"


def customers(source: Source, orders: pl.DataFrame) -> pl.DataFrame:
    """Return one row a household; it is known since its first order."""
    first = orders.group_by("household").agg(pl.col("ordered_at").min().alias("created_at"))
    attributes = pl.struct(KNOWN).map_elements(_attributes, return_dtype=pl.String).alias("attributes")
    table = source.households.join(first, on="household", how="left", maintain_order="left")
    return table.select(
        "household", pl.col("household").cast(pl.String).alias("external_id"),
        pl.lit("en").alias("locale"), pl.lit(SOURCE_ZONE).alias("time_zone"), attributes, "created_at",
    )  # fmt: skip


def profiles(customers: pl.DataFrame) -> pl.DataFrame:
    """Return the invented names and addresses; nobody can be reached at example.invalid."""
    rows = [
        (pk, *person(household), "", True)
        for pk, household in customers.select("id", "household").iter_rows()
    ]
    return pl.DataFrame(rows, schema=["customer_id", "name", "email", "phone", "synthetic"], orient="row")


def consents(customers: pl.DataFrame) -> pl.DataFrame:
    """Return the invented consents as they stand; `at` is when each was last changed."""
    rows = [
        (pk, purpose, channel, state, at)
        for pk, household, at in customers.select("id", "household", "created_at").iter_rows()
        for purpose, channel, state in _consent(household)
    ]
    columns = {"customer_id": pl.Int64, "purpose": pl.String, "channel": pl.String, "state": pl.String}
    return pl.DataFrame(rows, schema=columns | {"at": pl.Datetime("us", "UTC")}, orient="row")


def _consent(household: int) -> Iterator[tuple[str, str, str]]:
    """Most agree to e-mail and post, every third to SMS, nearly all to profiling: invented shares."""
    yield "marketing", "email", "withdrawn" if household % 12 == 5 else "granted"
    yield "marketing", "mail", "withdrawn" if household % 25 == 7 else "granted"
    if household % 3 == 0:
        yield "marketing", "sms", "granted"
    yield "profiling", "any", "withdrawn" if household % 40 == 11 else "granted"


def _attributes(row: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in row.items() if value is not None})
