"""Conditions on what campaigns did to a customer, and on what the customer did in the shop."""

from datetime import date
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.segmenting.fields.base import COUNT, DAYS, Clause, Counted, Operator
from campaigns.segmenting.predicates import Sql, since
from campaigns.segmenting.values import Choice, Reference, Text
from shop.models import Event, Product

TOPIC = _("Campaigns and events")
# What an event says where a product is named: at any time, and within days.
OF_PRODUCT = {
    "at_least": (
        _("did “%(kind)s” with %(product)s at least %(count)s"),
        _("did “%(kind)s” with %(product)s at least %(count)s in the last %(days)s"),
    ),
    "at_most": (
        _("did “%(kind)s” with %(product)s at most %(count)s"),
        _("did “%(kind)s” with %(product)s at most %(count)s in the last %(days)s"),
    ),
    "none": (
        _("never did “%(kind)s” with %(product)s"),
        _("did not do “%(kind)s” with %(product)s in the last %(days)s"),
    ),
}
CAMPAIGN = Reference(_("campaign"), absent=_("any campaign"), model=Campaign)


def counted(table: str, fixed: Sql, column: str, clause: Clause, today: date) -> Sql:
    """Return how many rows of a table each customer has, within what the clause asks."""
    rows = Sql(f"SELECT customer_id, count(*) AS n FROM {table} WHERE ") + fixed  # noqa: S608  # our own words
    for name in ("campaign", "product"):
        if (key := clause.number(name)) is not None:
            rows += Sql(f" AND {name}_id = %s", (key,))
    return rows + since(column, clause.window(today)) + Sql(" GROUP BY customer_id")


class CouponUsed(Counted):
    """Redemptions of a campaign's coupons."""

    name, label, topic = "coupon", _("coupon used"), TOPIC
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("used"),
            _("used a coupon of %(campaign)s in the last %(days)s"),
            _("used a coupon of %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not used"),
            _("did not use a coupon of %(campaign)s in the last %(days)s"),
            _("never used a coupon of %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, today: date) -> Sql:
        return counted("campaigns_touch", Sql("kind = 'coupon'"), "touched_at", clause, today)


class CampaignReceived(Counted):
    """Campaigns in whose frozen audience a customer is treated; who is held out received nothing."""

    name, label, topic = "campaign", _("campaign received"), TOPIC
    hint = _("Customers who were held out did not receive the campaign.")
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("received"),
            _("received %(campaign)s in the last %(days)s"),
            _("received %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not received"),
            _("did not receive %(campaign)s in the last %(days)s"),
            _("never received %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, today: date) -> Sql:
        return counted("campaigns_assignment", Sql("arm = 'treated'"), "assigned_at", clause, today)


class EventDone(Counted):
    """Searches, views, carts, purchases and reviews."""

    name, label, topic = "event", _("event"), TOPIC
    parameters: ClassVar = {
        "kind": Choice(_("kind"), choices=dict(Event.Kind.choices)),
        "product": Reference(_("product"), model=Product),
        "count": COUNT,
        "days": DAYS,
    }
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("did “%(kind)s” at least %(count)s in the last %(days)s"),
            _("did “%(kind)s” at least %(count)s"),
            needs=("kind", "count"),
            may=("product", "days"),
        ),
        "at_most": Operator(
            _("at most"),
            _("did “%(kind)s” at most %(count)s in the last %(days)s"),
            _("did “%(kind)s” at most %(count)s"),
            needs=("kind", "count"),
            may=("product", "days"),
        ),
        "none": Operator(
            _("not at all"),
            _("did not do “%(kind)s” in the last %(days)s"),
            _("never did “%(kind)s”"),
            needs=("kind",),
            may=("product", "days"),
        ),
    }

    def words(self, clause: Clause) -> Text:
        ever, lately = OF_PRODUCT[clause.operator]
        if "product" not in clause.values:
            return super().words(clause)
        return lately if "days" in clause.values else ever

    def source(self, clause: Clause, today: date) -> Sql:
        kind = Sql("kind = %s", (clause.values["kind"],))
        return counted("shop_event", kind, "occurred_at", clause, today)
