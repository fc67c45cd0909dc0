"""How facts enter the ledger one at a time: each in one transaction, with the keys that it makes out of date.

Repeating a call changes nothing: an order, refund or event is known by its source and external id, a product
by its SKU. Callers have validated the values; what they cannot know is refused here with IngestError.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketing_site.lib.money import ZERO
from shop.ledger import mark_dirty, mark_orders_of, total
from shop.models import Customer, Event, Order, OrderLine, Product, Refund


class IngestError(ValueError):
    """The fact contradicts the ledger; the message says what and where."""


@dataclass(frozen=True)
class NewLine:
    """One line of an order; `gross` is before discounts, `coupon_value` the face value of coupons on it."""

    product: Product
    quantity: int
    gross: Decimal
    discount: Decimal = ZERO
    coupon_value: Decimal = ZERO


@dataclass(frozen=True)
class NewOrder:
    """One order as a source reports it, with all of its lines."""

    source: str
    external_id: str
    customer: Customer
    ordered_at: datetime
    lines: Sequence[NewLine]
    status: str = Order.Status.PLACED
    coupon_codes: list[str] = field(default_factory=list)
    tax: Decimal = ZERO
    shipping: Decimal = ZERO
    original_currency: str = ""
    original_total: Decimal | None = None
    exchange_rate: Decimal | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns of the order's own row, without the two that identify it."""
        apart = {"source", "external_id", "lines"}
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in apart}


@transaction.atomic
def put_order(new: NewOrder) -> tuple[Order, bool]:
    """Write the order with all of its lines, or correct the known one; return it and whether it is new.

    Its sums are right on return; what is rolled up from it follows when the dirty keys are drained.
    """
    known = Order.objects.select_for_update().filter(source=new.source, external_id=new.external_id).first()
    if known and (known.ordered_at, known.customer_id) != (new.ordered_at, new.customer.pk):
        mark_dirty(customers=[known.customer_id, new.customer.pk])
    order, created = Order.objects.update_or_create(
        source=new.source, external_id=new.external_id, defaults=new.values()
    )
    order.lines.all().delete()
    when_and_who = {"ordered_at": new.ordered_at, "customer_id": new.customer.pk}
    OrderLine.objects.bulk_create(
        OrderLine(order=order, line_no=number, **when_and_who, **vars(line))
        for number, line in enumerate(new.lines, start=1)
    )
    _changed(order)
    return order, created


@transaction.atomic
def put_refund(
    source: str,
    external_id: str,
    order: Order,
    amount: Decimal,
    refunded_at: datetime,
    *,
    line_no: int | None = None,
    reason: str = "",
) -> tuple[Refund, bool]:
    """Write money given back for an order or one of its lines, or correct the known refund."""
    known = Refund.objects.filter(source=source, external_id=external_id).first()
    if known and known.order_id != order.pk:
        raise IngestError(_("This refund is known for another order: give it an external id of its own."))
    if line_no is not None and not order.lines.filter(line_no=line_no).exists():
        raise IngestError(_("The order has no line %(number)s.") % {"number": line_no})
    values = {
        "order": order,
        "amount": amount,
        "refunded_at": refunded_at,
        "line_no": line_no,
        "reason": reason,
    }
    refund, created = Refund.objects.update_or_create(source=source, external_id=external_id, defaults=values)
    _changed(order)
    return refund, created


def put_event(event: Event) -> tuple[Event, bool]:
    """Write an event, or return the known one as it is: events are never corrected."""
    key = {"source": event.source, "external_id": event.external_id}
    columns = [one.attname for one in Event._meta.concrete_fields if not one.primary_key]
    return Event.objects.get_or_create(**key, defaults={name: getattr(event, name) for name in columns})


@transaction.atomic
def put_product(sku: str, values: dict[str, Any]) -> tuple[Product, bool]:
    """Write the product of this SKU, in any case of its letters; only the given columns change."""
    known = Product.objects.select_for_update().filter(sku__iexact=sku).first()
    product = known or Product(sku=sku)
    for name, value in values.items():
        setattr(product, name, value)
    save_product(product)
    return product, known is None


@transaction.atomic
def save_product(product: Product) -> None:
    """Save a product; what was bought of it is counted anew where its category changed.

    A cost that changes was entered by somebody, so it is no assumption any more.
    """
    before = Product.objects.filter(pk=product.pk).first()
    if before and before.cost != product.cost:
        product.cost_assumed = False
    product.save()
    if before and before.category_id != product.category_id:
        mark_orders_of([product.pk])


def _changed(order: Order) -> None:
    total([order.pk])
    order.refresh_from_db(fields=["gross", "discount", "refunded", "net_revenue"])
    mark_dirty(orders=[order.pk])
