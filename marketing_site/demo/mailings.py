"""The demo's 27 coupon mailings: windows, recipients, coupons, redemptions, and the spend that is assumed.

Recipients are assignments, not touches: only a redeemed coupon may claim revenue.
"""

import polars as pl
from django.conf import settings

from marketing_site.demo.assumptions import COUPON_FACE_VALUE
from marketing_site.demo.reading import SOURCE, Source

CONTACTS_NOTE = "Demo assumption: contacts × the stated cost per contact"
COUPONS_NOTE = "Demo assumption: face value of the coupons redeemed on this day, as their sponsor pays it"


def assignments(source: Source) -> pl.DataFrame:
    """Return who was contacted, as of the first day of the mailing."""
    starts = source.campaigns.select(
        "mailing", source.local(pl.col("start_date").cast(pl.Datetime("us"))).alias("at")
    )
    return source.recipients.join(starts, on="mailing", maintain_order="left").select(
        "mailing", "household", pl.lit("treated").alias("arm"),
        pl.col("at").alias("assigned_at"), pl.lit("import").alias("source"),
    )  # fmt: skip


def coupons(source: Source) -> pl.DataFrame:
    """Return one row for each code of each mailing, valid in the mailing's window."""
    codes = source.coupons.select("mailing", "coupon_upc").unique(maintain_order=True)
    return codes.join(source.campaigns, on="mailing", maintain_order="left").select(
        "mailing",
        "coupon_upc", pl.col("coupon_upc").cast(pl.String).alias("code"),
        pl.col("start_date").alias("valid_from"), pl.col("end_date").alias("valid_until"),
    )  # fmt: skip


def touches(source: Source) -> pl.DataFrame:
    """Return one touch for each redemption, at noon of its day: the source tells no time and no basket."""
    noon = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=12)
    return source.redemptions.select(
        "mailing", "household", "coupon_upc", pl.lit("coupon").alias("kind"),
        source.local(noon).alias("touched_at"), pl.lit(SOURCE).alias("source"),
        pl.format("redemption {}", "number").alias("external_id"),
    )  # fmt: skip


def contact_costs(source: Source) -> pl.DataFrame:
    """Return contacts times the stated cost per contact, on the first day of each mailing."""
    counted = source.recipients.group_by("mailing").agg(pl.len().alias("quantity"))
    rate = float(settings.DEMO_COST_PER_CONTACT)
    return source.campaigns.join(counted, on="mailing").select(
        "mailing", pl.col("start_date").alias("day"), "quantity",
        pl.lit(rate).alias("rate"), (pl.col("quantity") * rate).round(2).alias("amount"),
    )  # fmt: skip


def coupon_costs(source: Source) -> pl.DataFrame:
    """Return the face value of each mailing's coupons, on the days on which they were redeemed."""
    valued = redemption_values(source)
    amount = pl.col("value").sum().round(2).alias("amount")
    found = valued.group_by("mailing", "day").agg(pl.len().alias("quantity"), amount)
    return found.sort("day", "mailing")


def redemption_values(source: Source) -> pl.DataFrame:
    """Return each redemption with its face value: coupon_disc of its line, else its code's median, else $1.

    Its line is one that it covers strictly; where there are several, their median counts.
    """
    own = covered_lines(source).group_by("number").agg((pl.col("coupon").median() / 100).alias("value"))
    found = source.redemptions.join(own, on="number", how="left", maintain_order="left")
    usual = found.group_by("coupon_upc").agg(pl.col("value").median().alias("usual"))
    found = found.join(usual, on="coupon_upc", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("value", "usual", pl.lit(COUPON_FACE_VALUE)).alias("value"))


def covered_lines(source: Source) -> pl.DataFrame:
    """Return the lines that each redemption covers strictly: coupon_disc above zero, product on its list."""
    day = source.moved_time("transaction_timestamp").dt.date().alias("day")
    bought = source.lines.filter(pl.col("coupon") > 0).with_columns(day)
    found = source.redemptions.join(bought, on=["household", "day"], maintain_order="left")
    listed = ["mailing", "coupon_upc", "item"]
    return found.join(source.coupons, on=listed, how="semi", maintain_order="left")
