"""One plain function for each thing a test needs: say only what matters."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils.timezone import localdate

from campaigns import launching
from campaigns.models import (
    Campaign,
    Coupon,
    CouponProduct,
    OfferPolicy,
    Segment,
    SegmentMember,
    Spend,
    Touch,
)
from shop.models import Category, Consent, Customer, CustomerProfile, Order, OrderLine, Product, Refund

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, noon in New York
_n = count(1)


def user(role: str = "marketer") -> User:
    """Return a user in one of the groups viewer, marketer, approver, administrator."""
    name = f"{role}{next(_n)}"
    made = User.objects.create_user(name, f"{name}@example.com", "correct horse battery")
    made.groups.add(Group.objects.get(name=role))
    if role == "administrator":
        User.objects.filter(pk=made.pk).update(is_staff=True)
    return User.objects.get(pk=made.pk)


def category(name: str = "", parent: Category | None = None) -> Category:
    made = Category.objects.create(name=name or f"category {next(_n)}", parent=parent)
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def product(name: str = "", price: str | None = "10", **fields: Any) -> Product:
    number = next(_n)
    defaults = {"sku": f"SKU-{number}", "price": None if price is None else Decimal(price)}
    return Product.objects.create(name=name or f"product {number}", **(defaults | fields))


def customer(name: str = "", **fields: Any) -> Customer:
    number = next(_n)
    made = Customer.objects.create(**({"external_id": f"C{number}"} | fields))
    CustomerProfile.objects.create(
        customer=made, name=name or f"Customer {number}", email=f"c{number}@example.invalid"
    )
    return made


def order(
    buyer: Customer | None = None,
    lines: Sequence[tuple[Product, str] | tuple[Product, str, str]] = (),
    at: datetime = NOON,
    **fields: Any,
) -> Order:
    """Return an order with one line per (product, amount) or (product, amount, coupon value).

    Its sums are kept by shop.ledger, not here.
    """
    buyer = buyer or customer()
    made = Order.objects.create(
        source="test", external_id=f"O{next(_n)}", customer=buyer, ordered_at=at, **fields
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=made, line_no=number, product=bought, customer_id=buyer.pk, ordered_at=at, quantity=1,
            gross=Decimal(amount), coupon_value=Decimal(coupon_value[0] if coupon_value else 0),
        )
        for number, (bought, amount, *coupon_value) in enumerate(lines or [(product(), "10")], start=1)
    )  # fmt: skip
    return made


def segment(name: str = "", **fields: Any) -> Segment:
    return Segment.objects.create(name=name or f"segment {next(_n)}", **fields)


def campaign(name: str = "", spent: Sequence[str] = (), **fields: Any) -> Campaign:
    made = Campaign.objects.create(name=name or f"campaign {next(_n)}", **fields)
    for amount in spent:
        Spend.objects.create(
            campaign=made, category=Spend.Category.MEDIA, amount=Decimal(amount), day=NOON.date()
        )
    return made


def refund(of: Order, amount: str, line_no: int | None = None) -> Refund:
    return Refund.objects.create(
        source="test", external_id=f"R{next(_n)}", order=of, line_no=line_no, amount=Decimal(amount),
        refunded_at=of.ordered_at,
    )  # fmt: skip


def coupon(campaign: Campaign, products: Sequence[Product] = (), code: str = "", **fields: Any) -> Coupon:
    made = Coupon.objects.create(campaign=campaign, code=code or f"CODE{next(_n)}", **fields)
    CouponProduct.objects.bulk_create(CouponProduct(coupon=made, product=one) for one in products)
    return made


def redemption(of: Coupon, by: Customer, at: datetime = NOON, order: Order | None = None) -> Touch:
    return Touch.objects.create(
        campaign=of.campaign, customer=by, kind=Touch.Kind.COUPON, coupon=of, order=order, touched_at=at,
        source="test", external_id=f"T{next(_n)}",
    )  # fmt: skip


def click(campaign: Campaign, by: Customer, at: datetime, kind: Touch.Kind = Touch.Kind.CLICK) -> Touch:
    return Touch.objects.create(
        campaign=campaign, customer=by, kind=kind, touched_at=at, source="test", external_id=f"T{next(_n)}"
    )


def consent(who: Customer, channel: str = "email", state: str = "granted") -> Consent:
    return Consent.objects.create(customer=who, purpose="marketing", channel=channel, state=state)


def audience(size: int = 10) -> Segment:
    """Return a fixed list of customers who all agreed to e-mail."""
    listed = segment(kind=Segment.Kind.LIST)
    people = [customer() for _ in range(size)]
    for who in people:
        consent(who)
    SegmentMember.objects.bulk_create(SegmentMember(segment=listed, customer=who) for who in people)
    return listed


def complete_campaign(name: str = "", by: User | None = None, size: int = 10, **fields: Any) -> Campaign:
    """Return a draft that lacks nothing for its review."""
    today = localdate()
    made = Campaign(name=name or f"campaign {next(_n)}", starts_on=today, ends_on=today + timedelta(days=14))
    for field, value in ({"segment": audience(size)} | fields).items():
        setattr(made, field, value)
    launching.create(made, by)
    made.products.add(product())
    OfferPolicy.objects.create(campaign=made, kind=OfferPolicy.Kind.PERCENT, value=Decimal(10))
    return made


def approved_campaign(name: str = "", size: int = 10, **fields: Any) -> Campaign:
    """Return a campaign with a frozen audience: written by one person, approved by another."""
    author = user("marketer")
    made = complete_campaign(name, author, size, **fields)
    launching.submit(made, author)
    launching.approve(made, user("approver"))
    return made
