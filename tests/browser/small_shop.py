"""A small shop with a past: two categories, customers who lapsed and one who did not, a mailing that paid."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.timezone import localdate, now

from campaigns import attribution
from campaigns.models import BrandVoice, Campaign, Spend
from shop import ledger
from shop.models import Customer, Product
from tests import make

LAPSED = 8
EARNED, SPENT = Decimal(100), Decimal(40)


@dataclass(frozen=True)
class SmallShop:
    coffee: Product
    tea: Product
    lapsed: list[Customer]
    loyal: Customer
    mailing: Campaign


def opened() -> SmallShop:
    """Return a shop whose Home shows $100 credited to a mailing of $40."""
    drinks = make.category("Drinks")
    coffee = make.product("House blend coffee", "20", category=make.category("Coffee", drinks))
    tea = make.product("Green tea", "8", category=make.category("Tea", drinks))
    lapsed = [reachable(f"Lapsed Person {number}") for number in range(LAPSED)]
    loyal = reachable("Loyal Person")
    for buyer in lapsed:
        make.order(buyer, [(coffee, "20")], at=now() - timedelta(days=120))
    make.order(loyal, [(coffee, "20"), (tea, "8")], at=now() - timedelta(days=3))
    BrandVoice.objects.create(name="House voice", tone="warm")
    shop = SmallShop(coffee, tea, lapsed, loyal, mailed(loyal, tea))
    ledger.rebuild()
    ledger.score_customers()
    attribution.rebuild()
    return shop


def reachable(name: str) -> Customer:
    made = make.customer(name, attributes={"age": "35-44"})
    make.consent(made)
    return made


def mailed(buyer: Customer, bought: Product) -> Campaign:
    """Return a campaign that has ended: it cost $40, and one coupon of it brought $100."""
    day = localdate() - timedelta(days=10)
    campaign = make.campaign(
        "Autumn mailing",
        status="ended",
        channel="direct_mail",
        starts_on=day,
        ends_on=day + timedelta(days=5),
    )
    order = make.order(buyer, [(bought, str(EARNED))], at=now() - timedelta(days=9))
    make.redemption(make.coupon(campaign, code="AUTUMN"), buyer, at=order.ordered_at, order=order)
    Spend.objects.create(
        campaign=campaign, category=Spend.Category.DELIVERY, amount=SPENT, day=day, note="Postage"
    )
    return campaign
