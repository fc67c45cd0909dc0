"""Figures for partner tools: the same functions as the pages, in plain numbers."""

from typing import Any

from django.utils.timezone import get_default_timezone, localdate
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import reports
from campaigns.forms.period import PeriodForm
from campaigns.models import Campaign
from campaigns.models.campaign import CampaignQuerySet
from shop.api.base import amount, identity
from shop.models import ApiKey

PERIOD = [
    OpenApiParameter("start", str, description="First day, YYYY-MM-DD, in the shop's zone."),
    OpenApiParameter("end", str, description="Last day. Without both: twelve weeks and this week so far."),
]


def figure(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=4, allow_null=True, **options)


class FiguresSerializer(serializers.Serializer[reports.Figures]):
    """Figures of a period; null where a figure is not defined (no spend, no order, some campaigns only)."""

    spend = amount()
    net_revenue = amount(help_text="Credited to campaigns: coupon first (strict lines), then last touch.")
    shop_revenue = figure(help_text="Of the whole shop.")
    orders = serializers.IntegerField()
    new_customers = serializers.IntegerField()
    redemptions = serializers.IntegerField()
    roas_attributed = figure()
    roi_attributed_pct = figure()
    aov = figure()
    cac = figure()
    mer = figure()


class CampaignFiguresSerializer(serializers.Serializer[Any]):
    """The figures of one campaign in a period."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.CharField()
    channel = serializers.CharField()
    spend = amount()
    net_revenue = amount()
    roas_attributed = figure()
    roi_attributed_pct = figure()
    orders = serializers.IntegerField()
    redemptions = serializers.IntegerField()


class DaySerializer(FiguresSerializer):
    """The figures of one day."""

    day = serializers.DateField()


class ReportViewSet(viewsets.ViewSet):
    """Attributed figures, in the shop's currency and zone. Attributed is not incremental."""

    scope, user_permissions = "reports", {"read": "campaigns.view_campaign"}

    @extend_schema(parameters=PERIOD, responses=FiguresSerializer)
    @action(detail=False)
    def summary(self, request: Request) -> Response:
        """Add up the period."""
        period = period_of(request)
        whole = reports.total(reports.daily(period, narrowed(request)), period)
        return Response(FiguresSerializer(whole).data)

    @extend_schema(parameters=PERIOD, responses=DaySerializer(many=True))
    @action(detail=False)
    def daily(self, request: Request) -> Response:
        """List the days on which something happened."""
        days = reports.daily(period_of(request), narrowed(request))
        rows = [FiguresSerializer(one).data | {"day": day.isoformat()} for day, one in sorted(days.items())]
        return Response(rows)

    @extend_schema(parameters=PERIOD, responses=CampaignFiguresSerializer(many=True))
    @action(detail=False)
    def campaigns(self, request: Request) -> Response:
        """List the campaigns with spend, credit or redemptions in the period, most revenue first."""
        rows = reports.campaign_rows(period_of(request), visible(request)).by_revenue()
        return Response(CampaignFiguresSerializer(list(rows), many=True).data)


def period_of(request: Request) -> reports.Period:
    form = PeriodForm(request.query_params)
    if not form.is_valid():
        raise ValidationError({name: [str(text) for text in errors] for name, errors in form.errors.items()})
    return form.chosen(localdate(timezone=get_default_timezone()))[0]


def visible(request: Request) -> CampaignQuerySet:
    return Campaign.objects.visible_to(identity(request), "reports:read")


def narrowed(request: Request) -> CampaignQuerySet | None:
    """Return the campaigns of a restricted key; None for a caller who sees the whole shop."""
    key = request.auth
    return visible(request) if isinstance(key, ApiKey) and not key.all_campaigns else None
