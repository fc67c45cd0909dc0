"""What the shop's approved texts teach about a brand voice: suggestions with evidence, taken one by one.

Plain counting over the texts that people approved; texts that somebody keeps from being learnt from are left
out. Below ten texts nothing is suggested.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import BrandVoice
from generation.checks.grounding import PLAIN_STEMS, stems_in
from generation.facts import is_chinese
from generation.lessons import learnable
from generation.models import Kind, Variant
from generation.texts.kinds import written_parts
from generation.texts.lexicon import stem
from generation.texts.reading import WORD, is_emoji, read
from generation.texts.voicing import is_hard_to_read
from marketing_site.lib.typed_lists import words

FEWEST, MOST_READ = 10, 500
# A word is the shop's own from this share of the texts; a habit is one from that share.
WORD_SHARE, FEWEST_WITH_WORD, MOST_WORDS = 0.25, 3, 8
HABIT, RARE, OFTEN = 0.8, 0.05, 0.3
FEWEST_OF_KIND = 5


@dataclass(frozen=True)
class Suggestion:
    """One change of the voice: what it would be, and why."""

    key: str  # such as "word:cosy"
    what: str
    count: int
    of: int
    changes: dict[str, Any]  # field of the voice -> new value

    @property
    def evidence(self) -> str:
        return _("In %(count)s of %(of)s approved texts.") % {"count": self.count, "of": self.of}


@dataclass(frozen=True)
class Read:
    """One approved text, with the slots left open."""

    kind: Kind
    chinese: bool
    parts: tuple[str, ...]
    facts: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        return "\n".join(self.parts)

    @cached_property
    def own_words(self) -> dict[str, str]:
        """Return stem -> word of what is neither a fact nor a plain word."""
        known = PLAIN_STEMS | frozenset().union(*(stems_in(fact) for fact in self.facts))
        found = (match[0].lower() for match in WORD.finditer(read(self.text).plain))
        return {
            stem(word): word for word in found if word.isascii() and len(word) > 2 and stem(word) not in known
        }

    def is_easy(self, level: str) -> bool:
        known = {match[0].lower() for fact in self.facts for match in WORD.finditer(fact)}
        return not is_hard_to_read(self.parts, level, known, chinese=self.chinese)


@dataclass(frozen=True)
class Learnt:
    """What there is to suggest; `missing` texts have to be approved before anything is."""

    texts: int
    own: bool  # the texts of this voice alone, not all of the shop's
    suggestions: list[Suggestion]
    observations: list[str]

    @property
    def missing(self) -> int:
        return max(0, FEWEST - self.texts)


def learn(voice: BrandVoice) -> Learnt:
    """Return what approved texts suggest for a voice: its own where there are enough, else the shop's."""
    approved = learnable(Variant.objects.filter(state=Variant.State.APPROVED))
    of_voice = Q(campaign__brand_voice=voice) | Q(campaign=None, job__run__brand_voice=voice)
    texts, own = _read(approved.filter(of_voice)), True
    if len(texts) < FEWEST:
        texts, own = _read(approved), False
    if len(texts) < FEWEST:
        return Learnt(len(texts), own, [], [])
    found = [suggestion for rule in RULES for suggestion in rule(voice, texts)]
    return Learnt(len(texts), own, found, list(_observations(texts)))


@transaction.atomic
def accept(voice: BrandVoice, key: str) -> Suggestion | None:
    """Put one suggestion into the voice; None where the texts, or the voice, no longer suggest it."""
    held = BrandVoice.objects.select_for_update().get(pk=voice.pk)
    suggestion = next((each for each in learn(held).suggestions if each.key == key), None)
    if suggestion:
        for field, value in suggestion.changes.items():
            setattr(held, field, value)
        held.full_clean()
        held.save(update_fields=list(suggestion.changes))
    return suggestion


def forget_length(voice: BrandVoice, kind: str) -> None:
    """Take a usual length out of the voice."""
    voice.lengths = {each: length for each, length in voice.lengths.items() if each != kind}
    voice.save(update_fields=["lengths"])


def _read(variants: QuerySet[Variant]) -> list[Read]:
    rows = variants.order_by("-pk").values_list("kind", "language", "fields", "facts")[:MOST_READ]
    return [
        Read(
            Kind(kind),
            is_chinese(language),
            tuple(str(fields.get(part.name, "")) for part in written_parts(Kind(kind))),
            tuple(str(fact["value"]) for fact in facts),
        )
        for kind, language, fields, facts in rows
    ]


