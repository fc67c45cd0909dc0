"""A thread that does one thing again and again, for as long as its worker process lives."""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

logger = logging.getLogger(__name__)


class Rhythm(threading.Thread):
    """Calls `act` every `seconds`, and at once when poked; after an error the next beat tries again."""

    def __init__(self, name: str, act: Callable[[], object], seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self.act, self.seconds = act, seconds
        self.stopping, self._poked = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            self._poked.clear()
            self._beat()
            self._poked.wait(self.seconds)
        connections.close_all()

    def poke(self) -> None:
        """Call `act` now rather than at the next beat."""
        self._poked.set()

    def stop(self, timeout: float) -> bool:
        """Ask for the end and wait for it; True where the thread has ended in time."""
        self.stopping.set()
        self._poked.set()
        self.join(timeout)
        return not self.is_alive()

    def _beat(self) -> None:
        close_old_connections()
        try:
            self.act()
        except Exception:
            logger.exception("%s failed; it is tried again in %s s", self.name, self.seconds)
