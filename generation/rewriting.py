"""Writing a part of a text anew, as somebody wished, with the rest kept: a proposal for a person to take.

A small model cannot follow words. What it can do is write the part again from fewer facts; plain code then
keeps only what is shorter, or what mentions the fact, and says where nothing was.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from generation import briefing
from generation.checks import Finding, check
from generation.checks.grounding import PLAIN_STEMS, is_plain, stems_in
from generation.facts import Fact, FactKind, FactSheet, fenced
from generation.models import Job, Rewrite, Variant
from generation.models.texts import Origin
from generation.plain_writer import plain_copy
from generation.prompts import Brief, Prompt
from generation.sampling import SEEDS_PER_PIECE, Piece, Round, Written, revisions
from generation.texts.kinds import PARTS, Copy, Kind, Tone
from generation.texts.lexicon import stem
from generation.texts.reading import WORD
from generation.texts.selecting import Selected, sentences_of
from generation.texts.slots import UnknownSlot, fill, slot_values
from generation.work import claiming, reasons
from generation.work.claiming import Skipped
from marketing_site.lib.work import State

Wish, Granted = Rewrite.Wish, Rewrite.Granted
SAMPLES = 8
# So many wordings of the plain writer are tried.
PLAIN_TRIES = 12
# What a text can mention in words; the rest are slots, which the program puts in.
MENTIONABLE = (FactKind.ATTRIBUTE, FactKind.BRAND, FactKind.CATEGORY, FactKind.CLAIM)
# The sentence of the offer stays as it is.
OFFER = (FactKind.DISCOUNT, FactKind.CODE, FactKind.UNTIL, FactKind.MINIMUM_BASKET)
IN_WORDS = {
    Wish.SHORTER: "Make it shorter.",
    Wish.WARMER: "Make it warmer.",
    Wish.MENTION: "Mention this: {fact}.",
    Wish.WORDS: "{words}.",
}


@dataclass(kw_only=True)
class RewritePiece(Piece):
    """One part to write anew; samples are whole texts, of which the part's sentences are taken."""

    wish: Rewrite.Wish
    fact: str
    words: str
    copy: Copy  # what stands now
    part: str
    selected: Selected
    sheet: FactSheet  # all facts; the brief has those to write from

    def asked(self, prompt: Prompt) -> Prompt:
        """Tell the wish to a model that may use its own words; others could not follow it."""
        if not settings.GENERATION_OWN_WORDS:
            return prompt
        told = IN_WORDS[self.wish].format(fact=fenced(self.fact), words=fenced(self.words).rstrip("."))
        return replace(prompt, own=f"{told} Write this anew: {fenced(self.selected.old)} {prompt.own}")

    def fitted(self, copy: dict[str, str]) -> dict[str, str] | None:
        """Put a sample's sentences in the place of the old ones; None where the wish does not come true."""
        new = self._sentences(copy.get(self.part, ""))
        for count in range(len(new), 0, -1):
            words = self._joined(new[:count])
            if self._grants(words):
                return {**self.copy, self.part: self.selected.replaced(words)}
        return None

    def found(self, copy: Copy) -> list[Finding]:
        """Return what is wrong with the whole text that was not wrong before."""
        before = Counter(map(_place, self._check(self.copy)))
        new: list[Finding] = []
        for finding in self._check(copy):
            if before[_place(finding)]:
                before[_place(finding)] -= 1
            else:
                new.append(finding)
        return new

    def plain(self) -> Written:
        """Return the text with the plain writer's words, or unchanged where none of them grants the wish."""
        for variant in range(PLAIN_TRIES):
            copy = self.fitted(plain_copy(self.brief, variant))
            if copy and not self.found(copy):
                return Written(copy, by_model=False, findings=[], seed=None, model_revision="")
        return Written(dict(self.copy), by_model=False, findings=[], seed=None, model_revision="")

    def _sentences(self, text: str) -> list[str]:
        """Return the sample's sentences that are not said already, at most as many as were selected."""
        kept = {sentence.strip().casefold() for sentence in self.selected.rest}
        new = [sentence for sentence in sentences_of(text) if sentence.casefold() not in kept]
        if self.wish == Wish.MENTION:
            new.sort(key=lambda sentence: not mentions(sentence, self.fact))
        return new[: len(self.selected.chosen)]

    def _joined(self, sentences: Sequence[str]) -> str:
        return ("" if self.brief.language.startswith("zh") else " ").join(sentences)

    def _grants(self, words: str) -> bool:
        if words.casefold() == self.selected.old.casefold():
            return False
        if self.wish == Wish.SHORTER:
            return self._length(words) < self._length(self.selected.old)
        return self.wish != Wish.MENTION or mentions(words, self.fact)

    def _length(self, words: str) -> int:
        try:
            return len(fill(words, slot_values(self.sheet)))
        except UnknownSlot:
            return len(words)

    def _check(self, copy: Copy) -> list[Finding]:
        return check(copy, self.sheet, self.brief.kind, self.brief.language)


