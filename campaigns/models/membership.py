"""Who is in which segment since when, and the customers whose facts have changed since that was last settled.

The database notes the changes itself, by triggers on statements: whoever writes a fact, a page, the API or an
import by COPY, nobody has to think of segments. Facts about orders are the exception: those become conditions
through roll-ups, so `campaigns.attribution` notes their customers once these are right.
"""

from collections.abc import Collection

import pgtrigger
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.money import Touch
from campaigns.models.segment import Assignment, Segment, SegmentMember
from marketing_site.lib.arrays import array
from shop.models import Category, Consent, Customer, CustomerRfm, Event, Product

NOTE_CUSTOMERS = """
INSERT INTO campaigns_changedcustomer (customer_id)
SELECT customer_id FROM shop_order WHERE id = ANY(%s) UNION SELECT unnest(%s::bigint[])
"""


class SegmentMembership(models.Model):
    """One stay of one customer in one segment, rule or list; `left_at` is null while it lasts."""

    segment = models.ForeignKey(Segment, models.CASCADE, db_index=False, related_name="memberships")
    # No database constraint: there are more of these rows than of customers, and all can be judged again.
    customer = models.ForeignKey(
        Customer, models.CASCADE, db_constraint=False, related_name="segment_memberships"
    )
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("segment membership"), _("segment memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"], condition=Q(left_at__isnull=True), name="membership_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["segment", "left_at"], condition=Q(left_at__isnull=False), name="membership_ended"
            )
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.customer_id}"


class ChangedCustomer(models.Model):
    """One customer, or with null everybody, whose segments must be judged anew.

    Rows are only added and taken, never updated: no writer of facts ever waits for another or for the worker.
    """

    customer_id = models.BigIntegerField(null=True)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("changed customer"), _("changed customers")

    def __str__(self) -> str:
        return f"{self.customer_id}"


def note_buyers(order_ids: Collection[int], customer_ids: Collection[int] = ()) -> None:
    """Note that the orders of these customers changed; call it in the transaction that rolls them up."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_CUSTOMERS, [array(order_ids), array(customer_ids)])


def _noting(operation: pgtrigger.Operation, changed: str) -> pgtrigger.Trigger:
    """Return a trigger that notes the customers which the query `changed` finds in the statement's rows."""
    rows = {
        pgtrigger.Insert: pgtrigger.Referencing(new="after"),
        pgtrigger.Update: pgtrigger.Referencing(old="before", new="after"),
        pgtrigger.Delete: pgtrigger.Referencing(old="before"),
    }[operation]
    return pgtrigger.Trigger(
        name=f"segments_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=rows,
        func=f"INSERT INTO campaigns_changedcustomer (customer_id) {changed}; RETURN NULL;",
    )


def _watch(model: type[models.Model], **changed: str) -> None:
    operations = {"insert": pgtrigger.Insert, "update": pgtrigger.Update, "delete": pgtrigger.Delete}
    pgtrigger.register(*(_noting(operations[name], sql) for name, sql in changed.items()))(model)


def _changed(key: str, *columns: str) -> str:
    """Return a query of the keys of rows that differ in one of the columns.

    Not as a join: a session plans it once, by its first statement, and if that changed a single row, ten
    thousand are compared with ten thousand ever after.
    """
    row = ", ".join((key, *columns))
    return f"SELECT {key} FROM (SELECT {row} FROM after EXCEPT SELECT {row} FROM before) AS changed"  # noqa: S608  # our own words


_BEFORE, _AFTER = "SELECT customer_id FROM before", "SELECT customer_id FROM after"
_EITHER = f"{_BEFORE} UNION {_AFTER}"
# What one row stands for that many rules may name: with it, everybody's place may change.
_EVERYBODY = "SELECT NULL FROM before LIMIT 1"

_OF_CUSTOMERS: tuple[type[models.Model], ...] = (Event, Consent, Touch, Assignment, SegmentMember)
for _model in _OF_CUSTOMERS:
    _watch(_model, insert=f"{_AFTER} GROUP BY 1", update=_EITHER, delete=f"{_BEFORE} GROUP BY 1")
_watch(
    Customer,
    insert="SELECT id FROM after",
    update=_changed("id", "attributes", "locale", "erased_at"),
)
# Somebody else's order can change a customer's scores.
_watch(
    CustomerRfm,
    update=_changed("customer_id", "recency_score", "frequency_score", "monetary_score"),
)
_MOVED = _changed("id", "brand", "price", "category_id")
_OF_PRODUCTS = f"""
SELECT customer_id FROM shop_orderline WHERE product_id IN ({_MOVED})
UNION SELECT customer_id FROM shop_event WHERE product_id IN ({_MOVED})
"""  # noqa: S608  # our own words
_watch(Product, update=_OF_PRODUCTS, delete=_EVERYBODY)
_watch(
    Category,
    update=f"SELECT NULL FROM ({_changed('id', 'path')}) AS moved LIMIT 1",  # noqa: S608  # our own words
    delete=_EVERYBODY,
)
for _model in (Campaign, Segment):
    _watch(_model, delete=_EVERYBODY)
