"""The ledger: products, people, orders, events, and the plumbing that every app writes beside them."""

from shop.models.access import ApiKey
from shop.models.catalog import Category, Product
from shop.models.importing import (
    ImportedKey,
    ImportedOrder,
    ImportFile,
    ImportImage,
    ImportMapping,
    ImportRow,
)
from shop.models.ledger import Event, Order, OrderLine, Refund
from shop.models.people import (
    Consent,
    ConsentEvent,
    Customer,
    CustomerProfile,
    Disclosure,
    Erasure,
    Suppression,
)
from shop.models.rollups import CohortMonth, CustomerCategoryDay, CustomerMonth, CustomerRfm, DirtyKey
from shop.models.working import Lane, SetupStep, WorkerBeat

__all__ = [
    "ApiKey",
    "Category",
    "CohortMonth",
    "Consent",
    "ConsentEvent",
    "Customer",
    "CustomerCategoryDay",
    "CustomerMonth",
    "CustomerProfile",
    "CustomerRfm",
    "DirtyKey",
    "Disclosure",
    "Erasure",
    "Event",
    "ImportFile",
    "ImportImage",
    "ImportMapping",
    "ImportRow",
    "ImportedKey",
    "ImportedOrder",
    "Lane",
    "Order",
    "OrderLine",
    "Product",
    "Refund",
    "SetupStep",
    "Suppression",
    "WorkerBeat",
]
