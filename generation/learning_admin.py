"""Learning in Django's admin, for reading: people decide on the pages."""

from django.contrib import admin

from generation.models import (
    DataSet,
    Evaluation,
    EvaluationText,
    Example,
    LearningJob,
    LearningMove,
    Promotion,
    Sighting,
    Training,
    TrainingPoint,
)
from marketing_site.lib.admin import FactAdmin, FactInline


@admin.register(DataSet)
class DataSetAdmin(FactAdmin[DataSet]):
    list_display = ("name", "state", "hash", "created_by", "created_at", "frozen_at")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    search_fields = ("name", "hash")


@admin.register(Example)
class ExampleAdmin(FactAdmin[Example]):
    list_display = ("data_set", "number", "split", "source", "kind", "product", "variant")
    list_filter = ("split", "source", "kind")
    list_select_related = ("data_set", "product", "variant")
    search_fields = ("own",)


@admin.register(Sighting)
class SightingAdmin(FactAdmin[Sighting]):
    list_display = ("data_set", "customer", "examples", "forgotten_at")
    list_select_related = ("data_set", "customer")


@admin.register(Training)
class TrainingAdmin(FactAdmin[Training]):
    list_display = (
        "id",
        "data_set",
        "method",
        "adapter",
        "step",
        "steps",
        "best_loss",
        "requested_by",
        "created_at",
        "saw_erased_at",
    )
    list_filter = ("method", "ended")
    list_select_related = ("data_set", "requested_by")


@admin.register(TrainingPoint)
class TrainingPointAdmin(FactAdmin[TrainingPoint]):
    list_display = ("training", "step", "loss", "validation_loss")


@admin.register(Evaluation)
class EvaluationAdmin(FactAdmin[Evaluation]):
    list_display = ("id", "before", "after", "data_set", "passed", "requested_by", "finished_at")
    list_filter = ("passed",)
    list_select_related = ("data_set", "requested_by")


@admin.register(EvaluationText)
class EvaluationTextAdmin(FactAdmin[EvaluationText]):
    list_display = ("evaluation", "side", "number", "distance")
    list_filter = ("side",)
    list_select_related = ("evaluation",)


@admin.register(Promotion)
class PromotionAdmin(FactAdmin[Promotion]):
    list_display = ("at", "action", "adapter", "canary", "share", "by")
    list_filter = ("action",)
    list_select_related = ("by",)


class LearningMoveInline(FactInline):
    model = LearningMove


@admin.register(LearningJob)
class LearningJobAdmin(FactAdmin[LearningJob]):
    list_display = ("id", "purpose", "state", "fails", "crashes", "worker", "reason", "updated_at")
    list_filter = ("purpose", "state")
    inlines = (LearningMoveInline,)


@admin.register(LearningMove)
class LearningMoveAdmin(FactAdmin[LearningMove]):
    list_display = ("at", "job", "from_state", "to_state", "try_no", "worker", "reason")
    list_filter = ("to_state",)
