"""Why a customer is in a segment or not: every condition's verdict, and the conditions that decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from campaigns.models import Segment
from campaigns.segmenting.describing import words_of
from campaigns.segmenting.fields.base import Clause
from campaigns.segmenting.linking import Linked
from campaigns.segmenting.statement import verdicts
from campaigns.segmenting.tree import Group, Path, place
from campaigns.segmenting.values import Names


@dataclass(frozen=True)
class Verdict:
    """One condition for one customer: whether it holds, the customer's own figure, and whether it decided."""

    path: Path
    words: str
    holds: bool
    found: str
    decided: bool

    @property
    def place(self) -> str:
        return place(self.path)


@dataclass(frozen=True)
class Explanation:
    """Whether a customer is in a segment, and each condition's part in it."""

    inside: bool
    verdicts: list[Verdict]
    # Something that the rule names is gone, so nobody is in the segment.
    gone: bool

    @property
    def decisive(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.decided]


def explanation_of(rule: Linked, customer_id: int, names: Names, today: date) -> Explanation:
    """Ask the database once for every condition's verdict, and find those that made the difference.

    A condition on another segment tells what decided there, which takes a question of its own.
    """
    tree = rule.tree
    statement = verdicts(rule, customer_id, today)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        kept, there, *columns = cursor.fetchone()
    clauses = list(tree.clauses())
    holds = {clause.path: bool(value) for clause, value in zip(clauses, columns[::2], strict=True)}
    decisive = set(deciding(tree, holds))
    found = [
        Verdict(
            clause.path, words_of(clause, names), holds[clause.path],
            clause.field.found(value) + elsewhere(clause, rule, customer_id, names, today),
            clause.path in decisive,
        )
        for clause, value in zip(clauses, columns[1::2], strict=True)
    ]  # fmt: skip
    return Explanation(kept and there and truth(tree, holds), found, gone=not there)


def elsewhere(clause: Clause, rule: Linked, customer_id: int, names: Names, today: date) -> str:
    """Return what decided in the segment that a condition names, "" for any other condition."""
    inner = [rule.of(key) for model, key in clause.references() if model is Segment]
    if not inner or inner[0] is None:
        return ""
    why = explanation_of(inner[0], customer_id, names, today)
    decided = [
        (_("%(words)s: yes (%(found)s)") if one.holds else _("%(words)s: no (%(found)s)"))
        % {"words": one.words, "found": one.found}
        for one in why.decisive
    ]
    return _(" – %(decided)s") % {"decided": _("; ").join(decided)}


def truth(node: Group | Clause, holds: dict[Path, bool]) -> bool:
    """Return whether a node holds, given its conditions."""
    if isinstance(node, Clause):
        return holds[node.path]
    each = (truth(rule, holds) for rule in node.rules)
    if node.match == "all":
        return all(each)
    return any(each) == (node.match == "any")


def deciding(node: Group | Clause, holds: dict[Path, bool]) -> Iterator[Path]:
    """Yield the conditions that make a node what it is: those whose change could change it.

    Of a failed "all" these are the rules that fail, of a failed "any" all of its rules, and so on.
    """
    if isinstance(node, Clause):
        yield node.path
        return
    value = truth(node, holds)
    # A group is settled by single rules (an "all" by one that fails), or by all of its rules together.
    settled_by = {"all": False, "any": True, "none": True}[node.match]
    settled = value == (node.match == "any")
    for rule in node.rules:
        if not settled or truth(rule, holds) == settled_by:
            yield from deciding(rule, holds)
