"""Order lines that lost what they refer to: no database constraint guards them, so a nightly look does."""

from typing import NamedTuple

from django.db import connection, transaction

from shop.ledger import mark_dirty

WITHOUT_ORDER = """
DELETE FROM shop_orderline AS line WHERE NOT EXISTS (SELECT FROM shop_order WHERE id = line.order_id)
RETURNING customer_id
"""
# The lines keep their sums and their history; the product is not sold, and nobody advertises it.
WITHOUT_PRODUCT = """
INSERT INTO shop_product (id, sku, name, brand, description, cost_assumed, attributes, image_url, active,
    created_at,
    updated_at)
SELECT DISTINCT line.product_id, 'lost-' || line.product_id, 'lost-' || line.product_id, '', '', false,
    '{}'::jsonb, '',
       false, now(), now()
FROM shop_orderline AS line WHERE NOT EXISTS (SELECT FROM shop_product WHERE id = line.product_id)
ON CONFLICT DO NOTHING RETURNING id
"""
APART = """
UPDATE shop_orderline AS line SET customer_id = placed.customer_id, ordered_at = placed.ordered_at
FROM shop_order AS placed
WHERE placed.id = line.order_id
  AND (line.customer_id, line.ordered_at) IS DISTINCT FROM (placed.customer_id, placed.ordered_at)
RETURNING line.order_id
"""


class Repaired(NamedTuple):
    """Lines deleted for want of an order, products made anew, orders whose lines said otherwise."""

    lines: int
    products: int
    orders: int


@transaction.atomic
def repair() -> Repaired:
    """Make the order lines whole again, and have what follows from them recomputed."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_ORDER)
        buyers = [row[0] for row in cursor.fetchall()]
        cursor.execute(WITHOUT_PRODUCT)
        products = len(cursor.fetchall())
        cursor.execute(APART)
        orders = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id FROM shop_customer WHERE id = ANY(%s)", [list(set(buyers))])
        known = [row[0] for row in cursor.fetchall()]
    if known or orders:
        mark_dirty(orders=set(orders), customers=known)
    return Repaired(len(buyers), products, len(set(orders)))
