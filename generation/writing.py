"""Writing copy: jobs become pieces, and each decided text becomes a variant for people to judge."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Campaign
from generation import briefing, citing
from generation.models import Job, Run, Variant
from generation.models.texts import Origin
from generation.prompts import Brief
from generation.sampling import SEEDS_PER_PIECE, Piece, Round, Written, revisions
from generation.texts.kinds import Copy, Kind, Tone
from generation.work import claiming, reasons
from generation.work.claiming import OutOfDate, Skipped
from marketing_site.lib import work
from marketing_site.lib.work import State
from shop.models import Category, Event, Product

SAMPLES = 8
ROUNDS = (Round(SAMPLES, temperature=0.8),)
# A new text is compared with this many earlier ones for the same place.
OTHERS = 5


class Places:
    """What was written before for each place, so that texts for one place differ.

    The model's differ by the checks, the plain writer's by counting on.
    """

    def __init__(self, texts: QuerySet[Variant], run: Run) -> None:
        self.others: dict[tuple[Any, ...], list[Copy]] = defaultdict(list)
        self.earlier: Counter[tuple[Any, ...]] = Counter()
        for variant in texts.select_related("job").order_by("pk"):
            place = self.place(variant.job)
            self.others[place] = [*self.others[place][-OTHERS:], variant.original_fields]
            self.earlier[place] += variant.job.run_id != run.pk

    @staticmethod
    def place(job: Job) -> tuple[Any, ...]:
        return job.product_id, job.category_id, job.review_id, job.kind, job.language

    def piece(self, job: Job, brief: Brief) -> Piece:
        """Return the piece of a job, told apart from what its place has already."""
        place = self.place(job)
        variant = job.variant + self.earlier[place]
        return Piece(job.pk, brief, job.pk * SEEDS_PER_PIECE, variant, self.others[place])


def products_of(jobs: Sequence[Job]) -> dict[int, Product]:
    """Return the products on sale that some jobs are about, by key."""
    products = Product.objects.active().select_related("category")
    return products.in_bulk([job.product_id for job in jobs if job.product_id])


def nameable(products: Mapping[int, Product], job: Job) -> Product:
    """Return a job's product; raises Skipped where it cannot be written about."""
    product = products.get(job.product_id or 0)
    if product is None:
        raise Skipped(reasons.NO_PRODUCT)
    if not briefing.can_be_named(product):
        raise Skipped(reasons.UNFIT_NAME)
    return product


class CopyBatch:
    """Jobs of one copy run, written together."""

    rounds = ROUNDS

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        campaigns = Campaign.objects.select_related("brand_voice")
        self.campaign = campaigns.get(pk=self.run.campaign_id or 0)
        self.products = products_of(jobs)
        texts = Variant.objects.filter(campaign=self.campaign, product__in=self.products)
        self.places = Places(texts, self.run)

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where its product cannot be written about."""
        product = nameable(self.products, job)
        sheet = briefing.copy_sheet(self.campaign, product, job.language)
        tone = Tone(self.run.spec["tone"])
        return self.places.piece(job, Brief(sheet, Kind(job.kind), tone, job.language))

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        product = self.products[job.product_id or 0]
        if not work.hold(Product.objects.active().filter(pk=product.pk, price=product.price)):
            raise OutOfDate(reasons.PRODUCT_CHANGED)
        store(job, self.run, piece, written)


class CategoryBatch:
    """Jobs of one run of category texts."""

    rounds = ROUNDS

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        self.categories = Category.objects.in_bulk([job.category_id for job in jobs if job.category_id])
        texts = Variant.objects.filter(job__category__in=self.categories)
        self.places = Places(texts, self.run)

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where its category cannot be written about."""
        category = self.categories.get(job.category_id or 0)
        if category is None:
            raise Skipped(reasons.NO_CATEGORY)
        if not briefing.can_be_named(category):
            raise Skipped(reasons.UNFIT_NAME)
        sheet = briefing.category_sheet_of(category, self.run.brand_voice, job.language)
        tone = Tone(self.run.spec["tone"])
        return self.places.piece(job, Brief(sheet, Kind.CATEGORY, tone, job.language))

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        store(job, self.run, piece, written)


class ReplyBatch:
    """Jobs of one run of replies to reviews: nothing of a review but its stars and its topic is read."""

    rounds = ROUNDS

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        reviews = Event.objects.filter(kind=Event.Kind.REVIEW).select_related("product")
        self.reviews = reviews.in_bulk([job.review_id for job in jobs if job.review_id])
        self.places = Places(Variant.objects.filter(job__review__in=self.reviews), self.run)

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped where there is no such review any more."""
        review = self.reviews.get(job.review_id or 0)
        if review is None or review.product is None:
            raise Skipped(reasons.NO_REVIEW)
        if not briefing.can_be_named(review.product):
            raise Skipped(reasons.UNFIT_NAME)
        sheet = briefing.review_sheet_of(review, review.product, self.run.brand_voice, job.language)
        return self.places.piece(job, Brief(sheet, Kind.REPLY, Tone(self.run.spec["tone"]), job.language))

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        store(job, self.run, piece, written)


def store(job: Job, run: Run, piece: Piece, written: Written, **more: Any) -> None:
    """Keep a decided text as a variant and end its job, both or neither; the caller holds the run."""
    claiming.end(job, State.DONE, used=piece.used)
    Variant.objects.create(
        job=job,
        campaign_id=run.campaign_id,
        product_id=job.product_id,
        kind=job.kind,
        language=job.language,
        tone=piece.brief.tone,
        fields=written.copy,
        original_fields=written.copy,
        origin=Origin.MODEL if written.by_model else Origin.TEMPLATE,
        facts=briefing.stored(piece.brief.sheet),
        cites=citing.cited(written.copy, piece.brief.sheet, job.product) if job.product else {},
        samples=piece.samples,
        tokens=piece.used.prompt_tokens + piece.used.new_tokens,
        seconds=piece.used.seconds,
        author=run.requested_by,
        **revisions(written),
        **more,
    )
