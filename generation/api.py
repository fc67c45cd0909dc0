"""Texts for partner tools: approved or not, they are read here and decided by people on the pages."""

from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets

from generation.models import PersonalOffer, Variant
from generation.models.texts import PersonalOfferQuerySet, VariantQuerySet
from shop.api.base import identity


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """One text with its check findings; `fields` depends on its kind."""

    texts = serializers.JSONField(source="fields", read_only=True)

    class Meta:
        model = Variant
        fields = (
            "id", "campaign", "product", "kind", "language", "tone", "texts", "state", "origin", "findings",
            "model_revision", "prompt_revision", "tokens", "seconds", "created_at", "updated_at",
        )  # fmt: skip


class VariantFilter(filters.FilterSet):
    updated_since = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Variant
        fields = ("campaign", "kind", "language", "state")


class VariantViewSet(viewsets.ReadOnlyModelViewSet[Variant]):
    """Copy variants of the campaigns that the caller may see."""

    scope, user_permissions = "variants", {"read": "generation.view_variant"}
    queryset = Variant.objects.none()
    serializer_class = VariantSerializer
    filterset_class = VariantFilter

    def get_queryset(self) -> VariantQuerySet:
        return Variant.objects.visible_to(identity(self.request))


class OfferSerializer(serializers.ModelSerializer[PersonalOffer]):
    """One recipient's offer. The customer is named by external id only."""

    customer = serializers.SlugRelatedField[PersonalOffer](slug_field="external_id", read_only=True)
    product = serializers.SlugRelatedField[PersonalOffer](slug_field="sku", read_only=True)
    code = serializers.CharField(source="coupon.code", default=None, read_only=True, allow_null=True)

    class Meta:
        model = PersonalOffer
        fields = (
            "id", "campaign", "customer", "product", "code", "language", "reason", "discount_kind",
            "discount_value", "price", "price_after", "text", "state", "origin", "created_at",
        )  # fmt: skip


class OfferViewSet(viewsets.ReadOnlyModelViewSet[PersonalOffer]):
    """Personal offers. Only approved ones are ready to be sent."""

    scope, user_permissions = "offers", {"read": "generation.view_personaloffer"}
    queryset = PersonalOffer.objects.none()
    serializer_class = OfferSerializer
    filterset_fields = ("campaign", "state", "language")

    def get_queryset(self) -> PersonalOfferQuerySet:
        seen = PersonalOffer.objects.visible_to(identity(self.request))
        return seen.select_related("customer", "product", "coupon")
