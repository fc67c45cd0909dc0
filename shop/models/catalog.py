"""The catalogue: what the shop sells."""

from collections.abc import Collection
from typing import Self

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.money import ZERO, MoneyField
from marketing_site.lib.searching import beginnings, characters, holds, trigrams


class CategoryQuerySet(models.QuerySet["Category"]):
    def under(self, category: "Category") -> Self:
        """Keep the category itself and everything below it."""
        return self.filter(path__startswith=category.path)

    def trails(self, categories: Collection["Category"]) -> dict[int, str]:
        """Return these categories by id with their names from the root, "Grocery › Coffee"."""
        names = {category.pk: category.name for category in categories}
        ids = {
            category.pk: [int(part) for part in category.path.split("/") if part] for category in categories
        }
        if above := {pk for path in ids.values() for pk in path} - names.keys():
            names |= dict(self.filter(pk__in=above).values_list("pk", "name"))
        return {pk: " › ".join(names[part] for part in path) or names[pk] for pk, path in ids.items()}


class Category(models.Model):
    """One node of the category tree."""

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    name = models.CharField(_("name"), max_length=200)
    # "/3/17/": the ids from the root down to this node, so that a subtree is a prefix.
    path = models.CharField(max_length=200, editable=False, default="")

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("category"), _("categories")
        constraints = [
            models.UniqueConstraint("parent", Lower("name"), name="category_name_once", nulls_distinct=False)
        ]
        indexes = [models.Index(fields=["path"], name="category_path", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a parent that is the category itself or lies below it."""
        if self.path and self.parent and self.parent.path.startswith(self.path):
            raise ValidationError({"parent": _("A category cannot lie below itself: choose another parent.")})


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self) -> Self:
        return self.filter(active=True)

    def search(self, words: str) -> Self:
        """Keep products whose name, SKU or brand has every word, or begins with it where it is short."""
        found = self
        for word in words.split():
            found = found.filter(holds(word, "name", "sku", "brand"))
        return found

    def under(self, category: Category) -> Self:
        return self.filter(category__path__startswith=category.path)

    def with_sortable_price(self) -> Self:
        """Add `sortable_price`: a product without a price sorts as if it cost nothing."""
        return self.annotate(sortable_price=Coalesce("price", ZERO))


# Not inserts: an import of 90,000 products is known by its rows.
@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Product(models.Model):
    """One thing the shop sells, under one SKU."""

    sku = models.CharField(_("SKU"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="products",
        verbose_name=_("category"),
    )
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    description = models.TextField(_("description"), blank=True)
    # What the shop's own page of the product shows, where it is not name and description.
    shop_title = models.CharField(
        _("title in the shop"), max_length=200, blank=True, default="", db_default=""
    )
    seo_title = models.CharField(
        _("title for search engines"), max_length=120, blank=True, default="", db_default=""
    )
    seo_description = models.CharField(
        _("description for search engines"), max_length=320, blank=True, default="", db_default=""
    )
    price = MoneyField(_("price"), null=True, blank=True)
    cost = MoneyField(_("cost of goods"), null=True, blank=True)
    # The demo derives costs from an assumed margin; pages that use such a cost say so.
    cost_assumed = models.BooleanField(default=False, editable=False)
    # Facts in the shop's own words ({"material": "wool"}): copy may cite them, and nothing else.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    image_url = models.URLField(_("image address"), blank=True)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [
            models.UniqueConstraint(
                Lower("sku"),
                name="product_sku_once",
                violation_error_message=_("Another product has this SKU."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0) & Q(cost__gte=0),
                name="product_price_and_cost_not_negative",
                violation_error_message=_("Price and cost cannot be negative."),
            ),
        ]
        indexes = [
            models.Index(fields=["category", "id"], name="product_by_category"),
            models.Index(fields=["name", "id"], name="product_by_name"),
            models.Index(fields=["sku", "id"], name="product_by_sku"),
            models.Index(fields=["updated_at", "id"], name="product_by_change"),
            # As `with_sortable_price` has it.
            models.Index(Coalesce("price", ZERO), "id", name="product_by_price"),
            # As `search` asks.
            trigrams("product_search", "name", "sku", "brand"),
            characters("product_name_characters", "name"),
            characters("product_sku_characters", "sku"),
            characters("product_brand_characters", "brand"),
            beginnings("product_name_prefix", "name"),
            beginnings("product_sku_prefix", "sku"),
            beginnings("product_brand_prefix", "brand"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("shop:product_detail", args=[self.pk])
