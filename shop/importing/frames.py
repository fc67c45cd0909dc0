"""Parts of a file as rows of raw cells, through polars.

polars refuses a whole part for one long row, a wrong byte or an open quote: such a part is read again row by
row (shop.importing.cells).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from shop.importing.cells import LONGEST_CELL, records
from shop.importing.faults import fault
from shop.importing.streams import LONGEST_LINE, Part

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


def staged(frame: pl.DataFrame) -> bytes:
    """Return the rows as COPY reads them."""
    return frame.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f%:z").encode()


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
