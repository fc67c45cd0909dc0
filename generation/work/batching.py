"""One batch from claim to end: jobs become pieces, the engine writes them, each text is kept as it comes."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings

from generation.adapter_prompts import can_be_taught
from generation.describing import CatalogueBatch
from generation.engine import EngineDied, EngineUnavailable, TextEngine
from generation.learning import serving
from generation.models import Job, Run
from generation.offers import OfferBatch
from generation.rewriting import RewriteBatch
from generation.sampling import Piece, write
from generation.translating import TranslationBatch
from generation.voices.previewing import PreviewBatch
from generation.work import reasons
from generation.work.heartbeat import Heartbeat
from generation.work.settling import give_back, keep, settle
from generation.writing import CategoryBatch, CopyBatch, ReplyBatch

logger = logging.getLogger(__name__)
Batch = (
    CopyBatch | OfferBatch | RewriteBatch | CategoryBatch | ReplyBatch | TranslationBatch | CatalogueBatch
    | PreviewBatch
)  # fmt: skip
BATCHES: dict[str, type[Batch]] = {
    Run.Purpose.COPY: CopyBatch,
    Run.Purpose.OFFERS: OfferBatch,
    Run.Purpose.REWRITE: RewriteBatch,
    Run.Purpose.CATEGORIES: CategoryBatch,
    Run.Purpose.REPLIES: ReplyBatch,
    Run.Purpose.TRANSLATION: TranslationBatch,
    Run.Purpose.CATALOGUE: CatalogueBatch,
    Run.Purpose.PREVIEW: PreviewBatch,
}


def write_batch(
    jobs: Sequence[Job], engine: TextEngine, stopping: threading.Event, alive: Callable[[], None]
) -> None:
    """Write the jobs of one run; `alive` is called as the engine ticks, `stopping` ends it early."""
    try:
        batch = BATCHES[jobs[0].run.purpose](jobs)
    except Exception as error:
        logger.exception("The batch of job %s cannot be prepared", jobs[0].pk)
        give_back([(job, None) for job in jobs], f"{reasons.ERROR}: {error!r}", failed=True)
        return
    left: dict[int, tuple[Job, Piece]] = {}
    adapter = serving.adapter_of(batch.run.pk, engine.revision)
    if adapter is None and engine.in_use != settings.GENERATION_MODEL:
        adapter = ""  # that of the settings belongs to the settings' model
    for job in jobs:
        settle(job, partial(_add_piece, left, batch, job, adapter))
    with Heartbeat(engine, stopping, alive) as heartbeat:
        _write_pieces(batch, left, engine, heartbeat)


def _add_piece(left: dict[int, tuple[Job, Piece]], batch: Batch, job: Job, adapter: str | None) -> None:
    """Prepare a job; a whole text is written with the adapter that people put into use, where they did."""
    piece = batch.piece(job)
    whole = type(piece) is Piece and can_be_taught(piece.brief.kind, piece.brief.language)
    if adapter == "" or (adapter is not None and whole):
        piece.adapter = adapter
    left[job.pk] = (job, piece)


def _write_pieces(
    batch: Batch, left: dict[int, tuple[Job, Piece]], engine: TextEngine, heartbeat: Heartbeat
) -> None:
    heartbeat.watch([job for job, _piece in left.values()])
    pieces = [piece for _job, piece in left.values()]
    reason, failed, crashed = reasons.HANDED_BACK, False, False
    try:
        for piece, written in write(pieces, batch.rounds, engine, heartbeat.tick, heartbeat.cancelled):
            job, _piece = left.pop(piece.key)
            settle(job, partial(keep, batch, job, piece, written), piece.used)
            heartbeat.watch([job for job, _piece in left.values()])
    except EngineDied as error:
        reason, crashed = f"{reasons.ENGINE_DIED}: {error}", True
    except EngineUnavailable as error:
        reason = f"{reasons.ENGINE_UNAVAILABLE}: {error}"
    except Exception as error:
        logger.exception("A batch of run %s failed", batch.run.pk)
        reason, failed = f"{reasons.ERROR}: {error!r}", True
    give_back([(job, piece.used) for job, piece in left.values()], reason, failed=failed, crashed=crashed)
