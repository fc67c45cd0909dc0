"""Products for partner tools."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from shop.api.base import StrictModelSerializer, Writable, user_permissions
from shop.ingest import save_product
from shop.models import Category, Product


class ProductSerializer(StrictModelSerializer):
    category = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = Product
        fields = (
            "id", "sku", "name", "category", "brand", "description", "shop_title", "seo_title",
            "seo_description", "price", "cost", "attributes", "image_url", "active",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("created_at", "updated_at")

    def validate_attributes(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise serializers.ValidationError('Give an object of texts, such as {"material": "wool"}.')
        return value

    def create(self, validated_data: dict[str, Any]) -> Product:
        return self.update(Product(), validated_data)

    def update(self, instance: Product, validated_data: dict[str, Any]) -> Product:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        save_product(instance)
        return instance


class ProductFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Words in name, SKU or brand")
    updated_since = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Product
        fields = ("sku", "brand", "category", "active")

    def search(self, products: Any, name: str, value: str) -> Any:
        return products.search(value)


class ProductViewSet(Writable):
    """The catalogue. Retire a product by setting `active` to false."""

    scope, user_permissions = "products", user_permissions("shop.product")
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_class = ProductFilter
