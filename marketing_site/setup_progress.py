"""What the terminal of `manage.py up` shows of the long set-up steps; the page shows the same rows."""

import sys
from typing import TextIO

from django.db import DatabaseError, connection
from django.utils.translation import gettext

from shop.models import SetupStep

BAR_WIDTH = 20


def bar(step: SetupStep) -> str:
    """Return one step as a bar with its share, such as "Products [#####     ] 50 %"."""
    share = step.done / step.total if step.total else 0.0
    filled = round(share * BAR_WIDTH)
    return f"{gettext(step.label)} [{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {share:.0%}"


class SetupProgress:
    """Follows the rows: a line of bars on a terminal, and one line for every step that ended."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        """Steps that ended before this start are not told again."""
        self.out = out
        self.told = {step.name for step in _steps() if step.state == SetupStep.State.DONE}

    def show(self) -> None:
        """Print what has changed; a database that does not answer now is asked again the next time."""
        steps = _steps()
        for step in steps:
            if step.state in {SetupStep.State.DONE, SetupStep.State.FAILED} and step.name not in self.told:
                self.told.add(step.name)
                self._line(f"{gettext(step.label)}: {step.get_state_display()}. {step.detail}".strip())
        running = [bar(step) for step in steps if step.state == SetupStep.State.RUNNING]
        if running and self.out.isatty():
            self.out.write("\r\x1b[K" + "   ".join(running))
            self.out.flush()

    def _line(self, text: str) -> None:
        self.out.write(("\r\x1b[K" if self.out.isatty() else "") + text + "\n")
        self.out.flush()


def _steps() -> list[SetupStep]:
    try:
        return list(SetupStep.objects.order_by("name"))
    except DatabaseError:
        connection.close()
        return []
