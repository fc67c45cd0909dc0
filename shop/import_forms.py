"""The forms of an import: the upload, how the file is read, and what becomes of odd values."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django import forms
from django.core.validators import validate_slug
from django.forms import BoundField
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop import import_report
from shop.forms import LongSelect
from shop.import_report import ColumnReport, Finding
from shop.importing import Kind, kinds
from shop.models import ImportFile

Choices = list[tuple[str, Any]]
ENCODINGS: Choices = [
    ("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE"),
    ("cp1252", "Windows-1252"), ("latin-1", "ISO 8859-1"), ("iso-8859-15", "ISO 8859-15"),
    ("cp1250", "Windows-1250"), ("cp1251", "Windows-1251"), ("gb18030", "GB 18030"), ("gbk", "GBK"),
    ("big5", "Big5"), ("shift_jis", "Shift JIS"), ("euc-jp", "EUC-JP"), ("euc-kr", "EUC-KR"),
]  # fmt: skip
DELIMITERS: Choices = [
    (",", gettext_lazy("Comma ,")), (";", gettext_lazy("Semicolon ;")), ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Vertical bar |")),
]  # fmt: skip
DECIMALS: Choices = [(".", gettext_lazy("Point: 1234.56")), (",", gettext_lazy("Comma: 1234,56"))]
DAY_ORDERS: Choices = [
    ("year", gettext_lazy("Year first: 2026-03-31")), ("day", gettext_lazy("Day first: 31/03/2026")),
    ("month", gettext_lazy("Month first: 03/31/2026")),
]  # fmt: skip
HEADERS: Choices = [
    ("yes", gettext_lazy("The names of the columns")), ("no", gettext_lazy("Data")),
]  # fmt: skip
WAYS: dict[str, Any] = {
    "keep": gettext_lazy("Keep"), "fill": gettext_lazy("Fill with the median"),
    "cap": gettext_lazy("Cap at the limit"), "reject": gettext_lazy("Treat as a fault"),
    "drop": gettext_lazy("Leave the row out"), "quarantine": gettext_lazy("Set the row aside"),
}  # fmt: skip
# What decides where a cell begins, and whether it is a name.
READING = ("encoding", "delimiter", "header")
ORPHANS: dict[str, Any] = {
    "reject": gettext_lazy("Reject their rows"),
    "stub": gettext_lazy("Add them with their id alone"),
}


@cache
def zones() -> Choices:
    """Return every time zone; the database of zones is a folder tree, which is slow to walk."""
    return [(name, name) for name in sorted(available_timezones())]


@cache
def currencies() -> Choices:
    """Return every currency."""
    return [(code, code) for code in sorted(list_currencies())]


class ImportUploadForm(forms.Form):
    """A file, what is in it, and whose ids it has."""

    kind = forms.ChoiceField(label=gettext_lazy("What is in the file"))
    file = forms.FileField(
        label=gettext_lazy("File"), allow_empty_file=True,
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.gz,.zip,.jsonl,.ndjson,.parquet"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
        help_text=gettext_lazy("CSV, TSV, JSON Lines or Parquet; CSV also as .gz, or alone in a .zip."),
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("Where it comes from"), max_length=32, initial="file", validators=[validate_slug],
        help_text=gettext_lazy(
            "The system whose ids it has, such as till or webshop: the same id of two systems is two orders."
        ),
    )  # fmt: skip
    mode = forms.ChoiceField(
        label=gettext_lazy("How it is applied"), initial=ImportFile.Mode.ATOMIC, widget=forms.RadioSelect,
        choices=[
            (ImportFile.Mode.ATOMIC, gettext_lazy("All or nothing: can be undone")),
            (
                ImportFile.Mode.RESUMABLE,
                gettext_lazy("Part by part, for large files: rows with faults are set aside"),
            ),
        ],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one.name, one.label) for one in kinds()]  # type: ignore[attr-defined]

    def refuse_size(self, most: int) -> None:
        """Say that the file, and what was sent after it, was not even read."""
        self.full_clean()
        self.errors.clear()
        limit = filesizeformat(most)
        self.add_error("file", _("The file is larger than %(limit)s: split it.") % {"limit": limit})


class ImportShapeForm(forms.Form):
    """How to read the file, and what each of its columns is: first the guesses, then what a person says."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=ENCODINGS, initial="utf-8")
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Cells are separated by"), choices=DELIMITERS, initial=","
    )
    header = forms.ChoiceField(label=gettext_lazy("The first row has"), choices=HEADERS, initial=True)
    decimal = forms.ChoiceField(label=gettext_lazy("Decimal sign"), choices=DECIMALS)
    day_first = forms.ChoiceField(label=gettext_lazy("Dates"), choices=DAY_ORDERS)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), widget=LongSelect,
        choices=zones,
    )  # fmt: skip
    currency = forms.ChoiceField(
        label=gettext_lazy("Amounts are in"), widget=LongSelect,
        choices=currencies,
    )  # fmt: skip

    def __init__(self, *args: Any, file: ImportFile, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file, self.kind = file, kind
        self.columns: list[str] = list(file.report.get("head", {}).get("columns", []))
        # A file that could not be read yet has no shape; that of Parquet has no delimiter.
        known = file.shape or {name: {"value": self.base_fields[name].initial} for name in READING}
        for name in [name for name in self.fields if name not in known]:
            del self.fields[name]
        for name in self.fields:
            self.initial[name] = _shown(name, known[name].get("value"))
        self._add_columns()

    def _add_columns(self) -> None:
        choices: Choices = [("", _("Leave out"))]
        choices += [(one.name, capfirst(one.label)) for one in self.kind.columns]
        for number, column in enumerate(self.columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=column or _("Column %(number)s") % {"number": number + 1},
                required=False,
                widget=LongSelect,
                choices=choices,
            )
            self.initial[f"column-{number}"] = self.file.mapping.get(column, "")

    @property
    def shape_fields(self) -> Iterator[tuple[BoundField, bool]]:
        """Yield the fields about the whole file, each with whether its value is a guess."""
        for name in self.base_fields:
            if name in self.fields:
                yield self[name], bool(self.file.shape.get(name, {}).get("guessed"))

    @property
    def column_fields(self) -> Iterator[tuple[BoundField, list[str]]]:
        """Yield the field of each column with the first values that stand in it."""
        rows = self.file.report.get("head", {}).get("rows", [])
        for number, _column in enumerate(self.columns):
            yield self[f"column-{number}"], [str(row[number]) for row in rows[:3] if number < len(row)]

    @property
    def shape(self) -> dict[str, Any]:
        names = [name for name in self.base_fields if name in self.fields]
        return {name: _kept(name, self.cleaned_data[name]) for name in names}

    @property
    def reads_otherwise(self) -> bool:
        """Tell whether the cells or their names are others now, so that the columns are to be asked anew."""
        before = {name: one.get("value") for name, one in self.file.shape.items()}
        return any(self.shape.get(name) != before.get(name) for name in READING)

    @property
    def mapping(self) -> dict[str, str]:
        chosen = {column: self.cleaned_data[f"column-{n}"] for n, column in enumerate(self.columns)}
        return {column: field for column, field in chosen.items() if field}

    def refuse(self, faults: list[dict[str, Any]], message: str) -> None:
        """Put each fault beside the column or field that it names; above, what names none of them."""
        if message not in [fault["message"] for fault in faults]:
            self.add_error(None, message)
        for fault in faults:
            place = self._place(fault.get("column", ""))
            self.add_error(place, fault["message"] if place else self._named(fault))

    def _place(self, name: str) -> str | None:
        if name in self.columns:
            return f"column-{self.columns.index(name)}"
        return name if name in self.fields else None

    def _named(self, fault: dict[str, Any]) -> str:
        """Say of which field of the kind the fault is, where it is of one that no column gives."""
        if (wanted := self.kind.column(fault.get("column", ""))) is None:
            return str(fault["message"])
        return _("%(column)s: %(fault)s") % {"column": capfirst(wanted.label), "fault": fault["message"]}


def _shown(name: str, value: Any) -> Any:
    if name == "header":
        return "yes" if value else "no"
    if name == "day_first":
        return {True: "day", False: "month"}.get(value, "year")
    return value


def _kept(name: str, value: str) -> Any:
    if name == "header":
        return value == "yes"
    if name == "day_first":
        return {"day": True, "month": False}.get(value)
    return value


class ImportPolicyForm(forms.Form):
    """What becomes of odd values, column by column, and of rows about unknown products or customers."""

    # Store the right rows of a file with faults; empty leaves the file as it was sent.
    mode = forms.ChoiceField(required=False, choices=[("", ""), *ImportFile.Mode.choices])

    def __init__(
        self, *args: Any, file: ImportFile, kind: Kind, editable: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.file, self.reports = file, import_report.columns(file)
        self.places: dict[str, tuple[str, str]] = {}
        for number, report in enumerate(self.reports):
            for finding in report.findings:
                if finding.ways:
                    self._add(f"column-{number}-{finding.problem}", report, finding)
        if len(kind.orphans) > 1 and (self._asked_about_orphans or file.policies.get("orphans")):
            self.fields["orphans"] = forms.ChoiceField(
                label=_("Unknown products and customers"), choices=[(o, ORPHANS[o]) for o in kind.orphans],
                initial=file.policies.get("orphans", kind.orphans[0]),
            )  # fmt: skip
        # A form that asks about something else says nothing about these.
        for name in [name for name in self.fields if self.is_bound and name not in self.data]:
            del self.fields[name]
        for field in self.fields.values():
            field.disabled = not editable

    @property
    def _asked_about_orphans(self) -> bool:
        found = self.file.report.get("orphans", {})
        return bool(found.get("products") or found.get("customers"))

    def _add(self, name: str, report: ColumnReport, finding: Finding) -> None:
        names = {"column": report.name, "problem": finding.label}
        self.places[name] = (report.name, finding.policy)
        chosen = self.file.policies.get(report.name, {}).get(finding.policy)
        self.fields[name] = forms.ChoiceField(
            label=_("%(column)s, %(problem)s") % names, choices=[(way, WAYS[way]) for way in finding.ways],
            initial=chosen if chosen in finding.ways else finding.ways[0],
        )  # fmt: skip

    @property
    def choices(self) -> bool:
        return len(self.fields) > 1

    @property
    def rows(self) -> Iterator[tuple[ColumnReport, list[tuple[Finding, BoundField | None]]]]:
        """Yield each column with its findings and, where there is a choice, its field."""
        names = {place: name for name, place in self.places.items()}
        for report in self.reports:
            found = [(finding, names.get((report.name, finding.policy))) for finding in report.findings]
            yield report, [(finding, self[name] if name else None) for finding, name in found]

    @property
    def policies(self) -> dict[str, Any]:
        """Return the choices as the importer keeps them; what was not asked for stays as it was."""
        kept = self.file.policies.items()
        chosen: dict[str, Any] = {name: dict(ways) if isinstance(ways, dict) else ways for name, ways in kept}
        for name, (column, policy) in self.places.items():
            if name in self.cleaned_data:
                chosen.setdefault(column, {})[policy] = self.cleaned_data[name]
        if "orphans" in self.cleaned_data:
            chosen["orphans"] = self.cleaned_data["orphans"]
        return chosen
