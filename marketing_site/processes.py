"""How the programs that we start end: with everything they started, and never later than we do."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def dying_with_us(last: signal.Signals, niceness: int = 0) -> Callable[[], None]:
    """Return a `preexec_fn` after which Linux sends `last` to the child when we end, even by `kill -9`.

    The signal comes when the *thread* that started the child ends, so start children from the main thread.
    """
    parent = os.getpid()

    def arrange() -> None:
        os.nice(niceness)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, last)
        if os.getppid() != parent:  # we ended before the line above
            os._exit(1)

    return arrange


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kill the child, which leads a session of its own, and everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
