"""An upload on its way in: hashed while it is stored, within its limits, its container looked into."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shop.importing.faults import ImportRefused
from shop.importing.kinds import Kind, find
from shop.importing.streams import BLOCK, Container, look_into, refused, size_of, start_of
from shop.models import ApiKey
from shop.models.importing import ImportFile


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
        delete_upload(file)
        known = ImportFile.objects.exclude(state__in=ImportFile.OVER).get(kind=kind, sha256=file.sha256)
        known.known = True
        return known
    except BaseException:
        delete_upload(file)
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


def delete_upload(file: ImportFile) -> None:
    if file.file.name:
        default_storage.delete(file.file.name)


def _format(container: Container, path: Path, name: str) -> str:
    if container.kind == "parquet":
        return "parquet"
    words = (container.member or name).lower().split(".")
    start = start_of(path, container, "utf-8")[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = "jsonl" if {"jsonl", "ndjson"} & set(words[1:]) or start.startswith(b'{"') else "csv"
    if kind == "csv" and "tsv" in words[1:]:
        kind = "tsv"
    return {"": kind, "gzip": f"{kind}.gz", "zip": "zip" if kind != "jsonl" else "jsonl.zip"}[
        container.packed
    ]
