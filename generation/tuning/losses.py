"""How well a model, and its adapters, foresee given answers: what runs inside a child process for it.

The mean loss of a token, natural log, is told for each adapter; e to its power is the perplexity.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from safetensors import safe_open

from generation.engine import EngineUnavailable, Phase
from generation.engine.adapter_files import WEIGHTS, sound_adapter
from generation.engine.model_files import find_model, usable_folder
from generation.engine.serve import LOCAL, Pipe, open_pipe
from generation.tuning.recipe import Method, Pair, Recipe
from generation.tuning.serve import TRAINING


def measure(pipe: Pipe, options: Mapping[str, Any], call: Mapping[str, Any]) -> None:
    """Tell the losses of all adapters of one call, "" being the model as it is."""
    number, plan = call["call"], call["plan"]

    def convert(source: Path, target: Path) -> None:
        local = importlib.import_module(LOCAL)
        local.convert(source, target, lambda fraction: pipe.say_phase(Phase.CONVERTING, fraction))

    folder = usable_folder(find_model(options["model"]), Path(options["cache"]), convert)
    pairs = [Pair.of(pair) for pair in plan["pairs"]]
    losses = []
    for adapter in plan["adapters"]:
        if pipe.cancelled >= number:
            return
        losses.append(_loss(pipe, options, folder, pairs, adapter))
    pipe.say(call=number, losses=losses)


def _loss(
    pipe: Pipe, options: Mapping[str, Any], folder: Path, pairs: list[Pair], adapter: str
) -> float | None:
    training = importlib.import_module(TRAINING)
    training.use_threads(options["threads"])
    recipe, weights = Recipe(), None
    if adapter:
        place, facts = sound_adapter(adapter, Path(options["adapters"]) if options["adapters"] else None)
        recipe, weights = Recipe.of(facts.about["recipe"]), place / WEIGHTS
    with TemporaryDirectory() as work:
        run = training.Training(
            folder, replace(recipe, method=Method.LORA), pairs[:1], pairs, Path(work),
            alive=lambda: pipe.say(alive=True),
        )  # fmt: skip
        if weights:
            _put(run, weights)
        loss: float | None = run._validation_loss()
    return loss


def _put(run: Any, weights: Path) -> None:
    """Give the model the adapter's factors; an adapter that was not taught yet changes nothing."""
    with safe_open(weights, "pt") as kept:
        for name, parameter in run.learnt.items():
            parameter.data.copy_(kept.get_tensor(name.replace(".default.", ".")))


def main() -> None:
    """Do the one call that comes in."""
    pipe = open_pipe()
    pipe.say_phase(Phase.LOADING)
    try:
        measure(pipe, json.loads(sys.argv[1]), pipe.calls.get())
    except (EngineUnavailable, ValueError) as error:  # a model, adapter or pairs that cannot be used
        pipe.say_phase(Phase.FAILED, message=str(error))


if __name__ == "__main__":
    main()
