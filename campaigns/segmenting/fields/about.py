"""Conditions on what is known about a customer: attributes, language and consent."""

from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.segmenting.fields.base import Clause, Field, Operator
from campaigns.segmenting.predicates import Asked, Predicate, Sql
from campaigns.segmenting.values import Choice, Figure, Word, Words
from shop.models import Consent
from shop.models.people import ContactChannel, Purpose

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

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
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

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        among = Sql("c.locale = ANY(%s::text[])", (list_of(clause.values["values"]),))
        holds = among if clause.operator == "is" else Sql("NOT ") + among
        return Predicate(holds, Sql("c.locale"))

    def found(self, value: object) -> str:
        return str(value)


class ConsentGiven(Field):
    """What a customer allows for one purpose on one channel; a word about any channel counts for each.

    Of "any channel", a consent on one is enough, unless all of them were refused: as approval reads it.
    """

    name, label, topic = "consent", _("consent"), TOPIC
    hint = _("Approving a campaign checks consent in any case, whatever the segment says.")
    parameters: ClassVar = {
        "purpose": Choice(_("purpose"), choices=dict(Purpose.choices)),
        "channel": Choice(_("channel"), choices=dict(ContactChannel.choices)),
    }
    operators: ClassVar = {
        "granted": Operator(
            _("is given"), _("agreed to %(purpose)s by %(channel)s"), needs=("purpose", "channel")
        ),
        "withdrawn": Operator(
            _("was withdrawn"), _("refused %(purpose)s by %(channel)s"), needs=("purpose", "channel")
        ),
        "unknown": Operator(
            _("was never asked for"), _("never answered on %(purpose)s by %(channel)s"),
            needs=("purpose", "channel"),
        ),
    }  # fmt: skip

    def predicate(self, clause: Clause, asked: Asked) -> Predicate:
        holds = {
            "granted": "({s}.granted AND NOT {s}.refused) IS TRUE",
            "withdrawn": "{s}.withdrawn IS TRUE",
            "unknown": "{s}.customer_id IS NULL",
        }[clause.operator]
        return Predicate(Sql(holds), Sql("{s}.found"), self.source(clause, asked))

    def source(self, clause: Clause, asked: Asked) -> Sql:
        """Return what was said for the purpose: with a channel, only there or about any channel."""
        channel = clause.values["channel"]
        # The refusals that outweigh a consent: on this channel, and on any.
        consents = Sql(
            "SELECT customer_id, bool_or(state = 'granted') AS granted,"
            " bool_or(state = 'withdrawn') AS withdrawn,"
            " bool_or(state = 'withdrawn' AND channel IN (%s, 'any')) AS refused,"
            " string_agg(channel || ':' || state, ' ' ORDER BY channel) AS found"
            " FROM shop_consent WHERE purpose = %s",
            (channel, clause.values["purpose"]),
        )
        if channel != ContactChannel.ANY:
            consents += Sql(" AND channel IN (%s, 'any')", (channel,))
        return consents + asked.only("customer_id") + Sql(" GROUP BY customer_id")

    def found(self, value: object) -> str:
        """Say each answer: "e-mail: granted, SMS: withdrawn"."""
        if value is None:
            return gettext("never asked")
        said = (one.split(":") for one in str(value).split())
        return gettext(", ").join(
            gettext("%(channel)s: %(state)s")
            % {"channel": ContactChannel(channel).label, "state": Consent.State(state).label}
            for channel, state in said
        )


def list_of(value: object) -> list[str]:
    return list(value) if isinstance(value, tuple) else []
