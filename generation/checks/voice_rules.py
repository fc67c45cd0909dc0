"""Rules that a brand voice sets: exclamation marks, emoji, how hard a text is to read, what it must say."""

from collections.abc import Iterator

from generation.checks.fact_rules import Field, Hit
from generation.checks.grounding import known
from generation.facts import FactSheet
from generation.texts.kinds import Copy, Kind, written_parts
from generation.texts.reading import is_emoji, read
from generation.texts.voicing import claims_in, is_hard_to_read, missing_claims

# What the shop itself requires to be said needs no fact; the rules of markets hold for it all the same.
EXCUSED_IN_CLAIMS = frozenset(
    {
        *("promise", "superlative", "ungrounded", "foreign_name", "foreign_code", "foreign_number"),
        *("foreign_percent", "foreign_price", "foreign_date", "mixed_facts", "exclamation", "link"),
    }
)


def exclamations(field: Field) -> Iterator[Hit]:
    """Exclamation marks, where the brand's voice has none."""
    if not field.sheet.voice.exclamations:
        for place, character in enumerate(field.reading.plain):
            if character in "!！":
                yield "exclamation", place, place + 1


def many_emoji(field: Field) -> Iterator[Hit]:
    """Emoji beyond the number that the brand's voice allows in a part."""
    most = field.sheet.voice.most_emoji
    places = [place for place, character in enumerate(field.reading.plain) if is_emoji(character)]
    for place in places[most:] if most and field.sheet.voice.emoji else ():
        yield "many_emoji", place, place + 1


def excused(field: Field, hit: Hit) -> bool:
    """Say whether a finding is about words that the brand's voice requires."""
    code, start, end = hit
    if code not in EXCUSED_IN_CLAIMS:
        return False
    plain = field.reading.plain.casefold()
    for claim in claims_in(field.sheet.voice, chinese=not field.english):
        words = read(claim).plain.casefold()
        place = plain.find(words)
        if 0 <= place <= start and end <= place + len(words):
            return True
    return False


def whole_text(copy: Copy, sheet: FactSheet, kind: Kind, *, chinese: bool) -> Iterator[str]:
    """Yield the codes that concern no single place."""
    voice = sheet.voice
    if missing_claims(copy, kind, voice, chinese=chinese):
        yield "missing_claim"
    texts = [
        _own(copy.get(part.name, ""), voice.required_claims) for part in written_parts(kind) if part.sentences
    ]
    if is_hard_to_read(texts, voice.level, known(sheet).words, chinese=chinese):
        yield "hard_to_read"


def _own(text: str, claims: tuple[str, ...]) -> str:
    """Return a text without what the voice requires."""
    for claim in claims:
        text = text.replace(claim, "")
    return text
