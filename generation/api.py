"""Texts for partner tools: approved or not, they are read here and decided by people on the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from generation import review
from generation.history import author_of
from generation.models import Comment, Job, PersonalOffer, Run, Variant, VariantDecision
from generation.models.runs import RunQuerySet
from generation.models.texts import PersonalOfferQuerySet, VariantQuerySet
from generation.review_forms import LONGEST_COMMENT, LONGEST_REASON
from marketing_site.lib.work import OPEN, State
from shop.api.base import Conflict, Strict, identity
from shop.models import ApiKey

# No key holds this scope: what needs it is done by people.
PEOPLE = "people"


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """One text with its check findings; `texts` has the parts of its kind.

    It is about a product, a category or a review (which belong to no campaign), or a translation.
    """

    category = serializers.IntegerField(source="job.category_id", read_only=True, allow_null=True)
    review = serializers.IntegerField(source="job.review_id", read_only=True, allow_null=True)
    translation_of = serializers.IntegerField(source="job.source_id", read_only=True, allow_null=True)
    texts = serializers.JSONField(source="fields", read_only=True)
    assigned_to = serializers.SlugRelatedField[Variant](slug_field="email", read_only=True)

    class Meta:
        model = Variant
        fields = (
            "id", "campaign", "product", "category", "review", "translation_of", "kind", "language", "tone",
            "texts", "version", "state", "origin", "findings", "assigned_to", "learn", "model_revision",
            "prompt_revision", "tokens", "seconds", "created_at", "updated_at",
        )  # fmt: skip


class VariantFilter(filters.FilterSet):
    updated_since = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    with_findings = filters.BooleanFilter(method="found", label="Whether the checks found something")

    class Meta:
        model = Variant
        fields = ("campaign", "product", "kind", "language", "state", "origin")

    def found(self, variants: VariantQuerySet, name: str, value: bool) -> VariantQuerySet:  # noqa: FBT001
        return variants.exclude(findings=[]) if value else variants.filter(findings=[])


class SeenSerializer(Strict):
    """Which version of a text the caller has read: another one is not decided about."""

    version = serializers.IntegerField(min_value=1)


class RejectSerializer(SeenSerializer):
    """Why a text is rejected: a reason of the list, or words, or both."""

    code = serializers.ChoiceField(choices=VariantDecision.Reason.choices, required=False, default="")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_REASON)


class CommentSerializer(Strict):
    """What a person or a tool said about a text."""

    id = serializers.IntegerField(read_only=True)
    text = serializers.CharField(max_length=LONGEST_COMMENT)
    author = serializers.SerializerMethodField()
    at = serializers.DateTimeField(read_only=True)
    resolved_at = serializers.DateTimeField(read_only=True, allow_null=True)

    def get_author(self, comment: Comment) -> str:
        return author_of(comment)


@contextmanager
def decided() -> Iterator[None]:
    """Answer 409 where the rules of the review desk, or somebody else's change, do not allow a decision."""
    try:
        yield
    except review.Refused as error:
        raise Conflict(str(error)) from error
    except review.Conflict as error:
        raise Conflict("Another version stands now: read the text again.") from error


DECIDE = {"read": "generation.view_variant", "write": review.APPROVE}


