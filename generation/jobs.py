"""Asking for texts: the run and its jobs as rows in one transaction, then a hint to the writers."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from campaigns.models import Assignment, BrandVoice, Campaign
from generation import briefing, rewriting, translating
from generation.models import (
    Job,
    Kind,
    Language,
    PersonalOffer,
    Rewrite,
    Run,
    RunTurn,
    Variant,
    VariantDecision,
)
from generation.offers import addressable
from generation.sampling import model_writes
from generation.tasks import hint
from generation.texts.selecting import Selected
from generation.work.claiming import LANE
from generation.writing import SAMPLES
from marketing_site.lib.work import OPEN
from shop.models import Category, Customer, Event, Product

# Copy may still be written while a campaign runs; personal offers need a frozen audience.
OFFER_STATES = (Campaign.Status.APPROVED, Campaign.Status.LIVE)
COPY_STATES = (Campaign.Status.DRAFT, Campaign.Status.IN_REVIEW, *OFFER_STATES)

KEEP_PREVIEWS = timedelta(days=1)

# One statement however long the list is; columns that are not named have defaults in the database.
ADD_OFFER_JOBS = """
INSERT INTO generation_job (run_id, kind, language, customer_id)
SELECT %s, %s, %s, customer FROM ({recipients}) AS recipients (customer) ON CONFLICT DO NOTHING
"""


class Refused(Exception):
    """A request that cannot be served; the message says why and what to do instead."""


@dataclass(frozen=True)
class CopyOrder:
    """What a marketer asks for: `variants` texts for each kind and product."""

    kinds: list[str]
    tone: str
    language: str
    variants: int
    products: list[int]


@dataclass(frozen=True)
class ShopOrder:
    """What is asked for where no campaign is: texts about a category, or a reply to a review."""

    tone: str
    language: str
    variants: int = 1
    voice: int | None = None


@dataclass(frozen=True)
class OfferOrder:
    """Offers for the recipients without one, at most `limit`; `rewrite` adds those not approved yet."""

    tone: str
    language: str
    limit: int | None = None
    rewrite: bool = False


@dataclass(frozen=True)
class PreviewOrder:
    """The same brief under two voices, None for the plain words without one."""

    product: int
    kind: str
    tone: str
    language: str
    voices: list[int | None]


@dataclass(frozen=True)
class RewriteOrder:
    """Which words of which part to write anew, and how; no words selected: the whole part."""

    part: str
    wish: str
    start: int = 0
    end: int = 0
    fact: str = ""
    words: str = ""


@transaction.atomic
def request_copy(campaign: Campaign, order: CopyOrder, by: User, client_key: UUID) -> Run:
    """Create the run and its jobs; the same client_key returns the same run."""
    if campaign.status not in COPY_STATES:
        raise Refused(_("The campaign is over: clone it to write new copy."))
    products = campaign.products.active().filter(pk__in=order.products)
    jobs = [
        Job(kind=kind, language=order.language, product=product, variant=variant)
        for product in products
        for kind in order.kinds
        for variant in range(order.variants)
    ]
    if not jobs:
        raise Refused(_("Choose at least one product of the campaign that is still sold."))
    spec = asdict(order) | {"samples": SAMPLES if model_writes(order.language) else 1}
    run, created = _run(campaign, Run.Purpose.COPY, spec, by, client_key)
    if created:
        for job in jobs:
            job.run = run
        Job.objects.bulk_create(jobs)
        start(run, len(jobs))
    return run


@transaction.atomic
def request_category_text(category: Category, order: ShopOrder, by: User, client_key: UUID) -> Run:
    """Ask for texts about a category; the same client_key returns the same run."""
    if not Product.objects.active().filter(category__in=Category.objects.under(category)).exists():
        raise Refused(_("The category has no product that is still sold: there is nothing to write about."))
    about = {"kind": Kind.CATEGORY, "category": category}
    return _request_of_shop(Run.Purpose.CATEGORIES, about, order, by, client_key)


@transaction.atomic
def request_reply(review: Event, order: ShopOrder, by: User, client_key: UUID) -> Run:
    """Ask for a reply to a review; the same client_key returns the same run."""
    about = {"kind": Kind.REPLY, "review": review, "product": review.product}
    return _request_of_shop(Run.Purpose.REPLIES, about, order, by, client_key)


def _request_of_shop(
    purpose: Run.Purpose, about: dict[str, Any], order: ShopOrder, by: User, client_key: UUID
) -> Run:
    spec = asdict(order) | {"samples": SAMPLES if model_writes(order.language) else 1}
    run, created = _run(None, purpose, spec, by, client_key)
    if created:
        run.brand_voice = BrandVoice.objects.filter(pk=order.voice or 0).first()
        run.save(update_fields=["brand_voice"])
        Job.objects.bulk_create(
            Job(run=run, language=order.language, variant=variant, **about)
            for variant in range(order.variants)
        )
        start(run, order.variants)
    return run


@transaction.atomic
def request_preview(order: PreviewOrder, by: User, client_key: UUID) -> Run:
    """Ask for a text under each of two voices; the same client_key returns the same run.

    Nobody keeps previews: those of the same person from earlier days go.
    """
    old = Run.objects.filter(
        purpose=Run.Purpose.PREVIEW, requested_by=by, created_at__lt=Now() - KEEP_PREVIEWS
    )
    old.exclude(Exists(Job.objects.filter(run=OuterRef("pk"), state__in=OPEN))).delete()
    spec = asdict(order) | {"samples": SAMPLES if model_writes(order.language) else 1}
    run, created = _run(None, Run.Purpose.PREVIEW, spec, by, client_key)
    if created:
        about = {"kind": order.kind, "language": order.language, "product_id": order.product}
        Job.objects.bulk_create(Job(run=run, variant=place, **about) for place in range(len(order.voices)))
        start(run, len(order.voices))
    return run


@transaction.atomic
def request_translation(original: Variant, language: str, by: User, client_key: UUID) -> Run:
    """Ask for the text in another language; the same client_key returns the same run."""
    if language == original.language or language not in Language.values:
        raise Refused(_("Choose another language than the one that the text is in."))
    by_model = translating.model_translates(original.language, language)
    spec = {"tone": original.tone, "language": language, "samples": translating.SAMPLES if by_model else 1}
    run, created = _run(original.campaign, Run.Purpose.TRANSLATION, spec, by, client_key)
    if created:
        run.brand_voice = original.job.run.brand_voice
        run.save(update_fields=["brand_voice"])
        like = original.job
        Job.objects.create(
            run=run, kind=original.kind, language=language, source=original, product=original.product,
            category_id=like.category_id, review_id=like.review_id,
        )  # fmt: skip
        start(run, 1)
    return run


@transaction.atomic
def request_another(variant: Variant, by: User, client_key: UUID) -> Run:
    """Ask for one more text for the same place; what was decided about this one stays."""
    run = _another(variant, by, client_key)
    VariantDecision.objects.create(variant=variant, action=VariantDecision.Action.REGENERATE, by=by)
    return run


def _another(variant: Variant, by: User, client_key: UUID) -> Run:
    job = variant.job
    if job.source:
        return request_translation(job.source, variant.language, by, client_key)
    order = ShopOrder(variant.tone, variant.language, voice=job.run.brand_voice_id)
    if job.category:
        return request_category_text(job.category, order, by, client_key)
    if job.review_id:
        review = Event.objects.filter(pk=job.review_id).first()
        if review is None:
            raise Refused(_("The review was taken back: there is nothing to reply to."))
        return request_reply(review, order, by, client_key)
    if variant.campaign is None:
        raise Refused(_("The text belongs to nothing that another could be written for."))
    copy = CopyOrder([variant.kind], variant.tone, variant.language, 1, [variant.product_id or 0])
    return request_copy(variant.campaign, copy, by, client_key)


@transaction.atomic
def request_rewrite(variant: Variant, order: RewriteOrder, by: User, client_key: UUID) -> Run:
    """Ask for a part of a text anew; the same client_key returns the same run."""
    _rewritable(variant, order)
    samples = rewriting.SAMPLES if model_writes(variant.language) else 1
    spec = asdict(order) | {"variant": variant.pk, "tone": variant.tone, "samples": samples}
    run, created = _run(variant.campaign, Run.Purpose.REWRITE, spec, by, client_key)
    if created:
        job = Job(run=run, kind=variant.kind, language=variant.language, product=variant.product)
        job.save()
        Rewrite.objects.create(
            job=job, variant=variant, version=variant.version, before=variant.fields, by=by, **asdict(order)
        )
        start(run, 1)
    return run


def _rewritable(variant: Variant, order: RewriteOrder) -> None:
    if variant.state != Variant.State.READY:
        raise Refused(_("The text is decided: reopen it first."))
    if order.part not in rewriting.writable(variant.kind):
        raise Refused(_("The program chooses this part: change it in the editor."))
    if not Selected(variant.fields.get(order.part, ""), order.start, order.end).old:
        raise Refused(_("The program writes the sentence of the offer: select other words."))
    sheet = briefing.restored(variant.facts, variant.voice)
    if order.wish == Rewrite.Wish.MENTION and order.fact not in {
        fact.id for fact in rewriting.mentionable(sheet)
    }:
        raise Refused(_("Choose a fact that the text shall mention."))
    if order.wish == Rewrite.Wish.WORDS and not order.words.strip():
        raise Refused(_("Say in a few words what you wish."))


@transaction.atomic
def request_offers(campaign: Campaign, order: OfferOrder, by: User, client_key: UUID) -> Run:
    """Create one job for each recipient who lacks an offer; the same client_key returns the same run.

    Offers that are written again are replaced in place: nobody gets two.
    """
    if campaign.status not in OFFER_STATES:
        raise Refused(_("Offers are written once the campaign is approved: then its recipients are fixed."))
    if not campaign.products.active().exists():
        raise Refused(_("The campaign has no product that is still sold: add one first."))
    run, created = _run(campaign, Run.Purpose.OFFERS, asdict(order) | {"samples": 1}, by, client_key)
    if created:
        waiting = lacking_offer(campaign, rewrite=order.rewrite).order_by("pk")[: order.limit]
        added = _add_offer_jobs(run, waiting, order.language)
        if not added:
            raise Refused(_("Every recipient who may be contacted has an offer, or one is being written."))
        start(run, added)
    return run


def lacking_offer(campaign: Campaign, *, rewrite: bool = False) -> QuerySet[Customer]:
    """Return the treated recipients who may get an offer, have none, and for whom none is being written."""
    treated = Assignment.objects.filter(campaign=campaign, arm=Assignment.Arm.TREATED)
    customers = addressable(Customer.objects.filter(pk__in=treated.values("customer")), campaign)
    offers = PersonalOffer.objects.filter(campaign=campaign, customer=OuterRef("pk"))
    if rewrite:
        offers = offers.exclude(state=PersonalOffer.State.READY)
    under_way = Job.objects.filter(run__campaign=campaign, customer=OuterRef("pk"), state__in=OPEN)
    return customers.filter(~Exists(offers), ~Exists(under_way))


def _run(
    campaign: Campaign | None, purpose: Run.Purpose, spec: dict[str, Any], by: User, client_key: UUID
) -> tuple[Run, bool]:
    # The number of jobs is known once they are added, in this same transaction.
    fields = {"campaign": campaign, "purpose": purpose, "spec": spec, "requested_by": by, "expected": 1}
    return Run.objects.get_or_create(client_key=client_key, defaults=fields)


def start(run: Run, expected: int) -> None:
    """Queue a run whose jobs were added, and wake the writers once it is committed."""
    run.expected = expected
    run.save(update_fields=["expected"])
    RunTurn.objects.create(run=run)
    transaction.on_commit(partial(hint, LANE))


def _add_offer_jobs(run: Run, customers: QuerySet[Customer], language: str) -> int:
    recipients, params = customers.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        sql = ADD_OFFER_JOBS.format(recipients=recipients)
        cursor.execute(sql, [run.pk, Kind.OFFER, language, *params])
        return int(cursor.rowcount)
