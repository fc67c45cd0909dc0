"""Giving a person what is kept of them: one document, to which each app adds what it knows."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Prefetch
from django.utils.module_loading import import_string
from django.utils.timezone import now

from shop.erasing import IMAGES
from shop.models import Customer, CustomerProfile, Disclosure, ImportImage, Order, OrderLine, Suppression
from shop.models.people import address_hash

Document = dict[str, Any]


@transaction.atomic
def disclose(customer: Customer, by: User) -> Document:
    """Return all that is kept of a person, by subject, and note who asked for it."""
    Disclosure.objects.create(customer=customer, by=by)
    document: Document = {"exported_at": now(), **known(customer)}
    for path in settings.DISCLOSURES:
        document |= import_string(path)(customer)
    return document


def known(customer: Customer) -> Document:
    """Return what the ledger keeps of a person."""
    profile = CustomerProfile.objects.filter(customer=customer).first()
    return {
        "customer": {
            "number": customer.external_id, "language": customer.locale, "time_zone": customer.time_zone,
            "attributes": customer.attributes, "created_at": customer.created_at,
            "erased_at": customer.erased_at,
        },
        "profile": profile and {
            "name": profile.name, "email": profile.email, "phone": profile.phone,
            "invented": profile.synthetic, "suppressed": suppressed(profile.email),
        },
        "consents": rows(customer.consents, "purpose", "channel", "state", "updated_at"),
        "consent_history": rows(
            customer.consent_events.order_by("at", "pk"),
            "purpose", "channel", "state", "source", "text_version", "at",
        ),
        "orders": [order(one) for one in orders(customer)],
        "events": rows(
            customer.events.order_by("occurred_at", "pk"),
            "kind", "occurred_at", "text", "rating", "source", "synthetic", product_sku=F("product__sku"),
        ),
        "kept_for_undo": [
            image.before for image in ImportImage.objects.filter(model__in=IMAGES, key=customer.pk)
            if image.before
        ],
    }  # fmt: skip


def rows(found: Any, *fields: str, **named: F) -> list[Document]:
    """Return the rows of a queryset with these fields, some under names of their own."""
    return list(found.values(*fields, **named))


def suppressed(address: str) -> list[str]:
    """Return what an address is never contacted for, in the words of the suppression list."""
    if not address:
        return []
    return list(
        Suppression.objects.filter(address_hash=address_hash(address)).values_list("scope", flat=True)
    )


def orders(customer: Customer) -> models.QuerySet[Order]:
    lines = OrderLine.objects.select_related("product").order_by("line_no")
    placed = customer.orders.order_by("ordered_at", "pk")
    return placed.prefetch_related(Prefetch("lines", lines), "refunds")


def order(one: Order) -> Document:
    amounts = ("gross", "discount", "refunded", "net_revenue", "tax", "shipping")
    lines, refunds = one.lines.all(), one.refunds.all()
    return {
        "number": one.external_id, "source": one.source, "ordered_at": one.ordered_at, "status": one.status,
        "coupon_codes": one.coupon_codes, "original_currency": one.original_currency,
        "original_total": one.original_total, **{name: getattr(one, name) for name in amounts},
        "lines": [
            {"product_sku": line.product.sku, "quantity": line.quantity, "gross": line.gross,
             "discount": line.discount, "coupon_value": line.coupon_value}
            for line in lines
        ],
        "refunds": [
            {"amount": refund.amount, "refunded_at": refund.refunded_at, "reason": refund.reason}
            for refund in refunds
        ],
    }  # fmt: skip
