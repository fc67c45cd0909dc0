"""The campaigns app's regular work; the beat schedule in settings says when."""

from celery import shared_task
from django.utils.timezone import get_default_timezone, localdate

from campaigns import attribution, launching
from campaigns.models import figures
from campaigns.segmenting import membership
from shop import hinting
from shop.models import Lane

ROLLUPS = "rollups"


@shared_task(ignore_result=True)
def end_finished_campaigns() -> None:
    """End the live campaigns whose last day is over in the shop's zone."""
    launching.end_finished(localdate(timezone=get_default_timezone()))


@shared_task(ignore_result=True)
def refresh_rollups() -> None:
    """Bring credits, campaign days, roll-ups and then segments up to date; nothing changed is fine."""
    # Before the first look: whoever writes from now on hints again.
    Lane.objects.filter(name=ROLLUPS).update(hinted_at=None)
    while attribution.drain_dirty_keys():
        continue
    membership.keep_up()
    figures.prune()


def hint_rollups() -> None:
    """Have the roll-ups refreshed now; one hint is on its way at a time, and a lost one costs seconds."""
    hinting.hint(ROLLUPS, refresh_rollups)
