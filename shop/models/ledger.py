"""Orders, their lines, refunds and events: rows that are added and corrected, never thought up.

These are the large tables: a foreign key has no index of its own where another index begins with it.
"""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.money import ZERO, MoneyField
from shop.models.catalog import Product
from shop.models.people import Customer


class Order(models.Model):
    """One purchase. `gross`, `discount`, `refunded` and `net_revenue` are sums that `shop.ledger` keeps."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        CANCELLED = "cancelled", _("cancelled")

    source = models.CharField(_("source"), max_length=32)
    external_id = models.CharField(_("external id"), max_length=64)
    customer = models.ForeignKey(
        Customer, models.PROTECT, db_index=False, related_name="orders", verbose_name=_("customer")
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PLACED)
    # Codes as the shop reported them; whose they are is decided by attribution.
    coupon_codes = models.JSONField(_("coupon codes"), default=list, blank=True)
    tax = MoneyField(_("tax"), default=ZERO)
    shipping = MoneyField(_("shipping"), default=ZERO)
    # Only where the order came in another currency: what it said, and the rate that was used.
    original_currency = models.CharField(max_length=3, blank=True)
    original_total = MoneyField(null=True, blank=True)
    exchange_rate = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    gross = MoneyField(_("gross"), default=ZERO, editable=False)
    discount = MoneyField(_("discounts"), default=ZERO, editable=False)
    refunded = MoneyField(_("refunds"), default=ZERO, editable=False)
    net_revenue = MoneyField(_("net revenue"), default=ZERO, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="order_once")]
        indexes = [
            models.Index(fields=["customer", "ordered_at"], name="order_by_customer"),
            models.Index(fields=["ordered_at"], name="order_by_time"),
            # So few that sums over lines can leave them out without reading the orders.
            models.Index(fields=["ordered_at"], name="order_cancelled", condition=Q(status="cancelled")),
        ]

    def __str__(self) -> str:
        return self.external_id

    def get_absolute_url(self) -> str:
        return reverse("admin:shop_order_change", args=[self.pk])


class OrderLine(models.Model):
    """One product on one order, with its own amounts: price times quantity is only for show."""

    pk = models.CompositePrimaryKey("order_id", "line_no")
    # No database constraints here and to product: each costs about 9 µs a line. A line is only written in the
    # transaction that writes its order, and only for a product that is known.
    order = models.ForeignKey(
        Order, models.CASCADE, db_constraint=False, db_index=False, related_name="lines"
    )
    line_no = models.IntegerField()
    product = models.ForeignKey(
        Product, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    # Copied from the order, so that segments and reports need no join.
    customer_id = models.BigIntegerField()
    ordered_at = models.DateTimeField()
    quantity = models.IntegerField()
    # Before discounts.
    gross = MoneyField()
    # Discounts that the shop bears: contra-revenue, never spend.
    discount = MoneyField(default=ZERO)
    # Face value of coupons on this line, whoever bore it. Above zero, the line was bought with a coupon.
    coupon_value = MoneyField(default=ZERO)

    class Meta:
        verbose_name, verbose_name_plural = _("order line"), _("order lines")
        indexes = [
            # With what a product's sales are summed from: a best-seller's lines lie on thousands of pages.
            models.Index(
                fields=["product", "ordered_at"],
                include=["order", "quantity", "gross", "discount"],
                name="line_by_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Refund(models.Model):
    """Money given back for an order, or for one of its lines."""

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    line_no = models.IntegerField(null=True, blank=True)
    amount = MoneyField()
    refunded_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="refund_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_positive"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Event(models.Model):
    """One thing a customer did: searched, viewed, put in the cart, bought, reviewed. Append-only."""

    class Kind(models.TextChoices):
        SEARCH = "search", _("search")
        VIEW = "view", _("view")
        CART = "cart", _("cart")
        COUPON = "coupon", _("coupon")
        PURCHASE = "purchase", _("purchase")
        REVIEW = "review", _("review")

    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64)
    customer = models.ForeignKey(Customer, models.CASCADE, db_index=False, related_name="events")
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, db_index=False, related_name="events"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    occurred_at = models.DateTimeField(_("time"))
    received_at = models.DateTimeField(auto_now_add=True)
    # The words of a search or the text of a review: written by strangers, never trusted.
    text = models.TextField(_("text"), blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="event_once"),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(kind="review", rating__range=(1, 5)),
                name="event_rating_of_a_review_is_1_to_5",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "kind", "occurred_at"], name="event_by_customer"),
            models.Index(fields=["product", "kind", "occurred_at"], name="event_by_product"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
