"""What one customer is offered: product, discount, code and last day, all decided by the program."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from campaigns.models import Campaign, OfferPolicy
from generation.facts import OfferTerms
from generation.offering.codes import new_code
from generation.offering.discounting import Discount, discount
from generation.offering.matching import Match
from shop.models import Product

Kind, CodePolicy = OfferPolicy.Kind, OfferPolicy.CodePolicy


@dataclass(frozen=True)
class Terms:
    """One customer's terms, settled before a word is written. `code` is "" where none is needed."""

    product: Product
    match: Match
    discount: Discount
    code: str
    until: date | None
    minimum_basket: Decimal | None
    source: str

    def worded(self) -> OfferTerms:
        """Return what a fact sheet needs of the terms."""
        value, kind = self.discount.value, self.discount.kind
        return OfferTerms(
            source=self.source,
            percent_off=value if kind == Kind.PERCENT else None,
            amount_off=value if kind == Kind.AMOUNT else None,
            code=self.code,
            until=self.until,
            minimum_basket=self.minimum_basket,
        )


def settle(
    campaign: Campaign, policy: OfferPolicy | None, product: Product, match: Match, own_code: str | None
) -> Terms:
    """Apply the campaign's policy; `own_code` is the code that the customer already has."""
    given = discount(policy, product.price, product.cost)
    return Terms(
        product=product,
        match=match,
        discount=given,
        code=_code(policy, given, own_code),
        until=last_day(campaign, policy),
        minimum_basket=policy.minimum_basket if policy and given.kind != Kind.NONE else None,
        source=f"campaign:{campaign.pk}",
    )


def last_day(campaign: Campaign, policy: OfferPolicy | None) -> date | None:
    """Return the offer's last day: some days from today, but never after the campaign's end."""
    own = localdate() + timedelta(days=policy.valid_days) if policy and policy.valid_days else None
    days = [day for day in (own, campaign.ends_on) if day]
    return min(days) if days else None


def _code(policy: OfferPolicy | None, given: Discount, own_code: str | None) -> str:
    if policy is None or given.kind == Kind.NONE or policy.code_policy == CodePolicy.NONE:
        return ""
    return policy.shared_code if policy.code_policy == CodePolicy.SHARED else own_code or new_code()
