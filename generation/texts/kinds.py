"""The kinds of text, the parts each consists of, and how long a part may be on its channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A written text: field name -> text, in which slots such as {price} may stand.
Copy = Mapping[str, str]


class Kind(StrEnum):
    """What is written. Its value is stored in rows, so it never changes."""

    EMAIL = "email"
    SMS = "sms"
    SOCIAL = "social"
    SEARCH_AD = "search_ad"
    PRODUCT = "product"
    SEO = "seo"
    OFFER = "offer"


class Tone(StrEnum):
    """The voice a text is written in."""

    PLAIN = "plain"
    WARM = "warm"
    PLAYFUL = "playful"
    EXPERT = "expert"
    BRIEF = "brief"


@dataclass(frozen=True)
class Part:
    """One part of a kind of text; `marker` labels it in the prompt, `limit` counts characters."""

    name: str
    label: str | Promise
    marker: str
    limit: int
    sentences: bool = True  # rather than a heading


# Limits: search ads 30/90 by the ad networks, SEO 60/155 and subject 60 by what is shown uncut.
# An SMS counts differently: see `lengths`.
PARTS: dict[Kind, tuple[Part, ...]] = {
    Kind.EMAIL: (
        Part("subject", _("Subject"), "Subject", 60, sentences=False),
        Part("body", _("Body"), "Body", 600),
    ),
    Kind.SMS: (Part("text", _("Text message"), "SMS", 160),),
    Kind.SOCIAL: (Part("text", _("Post"), "Post", 280),),
    Kind.SEARCH_AD: (
        Part("headline", _("Headline"), "Headline", 30, sentences=False),
        Part("description", _("Description"), "Description", 90),
    ),
    Kind.PRODUCT: (Part("text", _("Product description"), "Description", 400),),
    Kind.SEO: (
        Part("title", _("Page title"), "Title", 60, sentences=False),
        Part("description", _("Meta description"), "Description", 155),
    ),
    Kind.OFFER: (Part("text", _("Offer"), "Offer", 240),),
}

KIND_LABELS = {
    Kind.EMAIL: _("E-mail"),
    Kind.SMS: _("SMS"),
    Kind.SOCIAL: _("Social post"),
    Kind.SEARCH_AD: _("Search ad"),
    Kind.PRODUCT: _("Product description"),
    Kind.SEO: _("SEO title and description"),
    Kind.OFFER: _("Personal offer"),
}

TONE_LABELS = {
    Tone.PLAIN: _("Plain"),
    Tone.WARM: _("Warm"),
    Tone.PLAYFUL: _("Playful"),
    Tone.EXPERT: _("Expert"),
    Tone.BRIEF: _("Brief"),
}
