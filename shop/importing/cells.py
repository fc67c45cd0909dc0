"""Text into cells, row by row: slow and exact, for the parts of a file in which something is wrong."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shop.importing.streams import LONGEST_LINE

LONGEST_CELL = 64 * 1024
# A record that is longer has an open quote.
csv.field_size_limit(LONGEST_LINE)


@dataclass
class Record:
    """One record: the line that it begins on, its cells, and what is wrong: (number of the column, code)."""

    line: int
    cells: list[str]
    faults: list[tuple[int | None, str]] = field(default_factory=list)


def records(content: bytes, delimiter: str, line: int, columns: int) -> Iterator[Record]:
    """Yield the records of a part that begins on this line; blank lines are none."""
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    start = 0
    while start < len(lines):
        record, used = _record(lines, start, delimiter, columns)
        if record is not None:
            record.line = line + start
            yield record
        start += used


def _record(lines: list[str], start: int, delimiter: str, columns: int) -> tuple[Record | None, int]:
    """Return the record that begins there, None for a blank line, and how many lines it takes."""
    first = lines[start]
    if len(first) > LONGEST_LINE:
        return Record(0, [first[:200]], [(None, "line_too_long")]), 1
    if '"' not in first:
        cells = first.rstrip("\r").split(delimiter)
        return (_checked(cells, columns), 1) if any(cell.strip() for cell in cells) else (None, 1)
    following = (f"{lines[at]}\n" for at in range(start, len(lines)))
    reader = csv.reader(following, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        cells = next(reader)
    except csv.Error:
        broken = Record(0, first.rstrip("\r").split(delimiter))
        at = _broken_cell(first, delimiter)
        broken.faults.append((at, "open_quote"))
        # Where the quote is never closed, all that follows is in it.
        return broken, 1 if at is not None else _swallowed(lines, start)
    return _checked(cells, columns), reader.line_num


def _swallowed(lines: list[str], start: int) -> int:
    """Return how many lines an open quote takes: all that follow, unless no record may be so long."""
    following = lines[start:]
    return len(following) if sum(map(len, following)) <= LONGEST_LINE else 1


def _checked(cells: list[str], columns: int) -> Record:
    record = Record(
        0, [cell.rstrip("\r\n") if at == len(cells) - 1 else cell for at, cell in enumerate(cells)]
    )
    if len(cells) != columns:
        record.faults.append((None, "short_row" if len(cells) < columns else "long_row"))
        return record
    for at, cell in enumerate(record.cells):
        if not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
            record.faults.append((at, "encoding"))
            record.cells[at] = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if len(cell) > LONGEST_CELL:
            record.faults.append((at, "cell_too_long"))
            record.cells[at] = cell[:200]
    return record


def _broken_cell(line: str, delimiter: str) -> int | None:
    """Return which cell of the line closes its quote too early; None where a quote stays open."""
    cell = re.compile(rf' *(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}][^{re.escape(delimiter)}]*|)')
    at, place = 0, 0
    while (found := cell.match(line, place)) and found.end() < len(line) and line[found.end()] == delimiter:
        at, place = at + 1, found.end() + 1
    rest = line[place:].lstrip(" ")
    closed = re.match(r'"(?:[^"]|"")*"', rest)
    return at if closed else None
