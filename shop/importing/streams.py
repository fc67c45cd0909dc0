"""What a stored upload is, byte by byte: the text of its one file as UTF-8, cut at the ends of records.

Nothing is unpacked to disk. A place in a file is an offset in this text, so that an import can go on there:
plain UTF-8 is sought, anything else is read again up to the place.
"""

import codecs
import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from shop.importing.faults import ImportRefused, message

# What is looked at before anything is asked.
HEAD_BYTES = 256 * 1024
BLOCK = 3 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
# An archive that unpacks to more than this many times its size is no honest file.
LARGEST_RATIO = 100
# Below this size the ratio says nothing.
HARMLESS_BYTES = 10 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What files begin with that are no text, however they are named.
NO_TEXT = (b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x05\x06", b"7z\xbc\xaf",
           b"Rar!", b"SQLite format 3", b"\x7fELF", b"MZ\x90", b"BZh", b"\xfd7zXZ",
           b"\x28\xb5\x2f\xfd")  # fmt: skip
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script")


@dataclass(frozen=True)
class Container:
    """How a file is packed: "" for plain, gzip or zip; `kind` is what is inside: text or parquet."""

    packed: str
    kind: str
    member: str = ""


def refused(code: str) -> ImportRefused:
    return ImportRefused(message(code), [{"code": code, "column": "", "message": message(code)}], code)


def look_into(path: Path) -> Container:
    """Tell how the file is packed; raises ImportRefused where it is no file that can be imported."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise refused("empty")
    if start.startswith(b"PK\x03\x04"):
        return Container("zip", "text", _only_member(path))
    if start.startswith(b"PAR1"):
        return Container("", "parquet")
    packed = "gzip" if start.startswith(b"\x1f\x8b") else ""
    if packed:
        start = _first_of_gzip(path)
    if start.startswith(NO_TEXT) or start.lstrip(BYTE_ORDER_MARK + b" \t\r\n").lower().startswith(MARKUP):
        raise refused("not_text")
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b", b"PAR1")):
        raise refused("archive_unsafe")
    return Container(packed, "text")


def _first_of_gzip(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(4096)
    except (OSError, EOFError, zlib.error):
        raise refused("truncated") from None


def _only_member(path: Path) -> str:
    """Return the name of the archive's only file, after every promise of it was checked."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for one in members:
                _refuse_unsafe(one)
            files = [one for one in members if not one.is_dir()]
            if any(one.filename == "[Content_Types].xml" for one in files):
                raise refused("not_text")  # a workbook or a document
            if len(files) != 1:
                raise refused("archive_several" if files else "empty")
            _refuse_odd(files[0])
            with archive.open(files[0]) as member:
                start = member.read(4096)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise refused("truncated") from None
    if not start:
        raise refused("empty")
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise refused("archive_unsafe")
    if start.startswith((*NO_TEXT, b"PAR1")) or start.lstrip(b" \t\r\n").lower().startswith(MARKUP):
        raise refused("not_text")
    return files[0].filename


