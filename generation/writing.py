"""Writing campaign copy: jobs become pieces, and each decided text becomes a variant for people to judge."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from campaigns.models import Campaign
from generation import briefing
from generation.models import Job, Variant
from generation.models.texts import Origin
from generation.prompts import Brief
from generation.sampling import SEEDS_PER_PIECE, Piece, Round, Written, revisions
from generation.texts.kinds import Copy, Kind, Tone
from generation.work import claiming, reasons
from generation.work.claiming import OutOfDate, Skipped
from marketing_site.lib import work
from marketing_site.lib.work import State
from shop.models import Product

SAMPLES = 8
# A new text is compared with this many earlier ones for the same place.
OTHERS = 5


class CopyBatch:
    """Jobs of one copy run, written together."""

    rounds = (Round(SAMPLES, temperature=0.8),)

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        campaigns = Campaign.objects.select_related("brand_voice")
        self.campaign = campaigns.get(pk=self.run.campaign_id or 0)
        products = Product.objects.active().select_related("category")
        self.products = products.in_bulk([job.product_id for job in jobs if job.product_id])
        # Texts for one place must differ: the model's by the checks, the plain writer's by counting on.
        self.others: dict[tuple[Any, ...], list[Copy]] = defaultdict(list)
        self.earlier: Counter[tuple[Any, ...]] = Counter()
        texts = Variant.objects.filter(campaign=self.campaign, product__in=self.products)
        for variant in texts.select_related("job").order_by("pk"):
            place = (variant.product_id, variant.kind, variant.language)
            self.others[place] = [*self.others[place][-OTHERS:], variant.original_fields]
            self.earlier[place] += variant.job.run_id != self.run.pk

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where its product cannot be written about."""
        product = self.products.get(job.product_id or 0)
        if product is None:
            raise Skipped(reasons.NO_PRODUCT)
        if not briefing.can_be_named(product):
            raise Skipped(reasons.UNFIT_NAME)
        brief = Brief(
            sheet=briefing.copy_sheet(self.campaign, product, job.language),
            kind=Kind(job.kind),
            tone=Tone(self.run.spec["tone"]),
            language=job.language,
        )
        place = (job.product_id, job.kind, job.language)
        variant = job.variant + self.earlier[place]
        return Piece(job.pk, brief, job.pk * SEEDS_PER_PIECE, variant, self.others[place])

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        product = self.products[job.product_id or 0]
        if not work.hold(Product.objects.active().filter(pk=product.pk, price=product.price)):
            raise OutOfDate(reasons.PRODUCT_CHANGED)
        claiming.end(job, State.DONE, used=piece.used)
        Variant.objects.create(
            job=job,
            campaign=self.campaign,
            product_id=job.product_id,
            kind=job.kind,
            language=job.language,
            tone=piece.brief.tone,
            fields=written.copy,
            original_fields=written.copy,
            origin=Origin.MODEL if written.by_model else Origin.TEMPLATE,
            facts=briefing.stored(piece.brief.sheet),
            samples=piece.samples,
            tokens=piece.used.prompt_tokens + piece.used.new_tokens,
            seconds=piece.used.seconds,
            author=self.run.requested_by,
            **revisions(written),
        )
