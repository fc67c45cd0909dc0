"""Conditions on what a customer bought: a category with everything below it, or one product."""

from datetime import date
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import COUNT, DAYS, Clause, Counted, Operator
from campaigns.segmenting.predicates import Sql, since
from campaigns.segmenting.values import Reference
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

    def source(self, clause: Clause, today: date) -> Sql:
        # Half the time of count(DISTINCT day), which sorts.
        days = Sql(
            "SELECT customer_id, count(*) AS n FROM (SELECT DISTINCT customer_id, day"
            " FROM shop_customercategoryday WHERE orders > 0"
            " AND category_id IN (SELECT below.id FROM shop_category root"
            " JOIN shop_category below ON below.path LIKE root.path || '%%'"
            " WHERE root.path <> '' AND root.id = %s)",
            (clause.number("category"),),
        )
        start = clause.window(today)
        recent = Sql(" AND day >= %s", (start,)) if start else Sql("")
        return days + recent + Sql(") AS bought GROUP BY customer_id")


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

    def source(self, clause: Clause, today: date) -> Sql:
        lines = Sql(
            "SELECT l.customer_id, count(DISTINCT l.order_id) AS n FROM shop_orderline l"
            " JOIN shop_order o ON o.id = l.order_id AND o.status = 'placed'"
            " WHERE l.quantity > 0 AND l.product_id = %s",
            (clause.number("product"),),
        )
        return lines + since("l.ordered_at", clause.window(today)) + Sql(" GROUP BY l.customer_id")
