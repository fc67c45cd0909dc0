"""SHA-256 of files, remembered as long as a file is the same one: hashing a large model takes minutes.

What is remembered lies in the model cache, which belongs to the user that writes the models. A file that was
written to, exchanged or touched is another one: its inode, size and both of its times are compared.
"""

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path

MEMORY = "hashes.json"
# A file changed so recently could be changed once more without its times showing it.
SETTLED_SECONDS = 5.0
MOST_REMEMBERED = 1000

# Inode, size and times of a file.
Identity = list[int]


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remembered(path: Path, cache: Path) -> str | None:
    """Return the hash of a file if it was hashed before and is still the same file; never reads it."""
    known = _read(cache).get(str(path.resolve()))
    return str(known["sha256"]) if known and known["identity"] == _identity(path) else None


def known_sha256(path: Path, cache: Path) -> str:
    """Return the hash of a file, read only where it is not remembered."""
    known = remembered(path, cache)
    if known:
        return known
    before = _identity(path)
    found = sha256(path)
    settled = time.time_ns() - max(before[3:]) > SETTLED_SECONDS * 1e9
    if settled and before == _identity(path):
        _remember(cache, str(path.resolve()), {"identity": before, "sha256": found})
    return found


def _identity(path: Path) -> Identity:
    is_now = path.stat()
    return [is_now.st_dev, is_now.st_ino, is_now.st_size, is_now.st_mtime_ns, is_now.st_ctime_ns]


def _read(cache: Path) -> dict[str, dict[str, object]]:
    try:
        told = json.loads((cache / MEMORY).read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _remember(cache: Path, name: str, entry: dict[str, object]) -> None:
    """Write the memory anew; two at once may forget each other's, which costs time only."""
    entries = _read(cache)
    entries.pop(name, None)
    entries[name] = entry
    kept = dict(list(entries.items())[-MOST_REMEMBERED:])
    half_done = cache / f"{MEMORY}.{os.getpid()}"
    with contextlib.suppress(OSError):  # a cache that cannot be written to remembers nothing
        cache.mkdir(parents=True, exist_ok=True)
        half_done.write_text(json.dumps(kept))
        half_done.replace(cache / MEMORY)
