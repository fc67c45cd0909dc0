"""Raw cells as values, column by column: masks find what is wrong, and only those cells get a reason."""

import polars as pl

from shop.importing.faults import fault
from shop.importing.frames import Chunk, Rejected, Typed
from shop.importing.kinds import Column
from shop.importing.values import (
    CURRENCIES,
    EMAIL,
    FIRST_DAY,
    FIRST_TIME,
    LAST_DAY,
    LONGEST_EMAIL,
    ODD_LETTERS,
    SLASHED_TIME,
    TIME,
    Layout,
    code_of,
)

MARK = "\ufeff"
PLACES = {"money": 4, "number": 4, "rate": 8}


def typed(chunk: Chunk, layout: Layout) -> Typed:
    """Turn raw cells into values; rows with a wrong cell are taken out, with a reason for each such cell."""
    frame = chunk.texts
    values: list[pl.Series] = []
    masks: list[pl.Series] = []
    cleaned: dict[int, pl.Series] = {}
    for at, name, column in layout.places:
        cell = _clean(frame[f"c{at}"], chunk)
        value, bad = _value(cell, column, layout)
        if chunk.odd and column.type in ("text", "list"):
            bad = bad | cell.str.contains(f"[{ODD_LETTERS}]").fill_null(value=False)
        if column.required:
            bad = bad | cell.is_null()
        if layout.policy(name, "missing") == "fill" and name in layout.measured:
            value = value.fill_null(_number_text(layout.measured[name]["median"], column))
        cleaned[at] = cell
        values.append(value.alias(column.name))
        masks.append(bad.alias(f"bad{at}"))
    result = pl.DataFrame([frame["row_no"], *values])
    rejected = _named(chunk.rejected, layout)
    if any(mask.any() for mask in masks):
        wrong = pl.DataFrame(masks).select(pl.any_horizontal(pl.all())).to_series()
        rejected += _reasons(frame, masks, wrong, cleaned, layout)
        result = result.filter(~wrong)
    return Typed(result, sorted(rejected, key=lambda one: one.row))


def _named(rejected: list[Rejected], layout: Layout) -> list[Rejected]:
    for one in rejected:
        for found in one.faults:
            if isinstance(found["column"], int):
                found["column"] = layout.columns[found["column"]]
    return rejected


def _reasons(
    frame: pl.DataFrame,
    masks: list[pl.Series],
    wrong: pl.Series,
    cleaned: dict[int, pl.Series],
    layout: Layout,
) -> list[Rejected]:
    found = frame.filter(wrong)
    flags = pl.DataFrame(masks).filter(wrong).rows()
    texts = pl.DataFrame([one.alias(f"c{at}") for at, one in cleaned.items()]).filter(wrong).rows()
    rejected = []
    for row, bad, cells in zip(found.iter_rows(), flags, texts, strict=True):
        faults = [
            fault(code_of(column, cell or "", layout), name)
            for (_at, name, column), is_bad, cell in zip(layout.places, bad, cells, strict=True)
            if is_bad
        ]
        rejected.append(Rejected(row[0], row[1], ["" if cell is None else cell for cell in row[2:]], faults))
    return rejected


def _clean(cell: pl.Series, chunk: Chunk) -> pl.Series:
    """Take off blanks, marks, and the apostrophe that keeps spreadsheets from running a cell."""
    frame = pl.DataFrame([cell.alias("cell")])
    text = pl.col("cell").str.strip_chars()
    if chunk.odd:
        text = text.str.replace_all(MARK, "", literal=True)
    text = (
        pl.when(text.str.starts_with("'"))
        .then(text.str.replace(r"^'([=+\-@\t\r＝＋－＠])", "$1"))
        .otherwise(text)
    )
    return frame.select(pl.when(text != "").then(text)).to_series()


def _value(cell: pl.Series, column: Column, layout: Layout) -> tuple[pl.Series, pl.Series]:
    """Return the values of a column, and where a cell that is there has none."""
    if column.type in ("money", "number", "rate", "integer", "rating"):
        return _numbers(cell, column, layout)
    if column.type in ("time", "day", "epoch"):
        value = _epochs(cell) if column.type == "epoch" else _moments(cell, column, layout)
        return _within(cell, value, column, layout)
    if column.type in ("choice", "currency"):
        words = dict(column.choices) if column.type == "choice" else {one.lower(): one for one in CURRENCIES}
        value = cell.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)
        return value, cell.is_not_null() & value.is_null()
    if column.type == "email":
        bad = ~cell.str.contains(EMAIL) | (cell.str.len_chars() > LONGEST_EMAIL)
        return cell, bad.fill_null(value=False)
    return cell, (cell.str.len_chars() > column.max_length).fill_null(value=False)


