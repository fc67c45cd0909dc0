"""Searches, views, carts and reviews: the source has none, so a small set is invented, and every row says so.

It is deterministic, and hangs on real purchases: somebody looked for a product an hour before buying it, and
some say later how it was. No measured claim rests on it.
"""

import polars as pl

SOURCE = "demo"
EVERY_SEARCH, EVERY_VIEW, EVERY_CART, EVERY_REVIEW = 211, 97, 151, 499
REVIEWS = {
    5: "Exactly what I was looking for. I will buy it again.",
    4: "Good, and the price is fair.",
    3: "It is all right.",
    2: "I expected more of it.",
    1: "Not for me: it was not fresh.",
}
STARS = (5, 4, 5, 3, 4, 5, 2, 4, 5, 1)


def events(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the invented events for the lines of orders, which must carry their product's name."""
    numbered = lines.with_row_index("number")
    return pl.concat(
        [
            _chosen(
                numbered, "search", EVERY_SEARCH, minutes=-65, text=pl.col("name").str.split(",").list.first()
            ),
            _chosen(numbered, "view", EVERY_VIEW, minutes=-60),
            _chosen(numbered, "cart", EVERY_CART, minutes=-50),
            _reviews(numbered),
        ]
    )


def _chosen(
    lines: pl.DataFrame,
    kind: str,
    every: int,
    *,
    minutes: int,
    text: pl.Expr | None = None,
    stars: pl.Expr | None = None,
) -> pl.DataFrame:
    chosen = lines.filter(pl.col("number") % every == 0)
    return chosen.select(
        "customer_id", "product_id", pl.lit(kind).alias("kind"),
        (pl.col("ordered_at") + pl.duration(minutes=minutes)).alias("occurred_at"),
        (pl.lit("") if text is None else text).alias("text"),
        (pl.lit(None) if stars is None else stars).cast(pl.Int64).alias("rating"),
        pl.lit(SOURCE).alias("source"),
        pl.format("{}-{}-{}", pl.lit(kind), "order_id", "line_no").alias("external_id"),
        pl.lit(value=True).alias("synthetic"),
    )  # fmt: skip


def _reviews(lines: pl.DataFrame) -> pl.DataFrame:
    number = (pl.col("number") // EVERY_REVIEW % len(STARS)).cast(pl.Int64)
    stars = number.replace_strict(list(range(len(STARS))), list(STARS), return_dtype=pl.Int64)
    text = stars.replace_strict(REVIEWS, return_dtype=pl.String)
    return _chosen(lines, "review", EVERY_REVIEW, minutes=3 * 24 * 60, text=text, stars=stars)
