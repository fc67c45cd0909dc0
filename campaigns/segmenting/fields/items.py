"""Which items a condition means: a product, a category with everything below it, a brand, prices."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.segmenting.fields.base import Clause
from campaigns.segmenting.predicates import Sql
from campaigns.segmenting.values import Money, Names, Parameter, Reference, Text, Value, Word
from shop.models import Category, Product

CATEGORY = Reference(gettext_lazy("category"), absent=gettext_lazy("any category"), model=Category)
PRODUCT = Reference(gettext_lazy("product"), absent=gettext_lazy("any product"), model=Product)
# The values by which a condition narrows down items of the shop, each of them optional.
KIND_OF_ITEM: dict[str, Parameter] = {
    "category": CATEGORY,
    "brand": Word(gettext_lazy("brand"), absent=gettext_lazy("any brand")),
    "min_price": Money(gettext_lazy("price from"), absent=gettext_lazy("any price")),
    "max_price": Money(gettext_lazy("price up to"), absent=gettext_lazy("any price")),
}


def below(category: int | None) -> Sql:
    """Return a query of the ids of a category and of everything below it; nothing where it is gone."""
    return Sql(
        "SELECT below.id FROM shop_category root"
        " JOIN shop_category below ON below.path LIKE root.path || '%%'"
        " WHERE root.path <> '' AND root.id = %s",
        (category,),
    )


def of_item(clause: Clause, product_id: str, price: str, units: str = "1", prefix: str = "") -> Sql:
    """Return further conditions of a source: only items that the clause means, their products joined as `p`.

    `price` is what `units` of the item cost together: multiplied, for no line may divide by zero.
    """
    asked = Sql("")
    if (product := clause.number(f"{prefix}product")) is not None:
        asked += Sql(f" AND {product_id} = %s", (product,))
    if (category := clause.number(f"{prefix}category")) is not None:
        asked += Sql(" AND p.category_id IN (") + below(category) + Sql(")")
    if brand := clause.values.get(f"{prefix}brand"):
        asked += Sql(" AND upper(p.brand) = upper(%s)", (brand,))
    for name, compared in (("min_price", ">="), ("max_price", "<=")):
        if (limit := clause.values.get(f"{prefix}{name}")) is not None:
            asked += Sql(f" AND {price} {compared} %s * {units}", (limit,))
    return asked


def joined_product(clause: Clause, product_id: str, *names: str) -> Sql:
    """Return the join that `of_item` needs where the clause has one of these values, else nothing."""
    needed = any(name in clause.values for name in names)
    return Sql(f" JOIN shop_product p ON p.id = {product_id}") if needed else Sql("")


def price_faults(values: Mapping[str, Value]) -> Iterator[tuple[str, Text]]:
    """Yield a fault where no price can lie between the two limits."""
    low, high = values.get("min_price"), values.get("max_price")
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield "max_price", _("is below “price from”: swap the two")


def what(clause: Clause, names: Names, prefix: str = "") -> str:
    """Return the items in words: "Blue mug", "something of brand “Acme”, at $10.00 each or more"."""

    def said(name: str) -> str | None:
        key = f"{prefix}{name}"
        if key not in clause.values:
            return None
        return clause.field.parameters[key].say(clause.values[key], names)

    texts = {
        "category": _("in category %(value)s"),
        "brand": _("of brand “%(value)s”"),
        "min_price": _("at %(value)s or more"),
        "max_price": _("at %(value)s or less"),
    }
    details = [text % {"value": value} for name, text in texts.items() if (value := said(name))]
    thing = said("product") or (_("anything") if clause.operator == "none" else _("something"))
    if not details:
        return thing
    return _("%(thing)s %(details)s") % {"thing": thing, "details": _(", ").join(details)}
