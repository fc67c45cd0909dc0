"""Numbers far from the others of their column, and what becomes of them and of missing values."""

import polars as pl

from shop.importing.faults import fault
from shop.importing.frames import Chunk, Rejected, Typed
from shop.importing.kinds import Column
from shop.importing.values import Layout

NUMERIC = ("money", "number", "integer")
# Iglewicz and Hoaglin: a value is far off where 0.6745 · |x − median| / MAD is above this.
FAR_OFF = 3.5


def numeric_values(frame: pl.DataFrame, layout: Layout) -> dict[str, pl.Series]:
    """Return the numbers of each numeric column by its name in the file."""
    return {
        name: frame[column.name].cast(pl.Float64, strict=False)
        for _at, name, column in layout.places
        if column.type in NUMERIC
    }


def limits(name: str, column: Column, layout: Layout) -> tuple[float, float] | None:
    """Return between which values a number is no outlier; None where the column's spread is unknown."""
    measured = layout.measured.get(name)
    if not measured:
        return None
    far = FAR_OFF * measured["mad"] / 0.6745 if measured["mad"] else float("inf")
    low = max(measured["median"] - far, column.low if column.low is not None else float("-inf"))
    high = min(measured["median"] + far, column.high if column.high is not None else float("inf"))
    return low, high


def with_policies(typed_rows: Typed, chunk: Chunk, layout: Layout) -> Typed:
    """Do what the person chose for outliers and missing values: cap, drop, set aside."""
    frame = typed_rows.frame
    for _at, name, column in layout.places:
        missing, outlier = layout.policy(name, "missing"), layout.policy(name, "outlier")
        if missing in ("drop", "quarantine"):
            frame = _left_out(
                typed_rows, frame, frame[column.name].is_null(), name, "missing", missing, chunk
            )
        bounds = limits(name, column, layout) if column.type in NUMERIC else None
        if bounds is None or outlier not in ("cap", "drop", "quarantine"):
            continue
        numbers = frame[column.name].cast(pl.Float64, strict=False)
        outside = ((numbers < bounds[0]) | (numbers > bounds[1])).fill_null(value=False)
        if outlier == "cap":
            capped = numbers.clip(*bounds).round(0 if column.type == "integer" else 4)
            texts = capped.cast(pl.Int64) if column.type == "integer" else capped
            kept = pl.when(pl.col("outside")).then(pl.col("capped").cast(pl.String)).otherwise(column.name)
            frame = frame.with_columns(outside.alias("outside"), texts.alias("capped"))
            frame = frame.with_columns(kept.alias(column.name)).drop("outside", "capped")
        else:
            frame = _left_out(typed_rows, frame, outside, name, "range", outlier, chunk)
    return Typed(frame, typed_rows.rejected)


def _left_out(
    typed_rows: Typed, frame: pl.DataFrame, which: pl.Series, name: str, code: str, policy: str, chunk: Chunk
) -> pl.DataFrame:
    if not which.any():
        return frame
    action = "dropped" if policy == "drop" else "quarantined"
    for row, (line, cells) in chunk.cells(frame.filter(which)["row_no"].to_list()).items():
        typed_rows.rejected.append(Rejected(row, line, cells, [fault(code, name)], action))
    return frame.filter(~which)
