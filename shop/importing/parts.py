"""A file part by part, each ready to be staged: read, checked and written as COPY wants it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from shop.importing import frames
from shop.importing.columns import typed
from shop.importing.faults import fault
from shop.importing.frames import Chunk, Rejected, Typed
from shop.importing.outliers import numeric_values, with_policies
from shop.importing.shapes import SEP_LINE, fields_of, plain
from shop.importing.streams import Container, Part, look_into, opened, parts
from shop.importing.values import Layout
from shop.importing.writing import Handler
from shop.models.importing import ImportFile
from shop.models.people import address_hash


@dataclass(frozen=True)
class Place:
    """How far a file was read: the offset in its text (in Parquet the row), rows and lines before it."""

    offset: int = 0
    row: int = 0
    line: int = 0


@dataclass
class Prepared:
    """One part, ready: what to stage, what is wrong, and the place after it."""

    place: Place
    rows: int
    chunk: Chunk
    rejected: list[Rejected]
    # The columns of each and their rows: those that the file lacks are not copied.
    stage: tuple[list[str], bytes]
    groups: tuple[list[str], bytes] | None = None
    # The numbers of each numeric column, before and after what was chosen for outliers.
    before: dict[str, pl.Series] = field(default_factory=dict)
    after: dict[str, pl.Series] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


def layout_of(file: ImportFile, kind: Handler) -> Layout:
    """Return how the file is read, as its row says."""
    columns = list(file.report["head"]["columns"])
    measured = {
        name: {"median": one["before"]["median"], "mad": one["before"]["mad"]}
        for name, one in file.report.get("columns", {}).items()
        if one.get("before", {}).get("median") is not None
    }
    return Layout(columns, fields_of(kind, file.mapping), plain(file.shape), file.policies, measured)


def prepared_parts(
    file: ImportFile, kind: Handler, place: Place, layout: Layout, *, measured: bool = False
) -> Iterator[Prepared]:
    """Yield the parts after a place; the next one is made while the caller writes the last one."""
    chunks = _whole_groups(_chunks(Path(file.file.path), file, kind, place, layout), kind, layout)
    with ThreadPoolExecutor(1, "import") as beside:

        def make() -> Prepared | None:
            chunk = next(chunks, None)
            return None if chunk is None else _prepared(chunk, kind, layout, measured=measured)

        following = beside.submit(make)
        while (ready := following.result()) is not None:
            following = beside.submit(make)
            yield ready


def _chunks(path: Path, file: ImportFile, kind: Handler, place: Place, layout: Layout) -> Iterator["_Read"]:
    container = look_into(path)
    if container.kind == "parquet":
        for chunk in frames.read_parquet(path, layout.columns, place.row):
            yield _Read(chunk, b"", last=False)
        return
    yield from _text_chunks(path, container, file, place, layout)


@dataclass
class _Read:
    chunk: Chunk
    content: bytes
    last: bool


def _text_chunks(
    path: Path, container: Container, file: ImportFile, place: Place, layout: Layout
) -> Iterator[_Read]:
    shape = layout.shape
    is_json = file.format.startswith("jsonl")
    row, line = place.row, place.line
    with opened(path, container, shape.get("encoding", "utf-8")) as text:
        ahead = parts(text, place.offset)
        part = next(ahead, None)
        if part and not place.offset and not is_json:
            part, line = after_header(part, has_header=bool(shape.get("header", True)))
        while part is not None:
            following = next(ahead, None)
            if is_json:
                chunk = frames.read_jsonl(part, layout.columns, row, line)
            else:
                chunk = frames.read_csv(part, shape["delimiter"], len(layout.columns), row, line)
            # An endless line is a part of its own, to which nothing is held back.
            read = _Read(chunk, part.content, last=following is None or following.endless)
            kept = yield read
            row, line = chunk.row, chunk.line
            if following is not None and kept:
                following = Part(kept + following.content, following.offset)
            part = following


def after_header(part: Part, *, has_header: bool) -> tuple[Part, int]:
    """Return the part without header and the line that names the delimiter, and how many lines those are."""
    content, start = part.content, 0
    if SEP_LINE.match(content[:8].decode("latin-1")):
        start = content.find(b"\n") + 1
    while has_header:
        end = content.find(b"\n", start) + 1 or len(content)
        first = start
        blank = not content[first:end].strip(b" \t\r\n,;|")
        while content.count(b'"', first, end) % 2 and end < len(content):
            end = content.find(b"\n", end) + 1 or len(content)
        start = end
        if not blank or end >= len(content):
            break
    return Part(content[start:], part.offset, part.endless), content.count(b"\n", 0, start)


def _whole_groups(read: Iterator[_Read], kind: Handler, layout: Layout) -> Iterator[Chunk]:
    """Yield the chunks; rows of a group that may go on in the next part are left to that."""
    generator: Any = read
    names = {column.name: f"c{at}" for at, _name, column in layout.places}
    group = names.get(kind.group)
    carried: pl.DataFrame | None = None
    one = next(generator, None)
    while one is not None:
        chunk, kept = one.chunk, b""
        if carried is not None:
            chunk.texts, carried = pl.concat([carried, chunk.texts]), None
        if group and not one.last and chunk.texts.height and one.content:
            kept = _hold_back(chunk, one.content, chunk.texts[group])
        elif group and not one.content and chunk.texts.height == frames.PARQUET_ROWS:
            carried = _hold_rows_back(chunk, chunk.texts[group])
        yield chunk
        try:
            one = generator.send(kept)
        except StopIteration:
            one = None


def _last_group_at(values: pl.Series) -> int:
    """Return at which row the last run of equal values begins."""
    other = (values.ne_missing(values[-1])).arg_true()
    return int(other[-1]) + 1 if len(other) else 0


def _hold_back(chunk: Chunk, content: bytes, values: pl.Series) -> bytes:
    start = _last_group_at(values)
    if not start:
        return b""
    row, line = chunk.texts["row_no"][start], chunk.texts["line_no"][start]
    cut = len(content)
    for _line in range(chunk.line - line + 1):
        cut = content.rfind(b"\n", 0, max(cut - 1, 0)) + 1
    chunk.texts = chunk.texts.head(start)
    chunk.rejected = [one for one in chunk.rejected if one.row < row]
    chunk.row, chunk.line, chunk.offset = row - 1, line - 1, chunk.offset - (len(content) - cut)
    return content[cut:]


def _hold_rows_back(chunk: Chunk, values: pl.Series) -> pl.DataFrame | None:
    start = _last_group_at(values)
    if not start:
        return None
    held = chunk.texts.slice(start)
    chunk.texts = chunk.texts.head(start)
    chunk.row = chunk.line = chunk.offset = held["row_no"][0] - 1
    return held


def _prepared(chunk: Chunk, kind: Handler, layout: Layout, *, measured: bool) -> Prepared:
    rows = chunk.texts.height + len(chunk.rejected)
    found = typed(chunk, layout)
    before = after = numeric_values(found.frame, layout) if measured else {}
    missing = {name: int(found.frame[column.name].null_count()) for _at, name, column in layout.places}
    if layout.policies:
        found = with_policies(found, chunk, layout)
        after = numeric_values(found.frame, layout) if measured else {}
    if kind.key:
        found = _first_of_each(found, chunk, kind, layout)
    frame = _with_hashes(found.frame, kind)
    place = Place(chunk.offset, chunk.row, chunk.line)
    stage, groups = _grouped(frame, kind) if kind.group else (_copied(frame), None)
    return Prepared(place, rows, chunk, found.rejected, stage, groups, before, after, missing)


def _first_of_each(found: Typed, chunk: Chunk, kind: Handler, layout: Layout) -> Typed:
    """Keep the first row of each id and all without one; the others are faults, or what was chosen."""
    keys = [name for name in kind.key if name in found.frame.columns]
    if len(keys) < len(kind.key):
        return found
    first = found.frame.select(
        pl.struct(pl.col(one).cast(pl.String).str.to_lowercase() for one in keys).is_first_distinct()
        | pl.all_horizontal(pl.col(keys).is_null())
    ).to_series()
    if first.all():
        return found
    name = name_of(layout, kind.key[0])
    for row, (line, cells) in chunk.cells(found.frame.filter(~first)["row_no"].to_list()).items():
        found.rejected.append(
            Rejected(row, line, cells, [fault("duplicate", name)], duplicate_action(layout, name))
        )
    return Typed(found.frame.filter(first), found.rejected)


def name_of(layout: Layout, field_name: str) -> str:
    """Return what the file calls a field."""
    return next((name for name, column in layout.fields.items() if column.name == field_name), field_name)


def duplicate_action(layout: Layout, name: str) -> str:
    chosen = layout.policy(name, "duplicate") if name in layout.fields else ""
    return {"drop": "dropped", "quarantine": "quarantined"}.get(chosen, "rejected")


def _with_hashes(frame: pl.DataFrame, kind: Handler) -> pl.DataFrame:
    for name, source in kind.hashed.items():
        if source in frame.columns:
            hashes = [address_hash(one) if one else None for one in frame[source]]
            frame = frame.with_columns(pl.Series(name, hashes, dtype=pl.String))
    return frame


def _copied(frame: pl.DataFrame) -> tuple[list[str], bytes]:
    return frame.columns, frames.staged(frame)


def _grouped(frame: pl.DataFrame, kind: Handler) -> tuple[tuple[list[str], bytes], tuple[list[str], bytes]]:
    """Return the rows without what is their group's, and the groups with it."""
    there = [name for name in kind.group_fields if name in frame.columns]
    discount = _exact("discount") if "discount" in frame.columns else pl.lit(0, dtype=pl.Decimal(38, 8))
    groups = frame.group_by(kind.group, maintain_order=True).agg(
        *(pl.col(name).first() for name in there), (_exact("gross") - discount).sum().alias("lines_total")
    )
    groups = groups.with_row_index("grp")
    own = [name for name in ("customer", "ordered_at", "status", "currency", "rate") if name in there]
    first = groups.select("grp", kind.group, *(pl.col(one).alias(f"{one}_first") for one in own))
    rows = frame.join(first, on=kind.group, how="left", maintain_order="left")
    differs = pl.any_horizontal(pl.col(one).ne_missing(pl.col(f"{one}_first")) for one in own)
    number = pl.int_range(1, pl.len() + 1).over("grp").alias("number")
    repeated = (
        ~pl.struct("grp", "line_no").is_first_distinct()
        if "line_no" in frame.columns
        else pl.lit(value=False)
    )
    line = [name for name in frame.columns if name not in ("row_no", kind.group, *kind.group_fields)]
    staged = rows.select("row_no", "grp", number, differs.alias("differs"), repeated.alias("repeated"), *line)
    # What holds for no row is not copied: the database reads nothing there as no.
    never = [name for name in ("differs", "repeated") if not staged[name].any()]
    return _copied(staged.drop(never)), _copied(groups)


def _exact(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(38, 8)).fill_null(0)
