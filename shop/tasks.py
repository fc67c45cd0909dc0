"""The shop app's regular work; the beat schedule in settings says when."""

from celery import shared_task

from shop import ledger
from shop.importing.waking import wake_imports

__all__ = ["score_customers", "wake_imports"]


@shared_task(ignore_result=True)
def score_customers() -> None:
    """Give customers their scores by fifths anew: somebody else's order can change them."""
    ledger.score_customers()
