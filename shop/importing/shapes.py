"""What a file looks like: guessed from its beginning, shown, and confirmed by a person."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from shop.importing.faults import fault
from shop.importing.kinds import Column, Kind
from shop.importing.streams import refused

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = {
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "iso-8859-15", "gb18030", "gbk", "big5",
    "shift_jis", "euc-jp", "euc-kr", "cp1250", "cp1251",
}  # fmt: skip
MOST_COLUMNS = 200
HEAD_ROWS = 20
SEP_LINE = re.compile(r"sep=(.)\r?\n")
SLASHED = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-]\d{4}\b")
COMMA_NUMBER = re.compile(r"-?\d+,\d{1,4}")
POINT_NUMBER = re.compile(r"-?\d+\.\d{1,4}")


def guess_encoding(start: bytes) -> str:
    """Return the encoding that the file's mark or zeros tell, else UTF-8; raises ImportRefused for UTF-32."""
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise refused("encoding")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # Every letter of Latin text has a zero byte beside it.
    pairs = max(len(start) // 2, 1)
    if start[1::2].count(0) > pairs // 3:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > pairs // 3 else "utf-8"


def is_binary(start: bytes) -> bool:
    """Tell whether the bytes are no text in any encoding that keeps ASCII as it is."""
    return start.count(b"\x00") * 3 > len(start)


def guess_delimiter(text: str) -> str:
    """Return the delimiter that the first line names, or has most of outside of quotes."""
    if named := SEP_LINE.match(text):
        return named[1]
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    best = max(DELIMITERS, key=first.count)
    return best if first.count(best) else ","


def split_head(text: str, delimiter: str, rows: int = HEAD_ROWS + 1) -> list[list[str]]:
    """Return the first records that are not blank; a broken one ends them."""
    text = text[len(named[0]) :] if (named := SEP_LINE.match(text)) else text
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append([cell.strip().lstrip("\ufeff") for cell in cells])
            if len(found) == rows:
                break
    except csv.Error:
        pass
    return found


def normal(name: str) -> str:
    """Return a header as names are compared: lower case, underscores, no marks."""
    return re.sub(r"[\s\-.]+", "_", name.strip().lstrip("\ufeff").strip("\"'").lower())


def guess_mapping(kind: Kind, columns: Sequence[str]) -> dict[str, str]:
    """Return {file column: field} where a name tells; each field is taken once."""
    names = {normal(name): one.name for one in kind.columns for name in (*one.aliases, one.name)}
    found: dict[str, str] = {}
    for column in columns:
        name = names.get(normal(column))
        if name and name not in found.values():
            found[column] = name
    return found


def header_faults(
    kind: Kind, columns: Sequence[str], mapping: dict[str, str], *, sure: bool
) -> list[dict[str, Any]]:
    """Return what is wrong with the header; columns left out are faults until a person left them out."""
    if len(columns) > MOST_COLUMNS:
        return [fault("too_many_columns")]
    faults = [
        fault("header_repeated", name) for name, count in Counter(columns).items() if count > 1 and name
    ]
    faults += [fault("header_empty", "") for name in columns if not name and not sure][:1]
    if not sure:
        faults += [fault("header_unknown", name) for name in columns if name and name not in mapping]
    faults += [
        fault("header_missing", one.name)
        for one in kind.columns
        if one.required and one.name not in mapping.values()
    ]
    return faults


def guess_shape(
    kind: Kind, rows: Sequence[Sequence[str]], columns: Sequence[str], mapping: dict[str, str]
) -> dict[str, Any]:
    """Return decimal sign, order of day and month, zone and currency as the first rows suggest them."""
    by_type: dict[str, list[str]] = {}
    for at, name in enumerate(columns):
        one = kind.column(mapping.get(name, ""))
        if one:
            by_type.setdefault(one.type, []).extend(row[at] for row in rows if at < len(row))
    # A column that no name told may be any of the kind: then all cells hint, and a person is asked.
    if len(mapping) < len(columns):
        for one in kind.columns:
            by_type.setdefault(one.type, [cell for row in rows for cell in row])
    amounts, moments = by_type.get("money", []), by_type.get("time", []) + by_type.get("day", [])
    shape: dict[str, Any] = {}
    if "money" in by_type:
        commas = sum(bool(COMMA_NUMBER.fullmatch(one)) for one in amounts)
        points = sum(bool(POINT_NUMBER.fullmatch(one)) for one in amounts)
        shape["decimal"] = "," if commas and not points else "."
        shape["currency"] = settings.SHOP_CURRENCY
    if "time" in by_type or "day" in by_type:
        shape["day_first"] = _day_first(moments)
    if "time" in by_type:
        shape["time_zone"] = settings.TIME_ZONE
    return shape


def _day_first(moments: Sequence[str]) -> bool | None:
    """Tell where only one order is possible; None where it is not known, and then such dates are faults."""
    found = [match for one in moments if (match := SLASHED.match(one))]
    day_first = any(int(match[1]) > 12 for match in found)
    month_first = any(int(match[2]) > 12 for match in found)
    return day_first if day_first != month_first else None


def header_key(columns: Sequence[str]) -> str:
    """Return the digest under which a confirmed mapping is kept."""
    return hashlib.sha256("\x1f".join(columns).encode("utf-8", "replace")).hexdigest()


def plain(shape: dict[str, Any]) -> dict[str, Any]:
    """Return the shape's values without whether they were guessed."""
    return {name: one["value"] if isinstance(one, dict) else one for name, one in shape.items()}


def fields_of(kind: Kind, mapping: dict[str, str]) -> dict[str, Column]:
    """Return {file column: what it is} for the columns that are imported."""
    return {name: one for name, field in mapping.items() if (one := kind.column(field))}
