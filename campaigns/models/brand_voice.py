"""How the shop sounds: its brand voices, each with the words, claims and habits that texts keep to."""

from collections.abc import Callable

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.typed_lists import lines, paragraphs, words


class Market(models.TextChoices):
    """Where texts are read; the rules of each are a file of its name in generation/checks/markets."""

    US = "us", _("United States")
    EU = "eu", _("European Union")
    UK = "uk", _("United Kingdom")
    DE = "de", _("Germany")
    CN = "cn", _("China")


@deconstructible
class Bounded:
    """Refuses a list that has too many entries, or one that is too long."""

    def __init__(self, split: str, most: int, longest: int, together: int = 0) -> None:
        self.split, self.most, self.longest, self.together = split, most, longest, together

    def __call__(self, text: str) -> None:
        """Raise ValidationError with what is too much."""
        entries = SPLITS[self.split](text)
        if len(entries) > self.most:
            raise ValidationError(
                _("These are %(count)s entries: keep at most %(most)s."),
                params={"count": len(entries), "most": self.most},
            )
        for entry in entries:
            if len(entry) > self.longest:
                raise ValidationError(
                    _("“%(entry)s…” is too long: at most %(longest)s characters."),
                    params={"entry": entry[:20], "longest": self.longest},
                )
        if self.together and sum(map(len, entries)) > self.together:
            raise ValidationError(
                _("Together these are too long: at most %(together)s characters."),
                params={"together": self.together},
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bounded) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).items()))


SPLITS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "words": words,
    "lines": lines,
    "paragraphs": paragraphs,
}


def known_markets(value: object) -> None:
    """Refuse what is no list of markets."""
    if not isinstance(value, list) or not set(value) <= set(Market.values):
        raise ValidationError(_("Choose markets of the list."))


def known_lengths(value: object) -> None:
    """Refuse what is no number of characters for each kind."""
    if not isinstance(value, dict) or not all(
        isinstance(length, int) and 0 < length <= LONGEST_TEXT for length in value.values()
    ):
        raise ValidationError(_("Lengths are numbers of characters, by kind of text."))


LONGEST_TEXT = 2000


@pghistory.track()
class BrandVoice(models.Model):
    """How the shop sounds: the words a campaign's copy may and may not use."""

    class AddressForm(models.TextChoices):
        INFORMAL = "informal", _("informal (you / 你)")
        FORMAL = "formal", _("formal (you / 您)")

    class Emoji(models.TextChoices):
        NONE = "none", _("none")
        FEW = "few", _("at most one in each part of a text")
        FREE = "free", _("as many as fit")

    class ReadingLevel(models.TextChoices):
        ANY = "any", _("not checked")
        EASY = "easy", _("easy: short words and short sentences")
        PLAIN = "plain", _("plain: as a newspaper for everybody")

    name = models.CharField(_("name"), max_length=100, unique=True)
    tone = models.CharField(
        _("tone"), max_length=200, help_text=_("A few words, such as: warm, plain, a little dry.")
    )
    use_words = models.TextField(
        _("words to use"), blank=True, validators=[Bounded("words", 60, 40)],
        help_text=_("Separated by commas."),
    )  # fmt: skip
    avoid_words = models.TextField(
        _("words to avoid"), blank=True, validators=[Bounded("words", 60, 40)],
        help_text=_("Separated by commas."),
    )  # fmt: skip
    address_form = models.CharField(
        _("address"), max_length=8, choices=AddressForm, default=AddressForm.INFORMAL
    )
    emoji = models.CharField(_("emoji"), max_length=4, choices=Emoji, default=Emoji.NONE)
    exclamations = models.BooleanField(_("exclamation marks allowed"), default=True)
    reading_level = models.CharField(
        _("reading level"), max_length=5, choices=ReadingLevel, default=ReadingLevel.ANY
    )
    required_claims = models.TextField(
        _("what longer texts must say"), blank=True, validators=[Bounded("lines", 3, 100, together=120)],
        help_text=_(
            "One sentence a line, such as: Please recycle the box. The program adds it to e-mails, landing "
            "pages, longer posts and product texts; shorter texts have no room."
        ),
    )  # fmt: skip
    allowed_claims = models.TextField(
        _("what texts may say"), blank=True, validators=[Bounded("lines", 10, 100)],
        help_text=_("One a line: true of all that you sell. It counts as a fact of every product."),
    )  # fmt: skip
    forbidden_claims = models.TextField(
        _("what no text may say"), blank=True, validators=[Bounded("lines", 30, 60)],
        help_text=_("One a line. Nobody can approve a text that says it."),
    )  # fmt: skip
    samples = models.TextField(
        _("sample texts"), blank=True, validators=[Bounded("paragraphs", 5, 600)],
        help_text=_("Up to five texts that sound right, with an empty line between them."),
    )  # fmt: skip
    markets = models.JSONField(
        _("markets"), default=list, blank=True, validators=[known_markets],
        help_text=_("Whose rules of advertising texts are checked against. None: the shop's own, see Rules."),
    )  # fmt: skip
    # {"email": 220}: how many characters texts of a kind have as a rule, learnt from approved ones.
    lengths = models.JSONField(_("usual lengths"), default=dict, blank=True, validators=[known_lengths])

    class Meta:
        verbose_name, verbose_name_plural = _("brand voice"), _("brand voices")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a voice that asks for what it forbids."""
        super().clean()
        forbidden = (*lines(self.forbidden_claims), *words(self.avoid_words))
        wanted = {
            "use_words": words(self.use_words),
            "required_claims": lines(self.required_claims),
            "allowed_claims": lines(self.allowed_claims),
        }
        for field, entries in wanted.items():
            for entry in entries:
                if found := next((no for no in forbidden if no.casefold() in entry.casefold()), None):
                    both = {"entry": entry, "forbidden": found}
                    said = _("“%(entry)s” has “%(forbidden)s”, which the voice forbids or avoids.") % both
                    raise ValidationError({field: said})
