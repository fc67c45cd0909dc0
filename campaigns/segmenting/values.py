"""The values that a condition may carry: how each is read and refused, kept in JSON and said in words."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException, InvalidOperation

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketing_site.lib.figures import money, number

Text = str | Promise
Value = int | str | Decimal | tuple[str, ...]
Json = int | str | list[str]
# A row by model and primary key, and what rows are called; a row that is gone has no name.
Row = tuple[type[models.Model], int]
Names = Mapping[Row, str]

MAX_DAYS, MAX_COUNT, MAX_AMOUNT = 3_650, 100_000, Decimal(10) ** 12
MAX_TEXT, MAX_TEXTS = 200, 50


class Unfit(ValueError):
    """A value that a condition cannot carry; the message says what would be right."""


@dataclass(frozen=True)
class Parameter(ABC):
    """One value of a condition. `absent` says what leaving it out means, where it may be left out."""

    label: Text
    absent: Text = ""

    @abstractmethod
    def read(self, raw: object) -> Value:
        """Return the typed value of what stands in the JSON; raise Unfit for anything else."""

    def keep(self, value: Value) -> Json:
        """Return the value as JSON, such that `read` gives it back."""
        if isinstance(value, tuple):
            return list(value)
        return plain(value) if isinstance(value, Decimal) else value

    def say(self, value: Value, names: Names) -> str:
        """Return the value as it stands in a sentence."""
        return str(value)


@dataclass(frozen=True)
class WholeNumber(Parameter):
    low: int = 0
    high: int = MAX_COUNT

    def read(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not self.low <= raw <= self.high:
            limits = {"low": number(self.low), "high": number(self.high)}
            raise Unfit(_("enter a whole number from %(low)s to %(high)s") % limits)
        return raw


@dataclass(frozen=True)
class Times(WholeNumber):
    """How often something happened."""

    def say(self, value: Value, names: Names) -> str:
        return times(int(str(value)))


@dataclass(frozen=True)
class Days(WholeNumber):
    """A number of days, today included."""

    low: int = 1
    high: int = MAX_DAYS

    def say(self, value: Value, names: Names) -> str:
        return days(int(str(value)))


@dataclass(frozen=True)
class Score(WholeNumber):
    """A score by fifths."""

    low: int = 1
    high: int = 5


@dataclass(frozen=True)
class Amount(Parameter):
    """A decimal number, kept as text so that no cent is lost on the way."""

    def read(self, raw: object) -> Decimal:
        try:
            if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
                raise InvalidOperation
            amount = Decimal(str(raw))
            if not abs(amount) <= MAX_AMOUNT:  # comparing NaN raises, and so does an absurd exponent
                raise InvalidOperation
            return amount.quantize(Decimal("0.0001"))
        except DecimalException:
            raise Unfit(_("enter a number such as 19.90")) from None


@dataclass(frozen=True)
class Money(Amount):
    """An amount in the shop's currency."""

    def say(self, value: Value, names: Names) -> str:
        return money(Decimal(str(value)))


@dataclass(frozen=True)
class Figure(Amount):
    """A plain number."""

    def say(self, value: Value, names: Names) -> str:
        return plain(Decimal(str(value)))


@dataclass(frozen=True)
class Percent(Amount):
    """A share of everybody, above nothing and below all."""

    def read(self, raw: object) -> Decimal:
        share = super().read(raw)
        if not 0 < share < 100:
            raise Unfit(_("enter a percentage between 0 and 100"))
        return share

    def say(self, value: Value, names: Names) -> str:
        return f"{plain(Decimal(str(value)))}%"


@dataclass(frozen=True)
class Word(Parameter):
    """One text, such as the name of an attribute."""

    def read(self, raw: object) -> str:
        return storable(raw)


@dataclass(frozen=True)
class Words(Parameter):
    """One to fifty texts, any of which may match."""

    def read(self, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_TEXTS:
            raise Unfit(_("choose 1 to %(most)s values") % {"most": MAX_TEXTS})
        return tuple(dict.fromkeys(storable(one) for one in raw))

    def say(self, value: Value, names: Names) -> str:
        return alternatives([str(one) for one in value] if isinstance(value, tuple) else [str(value)])


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One word out of a fixed list."""

    choices: Mapping[str, Text]

    def read(self, raw: object) -> str:
        if not isinstance(raw, str) or raw not in self.choices:
            raise Unfit(_("choose one of the list"))
        return raw

    def say(self, value: Value, names: Names) -> str:
        return str(self.choices[str(value)])


@dataclass(frozen=True, kw_only=True)
class Reference(Parameter):
    """The primary key of a row that must exist."""

    model: type[models.Model]

    def read(self, raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < 2**63:
            raise Unfit(_("choose one of the list"))
        return raw

    def say(self, value: Value, names: Names) -> str:
        return names.get((self.model, int(str(value)))) or _("(not available, no. %(id)s)") % {"id": value}


def plain(amount: Decimal) -> str:
    """Return a number without trailing zeros and without an exponent."""
    return f"{amount.normalize():f}"


def times(count: int) -> str:
    return ngettext("%(count)s time", "%(count)s times", count) % {"count": number(count)}


def days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": number(count)}


def alternatives(texts: list[str]) -> str:
    """Return "a", "a or b", "a, b or c"."""
    if len(texts) < 2:
        return "".join(texts)
    return _("%(first)s or %(last)s") % {"first": _(", ").join(texts[:-1]), "last": texts[-1]}


def storable(raw: object) -> str:
    """Return a short text that Postgres can hold; raise Unfit for anything else."""
    if not isinstance(raw, str) or not raw.strip() or len(raw) > MAX_TEXT:
        raise Unfit(_("enter a text of at most %(most)s characters") % {"most": MAX_TEXT})
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in raw):
        raise Unfit(_("leave out characters that cannot be seen"))
    return raw
