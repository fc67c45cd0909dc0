"""Conditions on what a customer bought: a category, a product, or items by category, brand and price."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import AGO, COUNT, DAYS, Clause, Counted, Operator, occurred
from campaigns.segmenting.fields.items import (
    KIND_OF_ITEM,
    joined_product,
    of_item,
    price_faults,
    what,
)
from campaigns.segmenting.predicates import Asked, Sql, since
from campaigns.segmenting.values import Names, Reference, Text, Value
from shop.models import Category, Product

TOPIC = _("Purchases")


class CategoryBought(Counted):
    """Days on which a customer bought in a category: two orders on one day count once."""

    name, label, topic = "category", _("bought in category"), TOPIC
    hint = _("With everything below the category. Several orders on one day count once.")
    parameters: ClassVar = {
        "category": Reference(_("category"), model=Category),
        "count": COUNT,
        "days": DAYS,
    }
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("bought in category %(category)s at least %(count)s in the last %(days)s"),
            _("bought in category %(category)s at least %(count)s"),
            needs=("category", "count"),
            may=("days",),
        ),
        "at_most": Operator(
            _("at most"),
            _("bought in category %(category)s at most %(count)s in the last %(days)s"),
            _("bought in category %(category)s at most %(count)s"),
            needs=("category", "count"),
            may=("days",),
        ),
        "none": Operator(
            _("not at all"),
            _("did not buy in category %(category)s in the last %(days)s"),
            _("never bought in category %(category)s"),
            needs=("category",),
            may=("days",),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        days = Sql(
            "SELECT customer_id, count(*) AS n FROM shop_customercategoryday"
            " WHERE orders > 0 AND category_id = %s",
            (clause.number("category"),),
        )
        start = clause.window(asked.today)
        recent = Sql(" AND day >= %s", (start,)) if start else Sql("")
        return days + recent + asked.only("customer_id") + Sql(" GROUP BY customer_id")


class ProductBought(Counted):
    """Orders that were not cancelled and hold at least one unit of a product."""

    name, label, topic = "product", _("bought product"), TOPIC
    parameters: ClassVar = {"product": Reference(_("product"), model=Product), "count": COUNT, "days": DAYS}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("bought %(product)s at least %(count)s in the last %(days)s"),
            _("bought %(product)s at least %(count)s"),
            needs=("product", "count"),
            may=("days",),
        ),
        "at_most": Operator(
            _("at most"),
            _("bought %(product)s at most %(count)s in the last %(days)s"),
            _("bought %(product)s at most %(count)s"),
            needs=("product", "count"),
            may=("days",),
        ),
        "none": Operator(
            _("not at all"),
            _("did not buy %(product)s in the last %(days)s"),
            _("never bought %(product)s"),
            needs=("product",),
            may=("days",),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return bought(clause, asked)


class ItemsBought(Counted):
    """Orders that were not cancelled and hold an item of a kind: by category, brand and price."""

    name, label, topic = "bought", _("bought items"), TOPIC
    hint = _("The price is that of one unit on the order, before discounts.")
    parameters: ClassVar = {**KIND_OF_ITEM, "count": COUNT, "days": DAYS, "ago": AGO}
    operators: ClassVar = {
        "at_least": Operator(
            _("at least"),
            _("bought %(what)s at least %(count)s in the last %(days)s"),
            _("bought %(what)s at least %(count)s"),
            needs=("count",),
            may=(*KIND_OF_ITEM, "days"),
        ),
        "at_most": Operator(
            _("at most"),
            _("bought %(what)s at most %(count)s in the last %(days)s"),
            _("bought %(what)s at most %(count)s"),
            needs=("count",),
            may=(*KIND_OF_ITEM, "days"),
        ),
        "none": Operator(
            _("not at all"),
            _("did not buy %(what)s in the last %(days)s"),
            _("never bought %(what)s"),
            may=(*KIND_OF_ITEM, "days"),
        ),
        **occurred(
            first_before=_("first bought %(what)s at least %(ago)s ago"),
            first_within=_("first bought %(what)s at most %(ago)s ago"),
            last_before=_("last bought %(what)s at least %(ago)s ago"),
            last_within=_("last bought %(what)s at most %(ago)s ago"),
            may=tuple(KIND_OF_ITEM),
        ),
    }

    def faults(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Text]]:
        return price_faults(values)

    def phrases(self, clause: Clause, names: Names) -> dict[str, str]:
        return {"what": what(clause, names)}

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return bought(clause, asked)


def bought(clause: Clause, asked: Asked) -> Sql:
    """Return how many placed orders of each customer hold what the clause asks for, first and last."""
    lines = Sql(
        "SELECT l.customer_id, count(DISTINCT l.order_id) AS n, min(l.ordered_at) AS first_at,"
        " max(l.ordered_at) AS last_at FROM shop_orderline l"
        " JOIN shop_order o ON o.id = l.order_id AND o.status = 'placed'"
    )
    lines += joined_product(clause, "l.product_id", "category", "brand")
    lines += Sql(" WHERE l.quantity > 0") + of_item(clause, "l.product_id", "l.gross", "l.quantity")
    lines += since("l.ordered_at", clause.window(asked.today)) + asked.only("o.customer_id")
    return lines + Sql(" GROUP BY l.customer_id")
