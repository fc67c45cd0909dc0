"""Every address of /api/v1/."""

from rest_framework.routers import SimpleRouter

from campaigns.api.campaigns import CampaignViewSet
from campaigns.api.reports import ReportViewSet
from campaigns.api.segments import SegmentViewSet
from campaigns.api.spend import SpendViewSet
from generation.api import OfferViewSet, VariantViewSet
from shop.api.catalog import ProductViewSet
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
router.register("offers", OfferViewSet, basename="offer")
