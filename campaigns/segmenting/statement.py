"""A rule as one SQL statement: each condition's source is joined once, and the conditions stand in WHERE.

Sources are grouped by customer before they are joined, so nothing multiplies; Postgres turns the outer joins
into semi-, anti- and inner joins wherever the conditions allow it. Every piece of SQL is this program's text.
"""

from dataclasses import dataclass, field
from datetime import date

from campaigns.segmenting.fields.base import Clause
from campaigns.segmenting.predicates import Predicate, Sql
from campaigns.segmenting.tree import Group

# Erased customers cannot be written to, whatever is still counted about them.
BASE = " WHERE c.erased_at IS NULL"


@dataclass
class Joins:
    """The sources that a statement joins, equal ones once."""

    today: date
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


def members(tree: Group, today: date) -> Sql:
    """Return the statement that selects the ids of the rule's customers."""
    joins = Joins(today)
    holds = condition(tree, joins)
    return Sql("SELECT c.id FROM shop_customer c") + joins.sql() + Sql(f"{BASE} AND ") + holds + guards(tree)


def verdicts(tree: Group, customer_id: int, today: date) -> Sql:
    """Return the statement that judges one customer.

    Its columns: is the customer kept, is everything there that the rule names, then for each condition
    whether it holds and what was found.
    """
    joins, columns = Joins(today), Sql("SELECT c.erased_at IS NULL, TRUE") + guards(tree)
    for clause in tree.clauses():
        predicate = clause.field.predicate(clause, today)
        holds = joins.place(predicate, predicate.holds)
        columns += Sql(", (") + holds + Sql("), ") + joins.place(predicate, predicate.found)
    return columns + Sql(" FROM shop_customer c") + joins.sql() + Sql(" WHERE c.id = %s", (customer_id,))


def condition(node: Group | Clause, joins: Joins) -> Sql:
    """Return the truth of a node for the customer `c`."""
    if isinstance(node, Clause):
        predicate = node.field.predicate(node, joins.today)
        return Sql("(") + joins.place(predicate, predicate.holds) + Sql(")")
    between = " AND " if node.match == "all" else " OR "
    combined, *others = (condition(rule, joins) for rule in node.rules)
    for other in others:
        combined += Sql(between) + other
    return Sql("NOT (" if node.match == "none" else "(") + combined + Sql(")")


def guards(tree: Group) -> Sql:
    """Return conditions that leave the segment empty once a row that its rule names is gone.

    Without them "never bought in category X" would mean everybody on the day category X is deleted.
    """
    named = {(model._meta.db_table, key) for clause in tree.clauses() for model, key in clause.references()}
    guarded = Sql("")
    for table, key in sorted(named):
        guarded += Sql(f" AND EXISTS (SELECT 1 FROM {table} WHERE id = %s)", (key,))  # noqa: S608  # our own words
    return guarded
