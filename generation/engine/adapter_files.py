"""Which adapter is used and whether it may be: small weights that are added to a model's, never code.

An adapter is a folder in PEFT's format (LoRA) with `about.json`, which names the weights that it was taught
on, and a manifest like a model's. Names come from rows and settings: they are folder names, never paths.
To accept an adapter from elsewhere, look at its files, then run
`python -m generation.engine.adapter_files FOLDER`.
"""

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.engine import EngineUnavailable
from generation.engine.model_files import plain_config, refuse_others, sign, verify, weights_header

WEIGHTS, CONFIG, ABOUT = "adapter_model.safetensors", "adapter_config.json", "about.json"
NEEDED = {WEIGHTS, CONFIG, ABOUT}
ALLOWED = {*NEEDED, "README.md", "LICENSE"}
# The adapters that come with the program.
BUNDLED = Path(__file__).resolve().parents[1] / "adapters"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
TENSOR = re.compile(r"base_model\.model\.(?P<layer>[\w.]+)\.lora_(?P<side>[AB])\.weight")
DTYPES = {"F32", "BF16", "F16"}
LARGEST_RANK = 256
# What PEFT's configuration may say besides rank and scale; everything else must be off.
HARMLESS = {
    *("peft_type", "task_type", "peft_version", "base_model_name_or_path", "revision", "inference_mode"),
    *("r", "lora_alpha", "lora_dropout", "target_modules", "exclude_modules", "init_lora_weights", "bias"),
    *("use_rslora", "megatron_core", "qalora_group_size", "layers_to_transform", "layers_pattern"),
}


@dataclass(frozen=True)
class Layer:
    """One layer that an adapter changes: shapes of its two factors, (rank, in) and (out, rank)."""

    down: tuple[int, int]
    up: tuple[int, int]


@dataclass(frozen=True)
class AdapterFacts:
    """What a verified adapter says about itself."""

    name: str
    base: str  # the id of the weights that it was taught on, see `model_files.weights_id`
    scale: float
    layers: dict[str, Layer]
    about: dict[str, Any]


def find_adapter(name: str, store: Path | None) -> Path:
    """Return the folder of an adapter: the shop's own first, then those that come with the program."""
    if not NAME.fullmatch(name):
        raise EngineUnavailable(f"“{name}” is no name of an adapter: small letters, digits, - and _ only.")
    for place in (store, BUNDLED):
        if place and (place / name).is_dir() and not (place / name).is_symlink():
            return place / name
    raise EngineUnavailable(
        f"There is no adapter “{name}”: set GENERATION_ADAPTER to one that exists, or to nothing."
    )


def adapter_names(store: Path | None) -> list[str]:
    """Return the names of all adapters that can be used, whether or not they turn out to be sound."""
    places = [place for place in (store, BUNDLED) if place and place.is_dir()]
    folders = (path for place in places for path in place.iterdir() if (path / CONFIG).is_file())
    return sorted({path.name for path in folders if NAME.fullmatch(path.name)})


def sound_adapter(name: str, store: Path | None) -> tuple[Path, AdapterFacts]:
    """Return a verified adapter's folder and facts; raises EngineUnavailable."""
    folder = find_adapter(name, store)
    verify(folder, refuse)
    return folder, read_facts(folder)


def accept(folder: Path) -> None:
    """Write the manifest of an adapter whose files were looked at; refuses what could carry code."""
    sign(folder, refuse)


def refuse(folder: Path) -> None:
    """Raise EngineUnavailable for anything in an adapter that could run, lead elsewhere or not fit."""
    refuse_others(folder, ALLOWED.__contains__, NEEDED)
    read_facts(folder)


def read_facts(folder: Path) -> AdapterFacts:
    """Read what an adapter says of itself; raises EngineUnavailable for what is not plain LoRA."""
    config, about = plain_config(folder / CONFIG), plain_config(folder / ABOUT)
    rank, alpha = config.get("r"), config.get("lora_alpha")
    plain = config.get("peft_type") == "LORA" and isinstance(alpha, int | float)
    if not plain or not isinstance(rank, int) or not 0 < rank <= LARGEST_RANK:
        raise EngineUnavailable(
            f"{folder / CONFIG} describes no LoRA adapter of a rank up to {LARGEST_RANK}."
        )
    _refuse_extras(folder / CONFIG, config)
    if not isinstance(about.get("base"), str):
        raise EngineUnavailable(f"{folder / ABOUT} does not name its base model.")
    scale = float(alpha or 0) / float(rank**0.5 if config.get("use_rslora") else rank)
    return AdapterFacts(folder.name, about["base"], scale, _layers(folder / WEIGHTS, rank), about)


def _refuse_extras(path: Path, config: dict[str, Any]) -> None:
    on = [key for key, value in config.items() if value and key not in HARMLESS]
    on += ["bias"] if config.get("bias", "none") != "none" else []
    if on:
        raise EngineUnavailable(f"{path} asks for {', '.join(sorted(on))}, which is not supported.")


def _layers(path: Path, rank: int) -> dict[str, Layer]:
    """Return the layers of a weights file, by name; both factors of each must be there and fit."""
    shapes: dict[str, dict[str, tuple[int, int]]] = {}
    for name, entry in json.loads(weights_header(path)).items():
        if name == "__metadata__":
            continue
        found, shape = TENSOR.fullmatch(name), tuple(entry["shape"])
        if not found or entry["dtype"] not in DTYPES or len(shape) != 2:
            raise EngineUnavailable(f"{path} holds “{name}”, which is no part of a LoRA adapter.")
        shapes.setdefault(found["layer"], {})[found["side"]] = shape
    odd = [
        layer
        for layer, sides in shapes.items()
        if set(sides) != {"A", "B"} or not sides["A"][0] == sides["B"][1] == rank
    ]
    if odd or not shapes:
        raise EngineUnavailable(f"{path} is incomplete: {', '.join(odd[:3]) or 'no layers'}.")
    return {layer: Layer(sides["A"], sides["B"]) for layer, sides in shapes.items()}


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit("Usage: python -m generation.engine.adapter_files FOLDER")
    accept(Path(sys.argv[1]))
