"""How far the import is, told on a connection of its own: the import is one long transaction."""

from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from django.db import connections
from django.utils.translation import gettext_noop

from shop.models import SetupStep

NAME = "demo"


class Progress:
    """The set-up step of the import; `advance` is cheap enough to be called for every slice of rows."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.detail = ""
        # A thread has its own database connection, which commits by itself.
        self._elsewhere = ThreadPoolExecutor(max_workers=1, thread_name_prefix="progress")

    def __enter__(self) -> Self:
        self.stage(gettext_noop("reading the demo data"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.done = self.total
            self._write(SetupStep.State.DONE, "")
        else:
            self._write(SetupStep.State.FAILED, str(error) or type(error).__name__)
        self._elsewhere.submit(connections.close_all).result()
        self._elsewhere.shutdown()

    def expect(self, total: int) -> None:
        """Say how many rows there will be, roll-ups included."""
        self.total = total

    def stage(self, detail: str) -> None:
        """Say what is being done now."""
        self.detail = detail
        self._write(SetupStep.State.RUNNING, detail)

    def advance(self, rows: int) -> None:
        self.done = min(self.done + rows, self.total)
        self._write(SetupStep.State.RUNNING, self.detail)

    def _write(self, state: str, detail: str) -> None:
        values: dict[str, Any] = {"label": gettext_noop("Demo data"), "state": state, "detail": detail}
        values |= {"done": self.done, "total": self.total}
        self._elsewhere.submit(SetupStep.objects.update_or_create, name=NAME, defaults=values).result()
