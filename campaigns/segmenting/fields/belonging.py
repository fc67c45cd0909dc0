"""Conditions on where a customer belongs: another segment or list, and a random share of everybody."""

from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Segment
from campaigns.segmenting.fields.base import Clause, Field, Operator
from campaigns.segmenting.predicates import Asked, Predicate, Sql
from campaigns.segmenting.values import Percent, Reference, Word

TOPIC = _("Segments and shares")
# The first four bytes of a hash, from 0 to 2³² - 1: always the same number for a name and a customer.
DRAWN = "('x' || left(encode(sha256(convert_to(%s || ':' || c.id, 'UTF8')), 'hex'), 8))::bit(32)::bigint"
NUMBERS = 2**32


class InSegment(Field):
    """Another segment's customers as its rule or list is now."""

    name, label, topic = "segment", _("in another segment or list"), TOPIC
    hint = _("The other segment is read anew each time: a change of it changes this one.")
    parameters: ClassVar = {"segment": Reference(_("segment"), absent=_("choose"), model=Segment)}
    operators: ClassVar = {
        "in": Operator(_("is in"), _("are in segment “%(segment)s”"), needs=("segment",)),
        "not_in": Operator(_("is not in"), _("are not in segment “%(segment)s”"), needs=("segment",)),
    }

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        inside = "NOT NULL" if clause.operator == "in" else "NULL"
        source = Sql("SELECT id AS customer_id FROM (") + asked.segments[clause.number("segment") or 0]
        return Predicate(
            Sql(f"{{s}}.customer_id IS {inside}"), Sql("{s}.customer_id"), source + Sql(") AS other")
        )

    def found(self, value: object) -> str:
        return gettext("not in it") if value is None else gettext("in it")


class RandomShare(Field):
    """A share of all customers, drawn by a hash of a name and the customer: the same ones every time."""

    name, label, topic = "share", _("random share"), TOPIC
    hint = _("The same name always draws the same customers; a larger share holds the smaller one.")
    parameters: ClassVar = {"name": Word(_("name of the draw")), "percent": Percent(_("percent"))}
    operators: ClassVar = {
        "in": Operator(_("is in"), _("are in the random %(percent)s “%(name)s”"), needs=("name", "percent")),
        "not_in": Operator(
            _("is not in"), _("are not in the random %(percent)s “%(name)s”"), needs=("name", "percent")
        ),
    }

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        name, share = clause.values["name"], Decimal(str(clause.values["percent"]))
        compared = "<" if clause.operator == "in" else ">="
        limit = int(share * NUMBERS / 100)
        return Predicate(
            Sql(f"{DRAWN} {compared} %s", (name, limit)), Sql(f"{DRAWN} * 100.0 / {NUMBERS}", (name,))
        )

    def found(self, value: object) -> str:
        return gettext("drawn at %(percent)s%%") % {"percent": f"{Decimal(str(value)):.2f}"}
