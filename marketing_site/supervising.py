"""How `manage.py up` keeps programs running: start, watch, restart after a pause, stop in reverse order."""

import contextlib
import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from marketing_site.embedded import Server
from marketing_site.processes import dying_with_us, kill_session
from marketing_site.server_account import ServerError

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A child that ran this long before it ended starts again with the first pause.
CALM_SECONDS = 60.0
# How often a program that should end by itself is started before its failure is left to people.
TRIES = 3
# Work in the background yields the processor to pages.
BACKGROUND_NICENESS = 10


@dataclass
class Program:
    """One program in a session of its own, with its output in a log file."""

    name: str
    command: list[str]
    log: Path
    folder: Path
    background: bool = False
    # Ends by itself when its work is done; started again only if it failed, TRIES times in all.
    once: bool = False
    # What Linux sends when the supervisor was killed. A program with children needs one that it can act on.
    last_signal: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is not None:
            kill_session(self.process)  # children of a program that ended by itself
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dying_with_us(self.last_signal, BACKGROUND_NICENESS if self.background else 0),
            )

    def died(self) -> bool:
        """Tell whether the program has ended and should run."""
        if self.process is None or self.process.poll() is None:
            return False
        return not (self.once and self.process.returncode == 0)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, timeout: float) -> None:
        """Wait for the end, at most `timeout` seconds, then kill whatever is left of the program."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        kill_session(self.process)
        self.process.wait()
        self.process = None


class Child(Protocol):
    """What the supervisor watches: a program or an embedded server."""

    name: str

    @property
    def log(self) -> Path: ...

    def start(self) -> object: ...

    def died(self) -> bool: ...


@dataclass
class Watch:
    """One child, and when it may start again."""

    child: Child
    tries_left: float = math.inf
    started_at: float = field(default_factory=time.monotonic)
    pause: float = FIRST_PAUSE
    again_at: float | None = None

    def check(self, now: float, say: Callable[[str], None]) -> None:
        """Notice the child's end, and start it again once its pause is over."""
        if self.tries_left == 0 or not self.child.died():
            return
        if self.again_at is None:
            self._plan(now, say)
        elif now >= self.again_at:
            self.started_at, self.again_at = now, None
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            try:
                self.child.start()
            except ServerError as error:
                say(str(error))

    def _plan(self, now: float, say: Callable[[str], None]) -> None:
        self.tries_left -= 1
        if self.tries_left == 0:
            say(f"{self.child.name} failed: see {self.child.log}. It is tried again at the next start.")
            return
        if now - self.started_at > CALM_SECONDS:
            self.pause = FIRST_PAUSE
        say(f"{self.child.name} ended; it starts again in {self.pause:.0f} s (see {self.child.log}).")
        self.again_at = now + self.pause


class Supervisor:
    """Servers first, then programs: started in order, watched, stopped in reverse order."""

    def __init__(
        self, servers: Sequence[Server], programs: Sequence[Program], say: Callable[[str], None], grace: float
    ) -> None:
        """Take `grace`, the seconds that a running task may take to hand its work back."""
        self.servers, self.programs = servers, programs
        self.say, self.grace = say, grace
        self.watches: list[Watch] = []

    def start_servers(self) -> None:
        for server in self.servers:
            server.start()

    def start_programs(self) -> None:
        """Start what answers people, and watch everything from now on."""
        self._start(background=False)
        self.watches = [Watch(server) for server in self.servers]
        self.watches += [Watch(program, TRIES if program.once else math.inf) for program in self.programs]

    def start_background(self) -> None:
        """Start the others, once the first page has had the processor to itself."""
        self._start(background=True)

    def _start(self, *, background: bool) -> None:
        for program in self.programs:
            if program.background == background:
                program.start()

    def check(self) -> None:
        for watch in self.watches:
            watch.check(time.monotonic(), self.say)

    def stop(self) -> None:
        deadline = time.monotonic() + self.grace
        for program in reversed(self.programs):
            program.ask_to_stop()
        for program in reversed(self.programs):
            program.stop(max(0.0, deadline - time.monotonic()))
        for server in reversed(self.servers):
            server.stop()

    def kill(self) -> None:
        """End all programs at once; their rows say what they were doing."""
        for program in self.programs:
            if program.process:
                kill_session(program.process)
