"""What the models were asked for, what they wrote, and what people decided about it."""

from generation.models.desk import Comment, Rewrite
from generation.models.runs import Job, JobEvent, Language, Run, RunTurn
from generation.models.texts import PersonalOffer, Variant, VariantDecision
from generation.texts.kinds import Kind

__all__ = [
    "Comment",
    "Job",
    "JobEvent",
    "Kind",
    "Language",
    "PersonalOffer",
    "Rewrite",
    "Run",
    "RunTurn",
    "Variant",
    "VariantDecision",
]
