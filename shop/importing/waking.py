"""The wire between those who ask for an import and the worker that does it: a hint, which may be lost."""

import logging
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from marketing_site.lib.rhythm import Rhythm
from shop.models import Lane

LANE = "ingest"
# A hint that nobody took for this long is of no use any more.
HINT_EXPIRES_SECONDS = 30
logger = logging.getLogger(__name__)
# The importer of this process, where it serves the lane: what a hint pokes.
polling: dict[str, Rhythm] = {}


@shared_task(name="shop.tasks.wake_imports", ignore_result=True)
def wake_imports(**ignored: object) -> None:
    """Look for files now; a process that does not serve the lane has nothing to do."""
    if LANE in polling:
        polling[LANE].poke()


def hint() -> None:
    """Tell the lane's worker that there is work; losing the hint costs a second, never the work."""
    Lane.objects.get_or_create(name=LANE)
    quiet = Now() - timedelta(seconds=settings.WORK_HINT_SECONDS)
    silent = Lane.objects.filter(Q(hinted_at=None) | Q(hinted_at__lt=quiet), name=LANE)
    if not silent.update(hinted_at=Now()):
        return
    try:
        wake_imports.apply_async(queue=LANE, expires=HINT_EXPIRES_SECONDS)
    except OperationalError:
        logger.warning("The broker does not answer; the worker finds the file by itself")
