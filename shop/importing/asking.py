"""What people and tools ask of an import: quick, rows first, and a hint to the worker after the commit."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any
from uuid import uuid4
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from marketing_site.lib.exports import safe_cell
from shop.importing import shapes, waking
from shop.importing.faults import ImportRefused, fault, message, told
from shop.importing.kinds import Kind, find
from shop.importing.streams import BLOCK, Container, look_into, opened, refused, size_of
from shop.models import ApiKey
from shop.models.importing import ImportFile, ImportMapping

HEAD_BYTES = 256 * 1024
# A header longer than this names more columns than anybody may have.
SHOWN_CELL = 200
State = ImportFile.State
WHOLE_POLICIES = {"orphans": ("reject", "stub")}
COLUMN_POLICIES = {
    "missing": ("keep", "drop", "fill", "quarantine"),
    "outlier": ("keep", "drop", "cap", "quarantine"),
    "duplicate": ("keep", "drop", "quarantine"),
}


# --- Receiving ------------------------------------------------------------------------------------


def receive(
    kind: str,
    upload: IO[bytes],
    name: str,
    *,
    source: str = "file",
    mode: str = ImportFile.Mode.ATOMIC,
    by: User | ApiKey | None = None,
) -> ImportFile:
    """Store an upload while hashing it, within its limits; a file sent before returns that one, `.known`.

    Raises ImportRefused with a message for the person who sent it.
    """
    _kind_of(kind)
    if mode not in ImportFile.Mode.values:
        raise ImportRefused(_("Choose how the file is applied: atomic or resumable."))
    file = ImportFile(id=uuid4(), kind=kind, source=source[:32], mode=mode, name=_shown(name), size=0)
    if isinstance(by, ApiKey):
        file.api_key = by
    elif isinstance(by, User):
        file.requested_by = by
    try:
        _store(file, upload)
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError:
        _delete_upload(file)
        known = ImportFile.objects.exclude(state__in=ImportFile.OVER).get(kind=kind, sha256=file.sha256)
        known.known = True
        return known
    except BaseException:
        _delete_upload(file)
        raise
    return file


def _store(file: ImportFile, upload: IO[bytes]) -> None:
    file.file.name = f"imports/{file.pk.hex}"
    content = _Hashed(upload, int(settings.IMPORT_MAX_BYTES[file.mode]))
    file.file.name = default_storage.save(file.file.name, content)
    file.size, file.sha256 = content.bytes, content.digest.hexdigest()
    path = Path(file.file.path)
    container = look_into(path)
    file.format, file.total = _format(container, path, file.name), size_of(path, container)


class _Hashed(File):  # type: ignore[type-arg]
    """An upload that is hashed and counted while the storage reads it; it stops at the limit."""

    def __init__(self, upload: IO[bytes], most: int) -> None:
        super().__init__(upload)
        self.upload, self.most, self.bytes, self.digest = upload, most, 0, hashlib.sha256()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        while block := self.upload.read(BLOCK):
            self.bytes += len(block)
            if self.bytes > self.most:
                raise refused("too_large")
            self.digest.update(block)
            yield block


def _kind_of(name: str) -> Kind:
    try:
        return find(name)
    except KeyError:
        raise ImportRefused(_("There is no such kind of file.")) from None


def _shown(name: str) -> str:
    """Return a file's name as it may be shown: no path, no control characters, no change of direction."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in plain if letter.isprintable())[:255] or "file"


def _delete_upload(file: ImportFile) -> None:
    if file.file.name:
        default_storage.delete(file.file.name)