class VariantViewSet(viewsets.ReadOnlyModelViewSet[Variant]):
    """Copy variants that the caller may see. People decide about them; a key may comment, no more."""

    scope = "variants"
    user_permissions = {"read": "generation.view_variant", "write": "generation.add_comment"}
    queryset = Variant.objects.none()
    serializer_class = VariantSerializer
    filterset_class = VariantFilter

    def get_queryset(self) -> VariantQuerySet:
        seen = Variant.objects.visible_to(identity(self.request))
        return seen.select_related("assigned_to", "campaign__brand_voice", "job__run__brand_voice")

    @extend_schema(request=SeenSerializer, responses=VariantSerializer)
    @action(detail=True, methods=["post"], scope=PEOPLE, user_permissions=DECIDE)
    def approve(self, request: Request, pk: str) -> Response:
        """Approve the version that was read, as a signed-in approver."""
        variant, asked = self.get_object(), valid(SeenSerializer, request)
        with decided():
            review.approve(variant, cast(User, request.user), asked["version"])
        return self.retrieve(request, pk)

    @extend_schema(request=RejectSerializer, responses=VariantSerializer)
    @action(detail=True, methods=["post"], scope=PEOPLE, user_permissions=DECIDE)
    def reject(self, request: Request, pk: str) -> Response:
        """Reject the version that was read, saying why, as a signed-in approver."""
        variant, asked = self.get_object(), valid(RejectSerializer, request)
        by = cast(User, request.user)
        with decided():
            review.reject(variant, by, asked["reason"], asked["version"], asked["code"])
        return self.retrieve(request, pk)

    @extend_schema(request=None, responses=VariantSerializer)
    @action(detail=True, methods=["post"], scope=PEOPLE, user_permissions=DECIDE)
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a decision back, as a signed-in approver."""
        with decided():
            review.reopen(self.get_object(), cast(User, request.user))
        return self.retrieve(request, pk)

    @extend_schema(responses=CommentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], serializer_class=CommentSerializer, filterset_class=None)
    def comments(self, request: Request, pk: str) -> Response:
        """List what was said about a text, oldest first."""
        said = self.get_object().comments.select_related("by", "key").order_by("pk")
        page = self.paginate_queryset(cast(Any, said))
        return self.get_paginated_response(CommentSerializer(page, many=True).data)

    @extend_schema(request=CommentSerializer, responses={201: CommentSerializer})
    @comments.mapping.post
    def comment(self, request: Request, pk: str) -> Response:
        """Say something about a text, as a person or as a key with `variants:write`."""
        variant, asked = self.get_object(), valid(CommentSerializer, request)
        caller = identity(request)
        by, key = (None, caller) if isinstance(caller, ApiKey) else (caller, None)
        with decided():
            said = review.comment(variant, asked["text"], by, key)
        return Response(CommentSerializer(said).data, status.HTTP_201_CREATED)


def valid(serializer_class: type[Strict], request: Request) -> dict[str, Any]:
    """Return what the request's body says; raises ValidationError."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


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


class JobCounts(serializers.Serializer[Any]):
    """How many texts of a run are in which state."""

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        return {state.value: serializers.IntegerField(read_only=True) for state in State}


class RunSerializer(serializers.ModelSerializer[Run]):
    """One request for texts: how far it is, what it has used, and whether it goes on."""

    state = serializers.SerializerMethodField(help_text="writing, paused, cancelled or over")
    jobs = JobCounts(source="sums", read_only=True)
    tokens = serializers.IntegerField(source="sums.tokens", read_only=True)
    seconds = serializers.FloatField(source="sums.seconds", read_only=True)

    class Meta:
        model = Run
        fields = (
            "id", "purpose", "campaign", "expected", "state", "pause", "jobs", "tokens", "seconds",
            "token_budget", "money_budget", "created_at",
        )  # fmt: skip

    def get_state(self, run: Run) -> str:
        if run.cancel_requested_at:
            return "cancelled"
        if not any(run.sums[state.value] for state in OPEN):  # type: ignore[attr-defined]
            return "over"
        return "paused" if run.pause else "writing"


class RunViewSet(viewsets.ReadOnlyModelViewSet[Run]):
    """Runs that the caller may see, those of no campaign too. People start them."""

    scope, user_permissions = "campaigns", {"read": "generation.view_run"}
    queryset = Run.objects.none()
    serializer_class = RunSerializer
    filterset_fields = ("purpose", "campaign")

    def get_queryset(self) -> RunQuerySet:
        counts = {state.value: Count("pk", filter=Q(state=state)) for state in State}
        tokens = Coalesce(Sum(F("prompt_tokens") + F("new_tokens")), 0)
        sums = JSONObject(**counts, tokens=tokens, seconds=Coalesce(Sum("seconds"), 0.0))
        jobs = Job.objects.filter(run=OuterRef("pk")).order_by().values("run")
        of_run = Subquery(jobs.annotate(sums=sums).values("sums"))
        return Run.objects.visible_to(identity(self.request)).annotate(sums=of_run)
