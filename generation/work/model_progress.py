"""How far the language model is, as a row that the set-up strip and the run pages show."""

from django.utils.translation import gettext_noop

from generation.engine import Phase, ReadyState
from shop.models import SetupStep

STEP = "model"
# The conversion, once per model file, takes most of the time; loading follows.
CONVERTING_PERCENT = 80
LABEL = gettext_noop("Language model")


class ModelProgress:
    """Writes the row when something has changed; one object for each worker process."""

    def __init__(self) -> None:
        self._told: tuple[Phase, int] | None = None

    def tell(self, state: ReadyState) -> None:
        """Write where the engine stands."""
        told = (state.phase, percent(state))
        if told == self._told or state.phase == Phase.STOPPED:
            return
        self._told = told
        SetupStep.objects.update_or_create(
            name=STEP,
            defaults={
                "label": LABEL,
                "done": told[1],
                "total": 100,
                "state": _state(state.phase),
                "detail": state.message,
            },
        )


def percent(state: ReadyState) -> int:
    """Return how far the engine is from its first text, 0 to 100."""
    if state.phase == Phase.CONVERTING:
        return round(CONVERTING_PERCENT * state.fraction)
    if state.phase == Phase.LOADING:
        return CONVERTING_PERCENT + round((100 - CONVERTING_PERCENT) * state.fraction)
    return 100 if state.phase == Phase.READY else 0


def _state(phase: Phase) -> SetupStep.State:
    return {
        Phase.READY: SetupStep.State.DONE,
        Phase.FAILED: SetupStep.State.FAILED,
    }.get(phase, SetupStep.State.RUNNING)
