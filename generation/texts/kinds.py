"""The kinds of text, the parts each consists of, and how long a part may be on its channel.

Where the limits are from (docs/generation.md lists them):

- SMS: GSM 03.38; X: "Counting characters" of X's developer pages and the twitter-text configuration;
- Pinterest: 100 and 500 by its help pages, of which we use 400; LinkedIn 3,000, Instagram 2,200 and Facebook
  63,206 are far above what is read: our limits keep a post short;
- Weibo shows 140 characters of a post before it folds it; Xiaohongshu's editor takes 20 for a title;
- search and display ads: Google Ads' text specifications, in which a wide character counts as two;
- subject, page title and meta description: what mail programs and result pages show uncut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A written text: field name -> text, in which slots such as {price} may stand.
Copy = Mapping[str, str]


class Kind(models.TextChoices):
    """What is written. Its value is stored in rows, so it never changes."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("push message")
    SUBJECTS = "subjects", _("subject lines for a test")
    SOCIAL_X = "social_x", _("post on X")
    SOCIAL_FACEBOOK = "social_facebook", _("Facebook post")
    SOCIAL_INSTAGRAM = "social_instagram", _("Instagram post")
    SOCIAL_LINKEDIN = "social_linkedin", _("LinkedIn post")
    SOCIAL_PINTEREST = "social_pinterest", _("Pinterest pin")
    WEIBO = "weibo", _("Weibo post")
    XIAOHONGSHU = "xiaohongshu", _("Xiaohongshu note")
    SEARCH_AD = "search_ad", _("search ad")
    DISPLAY_AD = "display_ad", _("display ad")
    PRODUCT = "product", _("product title and description")
    CATEGORY = "category", _("category text")
    SEO = "seo", _("SEO title and description")
    LANDING = "landing", _("landing page section")
    PROMOTION = "promotion", _("promotion or coupon text")
    REPLY = "reply", _("reply to a review")
    OFFER = "offer", _("personal offer")


class Tone(StrEnum):
    """The voice a text is written in."""

    PLAIN = "plain"
    WARM = "warm"
    PLAYFUL = "playful"
    EXPERT = "expert"
    BRIEF = "brief"


class Counting(StrEnum):
    """How a channel counts characters: see `lengths`."""

    EACH = "each"
    SMS = "sms"
    X = "x"
    WIDE = "wide"  # a wide character, such as a Chinese one, counts as two


@dataclass(frozen=True)
class Part:
    """One part of a kind of text; `marker` labels it in the prompt, `limit` counts characters."""

    name: str
    label: str | Promise
    marker: str
    limit: int
    sentences: bool = True  # rather than a heading
    counting: Counting = Counting.EACH
    by_program: bool = False  # chosen by the program from short lists, not written by the model
    question: bool = False  # the program adds its question mark


def _heading(name: str, label: str | Promise, marker: str, limit: int, **more: bool | Counting) -> Part:
    return Part(name, label, marker, limit, sentences=False, **more)  # type: ignore[arg-type]


def _post(limit: int, counting: Counting = Counting.EACH) -> Part:
    return Part("text", _("Post"), "Post", limit, counting=counting)


WIDE = Counting.WIDE
BUTTON = _heading("button", _("Button"), "Button", 25, by_program=True)
SOCIAL = (
    Kind.SOCIAL_X,
    Kind.SOCIAL_FACEBOOK,
    Kind.SOCIAL_INSTAGRAM,
    Kind.SOCIAL_LINKEDIN,
    Kind.SOCIAL_PINTEREST,
    Kind.WEIBO,
    Kind.XIAOHONGSHU,
)