def _numbers(cell: pl.Series, column: Column, layout: Layout) -> tuple[pl.Series, pl.Series]:
    if column.type == "rating":
        return cell, (~cell.str.contains(r"^[1-5](\.0+)?$")).fill_null(value=False)
    if column.type == "integer":
        return cell, (~cell.str.contains(r"^(\+?[0-9]{1,9}|-0)$")).fill_null(value=False)
    sign, places = (r"\." if layout.decimal == "." else ","), PLACES[column.type]
    good = rf"^(\+?[0-9]{{1,14}}({sign}[0-9]{{1,{places}}})?|-0+({sign}0{{1,{places}}})?)$"
    bad = (~cell.str.contains(good)).fill_null(value=False)
    return (cell.str.replace(",", ".", literal=True) if layout.decimal == "," else cell), bad


def _moments(cell: pl.Series, column: Column, layout: Layout) -> pl.Series:
    """Return times in UTC, or days; null where the cell is none, or its local time is none or two."""
    missing = cell.null_count()
    if column.type == "day":
        days = cell.str.to_date("%Y-%m-%d", strict=False)
        return days if days.null_count() == missing else _in_parts(cell, layout).dt.date()
    quick = cell.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us")
    if quick.null_count() == missing and not cell.str.contains(":60", literal=True).any():
        return quick.dt.replace_time_zone("UTC")
    return _in_parts(cell, layout)


def _in_parts(cell: pl.Series, layout: Layout) -> pl.Series:
    """Read every way of writing a time that is allowed."""
    names_ = ("year", "month", "day", "hour", "minute", "second", "fraction", "offset")
    frame = pl.DataFrame([cell.alias("cell")])
    usual = pl.col("cell").str.extract_groups(TIME).struct.rename_fields(names_)
    parts = frame.select(usual.alias("found")).unnest("found")
    day_first = layout.shape.get("day_first")
    if day_first is not None and parts["year"].null_count():
        order = ("day", "month", "year") if day_first else ("month", "day", "year")
        other = pl.col("cell").str.extract_groups(SLASHED_TIME).struct.rename_fields((*order, *names_[3:]))
        slashed = frame.select(other.alias("found")).unnest("found").select(names_)
        use = pl.col("year").is_null()
        parts = pl.concat([parts, slashed.rename({one: f"{one}2" for one in names_})], how="horizontal")
        parts = parts.select(pl.when(use).then(f"{one}2").otherwise(one).alias(one) for one in names_)
    local = pl.concat_str(
        "year", pl.lit("-"), pl.col("month").str.zfill(2), pl.lit("-"), pl.col("day").str.zfill(2),
        pl.lit(" "), pl.col("hour").fill_null("00").str.zfill(2), pl.lit(":"),
        pl.col("minute").fill_null("00"), pl.lit(":"),
        pl.col("second").fill_null("00"), pl.col("fraction").fill_null(""),
    ).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")  # fmt: skip
    zone = pl.col("offset").str.replace(":", "", literal=True)
    minutes = zone.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + zone.str.slice(3, 2).cast(
        pl.Int64, strict=False
    )
    shift = pl.when(zone == "Z").then(0).when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes)
    shift = pl.when(shift.abs() <= 14 * 60).then(shift)
    told = (local - pl.duration(minutes=shift)).dt.replace_time_zone("UTC")
    untold = local.dt.replace_time_zone(layout.zone, ambiguous="null", non_existent="null")
    return parts.select(
        pl.when(pl.col("offset").is_null()).then(untold.dt.convert_time_zone("UTC")).otherwise(told)
    ).to_series()


def _epochs(cell: pl.Series) -> pl.Series:
    seconds = cell.cast(pl.Int64, strict=False)
    return (seconds * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _within(cell: pl.Series, value: pl.Series, column: Column, layout: Layout) -> tuple[pl.Series, pl.Series]:
    first, last = (FIRST_DAY, LAST_DAY) if column.type == "day" else (FIRST_TIME, layout.latest)
    frame = pl.DataFrame([value.alias("value")])
    inside = frame.select(pl.col("value").is_between(pl.lit(first), pl.lit(last))).to_series()
    return value, cell.is_not_null() & ~inside.fill_null(value=False)


def _number_text(value: float, column: Column) -> str:
    return str(round(value)) if column.type == "integer" else f"{value:.4f}"
