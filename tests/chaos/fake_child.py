"""What runs in the chaos tests' engine child: the pipe of the real one, the fake's texts, 2 to 30 ms each.

A prompt with one of the POISONS in it does to this process what a broken model would do.
"""

import os
import queue
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from generation.engine import Phase
from generation.engine.fake import FakeEngine
from generation.engine.serve import Pipe, answer


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def vanish() -> None:
    os._exit(0)


def hang() -> None:
    threading.Event().wait()


def spin() -> None:
    while True:
        pass


def swell() -> None:
    held = [bytearray(64 * 1024 * 1024) for _ in range(48)]  # 3 GB, which a memory limit would end
    os.kill(os.getpid(), signal.SIGKILL if held else 0)


POISONS = {
    "poison segfault": crash,
    "poison exit": vanish,
    "poison deadlock": hang,
    "poison loop": spin,
    "poison memory": swell,
}


class SlowFake:
    """The fake engine at the pace of something that computes."""

    def __init__(self) -> None:
        self.fake = FakeEngine()
        self.random = random.Random(os.getpid())

    def write(self, requests: Any, tick: Any, cancelled: Any) -> Iterator[Any]:
        for index, result in self.fake.write(requests, tick, cancelled):
            for word, act in POISONS.items():
                if word in requests[index].own:
                    act()
            time.sleep(self.random.uniform(0.002, 0.03))
            tick(index)
            yield index, result


def main() -> None:
    line = Pipe(sys.stdin, os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    threading.Thread(target=line.listen, daemon=True).start()
    line.say_phase(Phase.READY, 1.0, revision="fake")
    engine = SlowFake()
    while True:
        try:
            call = line.calls.get(timeout=60)
        except queue.Empty:
            continue
        answer(line, engine, call)


if __name__ == "__main__":
    main()