PARTS: dict[Kind, tuple[Part, ...]] = {
    Kind.EMAIL: (
        _heading("subject", _("Subject"), "Subject", 60),
        _heading("preheader", _("Preheader"), "Preheader", 90),
        _heading("headline", _("Headline"), "Headline", 60),
        Part("body", _("Body"), "Body", 600),
        BUTTON,
    ),
    Kind.SMS: (Part("text", _("Text message"), "SMS", 160, counting=Counting.SMS),),
    Kind.PUSH: (
        _heading("title", _("Title"), "Title", 40),
        Part("text", _("Text"), "Text", 120),
    ),
    Kind.SUBJECTS: (
        _heading("plain", _("Plain"), "Plain", 60),
        _heading("question", _("As a question"), "Question", 60, question=True),
        _heading("detail", _("With a detail"), "Detail", 60),
        _heading("short", _("Short"), "Short", 30),
    ),
    Kind.SOCIAL_X: (_post(280, Counting.X),),
    Kind.SOCIAL_FACEBOOK: (_post(400),),
    Kind.SOCIAL_INSTAGRAM: (_post(400),),
    Kind.SOCIAL_LINKEDIN: (_post(600),),
    Kind.SOCIAL_PINTEREST: (
        _heading("title", _("Title"), "Title", 100),
        Part("text", _("Description"), "Description", 400),
    ),
    Kind.WEIBO: (_post(140),),
    Kind.XIAOHONGSHU: (
        _heading("title", _("Title"), "Title", 20),
        _post(400),
    ),
    # Google asks for three headlines and two descriptions, which it shows in any order: each stands alone.
    Kind.SEARCH_AD: (
        _heading("headline", _("Headline"), "Headline", 30, counting=WIDE),
        _heading("headline_2", _("Headline 2"), "Headline 2", 30, counting=WIDE, by_program=True),
        _heading("headline_3", _("Headline 3"), "Headline 3", 30, counting=WIDE, by_program=True),
        Part("description", _("Description"), "Description", 90, counting=WIDE),
        Part("description_2", _("Description 2"), "Description 2", 90, counting=WIDE, by_program=True),
    ),
    Kind.DISPLAY_AD: (
        _heading("headline", _("Headline"), "Headline", 30, counting=WIDE),
        _heading("long_headline", _("Long headline"), "Long headline", 90, counting=WIDE),
        Part("description", _("Description"), "Description", 90, counting=WIDE),
    ),
    Kind.PRODUCT: (
        _heading("title", _("Title"), "Title", 80),
        Part("text", _("Description"), "Description", 400),
    ),
    Kind.CATEGORY: (Part("text", _("Category text"), "Text", 400),),
    Kind.SEO: (
        _heading("title", _("Page title"), "Title", 60, counting=WIDE),
        Part("description", _("Meta description"), "Description", 155, counting=WIDE),
    ),
    Kind.LANDING: (
        _heading("headline", _("Headline"), "Headline", 60),
        Part("text", _("Text"), "Text", 400),
        BUTTON,
    ),
    Kind.PROMOTION: (
        _heading("headline", _("Headline"), "Headline", 60),
        Part("text", _("Text"), "Text", 200),
    ),
    Kind.REPLY: (Part("text", _("Reply"), "Reply", 400),),
    Kind.OFFER: (Part("text", _("Offer"), "Offer", 240),),
}

# What a campaign's products are written about, in the groups of the request form.
GROUPS: tuple[tuple[str | Promise, tuple[Kind, ...]], ...] = (
    (_("Mail and messages"), (Kind.EMAIL, Kind.SMS, Kind.PUSH, Kind.SUBJECTS)),
    (_("Social"), SOCIAL),
    (_("Ads"), (Kind.SEARCH_AD, Kind.DISPLAY_AD)),
    (_("Shop pages"), (Kind.PRODUCT, Kind.SEO, Kind.LANDING)),
    (_("Other"), (Kind.PROMOTION,)),
)
# Written about one product; the others are about a category, a review or a customer.
PRODUCT_KINDS = frozenset(kind for _label, kinds in GROUPS for kind in kinds)

TONE_LABELS = {
    Tone.PLAIN: _("Plain"),
    Tone.WARM: _("Warm"),
    Tone.PLAYFUL: _("Playful"),
    Tone.EXPERT: _("Expert"),
    Tone.BRIEF: _("Brief"),
}


def written_parts(kind: Kind) -> tuple[Part, ...]:
    """Return the parts that the writer writes, without those that the program chooses."""
    return tuple(part for part in PARTS[kind] if not part.by_program)
