"""A hundred uploads by somebody who means harm: in the name of the file, or in what it holds."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.shop.malformed_files import GOOD, HEADER, MB, link, zipped

GOOD_NAME = "orders.csv"


@dataclass(frozen=True)
class Hostile:
    """One upload. `taken` is true where nothing is wrong with the content: the name alone is hostile."""

    what: str
    name: str
    content: Callable[[], bytes]
    taken: bool = False

    def __str__(self) -> str:
        return self.what


# --- Names: the file itself is a right one --------------------------------------------------------

NAMES = {
    "one folder up": "../orders.csv",
    "many folders up": "../../../../../../etc/cron.d/orders.csv",
    "folders up, other system": "..\\..\\orders.csv",
    "folders up, escaped": "%2e%2e%2forders.csv",
    "folders up, escaped twice": "%252e%252e%252forders.csv",
    "folders up, overlong": "..%c0%aforders.csv",
    "absolute": "/etc/passwd",
    "drive": "C:\\Windows\\System32\\orders.csv",
    "network share": "\\\\host\\share\\orders.csv",
    "second stream": "orders.csv::$DATA",
    "device": "CON.csv",
    "hidden": ".htaccess",
    "server settings": "web.config",
    "secret": ".env",
    "two endings": "orders.csv.php",
    "two endings, turned round": "orders.php.csv",
    "page": "orders.html",
    "picture with script": "orders.svg",
    "script": "orders.js",
    "ends with a space": "orders.csv ",
    "ends with a dot": "orders.csv.",
    "NUL": "orders.csv\0.php",
    "line end": "orders.csv\r\nSet-Cookie: a=b",
    "right-to-left override": "orders\u202evsc.exe",
    "zero width": "ord\u200bers.csv",
    "looks like a slash": "..\u2215..\u2215orders.csv",
    "full-width dots": "．．／orders.csv",
    "markup": "<img src=x onerror=alert(1)>.csv",
    "quotes": "\"'><script>alert(1)</script>.csv",
    "template": "{{7*7}}{% load x %}.csv",
    "shell": "$(touch /tmp/x);`id`|x.csv",
    "option": "--help.csv",
    "formula": "=cmd|' /C calc'!A0.csv",
    "percent": "%s%n%d.csv",
    "dots alone": "..",
    "endless": "a" * 5000 + ".csv",
    "endless ending": "a." + "b" * 5000,
    "not ASCII": "订单 📦 ñ.csv",
}

# --- Contents -------------------------------------------------------------------------------------


def archive(**changes: int) -> bytes:
    """Return a right zip, with numbers in its local header replaced: {offset in hexadecimal: value}."""
    content = bytearray(zipped((GOOD_NAME, GOOD)))
    for place, value in changes.items():
        struct.pack_into("<I", content, int(place.removeprefix("at"), 16), value)
    return bytes(content)


def with_lying_size() -> bytes:
    """Return a zip of 20 MB whose directory says that it unpacks to 10 bytes."""
    content = bytearray(zipped((GOOD_NAME, b"0" * (20 * MB))))
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 24, 10)
    return bytes(content)


def with_many_members() -> bytes:
    return zipped(*((f"{number}.csv", b"") for number in range(20_000)))


def twice_the_same_name() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("a.csv", GOOD)
        target.filelist, target.NameToInfo = [*target.filelist], {}
        target.writestr("a.csv", HEADER)
    return out.getvalue()


def wrong_sum() -> bytes:
    content = bytearray(zipped((GOOD_NAME, GOOD)))
    struct.pack_into("<I", content, content.rindex(b"PK\x01\x02") + 16, 1)
    return bytes(content)


def named_gzip(name: bytes) -> bytes:
    """Return a gzip that says its content should be unpacked under this name."""
    packed = gzip.compress(GOOD)
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


def gzip_bomb() -> bytes:
    return gzip.compress(HEADER + b"0" * (200 * MB), compresslevel=1)


def gzip_in_gzip() -> bytes:
    return gzip.compress(gzip.compress(b"0" * (20 * MB)))


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as target:
        info = tarfile.TarInfo("../../orders.csv")
        info.size = len(GOOD)
        target.addfile(info, io.BytesIO(GOOD))
    return out.getvalue()


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l9;</x>'.encode()


class Harm:
    """Would run a command if anybody unpickled it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("unpickled",)


def slip(name: str) -> Callable[[], bytes]:
    """Return what makes a zip whose member has this name."""
    return lambda: zipped((name, GOOD))


