"""Whether a text may be shown: plain code that compares it with the facts, no model."""

from collections.abc import Callable, Iterator, Sequence

from generation.checks import fact_rules, reply_rules, style_rules, voice_rules
from generation.checks.fact_rules import Field, Hit, slot_end
from generation.checks.findings import Finding, finding
from generation.checks.grounding import known, mentioned, stems_in
from generation.checks.style_rules import repeats
from generation.facts import FactKind, FactSheet, is_chinese
from generation.texts.kinds import PARTS, Copy, Kind, Part, written_parts
from generation.texts.lengths import fits
from generation.texts.reading import read
from generation.texts.slots import fill, slot_values

# Characters that a sentence needs around a name.
ROOM_AROUND_NAME = 12

# Kinds that need not name what they are about: the reader sees it beside them, or knows it.
NAMELESS = (Kind.REPLY, Kind.CATEGORY, Kind.SUBJECTS)

__all__ = ["Finding", "check", "check_part", "cover", "repeats"]

RULES: tuple[Callable[[Field], Iterator[Hit]], ...] = (
    style_rules.length,
    fact_rules.hidden,
    fact_rules.markup,
    fact_rules.scripts,
    fact_rules.slots,
    fact_rules.numbers,
    fact_rules.number_words,
    fact_rules.dates,
    fact_rules.links,
    fact_rules.claims,
    reply_rules.pledges,
    fact_rules.words,
    style_rules.echo,
    style_rules.ending,
    style_rules.repetition,
    style_rules.sentences,
    style_rules.emoji,
    voice_rules.many_emoji,
    voice_rules.exclamations,
)


def check(
    copy: Copy, sheet: FactSheet, kind: Kind, language: str = "en", others: Sequence[Copy] = ()
) -> list[Finding]:
    """Return all that is wrong with a text, field by field; [] means that it passes.

    `copy` may hold slots, and may hold literal facts where a person typed them. Lengths are counted
    with the slots filled, spans are positions in the text as given. `others` are the texts that it
    must not repeat: other variants of the same run.
    """
    findings = [
        found
        for part in PARTS[kind]
        for found in check_part(part, copy.get(part.name, ""), sheet, kind, language)
    ]
    whole = written_parts(kind)[-1].name
    codes = [*voice_rules.whole_text(copy, sheet, kind, chinese=is_chinese(language))]
    if not any(f.hard for f in findings):
        codes += _whole_text(copy, sheet, kind, others)
    return findings + [finding(code, whole, copy.get(whole, ""), 0, 0) for code in codes]


def check_part(part: Part, text: str, sheet: FactSheet, kind: Kind, language: str) -> list[Finding]:
    """Return what is wrong with one part, whatever stands in the others."""
    field = Field(kind, part, read(text), sheet, known(sheet), english=not is_chinese(language))
    found = {hit for rule in RULES for hit in rule(field) if not voice_rules.excused(field, hit)}
    hits = sorted(found, key=lambda hit: hit[1:])
    return [_finding(field, hit) for hit in hits]


def _finding(field: Field, hit: Hit) -> Finding:
    code, start, end = hit
    first, last = field.reading.span(start, end)
    if any(start <= place < end for place, _ in field.reading.slots):
        last = max(last, slot_end(field.reading, last - 1))
    return finding(code, field.part.name, field.reading.given, first, last)


def _whole_text(copy: Copy, sheet: FactSheet, kind: Kind, others: Sequence[Copy]) -> Iterator[str]:
    """Yield the codes that concern no single place."""
    if kind not in NAMELESS and not _names_product(copy, sheet, kind):
        yield "no_name"
    written = [part.name for part in written_parts(kind)]
    own = _of(copy, written)
    if style_rules.similar(own, [_of(other, written) for other in others]):
        yield "repeats_variant"
    if kind != Kind.REPLY and style_rules.like_example(own, kind):  # thanks are worded alike
        yield "repeats_example"
    if repeats(list(own.values())):
        yield "repeats_part"
    if kind == Kind.REPLY:
        yield from reply_rules.missing(copy, sheet)


def _of(copy: Copy, names: Sequence[str]) -> Copy:
    return {name: copy.get(name, "") for name in names}


def _names_product(copy: Copy, sheet: FactSheet, kind: Kind) -> bool:
    """Say whether the product is named, by the slot or by half of its name's words, or has no room left."""
    text, name = " ".join(copy.values()), sheet.value(FactKind.NAME)
    words = stems_in(name)
    if not name or "{name}" in text or (words and len(words & stems_in(text)) * 2 >= len(words)):
        return True
    values, around = slot_values(sheet), " " * ROOM_AROUND_NAME
    named = ((part, fill(copy.get(part.name, ""), values) + name + around) for part in PARTS[kind])
    return not any(fits(kind, part, longer) for part, longer in named)


def cover(copy: Copy, sheet: FactSheet) -> float:
    """Return the share of the product's facts that the text mentions, between 0 and 1."""
    return mentioned(read(" ".join(copy.values())), known(sheet))
