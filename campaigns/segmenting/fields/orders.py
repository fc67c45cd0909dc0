"""Conditions on a customer's orders: how recent, how many, how much."""

from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import COUNT, DAYS, Clause, Counted, Field, Operator, decimal
from campaigns.segmenting.predicates import Predicate, Sql, at_least, at_most, first_day, midnight
from campaigns.segmenting.values import Days, Money
from marketing_site.lib.figures import day, money

TOPIC = _("Orders")
TOTALS = Sql(
    "SELECT customer_id, orders AS n, net_revenue AS amount, last_order_at FROM shop_customerrfm"
    " WHERE orders > 0"
)


def order_sums(clause: Clause, today: date) -> Sql:
    """Return each buyer's number of orders and net revenue, in all or in the clause's window."""
    if not (start := clause.window(today)):
        return TOTALS
    return Sql(
        "SELECT customer_id, count(*) AS n, sum(net_revenue) AS amount FROM shop_order"
        " WHERE status = 'placed' AND ordered_at >= %s GROUP BY customer_id",
        (midnight(start),),
    )


class LastOrder(Field):
    """Recency: whole days since the last order. Customers who never ordered have none."""

    name, label, topic = "last_order", _("last order"), TOPIC
    hint = _("Customers who never ordered match neither.")
    parameters: ClassVar = {"days": Days(_("days ago"))}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least this long ago"), _("last ordered at least %(days)s ago"), needs=("days",)
        ),
        "at_most": Operator(
            _("at most this long ago"), _("last ordered at most %(days)s ago"), needs=("days",)
        ),
    }

    def predicate(self, clause: Clause, today: date) -> Predicate:
        ago = clause.number("days") or 0
        # At least 60 days ago is exactly: nothing in the last 60 days.
        conditions = {
            "at_least": Sql("({s}.last_order_at < %s) IS TRUE", (midnight(first_day(today, ago)),)),
            "at_most": Sql("({s}.last_order_at >= %s) IS TRUE", (midnight(first_day(today, ago + 1)),)),
        }
        return Predicate(conditions[clause.operator], Sql("{s}.last_order_at"), TOTALS)

    def found(self, value: object) -> str:
        return day(value) if isinstance(value, datetime) else gettext("never ordered")


class Orders(Counted):
    """Frequency: orders that were not cancelled."""

    name, label, topic = "orders", _("number of orders"), TOPIC
    parameters: ClassVar = {"count": COUNT, "days": DAYS}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("ordered at least %(count)s in the last %(days)s"),
            _("ordered at least %(count)s"),
            needs=("count",),
            may=("days",),
        ),
        "at_most": Operator(
            _("at most"),
            _("ordered at most %(count)s in the last %(days)s"),
            _("ordered at most %(count)s"),
            needs=("count",),
            may=("days",),
        ),
        "none": Operator(
            _("none"), _("did not order in the last %(days)s"), _("never ordered"), may=("days",)
        ),
    }

    def source(self, clause: Clause, today: date) -> Sql:
        return order_sums(clause, today)


class NetRevenue(Field):
    """Monetary value: net revenue of the orders that were not cancelled."""

    name, label, topic = "net_revenue", _("net revenue"), TOPIC
    parameters: ClassVar = {"amount": Money(_("amount")), "days": DAYS}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("brought net revenue of at least %(amount)s in the last %(days)s"),
            _("brought net revenue of at least %(amount)s"),
            needs=("amount",),
            may=("days",),
        ),
        "at_most": Operator(
            _("at most"),
            _("brought net revenue of at most %(amount)s in the last %(days)s"),
            _("brought net revenue of at most %(amount)s"),
            needs=("amount",),
            may=("days",),
        ),
    }

    def predicate(self, clause: Clause, today: date) -> Predicate:
        amount = decimal(clause.values["amount"])
        conditions = {
            "at_least": at_least("amount", amount, zero_does=amount <= 0),
            "at_most": at_most("amount", amount, zero_does=amount >= 0),
        }
        return Predicate(conditions[clause.operator], Sql("{s}.amount"), order_sums(clause, today))

    def found(self, value: object) -> str:
        return money(decimal(value))
