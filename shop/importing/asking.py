"""What people and tools ask of an import: quick, rows first, and a hint to the worker after the commit."""

from collections.abc import Iterator
from typing import IO, Any

from django.contrib.auth.models import User

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
    raise NotImplementedError


def inspect(file: ImportFile) -> None:
    """Guess shape and mapping and keep the first rows (`report["head"]`); quick, raises ImportRefused.

    What was confirmed before for the same kind, source and header is taken instead of a guess.
    """
    raise NotImplementedError


def configure(
    file: ImportFile,
    shape: dict[str, Any],
    mapping: dict[str, str],
    policies: dict[str, Any] | None = None,
    mode: str = "",
) -> None:
    """Store what the person confirmed: plain values in `shape`, {file column: field} in `mapping`.

    Raises ImportRefused with `.faults`, a list of {"code", "column", "message"}.
    """
    raise NotImplementedError


def request_check(file: ImportFile) -> None:
    """Have the file checked; raises ImportRefused where it cannot be."""
    raise NotImplementedError


def request_apply(file: ImportFile) -> None:
    """Have the checked file applied, or a stopped one go on; raises ImportRefused where it cannot be."""
    raise NotImplementedError


def request_undo(file: ImportFile) -> None:
    """Have an applied atomic import taken back; raises ImportRefused where something depends on it."""
    raise NotImplementedError


def cancel(file: ImportFile) -> None:
    """Stop what is under way: an atomic import leaves nothing, a resumable one keeps its whole parts."""
    raise NotImplementedError


def discard(file: ImportFile) -> None:
    """Delete the upload and forget the file; what an applied import stored stays."""
    raise NotImplementedError


def rejected_csv(file: ImportFile) -> Iterator[str]:
    """Yield the rejected rows in the file's order, original cells first, then what is wrong with each."""
    raise NotImplementedError
