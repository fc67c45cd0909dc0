"""The demo's categories and products: composed names, observed prices, assumed costs."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from marketing_site.demo import assumptions
from marketing_site.demo.naming import plain_size, plain_words, product_name
from marketing_site.demo.reading import Source

STORE_BRAND = "Store brand"


@dataclass(frozen=True)
class Catalog:
    """`categories` (department, category or null, name) and `products` (by the source's item)."""

    categories: pl.DataFrame
    products: pl.DataFrame


def read(source: Source) -> Catalog:
    """Return the tree and the products; of a sample, only the products that it bought."""
    known = source.products.with_columns(pl.col("item").cast(pl.String).alias("sku"))
    products = pl.concat([known, _unknown(source, known)], how="diagonal")
    if source.sample > 1:
        products = products.join(source.lines.select("item").unique(), on="item", how="semi")
    products = _named(_in_plain_words(products))
    products = products.join(prices(source), on="item", how="left", maintain_order="left")
    return Catalog(_tree(products), products.with_columns(*_columns()))


def prices(source: Source) -> pl.DataFrame:
    """Return item and price: the median shelf price of the weeks up to the product's last sale.

    Shelf price = (sales_value + retail_disc + coupon_match_disc) / quantity, by the data's documentation.
    """
    sold = source.transactions.filter(pl.col("quantity") > 0)
    last = pl.col("transaction_timestamp").max().over("item")
    recent = sold.filter(pl.col("transaction_timestamp") > last - pl.duration(weeks=assumptions.PRICE_WEEKS))
    shelf = pl.sum_horizontal("sales", "retail", "match") / pl.col("quantity") / 100
    found = recent.group_by("item").agg(shelf.median().round(2).alias("price"))
    return found.filter(pl.col("price") > 0)


def _in_plain_words(products: pl.DataFrame) -> pl.DataFrame:
    raw = ("department", "product_category", "product_type")
    plain = [_translated(column, plain_words).alias(f"{column}_name") for column in raw]
    return products.with_columns(*plain, _translated("package_size", plain_size).alias("size"))


def _translated(column: str, translate: Callable[[str], str]) -> pl.Expr:
    """Translate each different value once; there are few."""

    def each(words: pl.Series) -> pl.Series:
        raw = words.unique().drop_nulls()
        plain = [translate(word) for word in raw]
        return words.replace_strict(raw, plain, default="", return_dtype=pl.String)

    return pl.col(column).map_batches(each, return_dtype=pl.String)


def _named(products: pl.DataFrame) -> pl.DataFrame:
    """Add the composed name; a product of which nothing is known has its number."""
    parts = ["product_type_name", "product_category_name", "department_name", "size"]
    different = products.select(parts).unique()
    names = [
        product_name(kind, category or department, size)
        for kind, category, department, size in different.rows()
    ]
    named = products.join(
        different.with_columns(name=pl.Series(names)), on=parts, how="left", maintain_order="left"
    )
    unnamed = pl.when(pl.col("name") == "").then(pl.format("Unknown product {}", "sku"))
    return named.with_columns(unnamed.otherwise("name").alias("name"))


def _unknown(source: Source, known: pl.DataFrame) -> pl.DataFrame:
    """Return a stub for each product that lines or coupons name and the product table lacks (20 of them)."""
    named = pl.concat([source.transactions.select("item"), source.coupons.select("item")]).unique()
    return (
        named.join(known, on="item", how="anti")
        .sort("item")
        .with_columns(pl.col("item").cast(pl.String).alias("sku"))
    )


def _tree(products: pl.DataFrame) -> pl.DataFrame:
    """Return departments (category null) and below them their categories."""
    columns = ["department", "department_name", "product_category", "product_category_name"]
    pairs = products.select(columns).drop_nulls("department").unique().sort("department", "product_category")
    roots = pairs.select("department", pl.col("department_name").alias("name")).unique(maintain_order=True)
    leaves = pairs.drop_nulls("product_category").select(
        "department", "product_category", pl.col("product_category_name").alias("name")
    )
    return pl.concat([roots, leaves], how="diagonal").select("department", "product_category", "name")


def _columns() -> list[pl.Expr]:
    offered = (
        pl.col("price").is_not_null()
        & pl.col("product_category").is_not_null()
        & ~pl.col("product_category").is_in(assumptions.NOT_OFFERED_CATEGORIES)
        & ~pl.col("department").is_in(assumptions.NOT_OFFERED_DEPARTMENTS)
    )
    margin = pl.col("department").replace_strict(
        assumptions.MARGINS, default=assumptions.OTHER_MARGIN, return_dtype=pl.Float64
    )
    size = pl.col("size")
    return [
        pl.when(pl.col("brand") == "Private").then(pl.lit(STORE_BRAND)).otherwise(pl.lit("")).alias("brand"),
        pl.when(size == "")
        .then(pl.lit("{}"))
        .otherwise(pl.concat_str(pl.lit('{"size": "'), size, pl.lit('"}')))
        .alias("attributes"),
        (pl.col("price") * (1 - margin)).round(2).alias("cost"),
        pl.col("price").is_not_null().alias("cost_assumed"),
        offered.fill_null(value=False).alias("active"),
    ]
