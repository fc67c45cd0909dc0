"""Conditions on what is known about a customer: attributes and language."""

from datetime import date
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import Clause, Field, Operator
from campaigns.segmenting.predicates import Predicate, Sql
from campaigns.segmenting.values import Figure, Word, Words

TOPIC = _("About the customer")
VALUE = "c.attributes ->> %s"
# Evaluated in this order, so that a text is never cast.
NUMBER = "CASE WHEN jsonb_typeof(c.attributes -> %s) = 'number' THEN (c.attributes ->> %s)::numeric END"


class Attribute(Field):
    """A value of the customer's attributes, as text; the comparisons take numbers only."""

    name, label, topic = "attribute", _("attribute"), TOPIC
    parameters: ClassVar = {
        "attribute": Word(_("attribute")),
        "values": Words(_("values")),
        "number": Figure(_("number")),
    }
    operators: ClassVar = {
        "is": Operator(_("is"), _("have %(attribute)s %(values)s"), needs=("attribute", "values")),
        "is_not": Operator(
            _("is not"), _("do not have %(attribute)s %(values)s"), needs=("attribute", "values")
        ),
        "at_least": Operator(
            _("is at least"), _("have %(attribute)s of at least %(number)s"), needs=("attribute", "number")
        ),
        "at_most": Operator(
            _("is at most"), _("have %(attribute)s of at most %(number)s"), needs=("attribute", "number")
        ),
        "known": Operator(_("is known"), _("have a known %(attribute)s"), needs=("attribute",)),
        "unknown": Operator(_("is not known"), _("have no known %(attribute)s"), needs=("attribute",)),
    }

    def predicate(self, clause: Clause, today: date) -> Predicate:
        key = clause.values["attribute"]
        any_of, figure = list_of(clause.values.get("values")), clause.values.get("number")
        conditions = {
            "is": Sql(f"({VALUE} = ANY(%s::text[])) IS TRUE", (key, any_of)),
            "is_not": Sql(f"({VALUE} = ANY(%s::text[])) IS NOT TRUE", (key, any_of)),
            "at_least": Sql(f"({NUMBER} >= %s) IS TRUE", (key, key, figure)),
            "at_most": Sql(f"({NUMBER} <= %s) IS TRUE", (key, key, figure)),
            "known": Sql(f"({VALUE}) IS NOT NULL", (key,)),
            "unknown": Sql(f"({VALUE}) IS NULL", (key,)),
        }
        return Predicate(conditions[clause.operator], Sql(f"({VALUE})", (key,)))

    def found(self, value: object) -> str:
        return gettext("not known") if value is None else str(value)


class Language(Field):
    """The language tag that the shop keeps, such as "en" or "zh-hans"."""

    name, label, topic = "language", _("language"), TOPIC
    parameters: ClassVar = {"values": Words(_("values"))}
    operators: ClassVar = {
        "is": Operator(_("is"), _("have the language %(values)s"), needs=("values",)),
        "is_not": Operator(_("is not"), _("do not have the language %(values)s"), needs=("values",)),
    }

    def predicate(self, clause: Clause, today: date) -> Predicate:
        among = Sql("c.locale = ANY(%s::text[])", (list_of(clause.values["values"]),))
        holds = among if clause.operator == "is" else Sql("NOT ") + among
        return Predicate(holds, Sql("c.locale"))

    def found(self, value: object) -> str:
        return str(value)


def list_of(value: object) -> list[str]:
    return list(value) if isinstance(value, tuple) else []
