"""Which of a campaign's products suits which customer, from what they bought: facts, no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate

# Interests fade: what was bought longer ago counts for products still, for categories not.
AFFINITY_DAYS = 365

BOUGHT = """
SELECT DISTINCT ON (customer_id) customer_id, product_id, orders, last_day FROM (
    SELECT customer_id, product_id, count(DISTINCT order_id) AS orders,
           max((ordered_at AT TIME ZONE %(zone)s)::date) AS last_day
    FROM shop_orderline
    WHERE order_id IN (SELECT id FROM shop_order WHERE customer_id = ANY(%(customers)s))
      AND product_id = ANY(%(products)s) AND quantity > 0
    GROUP BY customer_id, product_id
) AS bought
ORDER BY customer_id, orders DESC, last_day DESC, product_id
"""
LIKED = """
SELECT DISTINCT ON (customer_id) customer_id, category_id, orders FROM (
    SELECT customer_id, category_id, sum(orders) AS orders
    FROM shop_customercategoryday
    WHERE customer_id = ANY(%(customers)s) AND category_id = ANY(%(categories)s) AND day >= %(since)s
    GROUP BY customer_id, category_id
) AS liked
WHERE orders > 0
ORDER BY customer_id, orders DESC, category_id
"""
BEST_SELLERS = """
SELECT product.id, product.category_id, category.name
FROM shop_product AS product
LEFT JOIN shop_category AS category ON category.id = product.category_id
LEFT JOIN (SELECT product_id, sum(quantity) AS units FROM shop_orderline
           WHERE product_id = ANY(%(products)s) AND ordered_at >= %(since)s GROUP BY product_id) AS sold
       ON sold.product_id = product.id
WHERE product.id = ANY(%(products)s)
ORDER BY sold.units DESC NULLS LAST, product.id
"""


@dataclass(frozen=True)
class Match:
    """A product for a customer, and why: {"reason": "bought", "orders": 6, "last": "2026-03-02"}."""

    product_id: int
    reason: Mapping[str, Any]


class Matcher:
    """Matches customers with the products of one campaign; looks up the products' sales once."""

    def __init__(self, products: Sequence[int]) -> None:
        """Take the ids of the products on offer, at least one."""
        self.products = list(products)
        self.since = localdate() - timedelta(days=AFFINITY_DAYS)
        rows = _rows(BEST_SELLERS, products=self.products, since=self.since)
        self.favourite = rows[0][0]
        # The best seller of each category stands for it.
        self.of_category = {
            category: (product, name) for product, category, name in reversed(rows) if category
        }

    def match(self, customers: Sequence[int]) -> dict[int, Match]:
        """Return a match for each customer: most bought, else favourite category, else the best seller."""
        everybody = dict.fromkeys(customers, Match(self.favourite, {"reason": "popular"}))
        return everybody | self._liked(customers) | self._bought(customers)

    def _bought(self, customers: Sequence[int]) -> dict[int, Match]:
        rows = _rows(BOUGHT, customers=list(customers), products=self.products, zone=settings.TIME_ZONE)
        return {
            customer: Match(product, {"reason": "bought", "orders": orders, "last": last.isoformat()})
            for customer, product, orders, last in rows
        }

    def _liked(self, customers: Sequence[int]) -> dict[int, Match]:
        rows = _rows(LIKED, customers=list(customers), categories=list(self.of_category), since=self.since)
        found = {}
        for customer, category, orders in rows:
            product, name = self.of_category[category]
            found[customer] = Match(product, {"reason": "category", "orders": orders, "category": name})
        return found


def _rows(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
