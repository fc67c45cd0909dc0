"""Conditions on a customer's orders: how recent, how many, how much."""

from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import AGO, COUNT, DAYS, Clause, Counted, Field, Operator, decimal
from campaigns.segmenting.predicates import Asked, Predicate, Sql, at_least, at_most, midnight
from campaigns.segmenting.values import Choice, Days, Money, Score
from marketing_site.lib.figures import day, money

TOPIC = _("Orders")


def totals(asked: Asked) -> Sql:
    """Return each buyer's figures over all time."""
    return Sql(
        "SELECT customer_id, orders AS n, net_revenue AS amount, first_order_at, last_order_at,"
        " recency_score, frequency_score, monetary_score FROM shop_customerrfm WHERE orders > 0"
    ) + asked.only("customer_id")


def order_sums(clause: Clause, asked: Asked) -> Sql:
    """Return each buyer's number of orders and net revenue, in all or in the clause's window."""
    if not (start := clause.window(asked.today)):
        return totals(asked)
    placed = Sql(
        "SELECT customer_id, count(*) AS n, sum(net_revenue) AS amount FROM shop_order"
        " WHERE status = 'placed' AND ordered_at >= %s",
        (midnight(start),),
    )
    return placed + asked.only("customer_id") + Sql(" GROUP BY customer_id")


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

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        ago = clause.number("days") or 0
        # At least 60 days ago is exactly: nothing in the last 60 days.
        holds = asked.long_ago if clause.operator == "at_least" else asked.lately
        return Predicate(holds("last_order_at", ago), Sql("{s}.last_order_at"), totals(asked))

    def found(self, value: object) -> str:
        return day(value) if isinstance(value, datetime) else gettext("never ordered")


class FirstOrder(Field):
    """How long somebody has been a buyer: whole days since the first order."""

    name, label, topic = "first_order", _("first order"), TOPIC
    hint = _("Customers who never ordered match neither.")
    parameters: ClassVar = {"ago": AGO}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least this long ago"), _("first ordered at least %(ago)s ago"), needs=("ago",)
        ),
        "at_most": Operator(
            _("at most this long ago"), _("first ordered at most %(ago)s ago"), needs=("ago",)
        ),
    }

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        holds = asked.long_ago if clause.operator == "at_least" else asked.lately
        source = totals(asked)
        return Predicate(
            holds("first_order_at", clause.number("ago") or 0), Sql("{s}.first_order_at"), source
        )

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

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return order_sums(clause, asked)


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

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        amount = decimal(clause.values["amount"])
        conditions = {
            "at_least": at_least("amount", amount, zero_does=amount <= 0),
            "at_most": at_most("amount", amount, zero_does=amount >= 0),
        }
        return Predicate(conditions[clause.operator], Sql("{s}.amount"), order_sums(clause, asked))

    def found(self, value: object) -> str:
        return money(decimal(value))


class OrderValue(Field):
    """Average order value: net revenue per order. Customers without an order have none."""

    name, label, topic = "order_value", _("average order value"), TOPIC
    hint = _("Customers without an order match neither.")
    parameters: ClassVar = {"amount": Money(_("amount")), "days": DAYS}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("had an average order value of at least %(amount)s in the last %(days)s"),
            _("have an average order value of at least %(amount)s"),
            needs=("amount",),
            may=("days",),
        ),
        "at_most": Operator(
            _("at most"),
            _("had an average order value of at most %(amount)s in the last %(days)s"),
            _("have an average order value of at most %(amount)s"),
            needs=("amount",),
            may=("days",),
        ),
    }

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        # Multiplied, not divided: exact, and never by zero.
        compared = ">=" if clause.operator == "at_least" else "<="
        holds = Sql(f"({{s}}.amount {compared} %s * {{s}}.n) IS TRUE", (clause.values["amount"],))
        return Predicate(holds, Sql("{s}.amount / {s}.n"), order_sums(clause, asked))

    def found(self, value: object) -> str:
        return gettext("no order") if value is None else money(decimal(value))


class RfmScore(Field):
    """The fifth of all buyers in which a customer stands, by recency, frequency or monetary value."""

    name, label, topic = "score", _("RFM score"), TOPIC
    hint = _("5 is the best fifth of all buyers, 1 the lowest. Customers without an order have no score.")
    parameters: ClassVar = {
        "kind": Choice(
            _("score"),
            choices={"recency": _("recency"), "frequency": _("frequency"), "monetary": _("monetary value")},
        ),
        "number": Score(_("score from 1 to 5")),
    }
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"), _("score at least %(number)s for %(kind)s"), needs=("kind", "number")
        ),
        "at_most": Operator(
            _("at most"), _("score at most %(number)s for %(kind)s"), needs=("kind", "number")
        ),
    }
    COLUMNS: ClassVar = {
        "recency": "recency_score", "frequency": "frequency_score", "monetary": "monetary_score",
    }  # fmt: skip

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        column, number = self.COLUMNS[str(clause.values["kind"])], clause.number("number") or 0
        compared = at_least if clause.operator == "at_least" else at_most
        return Predicate(compared(column, number, zero_does=False), Sql(f"{{s}}.{column}"), totals(asked))

    def found(self, value: object) -> str:
        return gettext("no score") if value is None else str(value)
