"""Roll-ups of shop facts, recomputed for touched keys, and the list of keys still to recompute."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.money import ZERO, MoneyField
from shop.models.catalog import Category
from shop.models.people import Customer


class CustomerRfm(models.Model):
    """Recency, frequency and monetary value of one customer, with scores from 1 (low) to 5 (high)."""

    # No database constraint, as in the other roll-ups: their rows are made of orders, which have one.
    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, db_constraint=False, related_name="rfm"
    )
    first_order_at = models.DateTimeField()
    last_order_at = models.DateTimeField()
    orders = models.IntegerField()
    net_revenue = MoneyField()
    # Null until the scores were computed; ties share a score.
    recency_score = models.PositiveSmallIntegerField(null=True)
    frequency_score = models.PositiveSmallIntegerField(null=True)
    monetary_score = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("customer value"), _("customer values")
        indexes = [
            models.Index(fields=["last_order_at"], name="rfm_by_last_order"),
            models.Index(fields=["orders"], name="rfm_by_orders"),
            models.Index(fields=["net_revenue"], name="rfm_by_net_revenue"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.orders}"


class CustomerCategoryDay(models.Model):
    """What one customer bought in one category, or below it, on one day of the shop's zone."""

    pk = models.CompositePrimaryKey("customer_id", "day", "category_id")
    # No database constraints: a roll-up is as right as what it was rolled up from, and they cost its speed.
    category = models.ForeignKey(Category, models.CASCADE, db_constraint=False, db_index=False)
    day = models.DateField()
    customer = models.ForeignKey(Customer, models.CASCADE, db_constraint=False, db_index=False)
    orders = models.IntegerField(default=0)
    lines = models.IntegerField(default=0)
    net_revenue = MoneyField(default=ZERO)

    class Meta:
        verbose_name, verbose_name_plural = _("category day"), _("category days")
        indexes = [
            # A category's buyers one after the other, without a look at the rows: what a segment counts.
            models.Index(
                fields=["category", "customer"], include=["day"], condition=Q(orders__gt=0),
                name="category_day_of_buyer",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.category_id} {self.day} {self.customer_id}"


class CustomerMonth(models.Model):
    """The orders of one customer in one month of the shop's zone, cancelled ones excluded."""

    pk = models.CompositePrimaryKey("customer_id", "month")
    customer = models.ForeignKey(Customer, models.CASCADE, db_constraint=False, db_index=False)
    # The first day of the month.
    month = models.DateField()
    orders = models.IntegerField()
    net_revenue = MoneyField()

    class Meta:
        verbose_name, verbose_name_plural = _("customer month"), _("customer months")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.month}"


class CohortMonth(models.Model):
    """What the customers whose first order fell in one month did in that month or a later one."""

    pk = models.CompositePrimaryKey("cohort", "month")
    # First days of months.
    cohort = models.DateField()
    month = models.DateField()
    customers = models.IntegerField()
    # Those of the customers who had ordered in the month before as well.
    kept = models.IntegerField()
    # Those whose second order ever fell in this month.
    second_orders = models.IntegerField()
    orders = models.IntegerField()
    net_revenue = MoneyField()

    class Meta:
        verbose_name, verbose_name_plural = _("cohort month"), _("cohort months")

    def __str__(self) -> str:
        return f"{self.cohort} {self.month}"


class DirtyKey(models.Model):
    """One order or customer whose roll-ups are out of date, written in the transaction that changed it."""

    class Kind(models.TextChoices):
        ORDER = "order", _("order")
        # Written whole, with the sums it carries.
        NEW_ORDER = "new_order", _("new order")
        CUSTOMER = "customer", _("customer")

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.BigIntegerField()
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("roll-up to do"), _("roll-ups to do")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="dirty_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
