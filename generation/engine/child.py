"""The engine as a worker sees it: a child process that holds the model, and can be killed.

A hung or crashed model then costs one batch, not the worker, and the child has none of the worker's secrets.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO, cast

import generation
from generation.engine import (
    Cancelled,
    EngineDied,
    EngineOptions,
    EngineUnavailable,
    Phase,
    ReadyState,
    TextRequest,
    TextResult,
    Tick,
)

# How often a waiting call asks whether it was cancelled.
CANCEL_POLL_SECONDS = 0.5
# All that the child gets of the worker's environment: no addresses, no secrets.
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
CODE_ROOT = Path(generation.__file__).parents[1]


class Child:
    """One life of the child process."""

    def __init__(self, module: str, options: EngineOptions) -> None:
        told = {name: str(v) if isinstance(v, Path) else v for name, v in asdict(options).items()}
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603  # our own module, by this very interpreter
            [sys.executable, "-m", module, json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CODE_ROOT,
            env={**kept, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(options.threads)},
            start_new_session=True,  # Ctrl-C is for the worker, which may want to finish its batch
        )
        self.incoming = cast(TextIO, self.process.stdout)
        self.outgoing = cast(TextIO, self.process.stdin)
        self.state, self.revision = ReadyState(Phase.LOADING), ""
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for text in self.incoming:
            message = json.loads(text)
            if "phase" in message:
                phase = Phase(message["phase"])
                self.revision = message["revision"]
                self.state = ReadyState(phase, message["fraction"], message["message"])
            self.messages.put(message)
        self.process.wait()
        if self.state.phase != Phase.FAILED:
            self.state = ReadyState(Phase.STOPPED)
        self.messages.put({"died": self._death()})

    def _death(self) -> str:
        code = self.process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return f"The engine process {how}."

    def say(self, **message: Any) -> None:
        """Send a message; a child that is gone is noticed by whoever waits for its answer."""
        try:
            self.outgoing.write(json.dumps(message) + "\n")
            self.outgoing.flush()
        except (BrokenPipeError, ValueError):
            return

    def hear(self, seconds: float) -> dict[str, Any]:
        """Return the next message, or {} when none came in time; raises EngineDied or EngineUnavailable."""
        try:
            message = self.messages.get(timeout=seconds)
        except queue.Empty:
            return {}
        if self.state.phase == Phase.FAILED:
            raise EngineUnavailable(self.state.message)
        if "died" in message:
            raise EngineDied(message["died"])
        return message


class ChildEngine:
    """The local engine behind a process boundary; starts its child again after a death."""

    # What the child runs.
    module = "generation.engine.serve"

    def __init__(self, options: EngineOptions) -> None:
        self.options, self.batch = options, options.batch
        self._child: Child | None = None
        self._starting = threading.Lock()
        self._calls = 0

    @property
    def revision(self) -> str:
        """Return the id of the loaded weights; "" before the model is ready."""
        return self._child.revision if self._child else ""

    @property
    def in_use(self) -> str:
        """Return the model that the child has, or will have."""
        return self.options.model

    def use(self, model: str) -> None:
        """End the child where it has another model: the next one starts with this."""
        if model == self.options.model:
            return
        self.options = replace(self.options, model=model)
        with self._starting:
            if self._child:
                self._child.process.kill()
                self._child.process.wait()
            self._child = None

    def start(self) -> None:
        """Start the child where none is running, and return at once."""
        self._running()

    def _running(self) -> Child:
        with self._starting:
            if self._child is None or self._child.process.poll() is not None:
                self._child = Child(self.module, self.options)
            return self._child

    def ready_state(self) -> ReadyState:
        """Return where the child stands."""
        return self._child.state if self._child else ReadyState(Phase.STOPPED)

    def kill(self) -> None:
        """Kill the child: a call in progress raises EngineDied, the next call starts another child."""
        if self._child:
            self._child.process.kill()

    def write(
        self, requests: Sequence[TextRequest], tick: Tick | None = None, cancelled: Cancelled | None = None
    ) -> Iterator[tuple[int, TextResult]]:
        """Write the texts in the child; see `TextEngine.write`."""
        child = self._running()
        if not _ready(child, tick, cancelled):
            return
        self._calls += 1
        number = self._calls
        child.say(call=number, requests=[asdict(request) for request in requests])
        try:
            yield from _results(child, number, tick, cancelled)
        finally:
            child.say(cancel=number)  # no-op after the end; else the child drops the rest at its next step


def _ready(child: Child, tick: Tick | None, cancelled: Cancelled | None) -> bool:
    """Wait until the model is loaded; False when the call was cancelled meanwhile."""
    while child.state.phase != Phase.READY:
        heard = child.hear(CANCEL_POLL_SECONDS)
        if heard and tick:
            tick(0)
        if cancelled and cancelled():
            return False
    return True


def _results(
    child: Child, number: int, tick: Tick | None, cancelled: Cancelled | None
) -> Iterator[tuple[int, TextResult]]:
    """Yield one call's results; what is left of an earlier, abandoned call is passed over."""
    while not (cancelled and cancelled()):
        heard = child.hear(CANCEL_POLL_SECONDS)
        if heard.get("call") != number:
            continue
        if "index" in heard:
            yield heard["index"], TextResult(**heard["result"])
        elif heard.get("refused"):
            raise EngineUnavailable(heard["refused"])
        elif "tick" not in heard:
            return
        elif tick:
            tick(heard["tick"])
