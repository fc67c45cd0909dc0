"""How an import stands and what its dry run found, put the way its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from marketing_site.lib import figures
from marketing_site.lib.charts import Histogram, Tile
from shop.importing import Column, Kind, find, reworded, told
from shop.models import ImportFile

Text = str | Promise
SHOWN = 20
NO_BREAK = "\u00a0"
NUMERIC = ("money", "number", "integer")


@dataclass(frozen=True)
class Sample:
    """Rows of one outcome, at most twenty of them, as a table."""

    key: str
    label: Text
    count: int
    columns: Sequence[Text]
    rows: Sequence["SampleRow"]


@dataclass(frozen=True)
class SampleRow:
    """One row; a cell is its text, what stood there before ("" where nothing changed) and what is wrong."""

    number: int
    cells: Sequence[tuple[str, str, str]]
    problem: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that a column has a number of; `ways` are what may become of it, the usual one first."""

    problem: str
    label: Text
    count: int
    policy: str = ""
    ways: Sequence[str] = ()


@dataclass(frozen=True)
class ColumnReport:
    """What stands in one column: what is odd about it, and its values before and after the policies."""

    name: str
    label: Text
    findings: Sequence[Finding] = ()
    before: "Distribution | None" = None
    after: "Distribution | None" = None

    @property
    def renamed(self) -> bool:
        """Tell whether the file calls it otherwise."""
        return self.name.casefold() != str(self.label).casefold()

    @property
    def ranges(self) -> list[tuple[str, int, int]]:
        """Return the table twin: each range with its counts before and after."""
        if not (self.before and self.after):
            return []
        after = dict(zip(self.after.edges, self.after.histogram.counts, strict=True))
        before = zip(self.before.edges, self.before.histogram.counts, strict=True)
        return [(written(edge), count, after.get(edge, 0)) for edge, count in before]


