"""What a model with an adapter is asked: the facts, then the kind of text and its voice; no examples.

An adapter has learnt what examples would show. Its pairs are put in these very words, so a change here
asks for new adapters.
"""

import hashlib
from collections.abc import Mapping

from generation.checks import NAMELESS
from generation.facts import fenced, is_chinese
from generation.prompts import Brief, Prompt, Told
from generation.texts.kinds import Kind, Tone, written_parts

INSTRUCTIONS = "You write for a shop and say only what the facts say."
SHARED = (("system", INSTRUCTIONS),)
# Kinds without an entry are not taught; the model writes them as it does without an adapter.
ASKED_FOR = {
    Kind.EMAIL: "e-mail",
    Kind.SMS: "text message",
    Kind.PUSH: "push message",
    Kind.SUBJECTS: "set of subject lines",
    Kind.SOCIAL_X: "post on X",
    Kind.SOCIAL_FACEBOOK: "post on Facebook",
    Kind.SOCIAL_INSTAGRAM: "post on Instagram",
    Kind.SOCIAL_LINKEDIN: "post on LinkedIn",
    Kind.SOCIAL_PINTEREST: "pin on Pinterest",
    Kind.SEARCH_AD: "search ad",
    Kind.DISPLAY_AD: "display ad",
    Kind.PRODUCT: "product description",
    Kind.CATEGORY: "text about the range",
    Kind.SEO: "page title and description",
    Kind.LANDING: "section of a page",
    Kind.PROMOTION: "promotion",
    Kind.REPLY: "reply to the review",
    Kind.OFFER: "sentence to a reader",
}
# What names the product where the model does not.
NAMING = {
    Tone.PLAIN: "Meet {name}.",
    Tone.WARM: "Meet {name}.",
    Tone.PLAYFUL: "Say hello to {name}.",
    Tone.EXPERT: "A look at {name}.",
    Tone.BRIEF: "{name}.",
}
# Room for the longest texts that were taught, in tokens of the default model.
MAX_TOKENS = {
    Kind.EMAIL: 170,
    Kind.SUBJECTS: 70,
    Kind.SOCIAL_LINKEDIN: 110,
    Kind.SOCIAL_PINTEREST: 110,
    Kind.PRODUCT: 110,
    Kind.LANDING: 110,
    Kind.SEO: 80,
    Kind.SEARCH_AD: 60,
    Kind.SMS: 50,
    Kind.OFFER: 60,
}
MOST_TOKENS = 90  # of the kinds that are not listed
MOST_WORDS = 6  # that the voice likes


def can_be_taught(kind: Kind, language: str) -> bool:
    """Say whether there are words to ask an adapter for this kind; they are English."""
    return kind in ASKED_FOR and not is_chinese(language)


def adapter_prompt(brief: Brief) -> Prompt:
    """Return the prompt of a brief for a model with an adapter; a pure function."""
    markers = tuple(f"{part.marker}:" for part in written_parts(brief.kind))
    return Prompt(
        shared=SHARED,
        own=_request(brief),
        max_tokens=MAX_TOKENS.get(brief.kind, MOST_TOKENS),
        stop=() if len(markers) > 1 else ("\n",),
        wording=None,
        labels=markers if len(markers) > 1 else (),
    )


def _request(brief: Brief) -> str:
    """Return the model's own part: the facts first, since many texts about one product share them."""
    kind, told = brief.kind, Told.of(brief.sheet)
    words = [fenced(word) for word in brief.sheet.voice.words_to_use[:MOST_WORDS]]
    said = {
        "Range" if kind == Kind.CATEGORY else "Product": told.name,
        "Category": told.category,
        "Facts": "; ".join(told.facts),
        "Rating": told.rating,
        "About": told.topic,
        "Words": ", ".join(words),
        "The reader likes": told.likes,
    }
    lines = [f"{label}: {value}." for label, value in said.items() if value]
    return f"{' '.join(lines)} {_article(brief.tone)} {brief.tone} {ASKED_FOR[kind]}:"


def answer(kind: Kind, texts: Mapping[str, str]) -> str:
    """Return a text in the form in which the model answers: a line for each part."""
    parts = written_parts(kind)
    if len(parts) == 1:
        return texts[parts[0].name]
    return "\n".join(f"{part.marker}: {texts[part.name]}" for part in parts)


def named(brief: Brief, copy: dict[str, str]) -> dict[str, str]:
    """Name the product where the model forgot to: in a few words of the program's before its sentences."""
    fields = [part.name for part in written_parts(brief.kind) if part.sentences]
    if brief.kind in NAMELESS or not fields or any("{name}" in text for text in copy.values()):
        return copy
    return copy | {fields[-1]: f"{NAMING[brief.tone]} {copy[fields[-1]]}"}


def _article(tone: Tone) -> str:
    return "An" if tone[0] in "aeiou" else "A"


def _revision() -> str:
    told = repr([INSTRUCTIONS, ASKED_FOR, NAMING, MAX_TOKENS, MOST_TOKENS])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


# Stored with every text that an adapter wrote.
ADAPTER_PROMPT_REVISION = _revision()
