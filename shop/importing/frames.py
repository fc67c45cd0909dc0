"""Parts of a file as columns: polars reads them, masks find what is wrong, only those cells get a reason.

polars refuses a whole part for one long row, a wrong byte or an open quote: such a part is read again row by
row (shop.importing.cells). The only module that knows polars.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

# Two threads are as quick as many here, and each keeps memory of its own.
os.environ.setdefault("POLARS_MAX_THREADS", "2")
# What polars has freed goes back to the system soon, and not only when it is short of memory.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0,narenas:2")
import polars as pl

from shop.importing.cells import LONGEST_CELL, records
from shop.importing.faults import fault
from shop.importing.kinds import Column
from shop.importing.streams import LONGEST_LINE, Part
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

CONTROLS = bytes({*range(32), 127} - {9, 10, 13})
# Where a part has none of these, none of its texts has an odd letter.
ODD_BYTES = (b"\xe2\x80", b"\xe2\x81", b"\xef\xbf")
MARK = "\ufeff"
PARQUET_ROWS = 50_000
PLACES = {"money": 4, "number": 4, "rate": 8}


@dataclass
class Rejected:
    """One row that is not stored, with a fault for each cell that is wrong."""

    row: int
    line: int
    cells: list[Any]
    faults: list[dict[str, Any]]
    action: str = "rejected"


@dataclass
class Chunk:
    """The rows of one part: `texts` has row_no, line_no and the raw cells, from c0 on."""

    texts: pl.DataFrame
    rejected: list[Rejected] = field(default_factory=list)
    # Rows and lines read so far, and the place after them.
    row: int = 0
    line: int = 0
    offset: int = 0
    # Whether any text may hold letters that cannot be stored.
    odd: bool = True

    def cells(self, rows: Sequence[int]) -> dict[int, tuple[int, list[Any]]]:
        """Return line and raw cells of these rows."""
        found = self.texts.filter(pl.col("row_no").is_in(list(rows)))
        return {
            row[0]: (row[1], ["" if cell is None else cell for cell in row[2:]]) for row in found.iter_rows()
        }


@dataclass
class Typed:
    """The right rows with a column for each field, ready to be staged."""

    frame: pl.DataFrame
    rejected: list[Rejected]


# --- Reading --------------------------------------------------------------------------------------


def names(columns: int) -> list[str]:
    return [f"c{at}" for at in range(columns)]


def read_csv(part: Part, delimiter: str, columns: int, row: int, line: int) -> Chunk:
    """Return the rows of a part of a CSV file; `row` and `line` count what was read before."""
    if part.endless:
        bad = Rejected(row + 1, line + 1, [""] * columns, [fault("line_too_long")])
        return Chunk(_empty(columns), [bad], row + 1, line + 1, part.offset)
    content = part.content
    found = _fast(content, delimiter, columns)
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if found is None:
        return _slowly(part, delimiter, columns, row, line)
    if lines == found.height:
        numbered = found.with_columns(pl.int_range(line + 1, line + 1 + found.height).alias("line_no"))
    else:
        inside = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0))
        first = line + 1 + pl.int_range(found.height) + inside.cum_sum().shift(1, fill_value=0).cast(pl.Int64)
        numbered = found.with_columns(first.alias("line_no"))
    texts = numbered.select(
        pl.int_range(row + 1, row + 1 + found.height).alias("row_no"), "line_no", *names(columns)
    )
    odd = len(content) != len(content.translate(None, CONTROLS)) or any(one in content for one in ODD_BYTES)
    return Chunk(texts, [], row + found.height, line + lines, part.offset, odd)


def _fast(content: bytes, delimiter: str, columns: int) -> pl.DataFrame | None:
    """Return the cells; None where something is wrong somewhere, or might be."""
    mark = delimiter.encode()
    quoted = b'"' in content
    if quoted and (mark + b' "' in content or b'\n "' in content or content.startswith(b' "')):
        return None
    try:
        found = pl.read_csv(
            BytesIO(content), has_header=False, schema=dict.fromkeys(names(columns), pl.String),
            separator=delimiter,
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return None
    outside = b"".join(content.split(b'"')[::2]) if quoted else content
    if outside.count(mark) != found.height * (columns - 1):
        return None  # a short row, which polars fills
    if columns == 1 and found["c0"].null_count():
        return None
    longest = found.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item()
    if longest and longest > LONGEST_CELL:
        return None
    blank = found.select(
        pl.all_horizontal(pl.all().is_null() | (pl.all().str.strip_chars() == "")).any()
    ).item()
    return None if blank else found


def _slowly(part: Part, delimiter: str, columns: int, row: int, line: int) -> Chunk:
    good: list[tuple[Any, ...]] = []
    rejected: list[Rejected] = []
    for record in records(part.content, delimiter, line + 1, columns):
        row += 1
        if record.faults:
            rejected.append(
                Rejected(row, record.line, record.cells, [_placed(*one) for one in record.faults])
            )
        else:
            good.append((row, record.line, *(cell or None for cell in record.cells)))
    line += part.content.count(b"\n") + (not part.content.endswith(b"\n"))
    texts = pl.DataFrame(good, schema=_empty(columns).schema, orient="row") if good else _empty(columns)
    return Chunk(texts, rejected, row, line, part.offset)


def _placed(at: int | None, code: str) -> dict[str, Any]:
    # The name of the column is put in by `typed`, which knows the header.
    return fault(code) | {"column": "" if at is None else at}


def _empty(columns: int) -> pl.DataFrame:
    schema = {"row_no": pl.Int64, "line_no": pl.Int64} | dict.fromkeys(names(columns), pl.String)
    return pl.DataFrame(schema=schema)


def read_jsonl(part: Part, columns: list[str], row: int, line: int) -> Chunk:
    """Return the rows of a part of a file with one JSON object a line."""
    good, rejected = [], []
    known = set(columns)
    for content in part.content.split(b"\n"):
        line += 1
        if not content.strip():
            continue
        row += 1
        found, code = _object(content)
        if found is None or not known.issuperset(found):
            code = code or "long_row"
            raw = content[:LONGEST_CELL].decode("utf-8", "replace")
            rejected.append(Rejected(row, line, [raw], [fault(code)]))
        else:
            good.append((row, line, *(_as_text(found.get(name)) for name in columns)))
    line -= part.content.endswith(b"\n")
    if part.endless:
        row, line = row + 1, line + 1
        rejected.append(Rejected(row, line, [""], [fault("line_too_long")]))
    width = len(columns)
    texts = pl.DataFrame(good, schema=_empty(width).schema, orient="row") if good else _empty(width)
    return Chunk(texts, rejected, row, line, part.offset)


def _object(content: bytes) -> tuple[dict[str, Any] | None, str]:
    if len(content) > LONGEST_LINE:
        return None, "line_too_long"
    try:
        found = json.loads(content.decode())
    except UnicodeDecodeError:
        return None, "encoding"
    except (ValueError, RecursionError):
        return None, "not_text"
    return (found, "") if isinstance(found, dict) else (None, "not_text")


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def parquet_columns(path: Path) -> list[str]:
    """Return the columns of a Parquet file; raises ValueError where it is none."""
    try:
        return list(pl.read_parquet_schema(path))
    except Exception as error:
        raise ValueError(str(error)) from error


def parquet_rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def read_parquet(path: Path, columns: list[str], row: int, size: int = PARQUET_ROWS) -> Iterator[Chunk]:
    """Yield the rows of a Parquet file after the first `row`."""
    total, width = parquet_rows(path), len(columns)
    frame = pl.scan_parquet(path)
    while row < total:
        found = frame.slice(row, size).collect()
        texts = found.select(
            pl.int_range(row + 1, row + 1 + found.height).alias("row_no"),
            pl.int_range(row + 1, row + 1 + found.height).alias("line_no"),
            *(_text_of(found.schema[name], name).alias(f"c{at}") for at, name in enumerate(columns)),
        )
        row += found.height
        yield Chunk(texts.select("row_no", "line_no", *names(width)), [], row, row, row)


def _text_of(kind: Any, name: str) -> pl.Expr:
    if isinstance(kind, pl.Datetime):
        return pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S" + ("%:z" if kind.time_zone else ""))
    if isinstance(kind, pl.List | pl.Struct | pl.Array):
        return pl.col(name).map_elements(
            lambda one: json.dumps(one.to_list() if isinstance(one, pl.Series) else one, default=str),
            return_dtype=pl.String,
        )
    return pl.col(name).cast(pl.String)


# --- Checking -------------------------------------------------------------------------------------


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


# --- Outliers -------------------------------------------------------------------------------------

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


def _number_text(value: float, column: Column) -> str:
    return str(round(value)) if column.type == "integer" else f"{value:.4f}"


def staged(frame: pl.DataFrame) -> bytes:
    """Return the rows as COPY reads them."""
    return frame.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z").encode()


# --- The first rows, for the page that asks what the file is ---------------------------------------


def jsonl_head(start: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the names that the first objects have, in the order of their first use, and the first rows."""
    found = [one for content in start.split(b"\n")[:200] if (one := _object(content)[0])]
    columns = list(dict.fromkeys(name for one in found for name in one))
    return columns, [[_as_text(one.get(name)) or "" for name in columns] for one in found[:20]]


def parquet_head(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the first rows of a Parquet file; raises ValueError where it is broken."""
    columns = parquet_columns(path)
    try:
        first = next(read_parquet(path, columns, 0, 20), None)
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error
    rows = first.texts.rows() if first else []
    return columns, [["" if cell is None else cell for cell in row[2:]] for row in rows]
