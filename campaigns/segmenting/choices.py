"""What the shop has that a condition may name, for people who choose: fetched when first asked for."""

from collections import defaultdict
from functools import cached_property

from django.db import connection, models
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Segment
from campaigns.segmenting.values import Unfit
from shop.models import Category, Customer, Product

# Attributes are read from this many of the newest customers; one with more values than this is typed in.
ATTRIBUTES_FROM, MOST_VALUES = 5_000, 40
FOUND, CAMPAIGNS = 20, 200
STEP = " › "

ATTRIBUTES = """
SELECT key, value FROM (
    SELECT attributes FROM shop_customer
    WHERE attributes <> '{}' AND jsonb_typeof(attributes) = 'object' ORDER BY id DESC LIMIT %s
) AS newest, jsonb_each_text(newest.attributes)
WHERE value IS NOT NULL GROUP BY key, value ORDER BY key, value
"""


class Choices:
    """One request's view of what there is; `campaigns` are those that the person may see.

    `segment` is the one whose rule is being written, None for a new one.
    """

    def __init__(self, campaigns: models.QuerySet[Campaign], segment: Segment | None = None) -> None:
        self.visible_campaigns, self.segment = campaigns, segment

    @cached_property
    def attributes(self) -> dict[str, list[str]]:
        """Return the values in use of each attribute in use."""
        found = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(ATTRIBUTES, [ATTRIBUTES_FROM])
            for key, value in cursor.fetchall():
                found[key].append(value)
        return dict(found)

    @cached_property
    def languages(self) -> list[str]:
        rows = Customer.objects.order_by("locale").values_list("locale", flat=True).distinct()
        return list(rows[:MOST_VALUES])

    @cached_property
    def categories(self) -> dict[int, str]:
        """Return each category under its whole path, such as "Drinks › Coffee"."""
        rows = list(Category.objects.values_list("pk", "name", "path"))
        names = {str(key): name for key, name, _path in rows}
        return {
            key: STEP.join(names[part] for part in path.strip("/").split("/") if part in names) or name
            for key, name, path in rows
        }

    @cached_property
    def campaigns(self) -> list[tuple[int, str]]:
        return list(self.visible_campaigns.order_by("-pk").values_list("pk", "name")[:CAMPAIGNS])

    @cached_property
    def segments(self) -> list[tuple[int, str]]:
        """Return the segments that a rule may name: current ones, and not the one it is for."""
        rows = Segment.objects.current().order_by("name").values_list("pk", "name")
        return [row for row in rows if self.segment is None or row[0] != self.segment.pk]

    def listed(self, model: type[models.Model]) -> list[tuple[int, str]]:
        """Return the rows of a kind that is chosen from a list."""
        return self.segments if model is Segment else self.campaigns

    def brands_like(self, text: str) -> list[tuple[str, str]]:
        """Return brands that hold what was typed."""
        found = Product.objects.filter(brand__icontains=text.strip()).exclude(brand="")
        return [
            (brand, "")
            for brand in found.order_by("brand").values_list("brand", flat=True).distinct()[:FOUND]
        ]

    def categories_like(self, text: str) -> list[str]:
        """Return paths that hold every word, the shortest first."""
        words = text.casefold().split()
        found = [path for path in self.categories.values() if all(word in path.casefold() for word in words)]
        return sorted(found, key=lambda path: (len(path), path))[:FOUND]

    def products_like(self, text: str) -> list[tuple[str, str]]:
        """Return SKU and name of products that match every word."""
        return list(Product.objects.search(text).order_by("name", "pk").values_list("sku", "name")[:FOUND])

    def text_of(self, model: type[models.Model], key: int) -> str:
        """Return what a person types to mean a row; nothing for a row that is gone."""
        if model is Category:
            return self.categories.get(key, "")
        if model is Product:
            return Product.objects.filter(pk=key).values_list("sku", flat=True).first() or ""
        return str(key)

    def key_of(self, model: type[models.Model], text: str) -> int:
        """Return the row that a person means; raise Unfit where it is none, or more than one."""
        if model is Category:
            return self.category_named(text)
        if model is Product:
            return self.product_with(text)
        if not text.isdecimal() or len(text) > 18:
            raise Unfit(_("choose one of the list"))
        return int(text)

    def category_named(self, text: str) -> int:
        wanted = text.strip().casefold()
        paths = {key: path.casefold() for key, path in self.categories.items()}
        exact = [key for key, path in paths.items() if path == wanted]
        found = exact or [key for key, path in paths.items() if path.split(STEP)[-1] == wanted]
        if len(found) == 1:
            return found[0]
        if not found:
            raise Unfit(_("there is no category “%(name)s”") % {"name": text})
        words = {"name": text, "paths": "; ".join(sorted(self.categories[key] for key in found)[:3])}
        raise Unfit(_("“%(name)s” is more than one category, write which: %(paths)s") % words)

    def product_with(self, text: str) -> int:
        key = Product.objects.filter(sku__iexact=text.strip()).values_list("pk", flat=True).first()
        if key is None:
            raise Unfit(_("there is no product with the SKU “%(sku)s”") % {"sku": text})
        return key
