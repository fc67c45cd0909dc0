"""Which adapter writes a run's texts: what people put into use, beside what the settings say."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now

from generation.models.learning import Promotion, Training

# How long an adapter that saw a text of an erased person may still be used.
REFUSED_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """What writes now: an adapter ("" for the model as it is), and one beside it on some of the runs."""

    adapter: str
    canary: str = ""
    share: int = 0
    model_revision: str = ""
    promotion: Promotion | None = None

    def of_run(self, run: UUID) -> str:
        """Return the adapter of a run: the same each time, whoever asks."""
        return self.canary if self.share and _place(run) < self.share else self.adapter


def standing() -> Standing:
    """Return what is in use; before anybody decided, what the settings say."""
    latest = Promotion.objects.order_by("-pk").first()
    if latest is None:
        return Standing(settings.GENERATION_ADAPTER)
    return Standing(latest.adapter, latest.canary, latest.share, latest.model_revision, latest)


def adapter_of(run: UUID, revision: str) -> str | None:
    """Return the adapter for a run on a model of this revision; None for what the settings say.

    They count as well where it was decided for other weights, or where the adapter must not be used any more.
    """
    now = standing()
    if now.promotion is None or (revision and now.model_revision not in ("", revision)):
        return None
    chosen = now.of_run(run)
    return None if refused(chosen) else chosen


def refused(adapter: str) -> bool:
    """Say whether an adapter saw a text of a person who was erased longer ago than it may still be used."""
    late = Training.objects.filter(saw_erased_at__lt=Now() - REFUSED_AFTER)
    return bool(adapter) and late.filter(adapter=adapter).exists()


def _place(run: UUID) -> int:
    """Return a run's place among a hundred."""
    return int(hashlib.sha256(run.bytes).hexdigest()[:8], 16) % 100
