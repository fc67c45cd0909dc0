"""A rule as one SQL statement: each condition's source is joined once, and the conditions stand in WHERE.

Sources are grouped by customer before they are joined, so nothing multiplies; Postgres turns the outer joins
into semi-, anti- and inner joins wherever the conditions allow it. Every piece of SQL is this program's text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from campaigns.models import Segment
from campaigns.segmenting.fields.base import Clause
from campaigns.segmenting.linking import Linked
from campaigns.segmenting.predicates import SOME, Asked, Predicate, Sql
from campaigns.segmenting.tree import Group

# Grouping a million buyers in memory instead of on disk; and one process, for Postgres would have each of
# several group all of them again.
TUNE = "SELECT set_config('work_mem', '64MB', true), set_config('max_parallel_workers_per_gather', '0', true)"
LIMIT = ", set_config('statement_timeout', %s, true)"

NOBODY = Sql("SELECT c.id FROM shop_customer c WHERE FALSE")


@dataclass
class Joins:
    """The sources that a statement joins, equal ones once."""

    asked: Asked
    aliases: dict[Sql, str] = field(default_factory=dict)

    def place(self, predicate: Predicate, piece: Sql) -> Sql:
        """Return a piece of a predicate with the alias of its source."""
        if predicate.source is None:
            return piece
        alias = self.aliases.setdefault(predicate.source, f"s{len(self.aliases)}")
        return Sql(piece.text.replace("{s}", alias), piece.params)

    def sql(self) -> Sql:
        joined = Sql("")
        for source, alias in self.aliases.items():
            joined += Sql(" LEFT JOIN (") + source + Sql(f") {alias} ON {alias}.customer_id = c.id")
        return joined


def tune(seconds: float | None = None) -> None:
    """Set the database up for statements over all customers, and limit each, until the transaction ends."""
    limit, milliseconds = (LIMIT, [f"{int(seconds * 1000)}ms"]) if seconds else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(TUNE + limit, milliseconds)


def members(rule: Linked, today: date, *, some: bool = False) -> Sql:
    """Return the statement that selects the ids of the rule's customers.

    With `some`, only of those in SOME, a query of ids that the statement around this one gives.
    """
    return _selected(rule.tree, _asked(rule, today, some=some)) + guards(rule.trees())


def listed(segment_id: int, asked: Asked) -> Sql:
    """Return the statement that selects the customers of a fixed list."""
    kept = Sql(
        "SELECT c.id FROM campaigns_segmentmember m JOIN shop_customer c ON c.id = m.customer_id"
        " WHERE c.erased_at IS NULL AND m.segment_id = %s",
        (segment_id,),
    )
    return kept + asked.only("m.customer_id")


def verdicts(rule: Linked, customer_id: int, today: date) -> Sql:
    """Return the statement that judges one customer.

    Its columns: is the customer kept, is everything there that the rule names, then for each condition
    whether it holds and what was found.
    """
    asked = _asked(rule, today, some=True)
    joins, columns = Joins(asked), Sql("SELECT c.erased_at IS NULL, TRUE") + guards(rule.trees())
    for clause in rule.tree.clauses():
        predicate = clause.field.predicate(clause, asked)
        holds = joins.place(predicate, predicate.holds)
        columns += Sql(", (") + holds + Sql("), ") + joins.place(predicate, predicate.found)
    one = Sql(f"WITH {SOME} AS (SELECT %s::bigint AS id) ", (customer_id,))
    return (
        one + columns + Sql(" FROM shop_customer c") + joins.sql() + Sql(" WHERE c.id = %s", (customer_id,))
    )


def condition(node: Group | Clause, joins: Joins) -> Sql:
    """Return the truth of a node for the customer `c`."""
    if isinstance(node, Clause):
        predicate = node.field.predicate(node, joins.asked)
        return Sql("(") + joins.place(predicate, predicate.holds) + Sql(")")
    between = " AND " if node.match == "all" else " OR "
    combined, *others = (condition(rule, joins) for rule in node.rules)
    for other in others:
        combined += Sql(between) + other
    return Sql("NOT (" if node.match == "none" else "(") + combined + Sql(")")


def guards(trees: Iterable[Group]) -> Sql:
    """Return conditions that leave the segment empty once a row that a rule names is gone.

    Without them "never bought in category X" would mean everybody on the day category X is deleted.
    """
    named = {
        (model._meta.db_table, key)
        for tree in trees for clause in tree.clauses() for model, key in clause.references()
    }  # fmt: skip
    guarded = Sql("")
    for table, key in sorted(named):
        guarded += Sql(f" AND EXISTS (SELECT 1 FROM {table} WHERE id = %s)", (key,))  # noqa: S608  # our own words
    return guarded


def _asked(rule: Linked, today: date, *, some: bool) -> Asked:
    """Return what is asked, with the statement of each segment that the rule names; innermost first."""
    statements = {key: NOBODY for tree in rule.trees() for key in tree.names(Segment)}
    asked = Asked(today, some, statements)
    for key, tree in rule.others.items():
        statements[key] = _selected(tree, asked) if tree else listed(key, asked)
    return asked


def _selected(tree: Group, asked: Asked) -> Sql:
    joins = Joins(asked)
    holds = condition(tree, joins)
    # Erased customers cannot be written to, whatever is still counted about them.
    kept = Sql(" WHERE c.erased_at IS NULL") + asked.only("c.id") + Sql(" AND ")
    return Sql("SELECT c.id FROM shop_customer c") + joins.sql() + kept + holds
