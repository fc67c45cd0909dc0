"""Files of spend: what a CSV file must look like, and which of its rows are right."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.models import Campaign, Spend
from campaigns.models.campaign import CampaignQuerySet
from campaigns.spending import FIRST_DAY, LAST_DAY
from marketing_site.lib.exports import FORMULA_STARTS

REQUIRED, OPTIONAL = ("campaign", "category", "amount", "day"), ("external_id", "note")
COLUMNS = REQUIRED + OPTIONAL
DELIMITERS = (",", ";", "\t")
MAX_BYTES, MAX_ROWS = 1024 * 1024, 10_000
MAX_AMOUNT = Decimal(10) ** 12
AMOUNT = re.compile(r"[0-9]+(\.[0-9]{1,4})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says where and what to do."""


class WrongCell(Exception):
    """One cell cannot be used; the message says why."""


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row, counted as a spreadsheet counts; `column` is "" for the row as a whole."""

    row: int
    column: str
    value: str
    reason: str


@dataclass
class SpendFile:
    """The rows that can be booked, and what is wrong with the others."""

    good: list[Spend] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        return len({error.row for error in self.errors})


def decode(raw: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark; raises Unreadable."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(_("The file begins like UTF-16 and is not: save it as CSV UTF-8.")) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(
            _("Line %(line)s is not UTF-8 text: save the file as CSV UTF-8 and choose it again.")
            % {"line": line}
        ) from None


def read(text: str, campaigns: CampaignQuerySet) -> SpendFile:
    """Check every row of a file; raises Unreadable where its header or its form is wrong.

    Without an external id a row is known by its content, so the same file can be imported twice.
    """
    if "\x00" in text:
        raise Unreadable(_("This is not a text file: save it as CSV UTF-8 and choose it again."))
    records = _records(text.replace("\r\n", "\n").replace("\r", "\n"))
    header = _header(next(records, (1, []))[1])
    reader = _RowReader(header, campaigns)
    for row, cells in records:
        reader.take(row, cells)
    if not reader.result.good and not reader.result.errors:
        raise Unreadable(_("The file has a header and no rows."))
    return reader.result


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty with their number."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for row, cells in enumerate(reader, start=1):
            if row > MAX_ROWS + 1:
                raise Unreadable(_("The file has more than 10,000 rows: split it."))
            if any(cell.strip() for cell in cells):
                yield row, [_restored(cell.strip()) for cell in cells]
    except csv.Error:
        raise Unreadable(
            _("Line %(line)s cannot be split into cells: look for a quotation mark that is not closed.")
            % {"line": reader.line_num}
        ) from None


def _restored(cell: str) -> str:
    """Take off the apostrophe that keeps spreadsheets from running a cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _header(cells: list[str]) -> list[str]:
    names = [cell.lower().replace(" ", "_") for cell in cells]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if missing:
        raise Unreadable(
            _("The first row must name the columns %(columns)s. Missing: %(missing)s.")
            % {"columns": ", ".join(COLUMNS), "missing": ", ".join(missing)}
        )
    if unknown or twice:
        raise Unreadable(
            _("These columns are not known or stand twice: %(names)s. Take them out.")
            % {"names": ", ".join(name[:40] or "“”" for name in unknown + twice)}
        )
    return names


class _RowReader:
    """Turns the rows of one file into spends, and remembers what it has seen."""

    def __init__(self, header: list[str], campaigns: CampaignQuerySet) -> None:
        self.header, self.result = header, SpendFile()
        self.by_id = {str(one.pk): one for one in campaigns}
        self.by_name: dict[str, list[Campaign]] = {}
        for one in self.by_id.values():
            self.by_name.setdefault(one.name.casefold(), []).append(one)
        pairs = Spend.Category.choices
        self.categories = {str(word).casefold(): value for value, label in pairs for word in (value, label)}
        self.seen: dict[str, int] = {}
        self.alike: Counter[str] = Counter()

    def take(self, row: int, cells: list[str]) -> None:
        if len(cells) != len(self.header):
            reason = _("This row has %(found)s cells, the header %(wanted)s.")
            self._refuse(row, "", "", reason % {"found": len(cells), "wanted": len(self.header)})
            return
        texts = dict.fromkeys(COLUMNS, "") | dict(zip(self.header, cells, strict=True))
        before = len(self.result.errors)
        spend = Spend(source=Spend.Source.CSV)
        for column, text in texts.items():
            try:
                setattr(spend, column, getattr(self, column)(text))
            except WrongCell as error:
                self._refuse(row, column, text, str(error))
        if len(self.result.errors) == before:
            spend.external_id = spend.external_id or self._known_by_content(texts)
            self._keep(row, spend)

    def campaign(self, text: str) -> Campaign:
        named = self.by_name.get(text.casefold(), [])
        if len(named) > 1:
            raise WrongCell(_("Several campaigns have this name: give the id instead."))
        found = named[0] if named else self.by_id.get(text)
        if found is None:
            raise WrongCell(_("No campaign has this name or id."))
        return found

    def category(self, text: str) -> str:
        if value := self.categories.get(text.casefold()):
            return value
        raise WrongCell(_("Choose one of %(values)s.") % {"values": ", ".join(Spend.Category.values)})

    def amount(self, text: str) -> Decimal:
        if text.startswith("-"):
            raise WrongCell(_("Spend cannot be negative."))
        if not AMOUNT.fullmatch(text):
            raise WrongCell(_("Write the amount as 1234.56: no currency sign, a point before cents."))
        amount = Decimal(text)
        if amount >= MAX_AMOUNT:
            raise WrongCell(_("This amount is too large."))
        return amount

    def day(self, text: str) -> date:
        if not DAY.fullmatch(text):
            raise WrongCell(_("Write the day as 2026-03-31."))
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise WrongCell(_("There is no such day.")) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise WrongCell(_("Choose a day between 2000 and 2099."))
        return day

    def external_id(self, text: str) -> str:
        return self._short(text, 100)

    def note(self, text: str) -> str:
        return self._short(text, 200)

    def _short(self, text: str, limit: int) -> str:
        if len(text) > limit:
            raise WrongCell(_("At most %(limit)s characters.") % {"limit": limit})
        return text

    def _known_by_content(self, texts: dict[str, str]) -> str:
        digest = hashlib.sha256("\x1f".join(texts.values()).casefold().encode()).hexdigest()[:32]
        self.alike[digest] += 1
        return f"row {digest} {self.alike[digest]}"

    def _keep(self, row: int, spend: Spend) -> None:
        first = self.seen.setdefault(spend.external_id, row)
        if first != row:
            reason = _("Row %(row)s has the same external id.") % {"row": first}
            self._refuse(row, "external_id", spend.external_id, reason)
            return
        self.result.good.append(spend)

    def _refuse(self, row: int, column: str, value: str, reason: str) -> None:
        self.result.errors.append(RowError(row, column, value[:100], reason))
