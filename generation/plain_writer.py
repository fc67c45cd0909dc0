"""Plain sentences from the facts, in English and Chinese, for where no text of the model passes."""

import re
from collections.abc import Iterator

from generation.checks import check, check_part, repeats
from generation.facts import FactKind, is_chinese
from generation.prompts import OFFER_FIELD, Brief, said_beside, with_offer
from generation.texts.kinds import PARTS, Kind, Part
from generation.texts.plain_english import kind_of
from generation.texts.plain_wordings import WORDINGS
from generation.texts.program_parts import choices
from generation.texts.replies import replies
from generation.texts.telling import category_in_sentence, telling_facts, usable
from generation.texts.voicing import CLAIM_FIELD, with_claims

# Stored as the engine of such a text.
ENGINE = "template"
MOST_FACTS = 3
# Wordings that are tried before the text is given up.
TRIES = 3
# Kinds of facts that "and" does not join.
UNJOINED = ("trait", "measure", "lack")
# So much longer than a voice's usual length is still usual.
ABOUT = 1.2


def plain_copy(brief: Brief, variant: int = 0) -> dict[str, str]:
    """Return field name -> text with slots; they pass the checks; `variant` picks a wording.

    Where no wording passes, because the brand's voice forbids all of their words, the shortest is returned.
    """
    copy: dict[str, str] = {}
    for shift in range(TRIES):
        copy = _copy(brief, variant + shift)
        if not check(copy, brief.sheet, brief.kind, brief.language):
            return copy
    return copy


def _copy(brief: Brief, variant: int) -> dict[str, str]:
    copy: dict[str, str] = {}
    for part in PARTS[brief.kind]:
        copy[part.name] = _part(brief, part, variant, copy)
    return copy


def _part(brief: Brief, part: Part, variant: int, before: dict[str, str]) -> str:
    """Return the first wording of a part that passes and that no earlier part has; else the last one."""
    text = ""
    for text in _usual(brief, part, _worded(brief, part, variant, before)):
        if OFFER_FIELD.get(brief.kind) == part.name:
            text = with_offer(brief, {part.name: text})[part.name]
        if CLAIM_FIELD.get(brief.kind) == part.name:
            chinese = is_chinese(brief.language)
            text = with_claims({part.name: text}, brief.kind, brief.sheet.voice, chinese=chinese)[part.name]
        findings = check_part(part, text, brief.sheet, brief.kind, brief.language)
        if not findings and not repeats([*before.values(), text]):
            return text
    return text


def _usual(brief: Brief, part: Part, texts: Iterator[str]) -> Iterator[str]:
    """Yield the possible texts in their order; where the voice knows a usual length, those near it first."""
    usual = dict(brief.sheet.voice.lengths).get(brief.kind)
    if usual is None or not part.sentences or part.by_program:
        return texts
    return iter(sorted(texts, key=lambda text: len(text) > usual * ABOUT))


def _worded(brief: Brief, part: Part, variant: int, before: dict[str, str]) -> Iterator[str]:
    """Yield the possible texts of a part, those that say more first."""
    if part.by_program:
        said = said_beside(part, brief.kind, before)
        yield from choices(part, brief.sheet, brief.tone, brief.language, said)
    elif brief.kind == Kind.REPLY:
        yield from replies(brief.sheet, brief.language, variant)
    else:
        yield from _from_facts(brief, part, variant)


def _from_facts(brief: Brief, part: Part, variant: int) -> Iterator[str]:
    first, then = WORDINGS[is_chinese(brief.language)][brief.kind][part.name]
    start = variant % len(first)
    facts = telling_facts(brief.sheet)
    turned = facts[variant % len(facts) :] + facts[: variant % len(facts)] if facts else []
    rotated = [*first[start:], *first[:start]]
    for count in range(min(MOST_FACTS, len(facts)), 0, -1):
        yield from _filled(
            brief, [wording for wording in rotated if "{fact" in wording], facts[:count], turned
        )
    yield from _filled(brief, [wording for wording in rotated if "{fact" not in wording], [], turned)
    yield from _filled(brief, then, facts[:1], turned)


def _filled(
    brief: Brief, wordings: list[str] | tuple[str, ...], facts: list[str], turned: list[str]
) -> Iterator[str]:
    """Yield the wordings whose words the sheet has, filled with facts; slots stay open."""
    chinese, sheet = is_chinese(brief.language), brief.sheet
    history, count = sheet.value(FactKind.HISTORY), sheet.value(FactKind.COUNT)
    words = {
        "{facts}": "、".join(facts) if chinese else listed(facts),
        "{fact}": turned[0] if turned else "",
        "{history}": category_in_sentence(history) if usable(history) else "",
        "{count}": count,
        "{you}": "您" if sheet.voice.formal else "你",
    }
    slots = {"{discount}": sheet.value(FactKind.DISCOUNT), "{name}": sheet.value(FactKind.NAME)}
    for wording in wordings:
        if all(value for word, value in (words | slots).items() if word in wording):
            text = re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], wording)
            yield text[:1].upper() + text[1:]


def listed(facts: list[str]) -> str:
    """List facts in English: "a, b and c", and with commas alone where "and" would join what is no pair."""
    if len(facts) < 2 or any(" and " in fact or kind_of(fact) in UNJOINED for fact in facts):
        return ", ".join(facts)
    return " and ".join([", ".join(facts[:-1]), facts[-1]])
