"""Segments for partner tools."""

from typing import Any

from django.db import transaction
from rest_framework import serializers

from campaigns import segmenting
from campaigns.models import Campaign, Segment
from campaigns.models.segment import SegmentQuerySet
from campaigns.segmenting.membership import make_due
from shop.api.base import StrictModelSerializer, Writable, identity, user_permissions


class SegmentSerializer(StrictModelSerializer):
    """A segment with its rule, and the rule in words."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Segment
        fields = (
            "id", "name", "kind", "rule", "sentence", "note", "size", "counted_at", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = ("kind", "size", "counted_at", "created_at", "updated_at")
        extra_kwargs = {"rule": {"required": True}}

    def get_sentence(self, segment: Segment) -> str:
        if segment.kind == Segment.Kind.LIST:
            return ""
        seen = Campaign.objects.visible_to(identity(self.context["request"]))
        return segmenting.sentence(segment.rule, campaigns=seen)

    def validate_rule(self, rule: Any) -> Any:
        if self.instance is not None and self.instance.kind == Segment.Kind.LIST:
            raise serializers.ValidationError("A fixed list has no rule.", code="list")
        seen = Campaign.objects.visible_to(identity(self.context["request"]))
        try:
            return segmenting.validate(rule, campaigns=seen, segment=self.instance)
        except segmenting.RuleError as error:
            raise serializers.ValidationError(str(error), code="rule") from error


class SegmentViewSet(Writable):
    """Rule segments; a fixed list is made on its page."""

    scope, user_permissions = "segments", user_permissions("campaigns.segment")
    queryset = Segment.objects.none()
    serializer_class = SegmentSerializer
    filterset_fields = ("name", "kind")

    def get_queryset(self) -> SegmentQuerySet:
        return Segment.objects.visible_to(identity(self.request)).current()

    @transaction.atomic
    def perform_update(self, serializer: Any) -> None:
        make_due(serializer.save())
