"""Decisions about very many texts: kept as one row, and carried out piece by piece beside the pages.

A piece is one transaction: the texts, their decisions and the place after them are written together, so a
worker that dies leaves no text half decided, and whoever goes on decides none twice. No hint is sent: workers
look every second anyway.
"""

import logging
import threading
from collections import Counter

from django.contrib.auth.models import User
from django.db import transaction

from generation import bulk, review
from generation.bulk import Outcome, Seen
from generation.models import BulkDecision, VariantDecision
from generation.work import reasons
from marketing_site.lib import work
from marketing_site.lib.work import LostLease, State

logger = logging.getLogger(__name__)
# Texts of one piece: about half a second. A request decides no more than that.
PIECE = 200


def decide(seen: Seen, by: User, decision: VariantDecision, query: str) -> Outcome | BulkDecision:
    """Decide at once about a few texts; of many the row comes back that is carried out beside the pages."""
    if len(seen) <= PIECE:
        return bulk.decide(seen, by, decision)
    return BulkDecision.objects.create(
        action=decision.action,
        by=by,
        code=decision.code,
        words=decision.reason,
        to=decision.to,
        seen=sorted(seen.items()),
        total=len(seen),
        query=query,
    )


def undo(by: User, query: str) -> Outcome | BulkDecision:
    """Take back what this person decided last; raises Refused where there is nothing to take back."""
    return decide(bulk.latest(by), by, bulk.reopening(), query)


def stop(asked: BulkDecision) -> bool:
    """End a decision before its next piece; what is decided stays. False where it was over already."""
    return bool(work.move(BulkDecision.objects.open().filter(pk=asked.pk), State.CANCELLED))


def work_off(worker: str, stopping: threading.Event) -> int:
    """Carry out the decisions that wait, one after the other; return how many."""
    count = 0
    while not stopping.is_set() and (claimed := work.claim(BulkDecision.objects.all(), 1, worker)):
        _carry_out(claimed[0], stopping)
        count += 1
    return count


def sweep() -> int:
    """Take back decisions of vanished workers; returns how many came back."""
    return work.sweep(BulkDecision.objects.all(), reasons.DECIDER_LOST)


def _carry_out(asked: BulkDecision, stopping: threading.Event) -> None:
    try:
        while asked.looked_at < asked.total:
            if stopping.is_set():
                work.hand_back(asked, reasons.HANDED_BACK)
                return
            if not _may_go_on(asked):
                work.finish(asked, State.DEAD, reasons.NOT_ALLOWED)
                return
            _piece(asked)
        work.finish(asked)
    except LostLease:
        logger.info("Decision %s was stopped, or belongs to another worker now", asked.pk)
    except Exception as error:
        logger.exception("Decision %s failed", asked.pk)
        work.hand_back(asked, f"{reasons.DECISION_FAILED}: {error!r}", failed=True)


def _may_go_on(asked: BulkDecision) -> bool:
    """Say whether whoever decided may still do so: a role may have been taken away meanwhile."""
    by = User.objects.filter(pk=asked.by_id or 0, is_active=True).first()
    needed = "generation.change_variant" if asked.action == VariantDecision.Action.ASSIGN else review.APPROVE
    return by is not None and by.has_perm(needed)


def _piece(asked: BulkDecision) -> None:
    """Decide about the next texts and note the place after them; raises LostLease where it is not ours."""
    seen = dict(asked.seen[asked.looked_at : asked.looked_at + PIECE])
    decision = VariantDecision(
        action=asked.action, code=asked.code, reason=asked.words, to=asked.to, batch=asked.batch
    )
    held = BulkDecision.objects.filter(pk=asked.pk, state=State.RUNNING, lease_token=asked.lease_token)
    with transaction.atomic():
        if asked.by is None or not held.select_for_update().exists():
            raise LostLease(asked.pk)
        outcome = bulk.decide(seen, asked.by, decision)
        looked_at, decided = asked.looked_at + len(seen), asked.decided + len(outcome.done)
        left = dict(Counter(asked.left) + outcome.left)
        held.update(looked_at=looked_at, decided=decided, left=left)
        work.extend([asked])
    asked.looked_at, asked.decided, asked.left = looked_at, decided, left
