"""Conditions on what a customer did in the shop: how often, when first and last, and what followed what."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import ClassVar

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import AGO, COUNT, DAYS, Clause, Counted, Operator, occurred
from campaigns.segmenting.fields.items import (
    CATEGORY,
    KIND_OF_ITEM,
    PRODUCT,
    joined_product,
    of_item,
    price_faults,
    what,
)
from campaigns.segmenting.predicates import Asked, Predicate, Sql, midnight, since
from campaigns.segmenting.values import Choice, Days, Names, Text, Value
from shop.models import Event

TOPIC = _("Behaviour")
ITEM = {"product": PRODUCT, **KIND_OF_ITEM}


class EventDone(Counted):
    """Searches, views, carts, purchases and reviews."""

    name, label, topic = "event", _("event"), TOPIC
    hint = _("The price is the product's price of today.")
    parameters: ClassVar = {
        "kind": Choice(_("kind"), choices=dict(Event.Kind.choices)),
        **ITEM,
        "count": COUNT,
        "days": DAYS,
        "ago": AGO,
    }
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("did “%(kind)s”%(what)s at least %(count)s in the last %(days)s"),
            _("did “%(kind)s”%(what)s at least %(count)s"),
            needs=("kind", "count"),
            may=(*ITEM, "days"),
        ),
        "at_most": Operator(
            _("at most"),
            _("did “%(kind)s”%(what)s at most %(count)s in the last %(days)s"),
            _("did “%(kind)s”%(what)s at most %(count)s"),
            needs=("kind", "count"),
            may=(*ITEM, "days"),
        ),
        "none": Operator(
            _("not at all"),
            _("did not do “%(kind)s”%(what)s in the last %(days)s"),
            _("never did “%(kind)s”%(what)s"),
            needs=("kind",),
            may=(*ITEM, "days"),
        ),
        **occurred(
            first_before=_("first did “%(kind)s”%(what)s at least %(ago)s ago"),
            first_within=_("first did “%(kind)s”%(what)s at most %(ago)s ago"),
            last_before=_("last did “%(kind)s”%(what)s at least %(ago)s ago"),
            last_within=_("last did “%(kind)s”%(what)s at most %(ago)s ago"),
            needs=("kind",),
            may=tuple(ITEM),
        ),
    }

    def faults(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Text]]:
        return price_faults(values)

    def phrases(self, clause: Clause, names: Names) -> dict[str, str]:
        return {"what": with_item(clause, names)}

    def source(self, clause: Clause, asked: Asked) -> Sql:
        events = Sql(
            "SELECT e.customer_id, count(*) AS n, min(e.occurred_at) AS first_at,"
            " max(e.occurred_at) AS last_at FROM shop_event e"
        ) + joined_product(clause, "e.product_id", *KIND_OF_ITEM)
        events += Sql(" WHERE e.kind = %s", (clause.values["kind"],))
        events += of_item(clause, "e.product_id", "p.price")
        events += since("e.occurred_at", clause.window(asked.today)) + asked.only("e.customer_id")
        return events + Sql(" GROUP BY e.customer_id")


# What a sequence is made of: the name of an act, what it is called, and where its rows are.
ACTS: dict[str, tuple[Text, str]] = {
    "order": (pgettext_lazy("act", "order"), ""),
    **{kind.value: (kind.label, "") for kind in Event.Kind},
    "received": (
        pgettext_lazy("act", "campaign received"),
        "SELECT customer_id, assigned_at AS at FROM campaigns_assignment a WHERE arm = 'treated'",
    ),
    "clicked": (
        pgettext_lazy("act", "campaign clicked"),
        "SELECT customer_id, touched_at AS at FROM campaigns_touch a WHERE kind = 'click'",
    ),
    "redeemed": (
        pgettext_lazy("act", "coupon used"),
        "SELECT customer_id, touched_at AS at FROM campaigns_touch a WHERE kind = 'coupon'",
    ),
}
WITHOUT_ITEMS = {"received", "clicked", "redeemed"}


class Sequence(Counted):
    """One act, and whether another followed in time: a click and then an order, a cart without an order."""

    name, label, topic = "sequence", _("one after the other"), TOPIC
    hint = _("A day here is 24 hours. “Not followed” waits until the time for it is over.")
    parameters: ClassVar = {
        "first": Choice(_("first"), choices={name: label for name, (label, _rows) in ACTS.items()}),
        "product": replace(PRODUCT, label=_("first: product")),
        "category": replace(CATEGORY, label=_("first: category")),
        "then": Choice(_("then"), choices={name: label for name, (label, _rows) in ACTS.items()}),
        "then_product": replace(PRODUCT, label=_("then: product")),
        "then_category": replace(CATEGORY, label=_("then: category")),
        "within": Days(_("within (days)"), high=365),
        "days": DAYS,
    }
    MAY: ClassVar = ("product", "category", "then_product", "then_category", "days")
    operators: ClassVar = {
        "some": Operator(
            _("followed"),
            _(
                "did “%(first)s”%(what)s in the last %(days)s and then “%(then)s”%(then_what)s"
                " within %(within)s"
            ),
            _("did “%(first)s”%(what)s and then “%(then)s”%(then_what)s within %(within)s"),
            needs=("first", "then", "within"),
            may=MAY,
        ),
        "without": Operator(
            _("not followed"),
            _(
                "did “%(first)s”%(what)s in the last %(days)s but not “%(then)s”%(then_what)s"
                " within %(within)s"
            ),
            _("did “%(first)s”%(what)s but not “%(then)s”%(then_what)s within %(within)s"),
            needs=("first", "then", "within"),
            may=MAY,
        ),
        "none": Operator(
            _("never followed"),
            _(
                "did not do “%(first)s”%(what)s in the last %(days)s and then “%(then)s”%(then_what)s"
                " within %(within)s"
            ),
            _("never did “%(first)s”%(what)s and then “%(then)s”%(then_what)s within %(within)s"),
            needs=("first", "then", "within"),
            may=MAY,
        ),
    }

    def faults(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Text]]:
        for act, prefix in (("first", ""), ("then", "then_")):
            if values.get(act) in WITHOUT_ITEMS:
                for name in ("product", "category"):
                    if f"{prefix}{name}" in values:
                        yield f"{prefix}{name}", _("campaigns and coupons have none here: leave it out")

    def phrases(self, clause: Clause, names: Names) -> dict[str, str]:
        return {"what": with_item(clause, names), "then_what": with_item(clause, names, "then_")}

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        compared = "IS NULL" if clause.operator == "none" else "IS NOT NULL"
        return Predicate(Sql(f"{{s}}.customer_id {compared}"), Sql("{s}.n"), self.source(clause, asked))

    def source(self, clause: Clause, asked: Asked) -> Sql:
        """Read both acts once, newest first, so that each row knows the next act that came after it."""
        start = clause.window(asked.today)
        rows = Sql(
            "SELECT customer_id, count(*) AS n FROM (SELECT customer_id, at, is_first,"
            " min(at) FILTER (WHERE NOT is_first) OVER (PARTITION BY customer_id ORDER BY at DESC"
            " GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS next_at"
            " FROM (SELECT *, TRUE AS is_first FROM ("
        )
        rows += act(clause, "first", "", asked) + Sql(") one") + since_at(start)
        rows += (
            Sql(" UNION ALL SELECT *, FALSE FROM (") + act(clause, "then", "then_", asked) + Sql(") other")
        )
        rows += since_at(start) + Sql(") acts) AS followed WHERE is_first")
        return rows + self.followed(clause, asked) + Sql(" GROUP BY customer_id")

    def followed(self, clause: Clause, asked: Asked) -> Sql:
        """Return whether the second act came in time; where it must not have come, the time must be over."""
        within = clause.number("within")
        if clause.operator != "without":
            return Sql(" AND next_at <= at + make_interval(hours => 24 * %s)", (within,))
        return Sql(
            " AND (next_at <= at + make_interval(hours => 24 * %s)) IS NOT TRUE"
            " AND at + make_interval(hours => 24 * %s) < %s",
            (within, within, midnight(asked.today)),
        )


def since_at(start: date | None) -> Sql:
    return Sql(" WHERE at >= %s", (midnight(start),)) if start else Sql("")


def act(clause: Clause, name: str, prefix: str, asked: Asked) -> Sql:
    """Return customer_id and time of every act of a kind."""
    kind = str(clause.values[name])
    if kind in WITHOUT_ITEMS:
        return Sql(ACTS[kind][1]) + asked.only("customer_id")
    return (orders_of if kind == "order" else events_of)(clause, kind, prefix, asked)


def orders_of(clause: Clause, _kind: str, prefix: str, asked: Asked) -> Sql:
    """Return the orders that were not cancelled, or those that hold an item that the clause means."""
    placed = Sql("SELECT o.customer_id, o.ordered_at AS at FROM shop_order o WHERE o.status = 'placed'")
    of_lines = of_item(clause, "l.product_id", "l.gross", "l.quantity", prefix)
    if of_lines.text:
        lines = Sql("SELECT l.order_id FROM shop_orderline l")
        lines += joined_product(clause, "l.product_id", f"{prefix}category")
        lines += Sql(" WHERE l.quantity > 0") + of_lines
        placed += Sql(" AND o.id IN (") + lines + Sql(")")
    return placed + asked.only("o.customer_id")


def events_of(clause: Clause, kind: str, prefix: str, asked: Asked) -> Sql:
    events = Sql("SELECT e.customer_id, e.occurred_at AS at FROM shop_event e")
    events += joined_product(clause, "e.product_id", f"{prefix}category")
    events += Sql(" WHERE e.kind = %s", (kind,)) + of_item(clause, "e.product_id", "p.price", "1", prefix)
    return events + asked.only("e.customer_id")


def with_item(clause: Clause, names: Names, prefix: str = "") -> str:
    """Return the items as they follow an act in a sentence: nothing, or " with Blue mug"."""
    if not any(f"{prefix}{name}" in clause.values for name in ITEM):
        return ""
    return gettext(" with %(what)s") % {"what": what(clause, names, prefix)}
