"""Orders, refunds and events for partner tools."""

from decimal import Decimal
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_site.lib.money import ZERO
from shop import ingest
from shop.api.base import Repeatable, Strict, amount, refused, user_permissions
from shop.models import Customer, Event, Order, Product, Refund


def source_field() -> Any:
    """Return the field that says which system an external id belongs to; `Field.source` has another type."""
    return serializers.SlugField(max_length=32, default="api")


class LineSerializer(Strict):
    """One line: `gross` before discounts; the net amount of a line is gross minus discount."""

    product = serializers.SlugRelatedField(
        slug_field="sku", queryset=Product.objects.all(), help_text="The product's SKU."
    )
    quantity = serializers.IntegerField(min_value=0)
    gross = amount()
    discount = amount(default=ZERO, min_value=ZERO)
    coupon_value = amount(default=ZERO, min_value=ZERO)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["discount"] > attrs["gross"]:
            raise serializers.ValidationError(
                {"discount": "A discount cannot be more than the gross amount."}
            )
        return attrs


class OrderSerializer(Strict):
    """An order with its lines. Sending the same `external_id` again corrects it; nothing is doubled."""

    id = serializers.IntegerField(read_only=True)
    source = source_field()
    external_id = serializers.CharField(max_length=64)
    customer = serializers.SlugRelatedField(
        slug_field="external_id",
        queryset=Customer.objects.filter(erased_at=None),
        help_text="The external id.",
    )
    ordered_at = serializers.DateTimeField()
    status = serializers.ChoiceField(Order.Status.choices, default=Order.Status.PLACED)
    coupon_codes = serializers.ListField(
        child=serializers.CharField(max_length=64), default=list, max_length=20
    )
    tax = amount(default=ZERO)
    shipping = amount(default=ZERO)
    lines = LineSerializer(many=True, allow_empty=False)
    gross = amount(read_only=True)
    discount = amount(read_only=True)
    refunded = amount(read_only=True)
    net_revenue = amount(read_only=True)

    def save_order(self) -> tuple[Order, bool]:
        values = dict(self.validated_data)
        lines = [ingest.NewLine(**line) for line in values.pop("lines")]
        return ingest.put_order(ingest.NewOrder(lines=lines, **values))


class OrderFilter(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id")
    ordered_since = filters.IsoDateTimeFilter(field_name="ordered_at", lookup_expr="gte")
    ordered_before = filters.IsoDateTimeFilter(field_name="ordered_at", lookup_expr="lt")

    class Meta:
        model = Order
        fields = ("source", "external_id", "status")


class OrderViewSet(Repeatable):
    """Orders. POST answers 201 for a new order and 200 for one that was known."""

    scope, user_permissions = "orders", user_permissions("shop.order")
    queryset = Order.objects.select_related("customer").prefetch_related("lines__product")
    serializer_class = OrderSerializer
    filterset_class = OrderFilter

    @extend_schema(responses={200: OrderSerializer, 201: OrderSerializer})
    def create(self, request: Request) -> Response:
        serializer = OrderSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        with refused():
            order, created = serializer.save_order()
        return self.answer(order, created=created)


class RefundSerializer(Strict):
    """Money given back. `order` names an order by source and external id."""

    id = serializers.IntegerField(read_only=True)
    source = source_field()
    external_id = serializers.CharField(max_length=64)
    order = serializers.CharField(source="order.external_id", help_text="The order's external id.")
    line_no = serializers.IntegerField(required=False, allow_null=True)
    amount = amount(min_value=Decimal("0.0001"))
    refunded_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def save_refund(self) -> tuple[Refund, bool]:
        values = dict(self.validated_data)
        external_id = values.pop("order")["external_id"]
        order = Order.objects.filter(source=values["source"], external_id=external_id).first()
        if order is None:
            raise serializers.ValidationError({"order": "No order of this source has this external id."})
        return ingest.put_refund(order=order, **values)


class RefundViewSet(Repeatable):
    """Refunds; they take the credit of their order back."""

    scope, user_permissions = "orders", user_permissions("shop.refund")
    queryset = Refund.objects.select_related("order")
    serializer_class = RefundSerializer
    filterset_fields = ("source", "external_id")

    @extend_schema(responses={200: RefundSerializer, 201: RefundSerializer})
    def create(self, request: Request) -> Response:
        serializer = RefundSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        with refused():
            refund, created = serializer.save_refund()
        return self.answer(refund, created=created)


class EventSerializer(Strict):
    """One thing a customer did. Events are never corrected: a known external id answers the stored one."""

    id = serializers.IntegerField(read_only=True)
    source = source_field()
    external_id = serializers.CharField(max_length=64)
    customer = serializers.SlugRelatedField(
        slug_field="external_id",
        queryset=Customer.objects.filter(erased_at=None),
        help_text="The external id.",
    )
    product = serializers.SlugRelatedField(
        slug_field="sku",
        queryset=Product.objects.all(),
        required=False,
        allow_null=True,
        help_text="The SKU.",
    )
    kind = serializers.ChoiceField(Event.Kind.choices)
    occurred_at = serializers.DateTimeField()
    text = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    rating = serializers.IntegerField(min_value=1, max_value=5, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("rating") is not None and attrs["kind"] != Event.Kind.REVIEW:
            raise serializers.ValidationError({"rating": "Only a review has a rating."})
        return attrs


class EventFilter(filters.FilterSet):
    customer = filters.CharFilter(field_name="customer__external_id")
    product = filters.CharFilter(field_name="product__sku")
    occurred_since = filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")

    class Meta:
        model = Event
        fields = ("source", "external_id", "kind")


class EventViewSet(Repeatable):
    """Searches, views, carts, purchases and reviews."""

    scope, user_permissions = "events", user_permissions("shop.event")
    queryset = Event.objects.select_related("customer", "product")
    serializer_class = EventSerializer
    filterset_class = EventFilter

    @extend_schema(responses={200: EventSerializer, 201: EventSerializer})
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        event, created = ingest.put_event(Event(**serializer.validated_data))
        return self.answer(event, created=created)
