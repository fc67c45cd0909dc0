"""Where the engine computes: what is asked for, what is refused, and that fewer digits write as well."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from generation.engine import EngineUnavailable
from tests.generation.test_engine_local import OWN, request, written
from tests.generation.tiny_models import tiny_folder

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]


@pytest.fixture(scope="module")
def torch() -> Any:
    return importlib.import_module("torch")


@pytest.fixture(scope="module")
def devices() -> Any:
    return importlib.import_module("generation.engine.devices")


@pytest.fixture(scope="module")
def local() -> Any:
    return importlib.import_module("generation.engine.local")


@pytest.fixture(scope="module")
def tiny(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(model_folder, tmp_path_factory.mktemp("devices") / "tiny")


def test_a_gpu_is_taken_where_there_is_one(devices: Any, torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for there, found in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert devices.device_for("auto").type == found
    assert devices.device_for("cpu").type == "cpu"


@pytest.mark.parametrize("asked", ["gpu", "mps", "cuda:99", "cuda:x", ""])
def test_a_device_that_is_not_there_is_refused_with_what_to_do(devices: Any, asked: str) -> None:
    with pytest.raises(EngineUnavailable, match="ENGINE_DEVICE"):
        devices.device_for(asked)


def test_a_model_with_half_of_the_digits_writes_in_batches(
    devices: Any, local: Any, torch: Any, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a GPU computes, as far as a CPU can show it: products with bf16, choices with float32."""
    monkeypatch.setitem(devices.PRECISION, "cpu", torch.bfloat16)
    engine = local.LocalEngine(tiny, 8, 1)
    assert engine.model.dtype == torch.bfloat16
    results = written(
        engine, [request(own, 6) for own in OWN] + [request(OWN[0], 6, seed=3, temperature=0.8)]
    )
    assert [result.new_tokens > 0 for result in results] == [True] * 4
    assert all(result.mean_logprob < 0 for result in results)


def test_a_gpu_writes_what_the_cpu_writes(
    devices: Any, local: Any, torch: Any, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    monkeypatch.setitem(devices.PRECISION, "cuda", torch.float32)
    asked = [request(own, 6) for own in OWN]
    on_cpu, on_gpu = (
        written(local.LocalEngine(tiny, 8, 1, device=device), asked) for device in ("cpu", "cuda")
    )
    assert [result.text for result in on_gpu] == [result.text for result in on_cpu]
