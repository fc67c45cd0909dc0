"""What the models were asked for, what they wrote, and what people decided about it."""

from generation.models.runs import Job, JobEvent, Kind, Language, Run, RunTurn
from generation.models.texts import PersonalOffer, Variant, VariantDecision

__all__ = [
    "Job",
    "JobEvent",
    "Kind",
    "Language",
    "PersonalOffer",
    "Run",
    "RunTurn",
    "Variant",
    "VariantDecision",
]
