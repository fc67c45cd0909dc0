"""Translating a text: another one in another language, of the same kind and with the same facts.

A model that writes both languages translates; where it cannot, the plain writer says the same facts. Names,
prices, codes and dates are slots in both, so nobody can translate them wrongly.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from generation import briefing
from generation.checks import Finding, check
from generation.checks.translations import lost, lost_slots, slotted
from generation.facts import is_chinese, reworded
from generation.models import Job, Variant
from generation.prompts import Brief, Prompt, translation_prompt
from generation.sampling import SEEDS_PER_PIECE, Piece, Round, Written, model_writes
from generation.texts.kinds import PARTS, Copy, Kind, Tone
from generation.work import reasons
from generation.work.claiming import Skipped
from generation.writing import store

# How the plain writer says a fact that only the original had, by (Chinese?, slot).
ADDED = {
    False: {
        "name": "{name}.",
        "price": "Now {price}.",
        "discount": "{discount}.",
        "code": "Code {code}.",
        "until": "Until {until}.",
        "minimum": "On orders from {minimum}.",
    },
    True: {
        "name": "{name}。",
        "price": "现价{price}。",
        "discount": "{discount}。",
        "code": "优惠码 {code}。",
        "until": "有效期至{until}。",
        "minimum": "满{minimum}可用。",
    },
}
# Fewer and calmer samples than for copy: there is little to choose.
SAMPLES = 4


def model_translates(source: str, target: str) -> bool:
    """Say whether the configured model writes both languages, as a translator must."""
    return model_writes(source) and model_writes(target)


def with_slots(copy: dict[str, str], original: Copy, brief: Brief) -> dict[str, str]:
    """Return the plain writer's text with a sentence for each fact that only the original has."""
    chinese, sheet = is_chinese(brief.language), brief.sheet
    part = [part.name for part in PARTS[brief.kind] if part.sentences][-1:]
    for slot in lost(copy, original, sheet) if part else ():
        longer = f"{copy[part[0]]}{'' if chinese else ' '}{ADDED[chinese][slot]}"
        told = copy | {part[0]: longer}
        if not check(told, sheet, brief.kind, brief.language):
            copy = told
    return copy


@dataclass
class TranslationPiece(Piece):
    """A text to say in another language; `original` has slots where its facts stand."""

    original: Copy = field(default_factory=dict)
    source_language: str = ""

    def by_model(self) -> bool:
        return model_translates(self.source_language, self.brief.language)

    def asked(self, prompt: Prompt) -> Prompt:
        return translation_prompt(self.brief, self.original, self.source_language)

    def found(self, copy: Copy) -> list[Finding]:
        return [*super().found(copy), *lost_slots(copy, self.original, self.brief.sheet, self.brief.kind)]

    def covered(self, copy: Copy) -> float:
        """Every passing translation says what the original does, in words that no fact has."""
        return 1.0

    def plain(self) -> Written:
        written = super().plain()
        return replace(written, copy=with_slots(written.copy, self.original, self.brief))


class TranslationBatch:
    """Jobs of one run of translations."""

    rounds = (Round(SAMPLES, temperature=0.4),)

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        sources = Variant.objects.select_related("campaign__brand_voice", "job__run__brand_voice")
        self.sources = sources.in_bulk([job.source_id for job in jobs if job.source_id])

    def piece(self, job: Job) -> TranslationPiece:
        """Return what to write for a job; raises Skipped where the original is gone."""
        source = self.sources.get(job.source_id or 0)
        if source is None:
            raise Skipped(reasons.NO_ORIGINAL)
        told = briefing.restored(source.facts, source.voice)
        tone = Tone(source.tone or Tone.PLAIN)
        brief = Brief(reworded(told, job.language), Kind(job.kind), tone, job.language)
        return TranslationPiece(
            job.pk,
            brief,
            job.pk * SEEDS_PER_PIECE,
            job.variant,
            original=slotted(source.fields, told),
            source_language=source.language,
            adapter="",  # adapters have learnt to write, not to translate
        )

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the variant and end the job, both or neither; the caller holds the run."""
        original = self.sources[job.source_id or 0]
        told = briefing.restored(original.facts, original.voice)
        lost = lost_slots(written.copy, slotted(original.fields, told), piece.brief.sheet, piece.brief.kind)
        store(job, self.run, piece, written, findings=[asdict(finding) for finding in lost])
