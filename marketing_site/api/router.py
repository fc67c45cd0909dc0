"""Every address of /api/v1/."""

from django.urls import path
from rest_framework.renderers import JSONRenderer
from rest_framework.routers import SimpleRouter

from campaigns.api.campaigns import CampaignViewSet
from campaigns.api.reports import ReportViewSet
from campaigns.api.segments import SegmentViewSet
from campaigns.api.spend import SpendViewSet
from generation.api import OfferViewSet, RunViewSet, VariantViewSet
from shop.api.catalog import ProductViewSet
from shop.api.imports import CsvFile, ImportViewSet
from shop.api.ledger import EventViewSet, OrderViewSet, RefundViewSet
from shop.api.people import CustomerViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="product")
router.register("customers", CustomerViewSet, basename="customer")
router.register("orders", OrderViewSet, basename="order")
router.register("refunds", RefundViewSet, basename="refund")
router.register("events", EventViewSet, basename="event")
router.register("segments", SegmentViewSet, basename="segment")
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("spend", SpendViewSet, basename="spend")
router.register("reports", ReportViewSet, basename="report")
router.register("variants", VariantViewSet, basename="variant")
router.register("runs", RunViewSet, basename="run")
router.register("offers", OfferViewSet, basename="offer")
router.register("imports", ImportViewSet, basename="import")

# A file keeps the end of its name, which the router would follow with a slash.
files = [
    path(
        "imports/<uuid:pk>/rejected.csv",
        ImportViewSet.as_view({"get": "rejected"}, renderer_classes=(JSONRenderer, CsvFile)),
        name="import-rejected",
    )
]
