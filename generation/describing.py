"""Writing about products where no campaign is: shop pages, posts and ads of a whole catalogue."""

from collections.abc import Sequence

from generation import briefing
from generation.models import Job, Variant
from generation.prompts import Brief
from generation.sampling import Piece, Written
from generation.texts.kinds import Kind, Tone
from generation.work import reasons
from generation.work.claiming import OutOfDate
from generation.writing import ROUNDS, Places, nameable, products_of, store
from marketing_site.lib import work
from shop.models import Product


class CatalogueBatch:
    """Jobs of one run of texts about products."""

    rounds = ROUNDS

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        self.products = products_of(jobs)
        texts = Variant.objects.filter(campaign=None, product__in=self.products)
        self.places = Places(texts, self.run)

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where its product cannot be written about."""
        product = nameable(self.products, job)
        sheet = briefing.product_sheet(product, job.language, self.run.brand_voice)
        tone = Tone(self.run.spec["tone"])
        return self.places.piece(job, Brief(sheet, Kind(job.kind), tone, job.language))

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        product = self.products[job.product_id or 0]
        if not work.hold(Product.objects.active().filter(pk=product.pk, updated_at=product.updated_at)):
            raise OutOfDate(reasons.PRODUCT_CHANGED)
        store(job, self.run, piece, written)
