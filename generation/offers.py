"""Writing personal offers: the program settles the terms, the model writes one sentence about them."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.assigning import contactable
from campaigns.models import Campaign, Coupon, CouponProduct, OfferPolicy
from generation import briefing
from generation.facts import CustomerFacts
from generation.models import Job, PersonalOffer
from generation.models.texts import Origin
from generation.offering import terms
from generation.offering.matching import Matcher
from generation.offering.terms import Terms
from generation.prompts import Brief
from generation.sampling import SEEDS_PER_PIECE, Piece, Round, Written, revisions
from generation.texts.kinds import Kind, Tone
from generation.texts.slots import fill_copy
from generation.work import claiming, reasons
from generation.work.claiming import OutOfDate, Skipped
from marketing_site.lib import work
from marketing_site.lib.work import State
from shop.models import Consent, Customer, Product
from shop.models.people import Purpose


class OfferBatch:
    """Jobs of one offers run, written together: one job a customer."""

    # The likeliest sentence first; what fails the checks gets two freer tries.
    rounds = (Round(1, temperature=0.0), Round(1, temperature=0.7), Round(1, temperature=0.9))

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        self.campaign = Campaign.objects.select_related("brand_voice").get(pk=self.run.campaign_id or 0)
        self.policy = OfferPolicy.objects.filter(campaign=self.campaign).first()
        everybody = [job.customer_id for job in jobs if job.customer_id]
        wanted = addressable(Customer.objects.filter(pk__in=everybody), self.campaign)
        self.wanted = set(wanted.values_list("pk", flat=True))
        on_offer = list(self.campaign.products.active().values_list("pk", flat=True))
        self.matches = Matcher(on_offer).match(list(self.wanted)) if on_offer else {}
        chosen = {match.product_id for match in self.matches.values()}
        self.products = Product.objects.select_related("category").in_bulk(chosen)
        coupons = Coupon.objects.filter(campaign=self.campaign, customer__in=everybody)
        self.codes = {coupon.customer_id: coupon.code for coupon in coupons}
        self.terms: dict[int, Terms] = {}

    def piece(self, job: Job) -> Piece:
        """Return what to write for a job; raises Skipped for a customer who gets no offer."""
        customer = job.customer_id or 0
        if customer not in self.wanted:
            raise Skipped(reasons.NO_CONSENT)
        if customer not in self.matches:
            raise Skipped(reasons.NO_PRODUCT)
        match = self.matches[customer]
        product, own_code = self.products[match.product_id], self.codes.get(customer)
        if not briefing.can_be_named(product):
            raise Skipped(reasons.UNFIT_NAME)
        settled = terms.settle(self.campaign, self.policy, product, match, own_code)
        self.terms[job.pk] = settled
        known = CustomerFacts(f"customer:{customer}", str(match.reason.get("category", "")))
        sheet = briefing.offer_sheet(self.campaign, product, settled.worded(), known, job.language)
        brief = Brief(sheet, Kind.OFFER, Tone(self.run.spec["tone"]), job.language)
        return Piece(job.pk, brief, job.pk * SEEDS_PER_PIECE, variant=job.pk % SEEDS_PER_PIECE)

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the offer with its coupon and end the job, all or nothing; the caller holds the run."""
        settled = self.terms[job.pk]
        customer = job.customer_id or 0
        self._hold_consent(customer)
        if not work.hold(Product.objects.active().filter(pk=settled.product.pk, price=settled.product.price)):
            raise OutOfDate(reasons.PRODUCT_CHANGED)
        claiming.end(job, State.DONE, used=piece.used)
        offer = self._row(customer)
        offer.job, offer.run = job, self.run
        offer.coupon = self._coupon(customer, settled) if settled.code else None
        offer.product, offer.reason, offer.language = (
            settled.product,
            dict(settled.match.reason),
            job.language,
        )
        offer.price, offer.price_after = settled.product.price, settled.discount.price_after
        offer.discount_kind, offer.discount_value = settled.discount.kind, settled.discount.value
        offer.text = fill_copy(written.copy, piece.brief.sheet)["text"]
        offer.origin = Origin.MODEL if written.by_model else Origin.TEMPLATE
        for field, value in revisions(written).items():
            setattr(offer, field, value)
        offer.save()

    def _hold_consent(self, customer: int) -> None:
        """Hold the customer's consent against a withdrawal; raises Skipped where there is none any more."""
        work.hold(Consent.objects.filter(customer=customer))
        if not addressable(Customer.objects.filter(pk=customer), self.campaign).exists():
            raise Skipped(reasons.NO_CONSENT)

    def _row(self, customer: int) -> PersonalOffer:
        """Return the row to fill: the customer's offer that nobody has approved yet, or a new one."""
        mine = PersonalOffer.objects.filter(campaign=self.campaign, customer=customer)
        standing = mine.exclude(state=PersonalOffer.State.EXCLUDED).select_for_update().first()
        if standing and standing.state == PersonalOffer.State.APPROVED:
            raise Skipped(reasons.HAS_OFFER)
        return standing or PersonalOffer(campaign=self.campaign, customer_id=customer)

    def _coupon(self, customer: int, settled: Terms) -> Coupon:
        """Return the coupon of the settled code; the customer's own one covers the offer's product."""
        if self.policy and self.policy.code_policy == OfferPolicy.CodePolicy.SHARED:
            return Coupon.objects.get_or_create(campaign=self.campaign, code=settled.code)[0]
        coupon, _created = Coupon.objects.update_or_create(
            campaign=self.campaign,
            code=settled.code,
            customer_id=customer,
            defaults={"valid_until": settled.until},
        )
        CouponProduct.objects.filter(coupon=coupon).exclude(product=settled.product).delete()
        CouponProduct.objects.get_or_create(coupon=coupon, product=settled.product)
        return coupon


def addressable(customers: QuerySet[Customer], campaign: Campaign) -> QuerySet[Customer]:
    """Keep the customers who may get a personal offer: contactable, and not objecting to profiling."""
    objecting = Consent.objects.filter(
        customer=OuterRef("pk"), purpose=Purpose.PROFILING, state=Consent.State.WITHDRAWN
    )
    return contactable(customers, campaign.channel).filter(~Exists(objecting))
