"""Runs, jobs and texts in Django's admin, for reading: people decide on the pages."""

from django.contrib import admin

from generation import learning_admin  # noqa: F401  # registers its own
from generation.models import (
    BulkDecision,
    BulkDecisionMove,
    Comment,
    Job,
    JobEvent,
    ModelChoice,
    ModelJob,
    ModelMove,
    ModelSpeed,
    PersonalOffer,
    Rewrite,
    Run,
    RunTurn,
    TextTemplate,
    Variant,
    VariantDecision,
    VoicePreview,
    WriteBack,
    WrittenProduct,
)
from marketing_site.lib.admin import FactAdmin, FactInline


@admin.register(Run)
class RunAdmin(FactAdmin[Run]):
    list_display = (
        "id",
        "campaign",
        "purpose",
        "expected",
        "requested_by",
        "created_at",
        "cancel_requested_at",
    )
    list_filter = ("purpose",)
    list_select_related = ("campaign", "requested_by")
    search_fields = ("id", "campaign__name")
    date_hierarchy = "created_at"


@admin.register(RunTurn)
class RunTurnAdmin(FactAdmin[RunTurn]):
    list_display = ("run", "last_claim_at")


class JobEventInline(FactInline):
    model = JobEvent


@admin.register(Job)
class JobAdmin(FactAdmin[Job]):
    list_display = ("id", "run", "kind", "state", "fails", "crashes", "worker", "reason", "updated_at")
    list_filter = ("state", "kind", "language")
    list_select_related = ("run",)
    search_fields = ("id", "run__id", "reason")
    inlines = (JobEventInline,)


@admin.register(JobEvent)
class JobEventAdmin(FactAdmin[JobEvent]):
    list_display = ("at", "job", "from_state", "to_state", "try_no", "worker", "reason")
    list_filter = ("to_state",)
    search_fields = ("job__id", "worker")


class VariantDecisionInline(FactInline):
    model = VariantDecision


@admin.register(Variant)
class VariantAdmin(FactAdmin[Variant]):
    list_display = ("id", "campaign", "kind", "language", "state", "origin", "author", "tokens", "seconds")
    list_filter = ("state", "kind", "language", "origin")
    list_select_related = ("campaign", "author")
    search_fields = ("campaign__name", "fields")
    inlines = (VariantDecisionInline,)


@admin.register(VariantDecision)
class VariantDecisionAdmin(FactAdmin[VariantDecision]):
    list_display = ("at", "variant", "action", "by", "four_eyes", "reason")
    list_filter = ("action", "four_eyes")
    list_select_related = ("variant", "by")


@admin.register(PersonalOffer)
class PersonalOfferAdmin(FactAdmin[PersonalOffer]):
    list_display = ("id", "campaign", "customer", "product", "coupon", "price_after", "state", "origin")
    list_filter = ("state", "origin", "language")
    list_select_related = ("campaign", "customer", "product", "coupon")
    search_fields = ("campaign__name", "customer__external_id", "coupon__code", "text")


@admin.register(Comment)
class CommentAdmin(FactAdmin[Comment]):
    list_display = ("at", "variant", "by", "text", "resolved_at")
    list_select_related = ("variant", "by")


class BulkDecisionMoveInline(FactInline):
    model = BulkDecisionMove


@admin.register(BulkDecision)
class BulkDecisionAdmin(FactAdmin[BulkDecision]):
    list_display = ("id", "action", "by", "state", "total", "decided", "created_at", "reason")
    list_filter = ("action", "state")
    list_select_related = ("by",)
    inlines = (BulkDecisionMoveInline,)


@admin.register(BulkDecisionMove)
class BulkDecisionMoveAdmin(FactAdmin[BulkDecisionMove]):
    list_display = ("at", "decision", "from_state", "to_state", "worker", "reason")
    list_select_related = ("decision",)


@admin.register(Rewrite)
class RewriteAdmin(FactAdmin[Rewrite]):
    list_display = ("at", "variant", "wish", "state", "granted", "by")
    list_filter = ("wish", "state", "granted")
    list_select_related = ("variant", "by")


@admin.register(TextTemplate)
class TextTemplateAdmin(FactAdmin[TextTemplate]):
    list_display = ("name", "tone", "voice", "variants", "by", "updated_at")
    list_select_related = ("voice", "by")
    search_fields = ("name",)


@admin.register(WriteBack)
class WriteBackAdmin(FactAdmin[WriteBack]):
    list_display = ("at", "run", "language", "by", "undone_at", "undone_by")
    list_filter = ("language",)
    list_select_related = ("run", "by", "undone_by")


@admin.register(WrittenProduct)
class WrittenProductAdmin(FactAdmin[WrittenProduct]):
    list_display = ("write_back", "product", "kept")
    list_select_related = ("write_back", "product")
    search_fields = ("product__sku", "product__name")


@admin.register(ModelChoice)
class ModelChoiceAdmin(FactAdmin[ModelChoice]):
    list_display = ("purpose", "language", "model", "chosen_by", "chosen_at")
    list_select_related = ("chosen_by",)


class ModelMoveInline(FactInline):
    model = ModelMove


@admin.register(ModelJob)
class ModelJobAdmin(FactAdmin[ModelJob]):
    list_display = ("id", "act", "model", "state", "requested_by", "created_at", "reason")
    list_filter = ("act", "state")
    list_select_related = ("requested_by",)
    inlines = (ModelMoveInline,)


@admin.register(ModelMove)
class ModelMoveAdmin(FactAdmin[ModelMove]):
    list_display = ("at", "job", "from_state", "to_state", "worker", "reason")
    list_select_related = ("job",)


@admin.register(ModelSpeed)
class ModelSpeedAdmin(FactAdmin[ModelSpeed]):
    list_display = ("model", "machine", "tokens_per_second", "seconds_per_text", "measured_at")


@admin.register(VoicePreview)
class VoicePreviewAdmin(FactAdmin[VoicePreview]):
    list_display = ("created_at", "brand_voice", "job", "origin")
    list_filter = ("origin",)
    list_select_related = ("brand_voice", "job")
