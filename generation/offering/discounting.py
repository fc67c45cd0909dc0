"""What one product costs under an offer policy: arithmetic of the program, never a choice of the model."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from campaigns.models import OfferPolicy
from marketing_site.lib.money import ZERO, shown

Kind = OfferPolicy.Kind
HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Discount:
    """A discount as it is said: percent, amount or none, with the price after it where one is known."""

    kind: OfferPolicy.Kind
    value: Decimal | None
    price_after: Decimal | None


def discount(policy: OfferPolicy | None, price: Decimal | None, cost: Decimal | None) -> Discount:
    """Apply the policy to one product.

    The cap limits the amount taken off; the margin floor f keeps (price after - cost) / price after at or
    above f where the cost is known. What these leave is said as it is: a capped percentage becomes an
    amount, and where nothing is left there is no discount.
    """
    if policy is None or policy.kind == Kind.NONE or not policy.value:
        return Discount(Kind.NONE, None, price)
    if price is None:
        return Discount(Kind(policy.kind), policy.value, None)
    wanted = shown(price * policy.value / HUNDRED) if policy.kind == Kind.PERCENT else policy.value
    allowed = min(wanted, policy.cap or wanted, _room(policy, price, cost), price)
    if allowed <= ZERO:
        return Discount(Kind.NONE, None, price)
    if allowed == wanted:
        return Discount(Kind(policy.kind), policy.value, price - wanted)
    allowed = allowed.quantize(CENT, ROUND_DOWN)
    return Discount(Kind.AMOUNT, allowed, price - allowed) if allowed else Discount(Kind.NONE, None, price)


def _room(policy: OfferPolicy, price: Decimal, cost: Decimal | None) -> Decimal:
    """Return the most that may come off before the margin falls below the floor."""
    if cost is None or policy.margin_floor is None:
        return price
    share = policy.margin_floor / HUNDRED
    lowest = cost / (1 - share) if share < 1 else price
    return max(ZERO, price - lowest)
