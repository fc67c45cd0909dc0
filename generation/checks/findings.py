"""What can be wrong with a text, in words that say what to do about it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.checks.market_rules import BASE, MarketRule, Worded, by_code, rule_sets


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a text: where it is in which field, what it is, and what to do about it.

    Text by the model must have no finding at all. A person may overrule the findings that are not
    `hard` (grounding, style); nobody overrules a length, a foreign price or a hidden character.
    """

    code: str  # stable, such as "foreign_number"; stored in rows
    field: str
    start: int
    end: int
    span: str  # the characters themselves
    message: str
    help: str
    hard: bool


@dataclass(frozen=True)
class Rule:
    """What a code means; both texts may name the %(span)s."""

    message: str | Promise | Worded
    help: str | Promise | Worded
    hard: bool = False


# The rules of markets, which say promises and superlatives too, are files: see `market_rules`.
RULES = {
    "empty": Rule(_("The text is empty."), _("Write something."), hard=True),
    "too_long": Rule(
        _("The text is too long for its channel."),
        _("Shorten it; slots count with what they are filled with."),
        hard=True,
    ),
    "hidden_character": Rule(
        _("There is an invisible character here."), _("Delete it and type the words anew."), hard=True
    ),
    "markup": Rule(_("“%(span)s” looks like HTML."), _("Write plain text without < and >."), hard=True),
    "script": Rule(
        _("“%(span)s” is in a script that is not checked in this language."),
        _("Write it in the letters of the language of this text."),
        hard=True,
    ),
    "unknown_slot": Rule(
        _("“%(span)s” is not a slot that can be filled here."),
        _("Use {name}, {price}, {discount}, {code}, {until} or {minimum}, where the offer has them."),
        hard=True,
    ),
    "glued_slot": Rule(
        _("Something stands directly beside a slot, so what it is filled with would read as something else."),
        _("Put a space or punctuation between them."),
        hard=True,
    ),
    "foreign_price": Rule(
        _("The text names a price that is not in the catalogue: %(span)s."), _("Use {price}."), hard=True
    ),
    "foreign_percent": Rule(
        _("The text names a percentage that is not in the offer: %(span)s."), _("Use {discount}."), hard=True
    ),
    "foreign_number": Rule(
        _("The number “%(span)s” is not among the facts."),
        _("Delete it, or add the fact to the product."),
        hard=True,
    ),
    "foreign_date": Rule(
        _("“%(span)s” is a date that is not in the offer."), _("Use {until}, or delete it."), hard=True
    ),
    "foreign_code": Rule(
        _("“%(span)s” looks like a code that is not this offer's."),
        _("Use {code}, or write it in small letters."),
        hard=True,
    ),
    "link": Rule(
        _("“%(span)s” is an address."), _("Delete it: links are added when the text is sent."), hard=True
    ),
    "forbidden_claim": Rule(_("The brand voice forbids “%(span)s”."), _("Say it differently."), hard=True),
    "foreign_name": Rule(
        _("“%(span)s” is a name that is not among the facts."),
        _("Delete it, or add the fact to the product."),
        hard=True,
    ),
    "avoided_word": Rule(_("The brand voice avoids “%(span)s”."), _("Choose another word.")),
    "ungrounded": Rule(
        _("“%(span)s” is not supported by a fact."), _("Delete it, or add the fact to the product.")
    ),
    "mixed_facts": Rule(
        _("“%(span)s” joins words of different facts."), _("Make sure that this is true, or part them.")
    ),
    "name_as_subject": Rule(
        _("“%(span)s” may be wrong after the product's name, which can be plural."),
        _("Read it with the name filled in."),
    ),
    "no_name": Rule(_("The text does not name the product."), _("Put {name} in.")),
    "echo": Rule(_("“%(span)s” repeats the request instead of answering it."), _("Delete it.")),
    "unfinished": Rule(_("The text breaks off."), _("Finish the sentence.")),
    "repetition": Rule(_("“%(span)s” is repeated."), _("Say it once.")),
    "long_sentence": Rule(_("This sentence is long."), _("Make two of it.")),
    "emoji": Rule(_("The brand voice uses no emoji."), _("Delete %(span)s.")),
    "many_emoji": Rule(_("The brand voice uses one emoji at most."), _("Delete %(span)s.")),
    "exclamation": Rule(_("The brand voice uses no exclamation marks."), _("End it with a full stop.")),
    "hard_to_read": Rule(
        _("The text is harder to read than the brand voice allows."),
        _("Use shorter words, and make two sentences of a long one."),
    ),
    "missing_claim": Rule(
        _("The text does not say what the brand voice requires."),
        _("Add it; the brand voice lists it under “what longer texts must say”."),
        hard=True,
    ),
    "repeats_part": Rule(
        _("Two parts of the text say almost the same."), _("Let each part say something of its own.")
    ),
    "pledge": Rule(
        _("“%(span)s” promises something to the reviewer."),
        _("Delete it: what is done for a customer is agreed with them, not in public."),
        hard=True,
    ),
    "no_apology": Rule(_("The reply to one or two stars does not apologise."), _("Say that you are sorry.")),
    "no_invitation": Rule(
        _("The reply to one or two stars does not ask the customer to write to you."),
        _("Ask them to write to you."),
    ),
    "lost_slot": Rule(
        _("The original says %(span)s, and the translation does not."), _("Put it in where it belongs.")
    ),
    "repeats_variant": Rule(
        _("The text is almost the same as another variant."), _("Change it, or reject one of them.")
    ),
    "repeats_example": Rule(
        _("The text is almost one of the writer's own examples."), _("Write something about this product.")
    ),
}


def rule_of(code: str) -> Rule | MarketRule:
    """Return what a code means, whether it is a general rule or a market's."""
    return RULES.get(code) or by_code()[code]


def finding(code: str, field: str, text: str, start: int, end: int) -> Finding:
    """Build the finding of a code for a span of a text, worded in the active language."""
    rule, span = rule_of(code), text[start:end]
    message, advice = (str(words) % {"span": span} for words in (rule.message, rule.help))
    if isinstance(rule, MarketRule) and rule.market != BASE:
        message = f"{message} ({rule_sets()[rule.market].title})"
        where = f"{rule.source.name}, {rule.source.section}"
        advice = f"{advice} {gettext('Source: %(where)s.') % {'where': where}}"
    return Finding(code, field, start, end, span, message, advice, rule.hard)