def _refuse_unsafe(member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    link = stat.S_ISLNK(member.external_attr >> 16)
    if link or name.startswith("/") or ":" in name or ".." in name.split("/") or "\x00" in name:
        raise refused("archive_unsafe")


def _refuse_odd(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise refused("archive_encrypted")
    if member.file_size > HARMLESS_BYTES and member.file_size > LARGEST_RATIO * max(member.compress_size, 1):
        raise refused("archive_bomb")


@contextmanager
def opened(path: Path, container: Container, encoding: str) -> Iterator["Text"]:
    """Open the text of the file at its beginning."""
    with path.open("rb") as plain:
        if container.packed == "zip":
            with zipfile.ZipFile(plain) as archive, archive.open(container.member) as member:
                yield Text(member, encoding, path.stat().st_size)
        elif container.packed == "gzip":
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield Text(cast(IO[bytes], unpacked), encoding, path.stat().st_size)
        else:
            yield Text(plain, encoding, 0)


class Text:
    """The text as UTF-8 bytes. What its encoding does not know becomes bytes that UTF-8 does not know."""

    def __init__(self, raw: IO[bytes], encoding: str, packed_size: int) -> None:
        """Take the size of the packed file, 0 where it is not packed."""
        self.raw, self.packed_size, self.unpacked = raw, packed_size, 0
        self.is_utf8 = encoding in ("utf-8", "utf-8-sig")
        self.decoder = (
            None if self.is_utf8 else codecs.getincrementaldecoder(encoding)(errors="surrogateescape")
        )
        # A file of old Macs ends its lines with CR alone; told by its first block.
        self.only_cr: bool | None = None
        self._rest = b""

    @property
    def can_seek(self) -> bool:
        return self.is_utf8 and not self.packed_size

    def read(self, size: int) -> bytes:
        """Return about so many bytes; nothing at the end of the file."""
        try:
            block = self.raw.read(size)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
            raise refused("truncated") from None
        self.unpacked += len(block)
        if self.packed_size and self.unpacked > max(HARMLESS_BYTES, LARGEST_RATIO * self.packed_size):
            raise refused("archive_bomb")
        if self.decoder:
            text = self.decoder.decode(block, not block)
            if block and not text:
                return self.read(size)
            block = text.encode("utf-8", "surrogatepass")
        if self.only_cr is None:
            self.only_cr = b"\n" not in block and b"\r" in block
        return block.replace(b"\r", b"\n") if self.only_cr else block

    def skip(self, offset: int) -> None:
        """Go to a place further on."""
        first = self.read(BLOCK)
        if self.can_seek:
            self.raw.seek(offset)
            return
        left, block = offset - len(first), first
        while left > 0 and (block := self.read(BLOCK)):
            left -= len(block)
        self._rest = block[left:] if left < 0 else b""

    def blocks(self) -> Iterator[bytes]:
        """Yield what follows, block by block."""
        if self._rest:
            yield self._rest
            self._rest = b""
        while block := self.read(BLOCK):
            yield block


@dataclass(frozen=True)
class Part:
    """Whole records, and the offset after them. A part that is one endless line has no content."""

    content: bytes
    offset: int
    endless: bool = False


def parts(text: Text, offset: int) -> Iterator[Part]:  # noqa: C901  # one loop over all that may come
    """Yield the text from an offset in parts of about a block, each of which ends where a record ends."""
    carry, skipping, at_start = b"", False, not offset
    if offset:
        text.skip(offset)
    for block in text.blocks():
        carry += block
        if at_start:
            offset, carry, at_start = len(carry) - len(_without_marks(carry)), _without_marks(carry), False
        if skipping:
            offset, carry, skipping = _after_endless(carry, offset)
            if skipping:
                continue
            yield Part(b"", offset, endless=True)
        if cut := _end_of_records(carry):
            offset += cut
            yield Part(carry[:cut], offset)
            carry = carry[cut:]
        if len(carry) > LONGEST_LINE and b"\n" not in carry:
            offset, carry, skipping = offset + len(carry), b"", True
    if skipping:
        yield Part(b"", offset, endless=True)
    elif carry:
        yield Part(carry, offset + len(carry))


def _after_endless(carry: bytes, offset: int) -> tuple[int, bytes, bool]:
    """Return offset and text after the end of the line, and whether the line still goes on."""
    end = carry.find(b"\n") + 1
    return (offset + end, carry[end:], False) if end else (offset + len(carry), b"", True)


def _without_marks(block: bytes) -> bytes:
    while block.startswith(BYTE_ORDER_MARK):
        block = block[len(BYTE_ORDER_MARK) :]
    return block


def _end_of_records(buffer: bytes) -> int:
    """Return the place after the last line end that is not inside quotes; 0 where there is none.

    A quote that is open for longer than a line may be is never closed: what reads the part will say so.
    """
    last = buffer.rfind(b"\n") + 1
    if not last or b'"' not in buffer:
        return last
    cut, odd = last, buffer.count(b'"', 0, last) % 2
    while cut and odd:
        before = buffer.rfind(b"\n", 0, cut - 1) + 1
        odd ^= buffer.count(b'"', before, cut) % 2
        cut = before
        if len(buffer) - cut > LONGEST_LINE:
            return last
    return cut


def size_of(path: Path, container: Container) -> int:
    """Return the bytes of the text, or of the packed file where it does not say; progress counts in them."""
    if container.packed == "zip":
        with zipfile.ZipFile(path) as archive:
            return archive.getinfo(container.member).file_size
    return path.stat().st_size


def start_of(path: Path, container: Container, encoding: str, size: int = HEAD_BYTES) -> bytes:
    with opened(path, container, encoding) as text:
        found = b""
        while len(found) < size and (block := text.read(size)):
            found += block
        return found[:size]
