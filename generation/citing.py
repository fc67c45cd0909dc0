"""What a text takes from its product's row, and which texts are out of date since the row says otherwise.

A text cites a fact where its page highlights it. What is kept is the row's own value, so that the database
can compare: nothing has to be read and worded again to count the texts that a new price made out of date.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from generation.facts import Fact, FactKind, FactSheet, attribute_words, clean, money_words
from generation.highlighting import spans
from generation.models import Variant
from generation.texts.kinds import Copy
from marketing_site.lib.money import stored
from shop.models import Product

State = Variant.State
# A value that is not in the row any more: such a text is out of date already.
GONE = "gone"


def cited(copy: Copy, sheet: FactSheet, product: Product) -> dict[str, Any]:
    """Return the row's values that a text states: {"price": "5.0000", "attributes": {"material": "wool"}}."""
    cites: dict[str, Any] = {}
    today = {(kind, clean(words)): value for kind, words, value in _values(product)}
    for fact in _stated(copy, sheet):
        if fact.source != f"product:{product.pk}":
            continue
        column, value = today.get((fact.kind, fact.value), (GONE, True))
        cites[column] = cites.get(column, {}) | value if isinstance(value, dict) else value
    return cites


def stale() -> Q:
    """Return the condition of a text that cites what its product's row does not say any more."""
    price = Cast(KT("cites__price"), DecimalField(max_digits=18, decimal_places=4))
    return (
        Q(cites__has_key=GONE)
        | (Q(cites__has_key="price") & ~Q(product__price=price))
        | (Q(cites__has_key="name") & ~Q(product__name=KT("cites__name")))
        | (Q(cites__has_key="brand") & ~Q(product__brand=KT("cites__brand")))
        | (Q(cites__has_key="category") & ~Q(product__category__name=KT("cites__category")))
        | (Q(cites__has_key="attributes") & ~Q(product__attributes__contains=F("cites__attributes")))
    )


def out_of_date() -> QuerySet[Variant]:
    """Return the texts of no campaign that are out of date, and that no later text replaces."""
    standing = Variant.objects.exclude(state=State.REJECTED).filter(campaign=None)
    later = standing.filter(
        product=OuterRef("product"),
        kind=OuterRef("kind"),
        language=OuterRef("language"),
        pk__gt=OuterRef("pk"),
    )
    return standing.filter(stale(), ~Exists(later), product__active=True)


def _values(product: Product) -> Iterator[tuple[FactKind, str, tuple[str, Any]]]:
    """Yield kind, words and (column, value) of each fact of the row, worded as sheets word them."""
    yield FactKind.NAME, product.name, ("name", product.name)
    yield FactKind.BRAND, product.brand, ("brand", product.brand)
    if product.category:
        yield FactKind.CATEGORY, product.category.name, ("category", product.category.name)
    if product.price is not None:
        price = stored(Decimal(product.price))
        yield FactKind.PRICE, money_words(price, settings.SHOP_CURRENCY), ("price", str(price))
    for label, value in product.attributes.items():
        words = attribute_words(str(label), str(value))
        yield FactKind.ATTRIBUTE, words, ("attributes", {label: value})


def _stated(copy: Copy, sheet: FactSheet) -> Iterator[Fact]:
    for text in copy.values():
        yield from (span.fact for span in spans(text, sheet, []) if span.fact)