def _words(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    """Words that keep coming back, beyond the facts and plain words; English only: Chinese has no spaces."""
    english = [text for text in texts if not text.chinese]
    listed = {stem(word) for words_of in (voice.use_words, voice.avoid_words) for word in words(words_of)}
    counted: Counter[str] = Counter(root for text in english for root in text.own_words)
    shown = {root: word for text in english for root, word in text.own_words.items()}
    least = max(FEWEST_WITH_WORD, WORD_SHARE * len(english))
    often = [(root, count) for root, count in counted.most_common() if count >= least and root not in listed]
    for root, count in often[:MOST_WORDS]:
        word = shown[root]
        longer = ", ".join([*words(voice.use_words), word])
        what = _("Add “%(word)s” to the words to use") % {"word": word}
        yield Suggestion(f"word:{root}", what, count, len(english), {"use_words": longer})


def _lengths(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    by_kind: dict[Kind, list[int]] = {}
    for text in texts:
        by_kind.setdefault(text.kind, []).append(_main_length(text))
    for kind, lengths in by_kind.items():
        usual = max(10, round(median(lengths), -1))
        if len(lengths) < FEWEST_OF_KIND or voice.lengths.get(kind) == usual:
            continue
        near = sum(abs(length - usual) <= usual / 4 for length in lengths)
        what = _("%(kind)s: about %(length)s characters") % {
            "kind": str(kind.label).capitalize(),
            "length": usual,
        }
        yield Suggestion(
            f"length:{kind}", what, near, len(lengths), {"lengths": voice.lengths | {str(kind): int(usual)}}
        )


def _address(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    chinese = [text for text in texts if text.chinese]
    formal = sum("您" in text.text for text in chinese)
    informal = sum("你" in text.text for text in chinese)
    if formal + informal < FEWEST_OF_KIND:
        return
    forms = BrandVoice.AddressForm
    for form, count in ((forms.FORMAL, formal), (forms.INFORMAL, informal)):
        if count >= HABIT * (formal + informal) and voice.address_form != form:
            what = _("Address readers as: %(form)s") % {"form": form.label}
            yield Suggestion(f"address:{form}", what, count, len(chinese), {"address_form": str(form)})


def _emoji(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    used = sum(any(map(is_emoji, text.text)) for text in texts)
    policies = BrandVoice.Emoji
    if used <= RARE * len(texts) and voice.emoji != policies.NONE:
        yield Suggestion(
            "emoji:none", _("Use no emoji"), len(texts) - used, len(texts), {"emoji": str(policies.NONE)}
        )
    if used >= OFTEN * len(texts) and voice.emoji == policies.NONE:
        yield Suggestion(
            "emoji:few", _("Allow one emoji in a part"), used, len(texts), {"emoji": str(policies.FEW)}
        )


def _exclamations(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    used = sum("!" in text.text or "！" in text.text for text in texts)
    if used <= RARE * len(texts) and voice.exclamations:
        what = _("Use no exclamation marks")
        yield Suggestion("exclamation:no", what, len(texts) - used, len(texts), {"exclamations": False})
    if used >= OFTEN * len(texts) and not voice.exclamations:
        what = _("Allow exclamation marks")
        yield Suggestion("exclamation:yes", what, used, len(texts), {"exclamations": True})


def _level(voice: BrandVoice, texts: Sequence[Read]) -> Iterator[Suggestion]:
    levels = BrandVoice.ReadingLevel
    for level in (levels.EASY, levels.PLAIN):
        easy = sum(text.is_easy(level) for text in texts)
        if easy >= HABIT * len(texts):
            if voice.reading_level != level:
                what = _("Reading level: %(level)s") % {"level": level.label}
                yield Suggestion(f"level:{level}", what, easy, len(texts), {"reading_level": str(level)})
            return


RULES: tuple[Callable[[BrandVoice, Sequence[Read]], Iterator[Suggestion]], ...] = (
    _words,
    _lengths,
    _address,
    _level,
    _emoji,
    _exclamations,
)


def _observations(texts: Sequence[Read]) -> Iterator[str]:
    """Say what is so and leads to no change."""
    english = [text for text in texts if not text.chinese]
    if english:
        you = sum("you" in stems_in(text.text) or "your" in stems_in(text.text) for text in english)
        yield _("%(count)s of %(of)s English texts say “you”.") % {"count": you, "of": len(english)}
    emoji = sum(any(map(is_emoji, text.text)) for text in texts)
    yield _("%(count)s of %(of)s texts have emoji.") % {"count": emoji, "of": len(texts)}


def _main_length(text: Read) -> int:
    """Return the length of the longest part, which is what a usual length is about."""
    return max((len(part) for part in text.parts), default=0)
