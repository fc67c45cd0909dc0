"""What tuning may learn from people: texts that they approved, edited or rejected, each with its lineage.

Left out are texts that somebody switched off, texts about products that are no longer sold, and all that
was written for or from a person who has been erased since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation import briefing
from generation.models import Variant, VariantDecision
from generation.prompts import Brief
from generation.texts.kinds import Copy, Kind, Tone

State, Action = Variant.State, VariantDecision.Action
CHUNK = 500


class Verdict(StrEnum):
    """What people made of a text."""

    APPROVED = "approved"
    EDITED = "edited"  # and not decided yet
    REJECTED = "rejected"


VERDICTS: dict[str, str | Promise] = {
    Verdict.APPROVED: _("as a good text"),
    Verdict.EDITED: _("as a correction, until it is decided"),
    Verdict.REJECTED: _("as a text to avoid"),
}


@dataclass(frozen=True)
class Lineage:
    """Where a lesson comes from, so that it can be found again and forgotten."""

    variant: int
    version: int
    campaign: int | None
    product: int | None
    run: str
    # The person it was written for, or whose review it answers: erasing them takes the lesson away.
    customer: int | None
    origin: str
    model_revision: str
    prompt_revision: str
    decided_by: int | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Lesson:
    """One text to learn from: slots still open; `edited_from` is what the writer gave, where that differs."""

    brief: Brief
    text: Copy
    verdict: Verdict
    edited_from: Copy | None
    reasons: tuple[str, str]  # of a rejection: code and words
    lineage: Lineage


def lessons(
    *, kinds: tuple[str, ...] = (), languages: tuple[str, ...] = (), since: datetime | None = None
) -> Iterator[Lesson]:
    """Yield every lesson, oldest text first; the arguments narrow them."""
    texts = learnable(Variant.objects.all())
    if kinds:
        texts = texts.filter(kind__in=kinds)
    if languages:
        texts = texts.filter(language__in=languages)
    if since:
        texts = texts.filter(updated_at__gte=since)
    last = VariantDecision.objects.filter(
        variant=OuterRef("pk"), action__in=[Action.APPROVE, Action.REJECT, Action.EDIT, Action.REWRITE]
    ).order_by("-pk")
    texts = texts.annotate(
        why_code=Subquery(last.values("code")[:1]),
        why_words=Subquery(last.values("reason")[:1]),
        last_by=Subquery(last.values("by")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )
    for variant in (
        texts.select_related("campaign__brand_voice", "job__run__brand_voice", "job__review")
        .order_by("pk")
        .iterator(CHUNK)
    ):
        yield _lesson(variant)


def learnable(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Keep the texts that people have judged and that may be learnt from."""
    return judged(variants).filter(learn=True).exclude(_product_off()).exclude(_person_erased())


def judged(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Keep what people have approved, rejected, or changed."""
    return variants.filter(
        Q(state__in=[State.APPROVED, State.REJECTED])
        | Q(edited_by__isnull=False) & ~Q(fields=F("original_fields"))
    )


def verdict(variant: Variant) -> Verdict | None:
    """Return what a text teaches; None while nobody has judged it."""
    if variant.state == State.READY:
        edited = variant.edited_by_id is not None and variant.fields != variant.original_fields
        return Verdict.EDITED if edited else None
    return Verdict.APPROVED if variant.state == State.APPROVED else Verdict.REJECTED


def why_not(variant: Variant) -> str | Promise:
    """Return in words why a judged text is not learnt from, or ""."""
    row = Variant.objects.filter(pk=variant.pk)
    if not variant.learn:
        return _("It is switched off for this text.")
    if row.filter(_product_off()).exists():
        return _("Its product is no longer sold.")
    if row.filter(_person_erased()).exists():
        return _("The person whom it concerns has been erased.")
    return ""


def _product_off() -> Q:
    return Q(product__active=False)


def _person_erased() -> Q:
    """The customer it was written for, or whose review it answers, is erased; so too for its translations."""
    erased = Q()
    for job in ("job", "job__source__job"):
        for person in ("customer", "review__customer"):
            erased |= Q(**{f"{job}__{person}__erased_at__isnull": False})
    return erased


def _lesson(variant: Variant) -> Lesson:
    sheet = briefing.restored(variant.facts, variant.voice)
    tone = Tone(variant.tone) if variant.tone in set(Tone) else Tone.PLAIN
    said = verdict(variant)
    edited = variant.fields != variant.original_fields
    notes: Mapping[str, str] = vars(variant) if said == Verdict.REJECTED else {}
    return Lesson(
        brief=Brief(sheet, Kind(variant.kind), tone, variant.language),
        text=variant.fields,
        verdict=said or Verdict.EDITED,
        edited_from=variant.original_fields if edited else None,
        reasons=(notes.get("why_code") or "", notes.get("why_words") or ""),
        lineage=_lineage(variant),
    )


def _lineage(variant: Variant) -> Lineage:
    review = variant.job.review
    return Lineage(
        variant=variant.pk,
        version=variant.version,
        campaign=variant.campaign_id,
        product=variant.product_id,
        run=str(variant.job.run_id),
        customer=variant.job.customer_id or (review.customer_id if review else None),
        origin=variant.origin,
        model_revision=variant.model_revision,
        prompt_revision=variant.prompt_revision,
        decided_by=vars(variant).get("last_by"),
        decided_at=vars(variant).get("last_at"),
    )
