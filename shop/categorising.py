"""The category tree: each node keeps the ids from the root down to it, so that a subtree is a prefix."""

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from shop.ledger import mark_orders_of
from shop.models import Category, Product


@transaction.atomic
def save_category(category: Category) -> None:
    """Save a category under its parent and move everything below with it, what was bought there included.

    Raises ValidationError where the parent is the category itself or lies below it.
    """
    category.clean()
    old, parent = category.path, category.parent
    category.save()
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    if category.path == old:
        return
    Category.objects.filter(pk=category.pk).update(path=category.path)
    if old:
        below = Category.objects.filter(path__startswith=old).exclude(pk=category.pk)
        below.update(path=Concat(Value(category.path), Substr("path", len(old) + 1)))
        # What was bought there counts in the categories above as well, which are others now.
        mark_orders_of(Product.objects.under(category).values_list("pk", flat=True))
