"""What runs inside the engine child: one model, fed line by line through a pipe.

It gets texts and gives texts. Its environment is empty, it opens no database and reads no settings, and it
ends when its input closes, so it never outlives the worker that started it.
"""

import gc
import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from generation.engine import EngineUnavailable, Phase, TextRequest
from generation.engine.model_files import find_model, revision, usable_folder
from generation.texts.wording import Line, Wording

# Loaded by name, beside the hashing of the model file: importing them takes seconds, most of the start.
LEAN, LOCAL = "generation.engine.lean", "generation.engine.local"


class Pipe:
    """The two pipes: messages are JSON, one a line."""

    def __init__(self, incoming: TextIO, outgoing: TextIO) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.calls: queue.Queue[dict[str, Any]] = queue.Queue()
        self.cancelled = -1  # the number of the newest call that is not wanted any more

    def listen(self) -> None:
        """Take in messages until the pipe closes, then end the process, whatever it is doing."""
        for text in self.incoming:
            message = json.loads(text)
            if "cancel" in message:
                self.cancelled = message["cancel"]
            else:
                self.calls.put(message)
        os._exit(0)

    def say(self, **message: Any) -> None:
        """Send one message."""
        self.outgoing.write(json.dumps(message) + "\n")
        self.outgoing.flush()

    def say_phase(self, phase: Phase, fraction: float = 0.0, message: str = "", revision: str = "") -> None:
        """Send where the engine stands."""
        self.say(phase=phase, fraction=fraction, message=message, revision=revision)


def load(pipe: Pipe, options: Mapping[str, Any]) -> Any:
    """Return the loaded engine; raises EngineUnavailable."""
    pipe.say_phase(Phase.LOADING)
    path, cache = find_model(options["model"]), Path(options["cache"])

    def convert(source: Path, target: Path) -> None:
        local = importlib.import_module(LOCAL)
        local.convert(source, target, lambda fraction: pipe.say_phase(Phase.CONVERTING, fraction))

    gc.disable()  # a tenth of the start would go into looking for garbage among new modules
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(usable_folder, path, cache, convert)
        with importlib.import_module(LEAN).compiler_aside():
            local = importlib.import_module(LOCAL)
            folder = hashing.result()
            pipe.say_phase(Phase.LOADING, 0.8)
            store = Path(options["adapters"]) if options["adapters"] else None
            engine = local.LocalEngine(folder, options["batch"], options["threads"], store, options["device"])
    gc.enable()
    gc.freeze()
    pipe.say_phase(Phase.READY, 1.0, revision=revision(folder))
    return engine


def answer(pipe: Pipe, engine: Any, call: Mapping[str, Any]) -> None:
    """Write the texts of one call and send each as it becomes ready."""
    number = call["call"]
    requests = [request_from(fields) for fields in call["requests"]]

    def tick(tokens: int) -> None:
        pipe.say(call=number, tick=tokens)

    refused = ""
    try:
        for index, result in engine.write(requests, tick, lambda: pipe.cancelled >= number):
            pipe.say(call=number, index=index, result=asdict(result))
    except EngineUnavailable as error:  # an adapter that cannot be used; the model itself is loaded
        refused = str(error)
    pipe.say(call=number, refused=refused)  # the end


def request_from(fields: Mapping[str, Any]) -> TextRequest:
    """Rebuild a request: JSON knows lists only."""
    shared = tuple((role, words) for role, words in fields["shared"])
    wording = wording_from(fields["wording"]) if fields["wording"] else None
    lists = {name: tuple(fields[name]) for name in ("stop", "labels")}
    return TextRequest(**{**fields, **lists, "shared": shared, "wording": wording})


def wording_from(fields: Mapping[str, Any]) -> Wording:
    """Rebuild a wording."""
    return Wording(
        phrases=tuple((kind, tuple(phrases)) for kind, phrases in fields["phrases"]),
        follows=tuple((kind, tuple(kinds)) for kind, kinds in fields["follows"]),
        lines=tuple(line_from(line) for line in fields["lines"]),
        once=tuple(fields["once"]),
        marks=tuple(fields["marks"]),
        apart=tuple(fields["apart"]),
        apart_in_headings=tuple(fields["apart_in_headings"]),
        lengths=tuple((phrase, length) for phrase, length in fields["lengths"]),
    )


def line_from(fields: Mapping[str, Any]) -> Line:
    """Rebuild a line of a wording."""
    return Line(**{**fields, "needs_one": tuple(fields["needs_one"]), "begins": tuple(fields["begins"])})


def calls(pipe: Pipe) -> Iterator[dict[str, Any]]:
    """Yield the calls as they come in, for ever."""
    while True:
        yield pipe.calls.get()


def open_pipe() -> Pipe:
    """Take standard input and output for messages; what libraries print must not mix with them."""
    pipe = Pipe(sys.stdin, os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    threading.Thread(target=pipe.listen, daemon=True).start()
    return pipe


def main() -> None:
    """Load the model that the first argument describes, then answer calls."""
    pipe = open_pipe()
    try:
        engine = load(pipe, json.loads(sys.argv[1]))
    except EngineUnavailable as error:
        pipe.say_phase(Phase.FAILED, message=str(error))
        return
    for call in calls(pipe):
        answer(pipe, engine, call)


if __name__ == "__main__":
    main()
