"""An adapter is a stranger's file until proved otherwise: what is accepted, and what is refused and why."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation.engine import EngineUnavailable
from generation.engine.adapter_files import (
    ABOUT,
    CONFIG,
    WEIGHTS,
    accept,
    adapter_names,
    find_adapter,
    sound_adapter,
)

LAYER = "base_model.model.model.layers.0.self_attn.q_proj"


def weights(*shapes: tuple[str, list[int]], dtype: str = "F32") -> bytes:
    """Return a safetensors file with zeros."""
    header, place = {}, 0
    for name, shape in shapes:
        size = 4 * shape[0] * shape[-1]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, place + size]}
        place += size
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(place)


SOUND = weights((f"{LAYER}.lora_A.weight", [2, 8]), (f"{LAYER}.lora_B.weight", [8, 2]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An adapter as somebody taught it."""
    folder = tmp_path / "store" / "spring"
    folder.mkdir(parents=True)
    configure(folder)
    (folder / ABOUT).write_text('{"base": "0123456789abcdef"}')
    (folder / WEIGHTS).write_bytes(SOUND)
    return folder


def configure(folder: Path, **more: Any) -> None:
    told = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none", "use_dora": False}
    (folder / CONFIG).write_text(json.dumps(told | more))


def test_an_accepted_adapter_is_found_by_its_name(folder: Path) -> None:
    accept(folder)
    found, facts = sound_adapter("spring", folder.parent)
    assert (found, facts.base, facts.scale) == (folder, "0123456789abcdef", 2.0)
    assert list(facts.layers) == [LAYER.removeprefix("base_model.model.")]
    assert "spring" in adapter_names(folder.parent)


def program(folder: Path) -> None:
    (folder / "adapter.py").write_text("import os")


def pickled(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"\x80\x04")


def disguised_pickle(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"\x80\x04\x95" + bytes(64))


def link_out(folder: Path) -> None:
    (folder / "README.md").symlink_to("/etc/passwd")


def code(folder: Path) -> None:
    configure(folder, auto_map={"AutoModel": "evil.Model"})


def another_method(folder: Path) -> None:
    configure(folder, peft_type="PROMPT_TUNING")


def whole_modules(folder: Path) -> None:
    configure(folder, modules_to_save=["lm_head"])


def fetched(folder: Path) -> None:
    configure(folder, auto_mapping={"base_model_class": "X", "parent_library": "evil"})


def biased(folder: Path) -> None:
    configure(folder, bias="all")


def huge_rank(folder: Path) -> None:
    configure(folder, r=100_000)


def wrong_shape(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(
        weights((f"{LAYER}.lora_A.weight", [3, 8]), (f"{LAYER}.lora_B.weight", [8, 3]))
    )


def half_a_layer(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(weights((f"{LAYER}.lora_A.weight", [2, 8])))


def other_tensor(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(weights(("model.embed_tokens.weight", [2, 8])))


def odd_type(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(weights((f"{LAYER}.lora_A.weight", [2, 8]), dtype="I64"))


def no_base(folder: Path) -> None:
    (folder / ABOUT).write_text("{}")


def no_config(folder: Path) -> None:
    (folder / CONFIG).unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        *(program, pickled, disguised_pickle, link_out, code, another_method, whole_modules, fetched),
        *(biased, huge_rank, wrong_shape, half_a_layer, other_tensor, odd_type, no_base, no_config),
    ],
)
def test_what_could_run_or_does_not_fit_is_refused(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)
    with pytest.raises(EngineUnavailable):
        accept(folder)


def test_an_adapter_that_nobody_accepted_or_that_changed_is_refused(folder: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"manifest\.json"):
        sound_adapter("spring", folder.parent)
    accept(folder)
    (folder / WEIGHTS).write_bytes(SOUND[:-1] + b"\x01")
    with pytest.raises(EngineUnavailable, match="is not the file"):
        sound_adapter("spring", folder.parent)


@pytest.mark.parametrize("name", ["", "..", "../spring", "/etc", "Spring", "a/b", "x" * 100, "missing"])
def test_a_name_is_never_a_path(folder: Path, name: str) -> None:
    accept(folder)
    with pytest.raises(EngineUnavailable):
        find_adapter(name, folder.parent)
