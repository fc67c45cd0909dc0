"""Whether words are supported by facts: every word that says something must come from one of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from generation.facts import FactKind, FactSheet
from generation.texts.amounts import Amount, known_amounts
from generation.texts.lexicon import NUMBER_WORDS, OFFER_WORDS, PLAIN_WORDS, stem
from generation.texts.plain_english import PHRASES
from generation.texts.reading import SLOT_MARK, WORD, Reading, read, script

# Facts that say what the product is; the others say what it has, or what the offer is.
IDENTITY = (FactKind.NAME, FactKind.CATEGORY, FactKind.BRAND)
ABOUT_PRODUCT = (
    FactKind.ATTRIBUTE,
    FactKind.CATEGORY,
    FactKind.BRAND,
    FactKind.CLAIM,
    FactKind.HISTORY,
    FactKind.TOPIC,
)
# Where a clause ends, so that what follows may speak of another fact.
CLAUSE_END = re.compile(
    r"[,.;:!?()\n，。！？；：、"
    + SLOT_MARK
    + r"-]|\b(?:and|with|that|in|or|for|while|when|as|but|on|to|of|from)\b",
    re.IGNORECASE,
)
PLAIN_STEMS = frozenset(
    stem(word)
    for phrase in (
        *PLAIN_WORDS,
        *OFFER_WORDS,
        *(phrase for phrases in PHRASES.values() for phrase in phrases),
    )
    for word in WORD.findall(phrase)
)


@dataclass(frozen=True)
class Known:
    """What a sheet's facts mention: word stems of each fact, words, amounts, and the text of them all."""

    facts: tuple[tuple[FactKind, frozenset[str]], ...]
    stems: frozenset[str]
    words: frozenset[str]
    amounts: frozenset[Amount]
    text: str  # in small letters

    def has(self, word: str) -> bool:
        """Say whether a word, or each part of a hyphenated one, is in the facts."""
        return stem(word) in self.stems or all(stem(part) in self.stems for part in word.split("-"))

    def stems_of(self, *kinds: FactKind) -> frozenset[str]:
        """Return the stems of all facts of these kinds."""
        return frozenset().union(*(stems for kind, stems in self.facts if kind in kinds))


@lru_cache(maxsize=512)
def known(sheet: FactSheet) -> Known:
    """Return what a sheet's facts, and the words that its voice likes, mention."""
    values = [(fact.kind, read(fact.value).plain) for fact in sheet.facts]
    facts = tuple((kind, stems_in(value)) for kind, value in values)
    # The voice's words may stand anywhere: they are known, and no facts that could be joined wrongly.
    liked = "\n".join(sheet.voice.words_to_use)
    text = "\n".join([*(value for _, value in values), liked]).lower()
    # The number that a code ends with says nothing: "SAVE15" makes no 15 of anything true.
    counted = [value for kind, value in values if kind != FactKind.CODE]
    return Known(
        facts,
        stems=frozenset().union(stems_in(liked), *(stems for _, stems in facts)),
        words=frozenset(WORD.findall(text)),
        amounts=frozenset(known_amounts("\n".join([*counted, liked]))),
        text=text,
    )


def stems_in(text: str) -> frozenset[str]:
    """Return the stems of a text's words, of hyphenated ones both whole and in parts."""
    words = WORD.findall(text)
    return frozenset(stem(part) for word in words for part in (word, *word.split("-")) if part)


def is_plain(word: str) -> bool:
    """Say whether an English word claims nothing."""
    return stem(word) in PLAIN_STEMS or all(stem(part) in PLAIN_STEMS for part in word.split("-"))


def unsupported(reading: Reading, facts: Known, *, english: bool) -> Iterator[tuple[str, int, int]]:
    """Yield (code, start, end) of each Latin word that neither the facts nor plain English have."""
    for match in reading.words:
        word = match[0]
        if not any(script(character) == "LATIN" for character in word):
            continue  # other scripts part no words by spaces, or are refused altogether
        if facts.has(word) or (english and (is_plain(word) or word.lower() in NUMBER_WORDS)):
            continue  # numbers in words are compared with the facts' numbers
        code = "ungrounded"
        if word.isupper() and len(word) > 3:
            code = "foreign_code"
        elif word[0].isupper() and not reading.begins_sentence(match.start()):
            code = "foreign_name"
        yield code, match.start(), match.end()


def mixed(reading: Reading, facts: Known) -> Iterator[tuple[str, int, int]]:
    """Yield clauses whose telling words do not all come from one fact: true words, wrongly joined."""
    sources = [stems for kind, stems in facts.facts if kind in ABOUT_PRODUCT and kind not in IDENTITY]
    sources.append(facts.stems_of(*IDENTITY))
    said_of_product = frozenset().union(*sources) - PLAIN_STEMS
    start = 0
    for end in [*(match.start() for match in reading.find(CLAUSE_END)), len(reading.plain)]:
        clause = reading.plain[start:end]
        telling = stems_in(clause) & said_of_product
        if telling and not any(telling <= stems for stems in sources):
            offset = len(clause) - len(clause.lstrip())
            yield "mixed_facts", start + offset, start + len(clause.rstrip())
        start = end


def mentioned(reading: Reading, facts: Known) -> float:
    """Return the share of the product's facts, beyond its name, of which the text mentions a telling word."""
    told, said = stems_in(reading.plain), PLAIN_STEMS | facts.stems_of(FactKind.NAME)
    about = [stems - said for kind, stems in facts.facts if kind in ABOUT_PRODUCT]
    about = [stems for stems in about if stems]
    return sum(bool(stems & told) for stems in about) / len(about) if about else 1.0
