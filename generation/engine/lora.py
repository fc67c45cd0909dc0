"""Adapters at work: a small product beside each layer's own, put in and taken out between two calls.

The model's weights are never touched, so without an adapter it computes exactly what it computed before.
"""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from generation.engine import EngineUnavailable
from generation.engine.adapter_files import WEIGHTS, AdapterFacts, sound_adapter

# (rank, in) and (out, rank) of each layer; the second has the scale in it.
Factors = dict[str, tuple[Tensor, Tensor]]


class Adapters:
    """The adapters of one model, each read once; at most one is in use."""

    def __init__(self, model: Any, base: str, store: Path | None) -> None:
        """Take the id of the model's weights and the folder of the shop's own adapters."""
        self.model, self.base, self.store = model, base, store
        self.in_use = ""
        self._read: dict[str, Factors] = {}
        self._handles: list[RemovableHandle] = []

    def use(self, name: str) -> None:
        """Put an adapter in, or "" for none; raises EngineUnavailable and leaves none in."""
        if name == self.in_use:
            return
        for handle in self._handles:
            handle.remove()
        self._handles, self.in_use = [], ""
        if name:
            for layer, factors in self._factors(name).items():
                beside = _Beside(*factors)
                self._handles.append(self.model.get_submodule(layer).register_forward_hook(beside))
        self.in_use = name

    def _factors(self, name: str) -> Factors:
        if name not in self._read:
            folder, facts = sound_adapter(name, self.store)
            self._refuse_misfit(facts)
            stored = load_file(folder / WEIGHTS)
            self._read[name] = {layer: self._pair(stored, layer, facts.scale) for layer in facts.layers}
        return self._read[name]

    def _pair(self, stored: dict[str, Tensor], layer: str, scale: float) -> tuple[Tensor, Tensor]:
        weight = self.model.get_submodule(layer).weight
        down, up = (stored[f"base_model.model.{layer}.lora_{side}.weight"] for side in "AB")
        return down.to(weight), up.to(weight) * scale

    def _refuse_misfit(self, facts: AdapterFacts) -> None:
        linear = {n: m for n, m in self.model.named_modules() if isinstance(m, torch.nn.Linear)}
        fits = all(
            layer in linear
            and (shapes.down[1], shapes.up[0]) == (linear[layer].in_features, linear[layer].out_features)
            for layer, shapes in facts.layers.items()
        )
        if facts.base != self.base or not fits:
            raise EngineUnavailable(
                f"The adapter “{facts.name}” was taught on another model: set GENERATION_ADAPTER to one of "
                "this model, or to nothing."
            )


class _Beside:
    """What is added to one layer's answer."""

    def __init__(self, down: Tensor, up: Tensor) -> None:
        self.down, self.up = down.T.contiguous(), up.T.contiguous()

    def __call__(self, layer: torch.nn.Module, given: tuple[Tensor, ...], answer: Tensor) -> Tensor:
        rows = given[0].flatten(0, -2) @ self.down
        return answer.view(-1, answer.shape[-1]).addmm_(rows, self.up).view_as(answer)
