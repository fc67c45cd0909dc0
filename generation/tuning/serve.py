"""What runs inside the teaching child: one run, described by plain values, told of step by step.

Like the engine child it has an empty environment, opens no database, and ends when its input closes.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generation.engine import EngineUnavailable, Phase
from generation.engine.model_files import find_model, usable_folder
from generation.engine.serve import LOCAL, Pipe, open_pipe
from generation.tuning.recipe import Pair, Progress, Recipe

# Loaded by name: importing it takes seconds, and the worker's side never does.
TRAINING = "generation.tuning.training"


def teach(pipe: Pipe, options: Mapping[str, Any], call: Mapping[str, Any]) -> None:
    """Run one plan and tell how it goes."""
    number, plan = call["call"], call["plan"]

    def convert(source: Path, target: Path) -> None:
        local = importlib.import_module(LOCAL)
        local.convert(source, target, lambda fraction: pipe.say_phase(Phase.CONVERTING, fraction))

    def tell(progress: Progress) -> None:
        pipe.say(call=number, progress=asdict(progress))

    folder = usable_folder(find_model(options["model"]), Path(options["cache"]), convert)
    training = importlib.import_module(TRAINING)
    training.use_threads(options["threads"])
    run = training.Training(
        folder,
        Recipe.of(plan["recipe"]),
        [Pair.of(pair) for pair in plan["pairs"]],
        [Pair.of(pair) for pair in plan["validation"]],
        Path(plan["work"]),
        alive=lambda: pipe.say(call=number),
        device=options["device"],
        start=Path(plan["start"]) if plan.get("start") else None,
    )
    pipe.say_phase(Phase.READY, 1.0)
    outcome = run.run(tell, lambda: pipe.cancelled >= number, Path(plan["out"]))
    pipe.say(call=number, outcome=asdict(outcome))


def main() -> None:
    """Do the one plan that comes in."""
    pipe = open_pipe()
    pipe.say_phase(Phase.LOADING)
    try:
        teach(pipe, json.loads(sys.argv[1]), pipe.calls.get())
    except (EngineUnavailable, ValueError) as error:  # a model or pairs that cannot be used
        pipe.say_phase(Phase.FAILED, message=str(error))


if __name__ == "__main__":
    main()