@dataclass(frozen=True)
class Distribution:
    """The values of a column of numbers: some figures and a small histogram."""

    edges: Sequence[float]
    histogram: Histogram
    facts: Sequence[tuple[Text, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """Where a file is on its way: the step of four, what that means, and what to do next."""

    step: int
    headline: Text
    advice: Text = ""


def standing(file: ImportFile) -> Standing:
    """Return where the file is, in words."""
    state = ImportFile.State
    known: dict[str, Standing] = {
        state.RECEIVED: Standing(
            2, _("Confirm how the file is read"), _("Then it is checked; nothing is stored yet.")
        ),
        state.CHECKING: Standing(3, _("Every row is checked; nothing is stored yet")),
        state.READY: Standing(3, _("Checked: nothing is stored yet"), _ready(file)),
        state.REJECTED: Standing(
            3, _("Nothing was stored"),
            _("Correct the file and send it again, or change how it is read or what happens to odd values."),
        ),
        state.APPLYING: Standing(4, _("Rows are being stored")),
        state.APPLIED: Standing(4, _("Rows are stored"), _applied(file)),
        state.FAILED: Standing(4, _("Stopped before the end"), _("Go on: nothing is stored twice.")),
        state.UNDOING: Standing(4, _("Being undone")),
        state.UNDONE: Standing(4, _("Undone: everything is as it was before")),
        state.CANCELLED: Standing(
            3, _("Cancelled"), _("Send the file again if you want to import it after all.")
        ),
        state.DISCARDED: Standing(3, _("Discarded"), _("The file was deleted.")),
    }  # fmt: skip
    return known[file.state]


def problem(file: ImportFile) -> str:
    """Return why the file was rejected or stopped, in the language of the reader."""
    faults = {fault["message"]: told(fault) for fault in file.report.get("header_faults", [])}
    return faults.get(file.problem) or reworded(file.problem)


def header_faults(file: ImportFile) -> list[tuple[str, str]]:
    """Return what is wrong with the file as a whole: each column, "" for none, and the fault."""
    faults = file.report.get("header_faults", [])
    return [(_column_called(file, fault["column"]), told(fault)) for fault in faults]


def _column_called(file: ImportFile, name: str) -> str:
    """Return what a column is called: as the file has it, else as the kind that misses it."""
    wanted = None if name in file.report.get("head", {}).get("columns", []) else find(file.kind).column(name)
    return str(wanted.label) if wanted else name


def _ready(file: ImportFile) -> str:
    names = {"new": figures.number(file.new), "changed": figures.number(file.changed)}
    text = _("Applying it stores %(new)s new and %(changed)s changed rows.") % names
    if file.rejected:
        left_out = ngettext(
            "%(count)s rejected row is left out.", "%(count)s rejected rows are left out.", file.rejected
        )
        text += " " + left_out % {"count": figures.number(file.rejected)}
    return text


def _applied(file: ImportFile) -> str:
    if file.can_undo:
        return _(
            "Figures that build on it follow within seconds. It can be undone while nothing depends on it."
        )
    return _("Figures that build on it follow within seconds.")


def tiles(file: ImportFile) -> list[Tile]:
    """Return what applying the file does, or did, in four numbers."""
    done = file.state in (ImportFile.State.APPLIED, ImportFile.State.UNDONE)
    return [
        Tile("new", _("New"), figures.number(file.new), _("Rows that were not here before.")),
        Tile(
            "changed", pgettext("rows", "Changed"), figures.number(file.changed),
            _("Rows that are here already and get new values."),
        ),
        Tile(
            "unchanged", _("Unchanged"), figures.number(file.unchanged),
            _("Rows that are here already with these values."),
        ),
        Tile(
            "rejected", _("Rejected"), figures.number(file.rejected),
            _("Rows that were not stored; the file of rejected rows says why.") if done
            else _("Rows with something wrong; each fault is named below."),
        ),
    ]  # fmt: skip


def samples(file: ImportFile) -> list[Sample]:
    """Return up to twenty rows of each outcome that has any."""
    kind, found = find(file.kind), file.report.get("samples", {})
    made = [
        _sample("new", _("New"), file.new, file, kind, found.get("new", [])),
        _sample("changed", pgettext("rows", "Changed"), file.changed, file, kind, found.get("changed", [])),
        _sample("unchanged", _("Unchanged"), file.unchanged, file, kind, found.get("unchanged", [])),
        _rejected_sample(file, found.get("rejected", [])),
    ]
    return [one for one in made if one.rows]


def columns(file: ImportFile) -> list[ColumnReport]:
    """Return what was found in each imported column, in the file's order."""
    kind, found = find(file.kind), file.report.get("columns", {})
    order = [name for name in file.report.get("head", {}).get("columns", []) if name in found]
    known = [(name, kind.column(file.mapping.get(name, ""))) for name in order]
    return [_column(name, column, found[name]) for name, column in known if column]


def written(value: Any) -> str:
    """Write a number of a column: whole ones without places."""
    if not isinstance(value, int | float):
        return figures.NOTHING if value is None else str(value)
    return figures.number(value, 0 if float(value).is_integer() else 2)


def _sample(
    key: str, label: Text, count: int, file: ImportFile, kind: Kind, rows: Sequence[dict[str, Any]]
) -> Sample:
    rows = rows[:SHOWN]
    names = _shown_fields(key, file, kind, rows)
    shown = [
        SampleRow(row["row"], [_compared(kind.column(name), name, row) for name in names]) for row in rows
    ]
    return Sample(key, label, count, [_label(kind, name) for name in names], shown)


def _shown_fields(key: str, file: ImportFile, kind: Kind, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the fields of sample rows in the kind's order: what the file gives, or all that would change."""
    order = {column.name: at for at, column in enumerate(kind.columns)}
    found = {name for row in rows for name in row["after"]}
    given = found & set(file.mapping.values())
    # A row that becomes several, such as a list of searches, has hardly a field of the file left.
    if key != "changed" and len(given) > 1:
        found = given
    return sorted(found, key=lambda name: (order.get(name, len(order)), name))


def _label(kind: Kind, name: str) -> Text:
    column = kind.column(name)
    return column.label if column else name.replace("_", " ")


def _compared(column: Column | None, name: str, row: dict[str, Any]) -> tuple[str, str, str]:
    """Return a value with the one that it replaces, if it is another."""
    if name not in row["after"]:
        return "", "", ""
    new, old = _told(column, row["after"][name]), _told(column, row.get("before", {}).get(name))
    return new, old if name in row.get("before", {}) and old != new else "", ""


def _told(column: Column | None, value: Any) -> str:
    """Write a value of the ledger as its column is read."""
    kind = column.type if column else "text"
    if kind in ("time", "epoch") and isinstance(value, str) and (moment := parse_datetime(value)):
        return figures.moment(moment).replace(" ", NO_BREAK)
    if kind == "money" and isinstance(value, int | float):
        return figures.number(value, 2)
    return _cell(", ".join(value) if isinstance(value, list) else value)


def _rejected_sample(file: ImportFile, rows: Sequence[dict[str, Any]]) -> Sample:
    names = file.report.get("head", {}).get("columns", [])
    rows = sorted(rows[:SHOWN], key=lambda row: int(row["row"]))
    shown = [_rejected_row(row, names) for row in rows]
    return Sample("rejected", _("Rejected"), file.rejected, names, shown)


def _rejected_row(row: dict[str, Any], names: Sequence[str]) -> SampleRow:
    wrong = {error["column"]: told(error) for error in row["errors"]}
    named = zip(names, row["cells"], strict=False)
    rest = _("; ").join(message for column, message in wrong.items() if column not in names)
    return SampleRow(row["row"], [(_cell(value), "", wrong.get(name, "")) for name, value in named], rest)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return figures.NOTHING
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _column(name: str, column: Column, found: dict[str, Any]) -> ColumnReport:
    before, after = found.get("before") or {}, found.get("after") or {}
    counts = [count for _edge, count in [*before.get("histogram", []), *after.get("histogram", [])]]
    most = max(counts, default=0)
    return ColumnReport(
        name,
        column.label,
        [finding for finding in _findings(column, found) if finding.count],
        _distribution(_("Before"), before, most),
        _distribution(_("After"), after, most),
    )


def _findings(column: Column, found: dict[str, Any]) -> list[Finding]:
    numeric = column.type in NUMERIC
    fill: tuple[str, ...] = ("fill",) if numeric else ()
    # What a row needs cannot be missing, whatever somebody would choose.
    missing = () if column.required else ("keep", *fill, "drop", "quarantine")
    outliers = ("keep", "cap", "drop", "quarantine") if numeric else ()
    repeated = ("reject", "drop", "quarantine")
    return [
        Finding("missing", _("missing"), found.get("missing", 0), "missing", missing),
        Finding("outliers", _("unusual"), found.get("outliers", 0), "outlier", outliers),
        Finding("outside_limits", _("outside the usual limits"), found.get("outside_limits", 0)),
        Finding("duplicates", _("repeated"), found.get("duplicates", 0), "duplicate", repeated),
    ]


def _distribution(label: Text, found: dict[str, Any], most: int) -> Distribution | None:
    if not found.get("histogram"):
        return None
    names = {"min": _("lowest"), "median": _("median"), "mean": _("mean"), "max": _("highest")}
    facts = [(word, written(found[key])) for key, word in names.items() if found.get(key) is not None]
    counts = [count for _edge, count in found["histogram"]]
    said = _(", ").join(f"{word} {value}" for word, value in facts)
    edges = [edge for edge, _count in found["histogram"]]
    return Distribution(
        edges, Histogram(counts, _("%(label)s: %(figures)s") % {"label": label, "figures": said}, most), facts
    )
