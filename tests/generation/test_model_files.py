"""A model file is code until it is proved to be none: what is accepted, and the folders that are refused."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from generation.engine import EngineUnavailable
from generation.engine.model_files import find_model, revision, sign, usable_folder, verify

HEADER = b'{"__metadata__":{"format":"pt"}}'
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as a shop would accept it."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama", "eos_token_id": 2}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    sign(folder)
    return folder


def test_a_signed_folder_is_used_as_it_is(folder: Path, tmp_path: Path) -> None:
    assert usable_folder(find_model(str(folder)), tmp_path / "cache", never) == folder
    assert len(revision(folder)) == 16


def never(source: Path, target: Path) -> None:
    raise AssertionError("nothing to convert")


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x80\x04\x95" + bytes(64))


def huge_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes((2**62).to_bytes(8, "little") + HEADER)


def program(folder: Path) -> None:
    (folder / "modeling_evil.py").write_text("import os")


def bin_file(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"x")


def archive(folder: Path) -> None:
    (folder / "weights.zip").write_bytes(b"PK")


def adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')


def auto_map(folder: Path) -> None:
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "evil.Model"}}')


def hidden_auto_map(folder: Path) -> None:
    (folder / "config.json").write_text('{"text_config": {"auto_map": {"AutoModel": "evil.Model"}}}')


def attention_from_the_hub(folder: Path) -> None:
    (folder / "config.json").write_text('{"_attn_implementation_internal": "someone/kernel"}')


def link_out(folder: Path) -> None:
    (folder / "README.md").symlink_to("/etc/passwd")


def inner_folder(folder: Path) -> None:
    (folder / "README.md").mkdir()


def shard_elsewhere(folder: Path) -> None:
    index = {"weight_map": {"a": "../../model.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        pickled,
        huge_header,
        program,
        bin_file,
        archive,
        adapter,
        auto_map,
        hidden_auto_map,
        attention_from_the_hub,
        link_out,
        inner_folder,
        shard_elsewhere,
        no_tokenizer,
    ],
)
def test_what_could_carry_code_is_refused_even_when_signed(
    folder: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(folder)
    with pytest.raises(EngineUnavailable):
        find_model(str(folder))
    with pytest.raises(EngineUnavailable):
        sign(folder)


def test_a_changed_missing_or_added_file_is_refused(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama", "eos_token_id": 3}')
    with pytest.raises(EngineUnavailable, match=r"config\.json"):
        verify(folder)
    sign(folder)
    (folder / "README.md").write_text("hello")
    with pytest.raises(EngineUnavailable, match=r"README\.md"):
        verify(folder)


def test_a_folder_without_a_manifest_says_how_to_accept_it(folder: Path, tmp_path: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(EngineUnavailable, match=r"python -m generation\.engine\.model_files"):
        usable_folder(folder, tmp_path, never)


def test_a_missing_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match="GENERATION_MODEL=/nowhere"):
        find_model("/nowhere")
    monkeypatch.setattr("generation.engine.model_files.PACKAGE", "no_such_package")
    with pytest.raises(EngineUnavailable, match="pip install"):
        find_model("")


def test_an_exchanged_default_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf"
    path.write_bytes(b"GGUF")
    with pytest.raises(EngineUnavailable, match="reinstall"):
        usable_folder(path, tmp_path / "cache", never)


def test_two_processes_convert_once_and_half_done_work_is_done_anew(folder: Path, tmp_path: Path) -> None:
    source, cache, converted = tmp_path / "other.gguf", tmp_path / "cache", []
    source.write_bytes(b"GGUF")

    def convert(path: Path, target: Path) -> None:
        converted.append(path)
        target.mkdir()
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            (target / name).write_bytes((folder / name).read_bytes())

    def broken(path: Path, target: Path) -> None:
        target.mkdir(parents=True)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        usable_folder(source, cache, broken)
    threads = [threading.Thread(target=usable_folder, args=(source, cache, convert)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert converted == [source]
    verify(usable_folder(source, cache, never))
