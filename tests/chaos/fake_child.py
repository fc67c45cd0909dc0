"""What runs in the chaos tests' engine child: the pipe of the real one, the fake's texts, 2 to 30 ms each."""

import os
import queue
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from generation.engine import Phase
from generation.engine.fake import FakeEngine
from generation.engine.serve import Pipe, answer


class SlowFake:
    """The fake engine at the pace of something that computes."""

    def __init__(self) -> None:
        self.fake = FakeEngine()
        self.random = random.Random(os.getpid())

    def write(self, requests: Any, tick: Any, cancelled: Any) -> Iterator[Any]:
        for index, result in self.fake.write(requests, tick, cancelled):
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
