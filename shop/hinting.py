"""How the workers of a lane are woken: a hint, coalesced by the lane's row; losing it does no harm."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from shop.models import Lane

logger = logging.getLogger(__name__)
# A hint that nobody took for this long is of no use any more.
EXPIRES_SECONDS = 30


def hint(lane: str, task: Any, **options: Any) -> None:
    """Send the lane's task, unless that was done a moment ago; call it after the commit.

    Workers look for work by themselves as well, so a lost hint costs seconds, never the work.
    """
    Lane.objects.get_or_create(name=lane)
    quiet = Now() - timedelta(seconds=settings.WORK_HINT_SECONDS)
    silent = Lane.objects.filter(Q(hinted_at=None) | Q(hinted_at__lt=quiet), name=lane)
    if not silent.update(hinted_at=Now()):
        return
    try:
        task.apply_async(expires=EXPIRES_SECONDS, **options)
    except OperationalError:
        logger.warning("The broker does not answer; the workers of “%s” find the work by themselves", lane)
