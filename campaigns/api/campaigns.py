"""Campaigns for partner tools: read, drafted and changed while they are drafts."""

from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from rest_framework import serializers

from campaigns import launching
from campaigns.models import BrandVoice, Campaign, KeyCampaign, OfferPolicy, Segment
from campaigns.models.campaign import CampaignQuerySet
from shop.api.base import Conflict, StrictModelSerializer, Writable, identity, user_permissions
from shop.models import ApiKey, Product


class OfferPolicySerializer(StrictModelSerializer):
    """What the campaign's offers may give."""

    class Meta:
        model = OfferPolicy
        fields = (
            "kind", "value", "minimum_basket", "cap", "margin_floor", "code_policy", "shared_code",
            "valid_days",
        )  # fmt: skip


class CampaignSerializer(StrictModelSerializer):
    """A campaign. Its state changes on its page, by people, and not here."""

    apart = frozenset({"offer_policy"})
    segment = serializers.PrimaryKeyRelatedField(
        queryset=Segment.objects.current(), allow_null=True, required=False
    )
    products = serializers.SlugRelatedField(
        slug_field="sku", queryset=Product.objects.active(), many=True, required=False, help_text="SKUs."
    )
    brand_voice = serializers.SlugRelatedField(
        slug_field="name", queryset=BrandVoice.objects.all(), allow_null=True, required=False
    )
    offer_policy = OfferPolicySerializer(required=False)

    class Meta:
        model = Campaign
        fields = (
            "id", "name", "goal", "status", "paused", "segment", "products", "channel", "starts_on",
            "ends_on", "budget", "holdout_percent", "brand_voice", "offer_policy", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("status", "paused", "created_at", "updated_at")

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Campaign:
        products, policy = validated_data.pop("products", []), validated_data.pop("offer_policy", None)
        caller = identity(self.context["request"])
        campaign = Campaign(**validated_data)
        launching.create(campaign, by=None if isinstance(caller, ApiKey) else caller)
        if isinstance(caller, ApiKey) and not caller.all_campaigns:
            KeyCampaign.objects.create(api_key=caller, campaign=campaign)
        campaign.products.set(products)
        set_policy(campaign, policy)
        return campaign

    @transaction.atomic
    def update(self, instance: Campaign, validated_data: dict[str, Any]) -> Campaign:
        products, policy = validated_data.pop("products", None), validated_data.pop("offer_policy", None)
        try:
            campaign = launching.editable(instance)
        except launching.Refused as error:
            raise Conflict(str(error)) from error
        for name, value in validated_data.items():
            setattr(campaign, name, value)
        campaign.save()
        if products is not None:
            campaign.products.set(products)
        set_policy(campaign, policy)
        return campaign


def set_policy(campaign: Campaign, values: dict[str, Any] | None) -> None:
    if values is not None:
        OfferPolicy.objects.update_or_create(campaign=campaign, defaults=values)


class CampaignFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Words in the name")

    class Meta:
        model = Campaign
        fields = ("status", "channel", "goal", "segment")

    def search(self, campaigns: CampaignQuerySet, name: str, value: str) -> CampaignQuerySet:
        return campaigns.search(value)


class CampaignViewSet(Writable):
    """Campaigns that the caller may see."""

    scope, user_permissions = "campaigns", user_permissions("campaigns.campaign")
    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter

    def get_queryset(self) -> CampaignQuerySet:
        seen = Campaign.objects.visible_to(identity(self.request))
        return seen.select_related("brand_voice", "offer_policy").prefetch_related("products")
