"""Writing a preview: the same brief under two voices, each as a text of its own."""

from collections.abc import Sequence

from campaigns.models import BrandVoice
from generation import briefing
from generation.models import Job, VoicePreview
from generation.models.texts import Origin
from generation.prompts import Brief
from generation.sampling import SEEDS_PER_PIECE, Piece, Written, revisions
from generation.texts.kinds import Kind, Tone
from generation.work import claiming
from generation.writing import ROUNDS, nameable, products_of
from marketing_site.lib.work import State


class PreviewBatch:
    """Jobs of one preview; the number of a job's variant is the place of its voice in the order."""

    rounds = ROUNDS

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        self.voices = BrandVoice.objects.in_bulk([pk for pk in self.run.spec["voices"] if pk])
        self.products = products_of(jobs)

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where its product cannot be written about."""
        product = nameable(self.products, job)
        sheet = briefing.product_sheet(product, job.language, self._voice(job))
        brief = Brief(sheet, Kind(job.kind), Tone(self.run.spec["tone"]), job.language)
        # The same seeds for both voices: what differs is the voice.
        return Piece(job.pk, brief, (job.pk - job.variant) * SEEDS_PER_PIECE)

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the text and end the job, both or neither; the caller holds the run."""
        claiming.end(job, State.DONE, used=piece.used)
        VoicePreview.objects.create(
            job=job,
            brand_voice=self._voice(job),
            fields=written.copy,
            facts=briefing.stored(piece.brief.sheet),
            origin=Origin.MODEL if written.by_model else Origin.TEMPLATE,
            model_revision=revisions(written)["model_revision"],
        )

    def _voice(self, job: Job) -> BrandVoice | None:
        return self.voices.get(self.run.spec["voices"][job.variant] or 0)
