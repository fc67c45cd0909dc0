"""The campaigns app's regular work; the beat schedule in settings says when."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.timezone import get_default_timezone, localdate
from kombu.exceptions import OperationalError

from campaigns import attribution, launching
from campaigns.segmenting import membership
from shop.models import Lane

logger = logging.getLogger(__name__)
ROLLUPS = "rollups"
# A hint that nobody took for this long is of no use any more: the clock has come round.
HINT_EXPIRES_SECONDS = 30


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


def hint_rollups() -> None:
    """Have the roll-ups refreshed now; one hint is on its way at a time, and a lost one costs seconds."""
    Lane.objects.get_or_create(name=ROLLUPS)
    lost = Now() - timedelta(seconds=settings.WORK_HINT_SECONDS)
    silent = Lane.objects.filter(Q(hinted_at=None) | Q(hinted_at__lt=lost), name=ROLLUPS)
    if not silent.update(hinted_at=Now()):
        return
    try:
        refresh_rollups.apply_async(expires=HINT_EXPIRES_SECONDS)
    except OperationalError:
        logger.warning("The broker does not answer; the roll-ups are refreshed by the clock")
