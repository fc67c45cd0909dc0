"""A brand voice in words and numbers: what a model is told, what the program adds, how hard a text reads."""

import re
from collections.abc import Collection, Sequence

from generation.facts import BrandVoice, fenced
from generation.texts.kinds import Copy, Kind
from generation.texts.reading import SENTENCE_END, SLOT_MARK, WORD, read, script

# Where a required claim stands: in the last part with sentences of the kinds that have room for it.
CLAIM_FIELD = {
    Kind.EMAIL: "body",
    Kind.SOCIAL_FACEBOOK: "text",
    Kind.SOCIAL_INSTAGRAM: "text",
    Kind.SOCIAL_LINKEDIN: "text",
    Kind.SOCIAL_PINTEREST: "text",
    Kind.XIAOHONGSHU: "text",
    Kind.PRODUCT: "text",
    Kind.CATEGORY: "text",
    Kind.LANDING: "text",
}
# The hardest that each level allows: a Flesch-Kincaid grade, and characters of a Chinese sentence.
MOST_GRADE = {"easy": 6.0, "plain": 9.0}
MOST_CHARACTERS = {"easy": 25, "plain": 40}
LEVEL_WORDS = {"easy": "Easy words, short sentences", "plain": "Plain words"}
# A grade of fewer words says nothing.
FEWEST_WORDS = 12
VOWELS = re.compile(r"[aeiouy]+")
# Of a voice a prompt tells no more than this.
MOST_WORDS, MOST_SAMPLES, SAMPLE_LENGTH = 6, 2, 160


def voice_words(voice: BrandVoice, kind: Kind) -> str:
    """Return what a model is told of the voice, "" for the plain one; people wrote it, so it is fenced."""
    length = dict(voice.lengths).get(kind)
    samples = [_told(sample, SAMPLE_LENGTH) for sample in voice.samples[:MOST_SAMPLES]]
    told = {
        "Voice": _told(voice.tone),
        "Words we like": ", ".join(_told(word) for word in voice.words_to_use[:MOST_WORDS]),
        "Words we avoid": ", ".join(_told(word) for word in voice.words_to_avoid[:MOST_WORDS]),
        "Style": LEVEL_WORDS.get(voice.level, ""),
        "Length": f"about {length} characters" if length else "",
        "It sounds like this": " / ".join(filter(None, samples)),
    }
    return "".join(f"{label}: {words.rstrip('.')}. " for label, words in told.items() if words.strip())


def _told(words: str, limit: int = 120) -> str:
    return " ".join(fenced(words, limit).split())


def claims_in(voice: BrandVoice, *, chinese: bool) -> tuple[str, ...]:
    """Return the voice's required claims that are in this language."""
    return tuple(claim for claim in voice.required_claims if is_in_chinese(claim) == chinese)


def is_in_chinese(text: str) -> bool:
    """Say whether a text has Chinese characters."""
    return any(script(character) == "CJK" for character in text)


def missing_claims(copy: Copy, kind: Kind, voice: BrandVoice, *, chinese: bool) -> list[str]:
    """Return the required claims that the text lacks, none for kinds without room."""
    if kind not in CLAIM_FIELD:
        return []
    said = " ".join(copy.values()).casefold()
    return [claim for claim in claims_in(voice, chinese=chinese) if claim.casefold() not in said]


def with_claims(copy: dict[str, str], kind: Kind, voice: BrandVoice, *, chinese: bool) -> dict[str, str]:
    """Add the required claims that the text lacks to its end; other parts may not be written yet."""
    field = CLAIM_FIELD.get(kind, "")
    missing = missing_claims(copy, kind, voice, chinese=chinese)
    if not missing or field not in copy:
        return copy
    ended = [
        claim if claim[-1] in SENTENCE_END else f"{claim}{'。' if chinese else '.'}" for claim in missing
    ]
    return copy | {field: ("" if chinese else " ").join([copy[field], *ended]).strip()}


def grade(texts: Sequence[str], known: Collection[str] = ()) -> float | None:
    """Return the Flesch-Kincaid grade of English texts: the school years that reading them takes.

    0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others, 1975). Words of the facts,
    `known` in small letters, have to stand and count with one syllable. None for too few words.
    """
    plain = [read(text).plain for text in texts]
    words = [match[0].lower() for text in plain for match in WORD.finditer(text)]
    if len(words) < FEWEST_WORDS:
        return None
    slots = sum(text.count(SLOT_MARK) for text in plain)
    sentences = sum(max(1, len(_sentences(text))) for text in plain)
    syllables = slots + sum(1 if word in known else syllables_of(word) for word in words)
    count = len(words) + slots
    return 0.39 * count / sentences + 11.8 * syllables / count - 15.59


def syllables_of(word: str) -> int:
    """Count the groups of vowels, a silent e left out; the one of "candle" is heard."""
    return max(1, len(VOWELS.findall(re.sub(r"(?<![^aeiouy]l)e$", "", word))))


def longest_sentence(texts: Sequence[str]) -> int:
    """Return the length of the longest sentence, in characters."""
    return max((len(sentence) for text in texts for sentence in _sentences(read(text).plain)), default=0)


def is_hard_to_read(texts: Sequence[str], level: str, known: Collection[str] = (), *, chinese: bool) -> bool:
    """Say whether the texts are harder than a voice's reading level allows."""
    if level not in MOST_GRADE:
        return False
    if chinese:
        return longest_sentence(texts) > MOST_CHARACTERS[level]
    found = grade(texts, known)
    return found is not None and found > MOST_GRADE[level]


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(rf"[{SENTENCE_END}]+(?:\s|$)|(?<=[。！？])", text) if part.strip()]
