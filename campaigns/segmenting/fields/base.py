"""What every kind of condition declares: its values, its operators, its SQL and its words."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.predicates import Asked, Predicate, Sql, at_least, at_most, first_day
from campaigns.segmenting.values import Days, Names, Parameter, Reference, Row, Text, Times, Value, times
from marketing_site.lib.figures import day

DAYS = Days(_("in the last (days)"), absent=_("at any time"))
AGO = Days(_("days ago"))
COUNT = Times(_("times"))


@dataclass(frozen=True)
class Operator:
    """One way to ask. `words` follows "customers who"; `words_ever` stands where no days are given."""

    label: Text
    words: Text
    words_ever: Text = ""
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        return self.needs + self.may


# Operators on the first or the last time that something happened; who never did it matches none of them.
OCCURRED: dict[str, Text] = {
    "first_before": _("first at least this long ago"),
    "first_within": _("first at most this long ago"),
    "last_before": _("last at least this long ago"),
    "last_within": _("last at most this long ago"),
}


def occurred(may: tuple[str, ...], needs: tuple[str, ...] = (), **words: Text) -> dict[str, Operator]:
    """Return the operators on the first and last time, each with what it says."""
    return {
        name: Operator(OCCURRED[name], said, needs=(*needs, "ago"), may=may) for name, said in words.items()
    }


class Field(ABC):
    """One kind of condition. Its parameters are known by name; an operator says which of them it takes."""

    name: ClassVar[str]
    label: ClassVar[Text]
    # The heading under which the builder lists it.
    topic: ClassVar[Text]
    hint: ClassVar[Text] = ""
    parameters: ClassVar[Mapping[str, Parameter]]
    operators: ClassVar[Mapping[str, Operator]]

    @abstractmethod
    def predicate(self, clause: "Clause", asked: Asked) -> Predicate:
        """Return the condition in SQL."""

    def faults(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Text]]:
        """Yield what is wrong with values that are right one by one: the part, and what would be right."""
        yield from ()

    def phrases(self, clause: "Clause", names: Names) -> dict[str, str]:
        """Return further words that `words` has places for."""
        return {}

    def words(self, clause: "Clause") -> Text:
        """Return what the condition says, with a place for each of its values."""
        return clause.asks.words if "days" in clause.values else clause.asks.words_ever or clause.asks.words

    @abstractmethod
    def found(self, value: object) -> str:
        """Return a customer's own figure in words, for explaining; None stands for nothing known."""


@dataclass(frozen=True)
class Clause:
    """One condition of a rule, read and typed. `path` says where it stands: (0, 2) is 1.3 for people."""

    path: tuple[int, ...]
    field: Field
    operator: str
    values: Mapping[str, Value]

    @property
    def asks(self) -> Operator:
        return self.field.operators[self.operator]

    def number(self, name: str) -> int | None:
        """Return a whole number or primary key, None where it was left out."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def window(self, today: date) -> date | None:
        """Return the first day that counts, None where every day does."""
        days = self.number("days")
        return first_day(today, days) if days else None

    def references(self) -> list[Row]:
        """Return the rows that this clause names: model and primary key."""
        known = ((self.field.parameters[name], self.number(name)) for name in self.values)
        return [(kind.model, key) for kind, key in known if isinstance(kind, Reference) and key is not None]

    def words(self, names: Names) -> str:
        """Return the condition as it follows "customers who"."""
        given = {name: self.field.parameters[name].say(value, names) for name, value in self.values.items()}
        absent = {name: str(self.field.parameters[name].absent) for name in self.asks.parameters}
        return str(self.field.words(self)) % (absent | given | self.field.phrases(self, names))

    @property
    def changes_with_time(self) -> bool:
        """Whether a day that passes can change the answer though no fact changed."""
        return any(isinstance(self.field.parameters[name], Days) for name in self.values)


class Counted(Field):
    """A condition on how often something happened: its source has a column `n` per customer.

    With operators on the first or last time, it has columns `first_at` and `last_at` as well.
    """

    @abstractmethod
    def source(self, clause: Clause, asked: Asked) -> Sql:
        """Return a statement with customer_id and n, for customers with n of at least one."""

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        source = self.source(clause, asked)
        if clause.operator in OCCURRED:
            column = f"{clause.operator.split('_')[0]}_at"
            ago = clause.number("ago") or 0
            holds = asked.long_ago if clause.operator.endswith("before") else asked.lately
            return Predicate(holds(column, ago), Sql(f"{{s}}.{column}"), source)
        count = clause.number("count") or 0
        conditions = {
            "at_least": at_least("n", count, zero_does=count <= 0),
            "at_most": at_most("n", count, zero_does=True),
            "some": Sql("{s}.customer_id IS NOT NULL"),
            "none": Sql("{s}.customer_id IS NULL"),
        }
        return Predicate(conditions[clause.operator], Sql("{s}.n"), source)

    def found(self, value: object) -> str:
        return day(value) if isinstance(value, datetime) else times(int(str(value or 0)))


def decimal(value: object) -> Decimal:
    """Return a figure that Postgres gave, nothing counting as zero."""
    return Decimal(str(value or 0))