def _format(container: Container, path: Path, name: str) -> str:
    if container.kind == "parquet":
        return "parquet"
    words = (container.member or name).lower().split(".")
    start = _start_of(path, container, "utf-8")[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = "jsonl" if {"jsonl", "ndjson"} & set(words[1:]) or start.startswith(b'{"') else "csv"
    if kind == "csv" and "tsv" in words[1:]:
        kind = "tsv"
    return {"": kind, "gzip": f"{kind}.gz", "zip": "zip" if kind != "jsonl" else "jsonl.zip"}[
        container.packed
    ]


def _start_of(path: Path, container: Container, encoding: str, size: int = HEAD_BYTES) -> bytes:
    with opened(path, container, encoding) as text:
        found = b""
        while len(found) < size and (block := text.read(size)):
            found += block
        return found[:size]


# --- Looking at it --------------------------------------------------------------------------------


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
    _keep_header_faults(file, sure=remembered is not None)
    file.save(update_fields=["shape", "mapping", "policies", "report"])


def look_again(file: ImportFile, shape: dict[str, Any]) -> None:
    """Read the beginning as a person says, and guess its columns anew; a refusal leaves the file as it is."""
    _refuse_unless_configurable(file)
    _refuse_odd_shape(shape)
    file.mapping = {}
    look(file, shape)
    _keep_header_faults(file, sure=False)
    file.state, file.problem = State.RECEIVED, ""
    with _sent_once():
        file.save(update_fields=["shape", "mapping", "report", "state", "problem"])


@contextmanager
def _sent_once() -> Iterator[None]:
    """Refuse to bring a file back that was sent again since it was rejected."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ImportRefused(_("The same file was sent again since: use that import.")) from None


def look(file: ImportFile, said: dict[str, Any] | None = None) -> None:
    """Read the beginning of the file, with what a person said about its shape; raises ImportRefused."""
    said = said or {}
    kind, path = find(file.kind), Path(file.file.path)
    container = look_into(path)
    shape: dict[str, Any] = {}
    if file.format == "parquet":
        columns, rows = _parquet_head(path)
    elif file.format.startswith("jsonl"):
        columns, rows = _jsonl_head(_start_of(path, container, "utf-8"))
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
    raw = _start_of(path, container, "utf-8")
    encoding = said.get("encoding") or shapes.guess_encoding(raw)
    start = _start_of(path, container, encoding)
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


def _keep_header_faults(file: ImportFile, *, sure: bool) -> None:
    faults = shapes.header_faults(find(file.kind), file.report["head"]["columns"], file.mapping, sure=sure)
    file.report = file.report | {"header_faults": faults}


# --- Saying what it is ----------------------------------------------------------------------------


def configure(
    file: ImportFile,
    shape: dict[str, Any],
    mapping: dict[str, str] | None = None,
    policies: dict[str, Any] | None = None,
    mode: str = "",
) -> None:
    """Store what the person confirmed: plain values in `shape`, {file column: field} in `mapping`.

    Without a mapping the guessed one is taken. Raises ImportRefused with `.faults`, a list of
    {"code", "column", "message"}.
    """
    _refuse_unless_configurable(file)
    _refuse_odd_shape(shape)
    said = {**{name: one["value"] for name, one in file.shape.items()}, **shape}
    file.mapping = {column: name for column, name in (mapping or {}).items() if name}
    look(file, said)
    columns = file.report["head"]["columns"]
    kind = find(file.kind)
    if faults := _mapping_faults(kind, columns, file.mapping):
        raise ImportRefused(faults[0]["message"], faults)
    if policies is not None:
        file.policies = _known_policies(kind, columns, policies)
    file.mode = mode or file.mode
    _refuse_too_large(file)
    file.shape = {name: {"value": one["value"], "guessed": False} for name, one in file.shape.items()}
    _keep_header_faults(file, sure=True)
    if file.report["header_faults"]:
        faults = file.report["header_faults"]
        raise ImportRefused(faults[0]["message"], faults)
    file.state = State.RECEIVED
    with _sent_once():
        file.save(update_fields=["shape", "mapping", "policies", "report", "mode", "state"])
        ImportMapping.objects.update_or_create(
            kind=file.kind, source=file.source, header=shapes.header_key(columns),
            defaults={"shape": shapes.plain(file.shape), "mapping": file.mapping, "policies": file.policies},
        )  # fmt: skip


def _refuse_unless_configurable(file: ImportFile) -> None:
    if not file.can_configure:
        raise ImportRefused(_("This import is under way or over: it cannot be changed any more."))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _refuse_odd_shape(shape: dict[str, Any]) -> None:
    allowed: dict[str, Any] = {
        "encoding": shapes.ENCODINGS, "delimiter": shapes.DELIMITERS, "decimal": (".", ","),
        "day_first": (None, True, False), "header": (True, False), "time_zone": _zones(),
        "currency": list_currencies(),
    }  # fmt: skip
    for name, value in shape.items():
        if name not in allowed or value not in allowed[name]:
            text = _("%(value)s is not possible here.") % {"value": str(value)[:40]}
            raise ImportRefused(text, [{"code": "choice", "column": name, "message": text}])


def _mapping_faults(kind: Kind, columns: Sequence[str], mapping: dict[str, str]) -> list[dict[str, Any]]:
    faults = [fault("header_unknown", column) for column in mapping if column not in columns]
    faults += [fault("choice", column) for column, name in mapping.items() if kind.column(name) is None]
    taken: set[str] = set()
    for column, name in mapping.items():
        if name in taken:
            faults.append(fault("header_repeated", column))
        taken.add(name)
    return faults


def _known_policies(kind: Kind, columns: Sequence[str], policies: dict[str, Any]) -> dict[str, Any]:
    """Return the policies; raises ImportRefused for one that does not exist."""
    kept: dict[str, Any] = {}
    for name, chosen in policies.items():
        if name in WHOLE_POLICIES:
            wrong = chosen not in WHOLE_POLICIES[name] or chosen not in (kind.orphans or ("reject",))
        else:
            known = name in columns or kind.column(name) is not None
            wrong = not known or not isinstance(chosen, dict) or any(
                value not in COLUMN_POLICIES.get(about, ()) for about, value in chosen.items() if value
            )  # fmt: skip
        if wrong:
            raise ImportRefused(message("choice"), [fault("choice", name)])
        kept[name] = chosen
    return kept


def _refuse_too_large(file: ImportFile) -> None:
    if file.mode not in ImportFile.Mode.values:
        raise ImportRefused(message("choice"), [fault("choice", "mode")])
    if file.size > settings.IMPORT_MAX_BYTES[file.mode]:
        raise refused("too_large")


# --- Asking for work ------------------------------------------------------------------------------


def request_check(file: ImportFile) -> None:
    """Have the file checked; raises ImportRefused where it cannot be."""
    _ask(file, State.CHECKING, (State.RECEIVED, State.READY, State.REJECTED))


def request_apply(file: ImportFile) -> None:
    """Have the checked file applied, or a stopped one go on; raises ImportRefused where it cannot be."""
    _ask(file, State.APPLYING, (State.READY, State.FAILED))


def request_undo(file: ImportFile) -> None:
    """Have an applied atomic import taken back; raises ImportRefused where something depends on it."""
    if file.mode != ImportFile.Mode.ATOMIC:
        raise ImportRefused(_("A file that was applied part by part cannot be undone."))
    if not find(file.kind).undoable:
        raise ImportRefused(
            _("A suppression list cannot be undone: nobody would know who asked to be on it.")
        )
    import_string("shop.importing.undoing.refuse_dependent")(file)
    _ask(file, State.UNDOING, (State.APPLIED,))


def _ask(file: ImportFile, state: ImportFile.State, before: Sequence[ImportFile.State]) -> None:
    """Move the file to a working state, if it is in one of these, and wake the worker after the commit."""
    fresh: dict[str, Any] = {
        "problem": "", "cancel_requested": False, "crashes": 0, "done": 0, "not_before": Now(),
        "lease_token": None,
    }  # fmt: skip
    with _sent_once():
        moved = ImportFile.objects.filter(pk=file.pk, state__in=before).update(state=state, **fresh)
    if not moved:
        raise ImportRefused(_("This is not possible now: the import has moved on. Load the page again."))
    transaction.on_commit(waking.hint, robust=True)
    file.refresh_from_db()


def cancel(file: ImportFile) -> None:
    """Stop what is under way: an atomic import leaves nothing, a resumable one keeps its whole parts."""
    with transaction.atomic():
        row = ImportFile.objects.select_for_update().get(pk=file.pk)
        if row.state in (State.RECEIVED, State.READY, State.REJECTED, State.FAILED):
            ImportFile.objects.filter(pk=row.pk).update(state=State.CANCELLED)
        elif row.working and row.lease_token is None:
            undoing = row.state == State.UNDOING
            ImportFile.objects.filter(pk=row.pk).update(state=State.APPLIED if undoing else State.CANCELLED)
        elif row.working:
            ImportFile.objects.filter(pk=row.pk).update(cancel_requested=True)
        else:
            raise ImportRefused(_("Nothing is under way here."))
    file.refresh_from_db()


def discard(file: ImportFile) -> None:
    """Delete the upload and forget the file; what an applied import stored stays for good."""
    over = [one for one in State if one not in ImportFile.WORKING and one != State.DISCARDED]
    if not ImportFile.objects.filter(pk=file.pk, state__in=over).update(state=State.DISCARDED):
        raise ImportRefused(_("Stop the import first: it is under way."))
    file.images.all().delete()
    file.rejected_rows.all().delete()
    _delete_upload(file)
    ImportFile.objects.filter(pk=file.pk).update(file="", report={})
    file.refresh_from_db()


# --- What was not stored --------------------------------------------------------------------------


class _Echo:
    """A file for `csv.writer` that gives each line back."""

    def write(self, line: str) -> str:
        return line


def rejected_csv(file: ImportFile) -> Iterator[str]:
    """Yield the rejected rows in the file's order, original cells first, then what is wrong with each."""
    writer: Any = csv.writer(_Echo())
    columns = list(file.report.get("head", {}).get("columns", []))
    rows = file.rejected_rows.order_by("row_no")
    wrong = _faulty_columns(rows, columns)
    names = [f"{name or _('row')}: {_('problem')}" for name in wrong]
    yield "\ufeff" + writer.writerow([safe_cell(one) for one in (_("row"), _("line"), *columns, *names)])
    for row in rows.iterator(chunk_size=2000):
        cells = [*row.raw, *[""] * (len(columns) - len(row.raw))]
        faults = [" ".join(told(one) for one in row.errors if one["column"] == name) for name in wrong]
        yield writer.writerow([row.row_no, row.line_no, *(safe_cell(one) for one in (*cells, *faults))])


def _faulty_columns(rows: Any, columns: Sequence[str]) -> list[str]:
    """Return the columns in which anything is wrong, in the file's order, the row as a whole first."""
    if not rows.aggregate(last=Max("row_no"))["last"]:
        return []
    found = set(rows.values_list("errors__0__column", flat=True).distinct())
    for errors in (
        rows.filter(errors__1__isnull=False).values_list("errors", flat=True).iterator(chunk_size=2000)
    ):
        found |= {one["column"] for one in errors}
    order = {name: at for at, name in enumerate(("", *columns))}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name))