SLIPS = (
    "../orders.csv", "../../../../tmp/orders.csv", "/tmp/orders.csv", "..\\..\\orders.csv", "C:\\orders.csv",
    "a/../../orders.csv", "./../orders.csv", "//host/share/orders.csv", "a/..\\../orders.csv",
)  # fmt: skip
CONTENTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    **{f"slip to {name}": ("o.zip", slip(name)) for name in SLIPS},
    "link to a file": ("o.zip", lambda: zipped(link(GOOD_NAME, "/etc/passwd"))),
    "link to a folder": ("o.zip", lambda: zipped(link("a", "/tmp"), ("a/orders.csv", GOOD))),
    "link under another name": ("orders.csv", lambda: zipped(link("x", "../../../.env"))),
    "archive in an archive": ("o.zip", lambda: zipped(("o.zip", zipped((GOOD_NAME, GOOD))))),
    "gzip in an archive": ("o.zip", lambda: zipped(("o.csv.gz", gzip.compress(GOOD)))),
    "gzip in a gzip": ("o.csv.gz", gzip_in_gzip),
    "bomb in a zip": ("o.zip", lambda: zipped((GOOD_NAME, HEADER + b"0" * (100 * MB)))),
    "bomb in a gzip": ("o.csv.gz", gzip_bomb),
    "bomb that lies about its size": ("o.zip", with_lying_size),
    "twenty thousand members": ("o.zip", with_many_members),
    "two members of one name": ("o.zip", twice_the_same_name),
    "wrong sum": ("o.zip", wrong_sum),
    "wrong size in the header": ("o.zip", lambda: archive(at16=0xFFFFFFFF)),
    "unknown method": ("o.zip", lambda: archive(at8=0x63)),
    "cut off": ("o.zip", lambda: archive()[:40]),
    "only the end of an archive": ("o.zip", lambda: archive()[-22:]),
    "member with NUL in its name": (
        "o.zip", lambda: zipped(("orders.csvxphp", GOOD)).replace(b"csvxphp", b"csv\0php")
    ),
    "member of a page": ("o.zip", lambda: zipped(("orders.html", b"<html><script>1</script>"))),
    "workbook": ("orders.xlsx", lambda: zipped(("[Content_Types].xml", b""), ("xl/workbook.xml", b""))),
    "workbook with macros": (
        "orders.csv", lambda: zipped(("[Content_Types].xml", b""), ("xl/vbaProject.bin", b"\xd0\xcf"))
    ),
    "old workbook": ("orders.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    "gzip named by a path": ("o.csv.gz", lambda: named_gzip(b"../../../../tmp/orders.csv")[:-6]),
    "gzip cut off": ("o.csv.gz", lambda: gzip.compress(GOOD)[:-12]),
    "gzip of a page": ("o.csv.gz", lambda: gzip.compress(b"<html><script>alert(1)</script></html>")),
    "tar": ("orders.tar.gz", tarred),
    "bzip2": ("orders.csv.bz2", lambda: bz2.compress(GOOD)),
    "xz": ("orders.csv.xz", lambda: lzma.compress(GOOD)),
    "raw deflate": ("orders.csv", lambda: zlib.compress(GOOD * 50)),
    "7z": ("orders.7z", lambda: b"7z\xbc\xaf\x27\x1c" + b"\0" * 64),
    "rar": ("orders.rar", lambda: b"Rar!\x1a\x07\x01\x00" + b"\0" * 64),
    "picture that is a page": ("orders.gif", lambda: b"GIF89a/*<html><script>alert(1)</script>*/=1"),
    "picture that is an archive": ("orders.png", lambda: b"\x89PNG\r\n\x1a\n" + zipped((GOOD_NAME, GOOD))),
    "document that is an archive": ("orders.pdf", lambda: b"%PDF-1.7\n" + zipped((GOOD_NAME, GOOD))),
    "drawing with a script": (
        "orders.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    ),
    "drawing named .csv": ("orders.csv", lambda: b"\xef\xbb\xbf  <svg><script>alert(1)</script></svg>"),
    "page": ("orders.html", lambda: b"<!doctype html><script>alert(1)</script>"),
    "page after spaces": ("orders.csv", lambda: b" \r\n\t<script>alert(document.cookie)</script>"),
    "XML that grows": ("orders.xml", billion_laughs),
    "PHP": ("orders.php", lambda: b"<?php system($_GET['c']); ?>"),
    "shell script": ("orders.sh", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "Linux program": ("orders.csv", lambda: b"\x7fELF" + b"\0" * 200),
    "Windows program": ("orders.csv", lambda: b"MZ\x90\0" + b"\0" * 200),
    "pickle": ("orders.csv", lambda: pickle.dumps(Harm())),
    "database": ("orders.csv", lambda: b"SQLite format 3\0" + b"\0" * 100),
    "parquet without its end": ("orders.parquet", lambda: b"PAR1" + b"\0" * 100),
    "parquet with a huge footer": ("orders.parquet", lambda: b"PAR1" + b"\0" * 100 + b"\xff\xff\xff\x7fPAR1"),
    "parquet with a footer of noise": (
        "orders.parquet", lambda: b"PAR1" + b"\x15\x02" * 50 + struct.pack("<I", 100) + b"PAR1"
    ),
    "JSON a hundred thousand deep": ("orders.jsonl", lambda: b"[" * 100_000),
    "JSON object ten thousand deep": (
        "orders.jsonl", lambda: b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"\n"
    ),
    "JSON with a number of a million digits": (
        "orders.jsonl", lambda: b'{"order": ' + b"9" * 1_000_000 + b"}\n"
    ),
    "JSON that is a list": ("orders.jsonl", lambda: json.dumps([1, 2, 3]).encode()),
    "JSON with special names": ("orders.jsonl", lambda: b'{"__proto__": {"x": 1}, "__class__": "y"}\n'),
    "NUL bytes": ("orders.csv", lambda: b"\0" * 5000),
    "noise": ("orders.csv", lambda: bytes(range(256)) * 40),
    "one endless cell": ("orders.csv", lambda: HEADER + b'"' + b"x" * (3 * MB)),
    "hundred thousand columns": ("orders.csv", lambda: b"a," * 100_000),
    "header of a megabyte": ("orders.csv", lambda: b"h" * (2 * MB) + b"\n1\n"),
}  # fmt: skip

FILES = [
    *(Hostile(f"name: {what}", name, lambda: GOOD, taken=True) for what, name in NAMES.items()),
    *(Hostile(f"content: {what}", name, made) for what, (name, made) in CONTENTS.items()),
]
