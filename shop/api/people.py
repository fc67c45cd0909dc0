"""Customers for partner tools."""

from typing import Any

from django.db import transaction
from rest_framework import serializers

from shop.api.base import StrictModelSerializer, Writable, identity, user_permissions
from shop.models import ApiKey, Consent, Customer, CustomerProfile


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ("purpose", "channel", "state", "updated_at")


class CustomerSerializer(StrictModelSerializer):
    """A customer with its personal fields; a caller who may not see those reads null, and no attributes."""

    apart = frozenset({"profile"})
    name = serializers.CharField(source="profile.name", max_length=200, required=False, allow_null=True)
    email = serializers.EmailField(source="profile.email", required=False, allow_null=True)
    phone = serializers.CharField(source="profile.phone", max_length=32, required=False, allow_null=True)
    consents = ConsentSerializer(many=True, read_only=True)

    class Meta:
        model = Customer
        fields = (
            "id", "external_id", "name", "email", "phone", "locale", "time_zone", "attributes", "consents",
            "created_at",
        )  # fmt: skip
        read_only_fields = ("created_at",)

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        shown = super().to_representation(instance)
        caller = identity(self.context["request"])
        if not isinstance(caller, ApiKey) and not caller.has_perm("shop.view_personal_data"):
            shown |= {"name": None, "email": None, "phone": None, "attributes": {}}
        return shown

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Customer:
        profile = validated_data.pop("profile", {})
        customer = Customer.objects.create(**validated_data)
        CustomerProfile.objects.create(customer=customer, **texts(profile))
        return customer

    @transaction.atomic
    def update(self, instance: Customer, validated_data: dict[str, Any]) -> Customer:
        profile = validated_data.pop("profile", {})
        if profile:
            row = getattr(instance, "profile", None) or CustomerProfile(customer=instance)
            for name, value in texts(profile).items():
                setattr(row, name, value)
            row.save()
        return super().update(instance, validated_data)  # type: ignore[no-any-return]


def texts(profile: dict[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in profile.items()}


class CustomerViewSet(Writable):
    """Customers. Consent is read here and given or withdrawn by people, never raised by a tool."""

    scope, user_permissions = "customers", user_permissions("shop.customer")
    queryset = Customer.objects.filter(erased_at=None).select_related("profile").prefetch_related("consents")
    serializer_class = CustomerSerializer
    filterset_fields = ("external_id", "profile__email")
