"""Sample rows of a dry run as people know them: with the kind's names, and with the ids of the source."""

from collections.abc import Callable
from typing import Any

from shop.importing.kinds import Kind
from shop.models import Category, Customer, Order, Product

Ids = set[int]
# {column of the ledger: (what the kinds call it, how its keys are told)}
REFERENCES: dict[str, tuple[str, Callable[[Ids], dict[int, str]]]] = {
    "customer_id": ("customer", lambda ids: _told(Customer, "external_id", ids)),
    "product_id": ("product", lambda ids: _told(Product, "sku", ids)),
    "order_id": ("order", lambda ids: _told(Order, "external_id", ids)),
    "category_id": ("category", lambda ids: _told(Category, "name", ids)),
}
# What the ledger calls otherwise than the files do.
OTHER_NAMES = {"locale": "language"}


def readable(kind: Kind, samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the samples with the kind's fields in its order, and with ids that mean something outside."""
    told = {
        name: tell(
            {side[name] for one in samples for side in (one["before"], one["after"]) if side.get(name)}
        )
        for name, (_field, tell) in REFERENCES.items()
    }
    order = {column.name: at for at, column in enumerate(kind.columns)}

    def named(values: dict[str, Any]) -> dict[str, Any]:
        found = dict(_field(kind, name, value, told) for name, value in values.items())
        return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))

    return [one | {"before": named(one["before"]), "after": named(one["after"])} for one in samples]


def _field(kind: Kind, name: str, value: Any, told: dict[str, dict[int, str]]) -> tuple[str, Any]:
    if name in REFERENCES:
        # What is not there yet, such as a stub, has no id.
        return REFERENCES[name][0], told[name].get(value, "")
    if name == "external_id" and kind.column(name) is None:
        return "order", value
    return OTHER_NAMES.get(name, name), value


def _told(model: Any, field: str, ids: Ids) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=ids).values_list("pk", field)) if ids else {}
