"""The demo's orders and lines: net revenue is what the retailer received, the source's sales_value."""

import polars as pl

from marketing_site.demo.reading import SOURCE, Source


def orders(source: Source) -> pl.DataFrame:
    """Return the baskets in the order of their time, with the sums that `shop.ledger` would compute."""
    gross, discount = _gross(), _discount()
    found = source.lines.group_by("basket", maintain_order=True).agg(
        pl.col("household", "transaction_timestamp").first(),
        *_dollars(gross=gross.sum(), discount=discount.sum(), net_revenue=(gross - discount).sum()),
    )
    return found.select(
        "basket", "household",
        pl.lit(SOURCE).alias("source"), pl.col("basket").cast(pl.String).alias("external_id"),
        source.moved_time("transaction_timestamp").dt.convert_time_zone("UTC").alias("ordered_at"),
        "gross", "discount", "net_revenue",
    )  # fmt: skip


def lines(source: Source) -> pl.DataFrame:
    """Return the lines, numbered within their basket, by the source's basket and item."""
    numbered = source.lines.with_columns(pl.int_range(1, pl.len() + 1).over("basket").alias("line_no"))
    return numbered.select(
        "basket", "item", "line_no", "quantity",
        *_dollars(gross=_gross(), discount=_discount(), coupon_value=pl.col("coupon")),
    )  # fmt: skip


def _gross() -> pl.Expr:
    """Shelf price times quantity: what was paid plus what the retailer took off."""
    return pl.sum_horizontal("sales", "retail", "match")


def _discount() -> pl.Expr:
    """What the retailer took off; coupon_disc is paid by the manufacturer and no discount of the shop."""
    return pl.sum_horizontal("retail", "match")


def _dollars(**cents: pl.Expr) -> list[pl.Expr]:
    """Return the sums as dollars; COPY writes them with two places, so the cents stay exact."""
    return [(value / 100).alias(name) for name, value in cents.items()]
