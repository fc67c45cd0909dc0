"""The shop app's regular work; the beat schedule in settings says when."""

import logging

from celery import shared_task

from shop import ledger, orphans
from shop.importing.waking import wake_imports

__all__ = ["repair_orphans", "score_customers", "wake_imports"]
logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def score_customers() -> None:
    """Give customers their scores by fifths anew: somebody else's order can change them."""
    ledger.score_customers()


@shared_task(ignore_result=True)
def repair_orphans() -> None:
    """Look for order lines that lost their order or product, make them whole, and say so in the log."""
    found = orphans.repair()
    if any(found):
        logger.warning(
            "Orphans: %s lines without an order deleted, %s products made anew, lines of %s orders corrected",
            *found,
        )
