"""Who teaches: a child process with the model, for teaching and for what it foresees; tests name another."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from generation.engine import options
from generation.engine.child import CANCEL_POLL_SECONDS, Child
from generation.tuning.recipe import Pair
from generation.tuning.teaching import Teacher


class Stopped(Exception):
    """The caller asked for no more before the answer was there."""


class LocalTeacher(Teacher):
    """Teaches, and says how well adapters foresee given answers."""

    def losses(
        self,
        pairs: Sequence[Pair],
        adapters: Sequence[str],
        cancelled: Callable[[], bool],
        alive: Callable[[], None],
    ) -> list[float | None]:
        """Return the mean loss of a token for each adapter, "" being the model as it is.

        Raises Stopped, EngineDied or EngineUnavailable.
        """
        child = self._child = Child("generation.tuning.losses", self.options)
        told = {"pairs": [asdict(pair) for pair in pairs], "adapters": list(adapters)}
        child.say(call=1, plan=told)
        try:
            while not cancelled():
                heard = child.hear(CANCEL_POLL_SECONDS)
                if heard:
                    alive()
                if "losses" in heard:
                    return cast("list[float | None]", heard["losses"])
        finally:
            self.kill()
        raise Stopped


def get_teacher() -> LocalTeacher:
    """Return this process's teacher, built on first use from the class that `TEACHER` names."""
    return _built(settings.TEACHER)


@cache
def _built(dotted_path: str) -> LocalTeacher:
    return cast(LocalTeacher, import_string(dotted_path)(options()))
