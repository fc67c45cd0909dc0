"""Files as people really send them: 140 ways to be wrong, or to look wrong and be right.

Each case says what must be found in it: the data row (the first under the header is 1, 0 is the file as a
whole), the column and the code. A case without faults must be read to the last row.
"""

import csv
import gzip
import io
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.importing.streams import BLOCK

Fault = tuple[int, str, str]
Row = dict[str, str]
MB = 1024 * 1024


@dataclass(frozen=True)
class Case:
    """One file: how it is declared, what must be found in it, and how many rows it has.

    `shape` is what a person declares after upload; `mapping` replaces the guess. `rows` is None where the
    file cannot be read as rows at all.
    """

    name: str
    group: str
    content: bytes | Callable[[], bytes]
    faults: Sequence[Fault] = ()
    rows: int | None = 1
    kind: str = "orders"
    file_name: str = "orders.csv"
    shape: dict[str, Any] = field(default_factory=dict)
    # Rows that are there already and not changed by the file.
    unchanged: int = 0
    # Too large for every run and for all or nothing: `make proof` has it, part by part.
    huge: bool = False

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"

    @property
    def mode(self) -> str:
        return "resumable" if self.huge else "atomic"

    @property
    def bytes(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content()


# --- A right file, from which every wrong one is made ---------------------------------------------

ORDER: Row = {
    "order": "A1", "customer": "C1", "ordered_at": "2026-03-02T12:00:00Z", "product": "MUG", "quantity": "2",
    "gross": "20.00", "discount": "5.00",
}  # fmt: skip
CUSTOMER: Row = {"external_id": "N1", "name": "Ada Example", "email": "ada@example.com", "language": "en"}
REFUND: Row = {
    "external_id": "R1", "order": "KNOWN", "amount": "4.00", "refunded_at": "2026-03-05T12:00:00Z",
}  # fmt: skip


def table(
    rows: Sequence[Row], columns: Sequence[str] = tuple(ORDER), delimiter: str = ",", newline: str = "\n"
) -> str:
    """Return a file of these columns with these rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


def orders(*changes: Row, **options: Any) -> bytes:
    """Return a file of orders A1, A2 ..., each with its changes."""
    rows = [
        ORDER | {"order": f"A{number}"} | change for number, change in enumerate(changes or [{}], start=1)
    ]
    return table(rows, **options).encode()


def customers(*changes: Row) -> bytes:
    rows = [
        CUSTOMER | {"external_id": f"N{number}"} | change for number, change in enumerate(changes, start=1)
    ]
    return table(rows, tuple(CUSTOMER)).encode()


def refunds(*changes: Row) -> bytes:
    rows = [REFUND | {"external_id": f"R{number}"} | change for number, change in enumerate(changes, start=1)]
    return table(rows, tuple(REFUND)).encode()


def cell(column: str, value: str, *, code: str = "", group: str, name: str, kind: str = "orders") -> Case:
    """Return a file of three rows of which the second has this value; without a code it is a right one."""
    rows = {"orders": orders, "customers": customers, "refunds": refunds}[kind]({}, {column: value}, {})
    faults = [(2, column, code)] if code else []
    return Case(name, group, rows, faults, rows=3, kind=kind)


REQUIRED = ("order", "customer", "ordered_at", "product", "gross")
GOOD = orders({}, {}, {})
HEADER = orders().splitlines(keepends=True)[0]


# --- Container ------------------------------------------------------------------------------------


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    """Return a member that is a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def encrypted() -> bytes:
    """Return a zip whose member says that it is encrypted."""
    content = bytearray(zipped(("orders.csv", GOOD)))
    content[6] |= 1  # the flag in the local header ...
    content[content.rindex(b"PK\x01\x02") + 8] |= 1  # ... and in the directory
    return bytes(content)


def bomb() -> bytes:
    """Return a zip of 100 KB that unpacks to 100 MB: far above 100:1."""
    return zipped(("orders.csv", HEADER + b"0" * (100 * MB)))


def workbook() -> bytes:
    return zipped(
        ("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", b"<sheet/>"),
    )  # fmt: skip


def whole(name: str, content: bytes | Callable[[], bytes], code: str, file_name: str = "orders.csv") -> Case:
    """Return a file that cannot be read at all."""
    return Case(name, "container", content, [(0, "", code)], rows=None, file_name=file_name)


CONTAINER = [
    whole("empty", b"", "empty"),
    whole("one byte", b"x", "header_only"),
    whole("header only", HEADER, "header_only"),
    whole("header and blank lines", HEADER + b"\n\n  \n\n", "header_only"),
    whole("archive with a directory only", zipped(("orders/", b"")), "empty", "orders.zip"),
    whole("HTML error page", b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n", "not_text"),
    whole("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "not_text"),
    whole("workbook named .csv", workbook, "not_text"),
    Case("gzip", "container", gzip.compress(GOOD), rows=3, file_name="orders.csv.gz"),
    whole("nested archive", zipped(("orders.zip", zipped(("orders.csv", GOOD)))), "archive_unsafe", "o.zip"),
    whole("two files", zipped(("a.csv", GOOD), ("b.csv", GOOD)), "archive_several", "o.zip"),
    whole("member above its folder", zipped(("../../orders.csv", GOOD)), "archive_unsafe", "o.zip"),
    whole("member at the root", zipped(("/etc/cron.d/orders.csv", GOOD)), "archive_unsafe", "o.zip"),
    whole("member is a link", zipped(link("orders.csv", "/etc/passwd")), "archive_unsafe", "o.zip"),
    whole("encrypted", encrypted, "archive_encrypted", "o.zip"),
    whole("bomb", bomb, "archive_bomb", "o.zip"),
    whole("archive cut off", zipped(("orders.csv", GOOD))[:-30], "truncated", "o.zip"),
]

# --- Encoding -------------------------------------------------------------------------------------

NAMED = customers({"name": "Zoë Müller"}, {"name": "Łukasz"}).decode()
LATIN = customers({"name": "Zoë Müller"}, {}).decode()
CHINESE = customers({"name": "王小明"}, {}).decode()
JAPANESE = customers({"name": "山田太郎"}, {}).decode()


def people(name: str, content: bytes | Callable[[], bytes], rows: int | None = 2, **options: Any) -> Case:
    return Case(name, "encoding", content, rows=rows, kind="customers", file_name="people.csv", **options)


def at_the_edge(value: bytes) -> bytes:
    """Return a file of customers in which this name begins one byte before the edge of a block."""
    begin, end = b"N%07d,", b",,en\n"
    lines = customers().splitlines(keepends=True)
    left = BLOCK - 1 - len(lines[0]) - len(begin % 0)
    while left:
        long = 150 if left > 300 else left if left <= 170 else 100
        lines.append(begin % len(lines) + b"x" * (long - len(begin % 0) - len(end)) + end)
        left -= long
    last = begin % (len(lines) + 1) + b"last" + end
    return b"".join(lines) + begin % len(lines) + value + end + last


def rows_at_the_edge() -> int:
    return at_the_edge(b"x").count(b"\n") - 1


ENCODING = [
    people("UTF-8 with its mark", b"\xef\xbb\xbf" + NAMED.encode()),
    people("mark twice", b"\xef\xbb\xbf" * 2 + NAMED.encode()),
    people("mark in the middle", NAMED.replace("Łukasz", "\ufeffŁukasz").encode()),
    people("UTF-16 LE with its mark", b"\xff\xfe" + NAMED.encode("utf-16-le")),
    people("UTF-16 LE without", NAMED.encode("utf-16-le"), shape={"encoding": "utf-16-le"}),
    people("UTF-16 BE with its mark", b"\xfe\xff" + NAMED.encode("utf-16-be")),
    people("UTF-16 BE without", NAMED.encode("utf-16-be"), shape={"encoding": "utf-16-be"}),
    people("UTF-32", NAMED.encode("utf-32"), None, faults=[(0, "", "encoding")]),
    people(
        "Windows bytes inside UTF-8", NAMED.encode().replace("Łukasz".encode(), b"Fran\xe7ois \x80"),
        faults=[(2, "name", "encoding")],
    ),
    people("Windows, declared", LATIN.encode("cp1252"), shape={"encoding": "cp1252"}),
    people("Latin-1 taken for UTF-8", LATIN.encode("latin-1"), faults=[(1, "name", "encoding")]),
    people("GB18030, declared", CHINESE.encode("gb18030"), shape={"encoding": "gb18030"}),
    people("Shift-JIS, not declared", JAPANESE.encode("shift-jis"), faults=[(1, "name", "encoding")]),
    people(
        "wrong byte at the edge of a block", lambda: at_the_edge(b"\xff\xff"), rows_at_the_edge(),
        faults=[(rows_at_the_edge() - 1, "name", "encoding")],
    ),
    people("letter across the edge of a block", lambda: at_the_edge("é".encode()), rows_at_the_edge()),
    people("NUL", NAMED.replace("Łukasz", "Łu\0kasz").encode(), faults=[(2, "name", "text")]),
    people(
        "half a surrogate pair", NAMED.encode().replace("Ł".encode(), b"\xed\xa0\x80"),
        faults=[(2, "name", "encoding")],
    ),
    people(
        "overlong form", NAMED.encode().replace("Ł".encode(), b"\xc0\xaf"), faults=[(2, "name", "encoding")]
    ),
]  # fmt: skip

# --- Lines ----------------------------------------------------------------------------------------


def lines(name: str, content: bytes | Callable[[], bytes], rows: int | None = 3, **options: Any) -> Case:
    return Case(name, "lines", content, rows=rows, **options)


def long_line(size: int) -> bytes:
    return GOOD + b"A9," + b"x" * size + b"\n" + orders({"order": "A10"}).splitlines(keepends=True)[1]


LINES = [
    lines("CR only", GOOD.replace(b"\n", b"\r")),
    lines("CRLF", GOOD.replace(b"\n", b"\r\n")),
    lines("mixed line ends", GOOD.replace(b"\n", b"\r\n", 2)),
    lines("no line end at the end", GOOD.rstrip(b"\n")),
    lines("blank lines at the end", GOOD + b"\n\n\r\n  \n"),
    # Blank lines are no rows, and what follows keeps the line number that an editor shows.
    lines(
        "blank lines inside", orders({}, {"quantity": "x"}, {}).replace(b"A2,", b"\n\nA2,"),
        faults=[(2, "quantity", "integer")],
    ),
    lines("form feed in a cell", orders({}, {"product": "M\fUG"}, {}), faults=[(2, "product", "text")]),
    Case(
        "line separator in a cell", "lines", customers({}, {"name": "Ada\u2028Example"}, {}), rows=3,
        kind="customers",
    ),
    lines("one line of 3 MB", long_line(3 * MB), 5, faults=[(4, "", "line_too_long")]),
    lines("last row cut in half", GOOD[:-30], faults=[(3, "", "short_row")]),
]  # fmt: skip
HUGE = [
    lines("one line of 1 GB", lambda: long_line(1024 * MB), 5, faults=[(4, "", "line_too_long")], huge=True)
]

# --- Quotes and delimiters ------------------------------------------------------------------------


def quotes(name: str, content: bytes | Callable[[], bytes], rows: int | None = 3, **options: Any) -> Case:
    return Case(name, "quotes", content, rows=rows, **options)


def three(second: str) -> bytes:
    """Return three orders; the customer cell of the second stands as it is given here."""
    plain = orders({}, {"customer": "@"}, {}).decode()
    return plain.replace("@", second).encode()


def quoted_at_the_edge() -> bytes:
    return at_the_edge(b'"x, ""y"""')


QUOTES = [
    quotes("semicolons", table([ORDER], delimiter=";").encode(), 1),
    quotes("tabs", table([ORDER], delimiter="\t").encode(), 1, file_name="orders.tsv"),
    quotes("pipes", table([ORDER], delimiter="|").encode(), 1),
    quotes(
        "semicolons in one row", GOOD.replace(b"A2,C1,", b"A2;C1;"), faults=[(2, "", "short_row")]
    ),
    quotes("line that names the delimiter", b"sep=;\r\n" + table([ORDER], delimiter=";").encode(), 1),
    quotes("open quote at the start", HEADER + b'"A1,C1,2026-03-02T12:00:00Z,MUG,2,20.00,5.00\n', 1,
           faults=[(1, "", "open_quote")]),
    quotes("open quote in the middle", three('"C1'), 2, faults=[(2, "", "open_quote")]),
    quotes("open quote at the end", GOOD + b'"', 4, faults=[(4, "", "open_quote")]),
    Case("doubled quotes", "quotes", customers({}, {"name": 'Ada "the first" Example'}), rows=2,
         kind="customers"),
    Case("quote at the edge of a block", "quotes", quoted_at_the_edge, rows=rows_at_the_edge(),
         kind="customers"),
    Case("line end in a cell", "quotes", customers({}, {"name": "Ada\nExample"}, {}), rows=3,
         kind="customers"),
    Case("delimiter in a cell", "quotes", customers({}, {"name": "Example, Ada"}, {}), rows=3,
         kind="customers"),
    quotes("backslash before a quote", three('"C\\"1"'), faults=[(2, "customer", "open_quote")]),
    quotes("single quotes", three("'C1'"), faults=[(2, "customer", "unknown_customer")]),
    quotes("space before a quote", three(' "C1"')),
]  # fmt: skip

# --- Shape ----------------------------------------------------------------------------------------


def shape(name: str, content: bytes | Callable[[], bytes], rows: int | None = 3, **options: Any) -> Case:
    return Case(name, "shape", content, rows=rows, **options)


def renamed(old: str, new: str) -> bytes:
    return GOOD.replace(old.encode(), new.encode(), 1)


SHAPE = [
    shape("short row", GOOD.replace(b",5.00\nA2", b"\nA2"), faults=[(1, "", "short_row")]),
    shape("long row", GOOD.replace(b",5.00\nA2", b",5.00,1\nA2"), faults=[(1, "", "long_row")]),
    shape("100,000 columns", lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b"," * 99_999,
          None, faults=[(0, "", "too_many_columns")]),
    shape("one column", b"order\nA1\n", None,
          faults=[(0, name, "header_missing") for name in REQUIRED if name != "order"]),
    shape("repeated header", renamed("discount", "gross"), None, faults=[(0, "gross", "header_repeated")]),
    shape("header with spaces and capitals", renamed("order,customer", " Order , CUSTOMER ")),
    shape("empty header", renamed("discount", ""), None, faults=[(0, "", "header_empty")]),
    shape("missing column", renamed("product,", "").replace(b",MUG,", b","), None,
          faults=[(0, "product", "header_missing")]),
    shape("unknown column", renamed("discount", "shoe_size"), None,
          faults=[(0, "shoe_size", "header_unknown")]),
    shape("other order of columns", table([ORDER], tuple(reversed(ORDER))).encode(), 1),
    shape("no header", b"".join(GOOD.splitlines(keepends=True)[1:]), None,
          faults=[*((0, value, "header_unknown") for value in (ORDER | {"order": "A1"}).values()),
                  *((0, name, "header_missing") for name in REQUIRED)]),
    shape("header again in the middle", GOOD.replace(b"A2,", HEADER + b"A2,"), 4,
          faults=[(2, "ordered_at", "date"), (2, "quantity", "integer"), (2, "gross", "number"),
                  (2, "discount", "number")]),
    shape("cell of 100 KB", orders({}, {"product": "x" * 100_000}, {}),
          faults=[(2, "product", "cell_too_long")]),
    shape("total row at the end", GOOD + b"Total,,,,6,60.00,15.00\n", 4,
          faults=[(4, "customer", "missing"), (4, "ordered_at", "missing"), (4, "product", "missing")]),
]  # fmt: skip

# --- Numbers --------------------------------------------------------------------------------------


def number(name: str, value: str, code: str = "", column: str = "gross") -> Case:
    return cell(column, value, code=code, group="numbers", name=name)


NUMBERS = [
    number("negative", "-20.00", "negative"),
    number("decimal comma and points", "1.234,56", "number"),
    number("commas for thousands", "1,234.56", "number"),
    number("no-break space", "1\u00a0234.56", "number"),
    number("exponent", "1e5", "number"),
    number("exponent beyond any number", "1e309", "number"),
    number("NaN", "NaN", "number"),
    number("infinity", "Infinity", "number"),
    number("30 digits", "1" * 30, "range"),
    number("two signs", "--5", "number"),
    number("brackets for minus", "(5.00)", "number"),
    number("minus behind", "5-", "number"),
    number("currency sign", "$20.00", "number"),
    number("full-width digits", "２０", "number"),
    number("Arabic-Indic digits", "٢٠", "number"),
    number("empty", "", "missing"),
    number("minus zero", "-0", "", "discount"),
    Case("cents in a currency without cents", "numbers",
         table([ORDER | {"currency": "JPY", "rate": "0.0067", "gross": "2000.50"}],
               (*ORDER, "currency", "rate")).encode(), [(1, "gross", "currency")]),
    Case("unknown currency", "numbers",
         table([ORDER | {"currency": "XQX", "rate": "2"}], (*ORDER, "currency", "rate")).encode(),
         [(1, "currency", "currency")]),
]  # fmt: skip

# --- Dates ----------------------------------------------------------------------------------------


def moment(name: str, value: str, code: str = "") -> Case:
    return cell("ordered_at", value, code=code, group="dates", name=name)


DATES = [
    moment("day, month or year first", "02/03/04", "date"),
    moment("30 February", "2026-02-30T12:00:00Z", "date"),
    moment("29 February in no leap year", "2023-02-29T12:00:00Z", "date"),
    moment("hour that summer time leaves out", "2026-03-08T02:30:00", "zone"),
    moment("hour that comes twice", "2026-11-01T01:30:00", "zone"),
    moment("no zone: the file's, which is shown", "2026-03-02T12:00:00"),
    moment("year 0", "0000-03-02T12:00:00Z", "date"),
    moment("year 9999", "9999-12-31T23:59:59Z", "range"),
    moment("year 10000", "10000-01-01T00:00:00Z", "date"),
    moment("seconds since 1970", "1772452800", "date"),
    moment("number of a spreadsheet", "46083.5", "date"),
    moment("24:00", "2026-03-02T24:00:00Z", "date"),
    moment("leap second", "2026-03-02T23:59:60Z", "date"),
    moment("year 2099", "2099-03-02T12:00:00Z", "range"),
    moment("fourteen hours ahead", "2026-03-02T12:00:00+14:00"),
]

# --- Text -----------------------------------------------------------------------------------------


def text(name: str, value: str, code: str = "", column: str = "name") -> Case:
    return cell(column, value, code=code, group="text", name=name, kind="customers")


TEXT = [
    text("equals sign first", "=1+1"),
    text("plus first", "+1"),
    text("minus first", "-1"),
    text("at sign first", "@SUM(A1)"),
    text("tab first", "\t=1+1"),
    text("CR first", "\r=1+1"),
    text("HTML", "<b>Ada</b>"),
    text("script", "<script>alert(1)</script>"),
    text("template expression", "{{7*7}}"),
    text("format expression", "{x.__class__}"),
    text("percent sign", "%s"),
    text("right-to-left override", "Ada\u202eelpmaxE", "text"),
    text("zero-width space", "Ada\u200bExample", "text"),
    text("look-alike letter in an address", "аda@example.com", "email", "email"),
    text("address of an international domain", "ada@bücher.example", "", "email"),
    text("plus in an address", "ada+shop@example.com", "", "email"),
    text("quoted address", '"ada example"@example.com', "", "email"),
    text("address of 320 characters", "a" * 308 + "@example.com", "email", "email"),
    text("address without @", "ada.example.com", "email", "email"),
    text("two addresses", "ada@example.com; bob@example.com", "email", "email"),
    Case("one name composed in two ways", "text", customers({"name": "Zo\u00eb"}, {"name": "Zoe\u0308"}),
         rows=2, kind="customers"),
]  # fmt: skip

# --- Logic ----------------------------------------------------------------------------------------


def logic(name: str, content: bytes, faults: Sequence[Fault] = (), rows: int = 3, **options: Any) -> Case:
    return Case(name, "logic", content, faults, rows=rows, **options)


TWO_LINES = table(
    [ORDER | {"order_total": "30.01"}, ORDER | {"product": "CUP", "order_total": "30.01"}],
    (*ORDER, "order_total"),
).encode()
KNOWN = ORDER | {"order": "KNOWN"}
# Somebody who asked not to be contacted (tests.shop.test_malformed_files).
SUPPRESSED = "gone@example.com"
CONSENT = table(
    [CUSTOMER | {"email": SUPPRESSED, "consent_email": "yes"}], (*CUSTOMER, "consent_email")
).encode()

LOGIC = [
    logic("unknown product", orders({}, {"product": "NONE"}, {}), [(2, "product", "unknown_product")]),
    logic("order without a customer", orders({}, {"customer": ""}, {}), [(2, "customer", "missing")]),
    logic("refund without an order", refunds({}, {"order": "NONE"}), [(2, "order", "unknown_order")], 2,
          kind="refunds"),
    logic("refund above its order", refunds({"amount": "15.01"}), [(1, "amount", "refund_too_large")], 1,
          kind="refunds"),
    logic("lines that do not add up", TWO_LINES, [(1, "order_total", "sum"), (2, "order_total", "sum")], 2),
    logic("id repeated in the file", customers({}, {"external_id": "N1", "name": "Another"}),
          [(2, "external_id", "duplicate")], 2, kind="customers"),
    logic("id that is here already", table([KNOWN]).encode(), rows=1, unchanged=1),
    logic("same file again", GOOD),
    logic("same content under another name", GOOD, file_name="copy.csv"),
    logic("consent of somebody who is suppressed", CONSENT, [(1, "consent_email", "suppressed")], 1,
          kind="customers"),
    logic("same customer in other letters", customers({"external_id": "n7"}, {"external_id": "N7"}),
          [(2, "external_id", "duplicate")], 2, kind="customers"),
]  # fmt: skip

CASES = [
    *CONTAINER, *ENCODING, *LINES, *HUGE, *QUOTES, *SHAPE, *NUMBERS, *DATES, *TEXT, *LOGIC
]  # fmt: skip
# What work people expect to be tried, group by group.
SIZES = Counter(case.group for case in CASES)
