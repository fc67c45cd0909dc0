"""What a file seems to be: its shape and columns, guessed from its beginning, said, or remembered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from shop.importing import shapes
from shop.importing.faults import ImportRefused, fault, message
from shop.importing.kinds import Kind, find
from shop.importing.streams import HEAD_BYTES, Container, look_into, refused, start_of
from shop.models.importing import ImportFile, ImportMapping

SHOWN_CELL = 200
State = ImportFile.State


def inspect(file: ImportFile) -> None:
    """Guess shape and mapping and keep the first rows (`report["head"]`); quick, raises ImportRefused.

    What was confirmed before for the same kind, source and header is taken instead of a guess.
    """
    try:
        look(file)
    except ImportRefused as refusal:
        file.state, file.problem, file.report = (
            State.REJECTED,
            str(refusal),
            {"header_faults": refusal.faults},
        )
        file.save(update_fields=["state", "problem", "report"])
        raise
    columns = file.report["head"]["columns"]
    remembered = ImportMapping.objects.filter(
        kind=file.kind, source=file.source, header=shapes.header_key(columns)
    ).first()
    if remembered:
        kept = {name: {"value": value, "guessed": False} for name, value in remembered.shape.items()}
        guessed, file.shape = file.shape, {name: kept.get(name, one) for name, one in file.shape.items()}
        file.mapping, file.policies = remembered.mapping, remembered.policies
        reading = [name for name in ("encoding", "delimiter") if name in guessed]
        if any(file.shape[name]["value"] != guessed[name]["value"] for name in reading):
            look(file, shapes.plain(file.shape))
    keep_header_faults(file, sure=remembered is not None)
    file.save(update_fields=["shape", "mapping", "policies", "report"])


def look_again(file: ImportFile, shape: dict[str, Any]) -> None:
    """Read the beginning as a person says, and guess its columns anew; a refusal leaves the file as it is."""
    refuse_unless_configurable(file)
    refuse_odd_shape(shape)
    file.mapping = {}
    look(file, shape)
    keep_header_faults(file, sure=False)
    file.state, file.problem = State.RECEIVED, ""
    with sent_once():
        file.save(update_fields=["shape", "mapping", "report", "state", "problem"])


def look(file: ImportFile, said: dict[str, Any] | None = None) -> None:
    """Read the beginning of the file, with what a person said about its shape; raises ImportRefused."""
    said = said or {}
    kind, path = find(file.kind), Path(file.file.path)
    container = look_into(path)
    shape: dict[str, Any] = {}
    if file.format == "parquet":
        columns, rows = _parquet_head(path)
    elif file.format.startswith("jsonl"):
        columns, rows = _jsonl_head(start_of(path, container, "utf-8"))
    else:
        columns, rows, shape = _text_head(kind, path, container, said)
    if len(columns) > shapes.MOST_COLUMNS:
        raise ImportRefused(message("too_many_columns"), [fault("too_many_columns")], "too_many_columns")
    mapping = (
        _headerless(kind, columns) if not shape.get("header", True) else shapes.guess_mapping(kind, columns)
    )
    shape |= shapes.guess_shape(kind, rows, columns, file.mapping or mapping)
    file.shape = {
        name: {"value": said.get(name, value), "guessed": name not in said} for name, value in shape.items()
    }
    file.mapping = file.mapping or mapping
    shown = [[str(cell)[:SHOWN_CELL] for cell in row] for row in rows[: shapes.HEAD_ROWS]]
    file.report = file.report | {"head": {"columns": list(columns), "rows": shown}}


def _text_head(
    kind: Kind, path: Path, container: Container, said: dict[str, Any]
) -> tuple[list[str], list[list[str]], dict[str, Any]]:
    raw = start_of(path, container, "utf-8")
    encoding = said.get("encoding") or shapes.guess_encoding(raw)
    start = start_of(path, container, encoding)
    if shapes.is_binary(start):
        raise refused("not_text")
    text = (
        start.decode("utf-8", "replace")
        .replace("\x00", "\ufffd")
        .lstrip("\ufeff")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )
    delimiter = said.get("delimiter") or shapes.guess_delimiter(text)
    rows = shapes.split_head(text, delimiter)
    if not rows:
        raise refused("header_only" if raw.strip() == b"" else "not_text") if raw else refused("empty")
    if len(rows[0]) > shapes.MOST_COLUMNS:
        raise ImportRefused(message("too_many_columns"), [fault("too_many_columns")], "too_many_columns")
    header = said.get("header", not _looks_headerless(kind, rows[0]))
    columns = rows[0] if header else [f"column_{at}" for at in range(1, len(rows[0]) + 1)]
    if header and len(rows) == 1 and len(raw) < HEAD_BYTES:
        raise refused("header_only")
    return (
        columns,
        rows[1:] if header else rows,
        {"encoding": encoding, "delimiter": delimiter, "header": header},
    )


def _looks_headerless(kind: Kind, first: Sequence[str]) -> bool:
    """Tell whether a kind that may come without a header has one: its names are never numbers."""
    return len(kind.headerless) == len(first) and any(cell.isdecimal() for cell in first)


def _headerless(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    return dict(zip(columns, kind.headerless, strict=False))


def _jsonl_head(start: bytes) -> tuple[list[str], list[list[str]]]:
    read_jsonl_head = import_string("shop.importing.frames.jsonl_head")
    columns, rows = read_jsonl_head(start)
    if not columns:
        raise refused("not_text")
    return columns, rows


def _parquet_head(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read a Parquet file's beginning; only here does a page need polars."""
    try:
        columns, rows = import_string("shop.importing.frames.parquet_head")(path)
    except ValueError:
        raise refused("truncated") from None
    if not rows:
        raise refused("header_only")
    return columns, rows


def keep_header_faults(file: ImportFile, *, sure: bool) -> None:
    faults = shapes.header_faults(find(file.kind), file.report["head"]["columns"], file.mapping, sure=sure)
    file.report = file.report | {"header_faults": faults}


@contextmanager
def sent_once() -> Iterator[None]:
    """Refuse to bring a file back that was sent again since it was rejected."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ImportRefused(_("The same file was sent again since: use that import.")) from None


def refuse_unless_configurable(file: ImportFile) -> None:
    if not file.can_configure:
        raise ImportRefused(_("This import is under way or over: it cannot be changed any more."))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def refuse_odd_shape(shape: dict[str, Any]) -> None:
    allowed: dict[str, Any] = {
        "encoding": shapes.ENCODINGS, "delimiter": shapes.DELIMITERS, "decimal": (".", ","),
        "day_first": (None, True, False), "header": (True, False), "time_zone": _zones(),
        "currency": list_currencies(),
    }  # fmt: skip
    for name, value in shape.items():
        if name not in allowed or value not in allowed[name]:
            text = _("%(value)s is not possible here.") % {"value": str(value)[:40]}
            raise ImportRefused(text, [{"code": "choice", "column": name, "message": text}])
