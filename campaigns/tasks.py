"""The campaigns app's regular work; the beat schedule in settings says when."""

from celery import shared_task
from django.utils.timezone import get_default_timezone, localdate

from campaigns import attribution, launching


@shared_task(ignore_result=True)
def end_finished_campaigns() -> None:
    """End the live campaigns whose last day is over in the shop's zone."""
    launching.end_finished(localdate(timezone=get_default_timezone()))


@shared_task(ignore_result=True)
def refresh_rollups() -> None:
    """Bring credits, campaign days and roll-ups up to date with what has changed; nothing is fine."""
    while attribution.drain_dirty_keys():
        continue
