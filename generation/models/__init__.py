"""What the models were asked for, what they wrote, and what people decided about it."""

from generation.models.catalogue import TextTemplate, WriteBack, WrittenProduct
from generation.models.desk import BulkDecision, BulkDecisionMove, Comment, Rewrite
from generation.models.engines import ModelChoice, ModelJob, ModelMove, ModelSpeed
from generation.models.learning import (
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
from generation.models.runs import Job, JobEvent, Language, Run, RunTurn
from generation.models.texts import PersonalOffer, Variant, VariantDecision
from generation.models.voices import VoicePreview
from generation.texts.kinds import Kind

__all__ = [
    "BulkDecision",
    "BulkDecisionMove",
    "Comment",
    "DataSet",
    "Evaluation",
    "EvaluationText",
    "Example",
    "Job",
    "JobEvent",
    "Kind",
    "Language",
    "LearningJob",
    "LearningMove",
    "ModelChoice",
    "ModelJob",
    "ModelMove",
    "ModelSpeed",
    "PersonalOffer",
    "Promotion",
    "Rewrite",
    "Run",
    "RunTurn",
    "Sighting",
    "TextTemplate",
    "Training",
    "TrainingPoint",
    "Variant",
    "VariantDecision",
    "VoicePreview",
    "WriteBack",
    "WrittenProduct",
]
