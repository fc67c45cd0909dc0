"""Asking for texts: the run and its jobs as rows in one transaction, then a hint to the writers."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Assignment, Campaign
from generation.models import Job, Kind, PersonalOffer, Run, RunTurn, Variant, VariantDecision
from generation.offers import addressable
from generation.sampling import model_writes
from generation.tasks import hint
from generation.work.claiming import LANE
from generation.writing import SAMPLES
from marketing_site.lib.work import OPEN
from shop.models import Customer

# Copy may still be written while a campaign runs; personal offers need a frozen audience.
OFFER_STATES = (Campaign.Status.APPROVED, Campaign.Status.LIVE)
COPY_STATES = (Campaign.Status.DRAFT, Campaign.Status.IN_REVIEW, *OFFER_STATES)

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
class OfferOrder:
    """Offers for the recipients without one, at most `limit`; `rewrite` adds those not approved yet."""

    tone: str
    language: str
    limit: int | None = None
    rewrite: bool = False


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
        _queue(run, len(jobs))
    return run


@transaction.atomic
def request_another(variant: Variant, by: User, client_key: UUID) -> Run:
    """Ask for one more text for the same place; what was decided about this one stays."""
    order = CopyOrder([variant.kind], variant.tone, variant.language, 1, [variant.product_id or 0])
    run = request_copy(variant.campaign, order, by, client_key)
    VariantDecision.objects.create(variant=variant, action=VariantDecision.Action.REGENERATE, by=by)
    return run


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
        _queue(run, added)
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
    campaign: Campaign, purpose: Run.Purpose, spec: dict[str, Any], by: User, client_key: UUID
) -> tuple[Run, bool]:
    # The number of jobs is known once they are added, in this same transaction.
    fields = {"campaign": campaign, "purpose": purpose, "spec": spec, "requested_by": by, "expected": 1}
    return Run.objects.get_or_create(client_key=client_key, defaults=fields)


def _queue(run: Run, expected: int) -> None:
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
