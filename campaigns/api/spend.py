"""Costs for partner tools: booked under an external id, so that a repeated call adds nothing."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import spending
from campaigns.models import Campaign, Spend
from marketing_site.lib.money import ZERO
from shop.api.base import Repeatable, Strict, amount, identity, user_permissions


@extend_schema_field(OpenApiTypes.INT)
class CampaignField(serializers.PrimaryKeyRelatedField[Campaign]):
    """The id of a campaign that the caller may see."""

    def get_queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.visible_to(identity(self.context["request"]), "spend:write")


class SpendSerializer(Strict):
    """One cost on one day. Sending the same `external_id` again corrects it."""

    id = serializers.IntegerField(read_only=True)
    campaign = CampaignField()
    category = serializers.ChoiceField(Spend.Category.choices)
    amount = amount(min_value=ZERO)
    day = serializers.DateField()
    external_id = serializers.CharField(max_length=100)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    origin = serializers.CharField(source="source", read_only=True)

    def validate_day(self, day: Any) -> Any:
        if not spending.FIRST_DAY <= day <= spending.LAST_DAY:
            raise serializers.ValidationError("This day is too far away to be right.")
        return day


class SpendFilter(filters.FilterSet):
    since = filters.DateFilter(field_name="day", lookup_expr="gte")
    until = filters.DateFilter(field_name="day", lookup_expr="lte")

    class Meta:
        model = Spend
        fields = ("campaign", "category", "source", "external_id")


class SpendViewSet(Repeatable):
    """Costs of the campaigns that the caller may see. POST answers 201 for a new one, 200 for a known one."""

    scope, user_permissions = "spend", user_permissions("campaigns.spend")
    queryset = Spend.objects.none()
    serializer_class = SpendSerializer
    filterset_class = SpendFilter

    def get_queryset(self) -> QuerySet[Spend]:
        act = "spend:read" if self.request.method in {"GET", "HEAD", "OPTIONS"} else "spend:write"
        seen = Campaign.objects.visible_to(identity(self.request), act)
        return Spend.objects.filter(campaign__in=seen)

    @extend_schema(responses={200: SpendSerializer, 201: SpendSerializer})
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        spend = Spend(source=Spend.Source.API, **serializer.validated_data)
        self.refuse_foreign(spend)
        booked = spending.book([spend])
        known = Spend.objects.get(source=Spend.Source.API, external_id=spend.external_id)
        return self.answer(known, created=booked.added == 1)

    def refuse_foreign(self, spend: Spend) -> None:
        """Refuse an external id that another caller uses for a campaign that this one may not see."""
        same = Spend.objects.filter(source=Spend.Source.API, external_id=spend.external_id)
        if same.exclude(campaign__in=self.get_queryset().values("campaign")).exists():
            raise serializers.ValidationError({"external_id": "This external id is taken: choose another."})
