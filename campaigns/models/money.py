"""What campaigns cost, whom they touched, and which revenue is credited to them."""

from typing import TYPE_CHECKING, Self

import pghistory
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from marketing_site.lib.figures import number
from marketing_site.lib.money import ZERO, MoneyField, stored
from shop.models import ApiKey, Customer, Order, Product

if TYPE_CHECKING:
    from campaigns.models.segment import Identity


class SpendQuerySet(models.QuerySet["Spend"]):
    def visible_to(self, identity: "Identity", scope: str = "spend:read") -> Self:
        """Keep the spend of campaigns that a user, or a key with this scope, may see."""
        if not isinstance(identity, ApiKey) and not identity.has_perm("campaigns.view_spend"):
            return self.none()
        return self.filter(campaign__in=Campaign.objects.visible_to(identity, scope))

    def by_people(self) -> Self:
        """Keep what people may correct: not what the program books, and would book again."""
        return self.exclude(source__in=Spend.OF_PROGRAM)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Spend(models.Model):
    """One cost of a campaign on one day. Discounts are contra-revenue and never stand here."""

    class Category(models.TextChoices):
        MEDIA = "media", _("media")
        DELIVERY = "delivery", _("delivery")
        CREATIVE = "creative", _("creative")
        FEES = "fees", _("fees")
        GENERATION = "generation", _("generation")

    class Source(models.TextChoices):
        MANUAL = "manual", _("entered by hand")
        CSV = "csv", _("CSV file")
        API = "api", _("API")
        DELIVERY = "delivery", _("delivery")
        GENERATION = "generation", _("generation")
        DEMO = "demo", _("demo assumption")

    # What the program books, and would book again.
    OF_PROGRAM = (Source.DELIVERY, Source.GENERATION)

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="spends", verbose_name=_("campaign"))
    category = models.CharField(_("category"), max_length=10, choices=Category)
    amount = MoneyField(_("amount"))
    day = models.DateField(_("day"))
    source = models.CharField(
        _("source"), max_length=10, choices=Source, default=Source.MANUAL, editable=False
    )
    external_id = models.CharField(_("external id"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # How the amount came about, where it was computed: quantity times rate.
    quantity = models.DecimalField(max_digits=18, decimal_places=4, null=True, editable=False)
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SpendQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("spend"), _("spends")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="spend_not_negative",
                violation_error_message=_("Spend cannot be negative."),
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="spend_once"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "day"], name="spend_by_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.amount} on {self.day}"

    @property
    def calculation(self) -> str:
        """How the amount came about, "" where somebody entered it or more went into it."""
        if self.quantity is None or self.rate is None or stored(self.quantity * self.rate) != self.amount:
            return ""
        return f"{number(self.quantity)} × {number(self.rate, 6).rstrip('0')}"


class Coupon(models.Model):
    """One code of one campaign; with a customer it is that person's own."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="coupons")
    code = models.CharField(_("code"), max_length=64)
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, blank=True, related_name="coupons")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("coupon"), _("coupons")
        constraints = [models.UniqueConstraint(fields=["campaign", "code"], name="coupon_once")]
        indexes = [models.Index(fields=["code"], name="coupon_by_code")]

    def __str__(self) -> str:
        return self.code


class CouponProduct(models.Model):
    """One product that a coupon covers: only its lines are credited. Without any, every line is."""

    pk = models.CompositePrimaryKey("coupon_id", "product_id")
    coupon = models.ForeignKey(Coupon, models.CASCADE, related_name="covered")
    product = models.ForeignKey(Product, models.CASCADE, db_constraint=False, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("product of a coupon"), _("products of coupons")

    def __str__(self) -> str:
        return f"{self.coupon_id}: {self.product_id}"


class Touch(models.Model):
    """One contact of one customer by one campaign that may claim revenue. Opens are none."""

    class Kind(models.TextChoices):
        COUPON = "coupon", _("coupon redeemed")
        CLICK = "click", _("click")
        DELIVERY = "delivery", _("delivery")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="touches")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="touches")
    kind = models.CharField(max_length=8, choices=Kind)
    # Of a redemption: which code, and the order that used it where the shop said so.
    coupon = models.ForeignKey(Coupon, models.CASCADE, null=True, blank=True, related_name="touches")
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="touches")
    touched_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=100)

    class Meta:
        verbose_name, verbose_name_plural = _("touch"), _("touches")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="touch_once"),
            models.CheckConstraint(
                condition=~Q(kind="coupon") | Q(coupon__isnull=False),
                name="touch_coupon_names_its_code",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "touched_at"], name="touch_by_customer"),
            models.Index(fields=["campaign", "kind", "touched_at"], name="touch_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.kind} {self.touched_at:%Y-%m-%d}"


class Credit(models.Model):
    """A part of one order's net revenue, given to a campaign or, where campaign is null, to none.

    The credits of an order sum exactly to its net revenue. Never edited: recomputed.
    """

    # No constraint on the order, no index of rows without a campaign: a rebuild writes a row for each order.
    order = models.ForeignKey(Order, models.CASCADE, db_constraint=False, related_name="credits")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, db_index=False, related_name="credits")
    touch = models.ForeignKey(Touch, models.CASCADE, null=True, db_index=False, related_name="credits")
    model = models.CharField(max_length=16)
    # The share of the order's net revenue; null where the order's net revenue is zero.
    weight = models.DecimalField(max_digits=12, decimal_places=10, null=True)
    amount = MoneyField()
    # The day of the order in the shop's zone.
    day = models.DateField()

    class Meta:
        verbose_name, verbose_name_plural = _("credit"), _("credits")
        indexes = [
            models.Index(
                fields=["campaign", "day"], name="credit_by_campaign", condition=Q(campaign__isnull=False)
            ),
            models.Index(fields=["touch"], name="credit_by_touch", condition=Q(touch__isnull=False)),
            models.Index(fields=["day"], name="credit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount}"


class CampaignDay(models.Model):
    """Roll-up: one campaign (null: none) on one day of the shop's zone. Every column adds up over days."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="days")
    model = models.CharField(max_length=16)
    day = models.DateField()
    spend = MoneyField(default=ZERO)
    # Net revenue credited to the campaign.
    net_revenue = MoneyField(default=ZERO)
    orders = models.IntegerField(default=0)
    # Whole net revenue of those orders, for the average order value.
    order_revenue = MoneyField(default=ZERO)
    # Customers whose first order ever is credited here.
    new_customers = models.IntegerField(default=0)
    redemptions = models.IntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("campaign day"), _("campaign days")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "model", "day"], name="campaign_day_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["model", "day"], name="campaign_day_by_day")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.day}"


class CreditedDay(models.Model):
    """Roll-up: the orders credited to any campaign on one day of the shop's zone.

    An order that two campaigns share counts once here, and once for each of them in their own days.
    """

    pk = models.CompositePrimaryKey("model", "day")
    model = models.CharField(max_length=16)
    day = models.DateField()
    orders = models.IntegerField(default=0)
    order_revenue = MoneyField(default=ZERO)
    new_customers = models.IntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("credited day"), _("credited days")

    def __str__(self) -> str:
        return f"{self.day}"