class RewriteBatch:
    """Jobs of one rewrite run: one job, one part of one text."""

    rounds = (Round(SAMPLES, temperature=0.8),)

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.run = jobs[0].run
        wanted = Rewrite.objects.filter(job__in=jobs, state=Rewrite.State.WAITING)
        related = wanted.select_related("variant__campaign__brand_voice", "variant__job__run__brand_voice")
        self.rewrites = {rewrite.job_id: rewrite for rewrite in related}

    def piece(self, job: Job) -> RewritePiece:
        """Return what to write anew; raises Skipped where the text was changed or decided meanwhile."""
        rewrite = self.rewrites.get(job.pk)
        if rewrite is None:
            raise Skipped(reasons.NOT_WANTED)
        variant = rewrite.variant
        if variant.version != rewrite.version or variant.state != Variant.State.READY:
            raise Skipped(reasons.TEXT_CHANGED)
        return piece_of(rewrite, job.pk)

    def keep(self, job: Job, piece: Piece, written: Written) -> None:
        """Store the proposal and end the job, both or neither; the caller holds the run."""
        rewrite = self.rewrites[job.pk]
        claiming.end(job, State.DONE, used=piece.used)
        Rewrite.objects.filter(pk=rewrite.pk, state=Rewrite.State.WAITING).update(**_result(rewrite, written))


def piece_of(rewrite: Rewrite, key: int) -> RewritePiece:
    """Return a rewrite as a piece to write."""
    variant = rewrite.variant
    sheet = briefing.restored(variant.facts, variant.voice)
    wish, copy = Wish(rewrite.wish), variant.fields
    selected = Selected(copy.get(rewrite.part, ""), rewrite.start, rewrite.end)
    fact = next((fact.value for fact in sheet.facts if fact.id == rewrite.fact), "")
    tone = Tone.WARM if wish == Wish.WARMER else _tone(variant.tone)
    told = replace(sheet, facts=tuple(_told(sheet, wish, fact, selected.old)))
    brief = Brief(told, Kind(variant.kind), tone, variant.language)
    return RewritePiece(
        key=key,
        brief=brief,
        seed=key * SEEDS_PER_PIECE,
        wish=wish,
        fact=fact,
        words=rewrite.words,
        copy=copy,
        part=rewrite.part,
        selected=selected,
        sheet=sheet,
    )


def mentionable(sheet: FactSheet) -> list[Fact]:
    """Return the facts that a rewrite can be asked to mention."""
    return [fact for fact in sheet.of(*MENTIONABLE) if stems_in(fact.value) - PLAIN_STEMS]


def mentions(text: str, fact: str) -> bool:
    """Say whether a text has a fact as it stands, or every telling word of it, hyphenated or not."""
    said, words = stems_in(text), [word for word in WORD.findall(fact) if not is_plain(word)]
    told = (stem(word) in said or all(stem(part) in said for part in word.split("-")) for word in words)
    return bool(words) and (fact.casefold() in text.casefold() or all(told))


def writable(kind: str) -> list[str]:
    """Return the parts of a kind that can be written anew; the program chooses the others."""
    return [part.name for part in PARTS[Kind(kind)] if not getattr(part, "by_program", False)]


def _told(sheet: FactSheet, wish: Rewrite.Wish, fact: str, old: str) -> Iterable[Fact]:
    """Yield the facts to write from: the one to mention, or, to be shorter, one that is mentioned already."""
    attributes = sheet.of(FactKind.ATTRIBUTE)
    if wish == Wish.MENTION:
        kept = [one for one in attributes if one.value == fact]
    elif wish == Wish.SHORTER:
        kept = [one for one in attributes if mentions(old, one.value)][:1] or list(attributes[:1])
    else:
        kept = list(attributes)
    for one in sheet.facts:
        if one.kind not in OFFER and (one.kind != FactKind.ATTRIBUTE or one in kept):
            yield one


def _result(rewrite: Rewrite, written: Written) -> dict[str, Any]:
    if written.copy == rewrite.variant.fields:
        return {"state": Rewrite.State.IMPOSSIBLE}
    return {
        "state": Rewrite.State.READY,
        "after": written.copy,
        "granted": _granted(Wish(rewrite.wish), by_model=written.by_model),
        "origin": Origin.MODEL if written.by_model else Origin.TEMPLATE,
        **revisions(written),
    }


def _granted(wish: Rewrite.Wish, *, by_model: bool) -> str:
    """Say what plain code knows: lengths and facts are counted, warmth and free words are not."""
    if wish in (Wish.SHORTER, Wish.MENTION):
        return Granted.YES
    heard = by_model and (wish == Wish.WARMER or settings.GENERATION_OWN_WORDS)
    return Granted.UNKNOWN if heard else Granted.UNHEARD


def _tone(tone: str) -> Tone:
    return Tone(tone) if tone in set(Tone) else Tone.PLAIN


def _place(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.field, finding.span
