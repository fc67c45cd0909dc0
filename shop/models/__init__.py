"""The ledger: products, people, orders, events, and the plumbing that every app writes beside them."""

from shop.models.access import ApiKey
from shop.models.catalog import Category, Product
from shop.models.ledger import Event, Order, OrderLine, Refund
from shop.models.people import Consent, ConsentEvent, Customer, CustomerProfile, Suppression
from shop.models.rollups import CustomerCategoryDay, CustomerRfm, DirtyKey
from shop.models.working import Lane, SetupStep, WorkerBeat

__all__ = [
    "ApiKey",
    "Category",
    "Consent",
    "ConsentEvent",
    "Customer",
    "CustomerCategoryDay",
    "CustomerProfile",
    "CustomerRfm",
    "DirtyKey",
    "Event",
    "Lane",
    "Order",
    "OrderLine",
    "Product",
    "Refund",
    "SetupStep",
    "Suppression",
    "WorkerBeat",
]
