"""A rule together with the rules of the segments that it names: read, put in order, refused in a circle."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from campaigns.models import Segment
from campaigns.segmenting.tree import Group, Problem, RuleError, parse

# Conditions of one statement, those of the segments that it reads included.
MOST_CLAUSES = 200
ARROW = " → "


@dataclass(frozen=True)
class Linked:
    """A rule and, by primary key, those of the segments it names, innermost first; None is a fixed list.

    A segment that is gone is not among them.
    """

    tree: Group
    others: Mapping[int, Group | None]

    def trees(self) -> list[Group]:
        return [self.tree, *(tree for tree in self.others.values() if tree)]

    def of(self, key: int) -> "Linked | None":
        """Return the linked rule of a segment that this one names; None for a list or what is gone."""
        tree = self.others.get(key)
        return Linked(tree, self.others) if tree else None


def link(tree: Group, segment: Segment | None = None) -> Linked:
    """Read the rules that a rule leads to; raise RuleError for a circle or one that cannot be read.

    `segment` is the one that the rule is meant for: a rule that leads back to it goes in a circle.
    """
    if not tree.names(Segment):
        return Linked(tree, {})
    known = dict(_reached(tree))
    names = {key: row.name for key, (row, _tree) in known.items()}
    trees = {key: one for key, (_row, one) in known.items()}
    if segment is not None and segment.pk:
        trees[segment.pk], names[segment.pk] = tree, segment.name
    order = _Order(trees, names)
    order.visit(
        tree, [names[segment.pk]] if segment and segment.pk else [], {segment.pk} if segment else set()
    )
    linked = Linked(tree, {key: trees[key] for key in order.done})
    if sum(len(list(one.clauses())) for one in linked.trees()) > MOST_CLAUSES:
        text = _("with the segments it names, the rule has more than %(most)s conditions.")
        raise RuleError([Problem((), "", text % {"most": MOST_CLAUSES})])
    return linked


def naming(segment: Segment) -> list[Segment]:
    """Return the segments whose rules name this one themselves."""
    rules = Segment.objects.filter(kind=Segment.Kind.RULE).order_by("name")
    return [one for one in rules if (tree := _readable(one)) and segment.pk in tree.names(Segment)]


def dependents(segment: Segment) -> list[Segment]:
    """Return the segments whose rules lead to this one, directly or through others."""
    found: dict[int, Segment] = {}
    waiting = [segment]
    while waiting:
        new = [one for one in naming(waiting.pop()) if one.pk not in found]
        found |= {one.pk: one for one in new}
        waiting += new
    return [one for one in found.values() if one.pk != segment.pk]


def _readable(segment: Segment) -> Group | None:
    try:
        return parse(segment.rule)
    except RuleError:
        return None


def _reached(tree: Group) -> Iterator[tuple[int, tuple[Segment, Group | None]]]:
    """Yield every segment that a rule leads to, with its rule; one query for each step of the way."""
    seen: set[int] = set()
    wanted = tree.names(Segment)
    while wanted:
        seen |= wanted
        rows = list(Segment.objects.filter(pk__in=wanted))
        wanted = set()
        for row in rows:
            other = _tree_of(row)
            yield row.pk, (row, other)
            wanted |= other.names(Segment) - seen if other else set()


def _tree_of(segment: Segment) -> Group | None:
    if segment.kind == Segment.Kind.LIST:
        return None
    try:
        return parse(segment.rule)
    except RuleError as error:
        text = _("the rule of segment “%(name)s” cannot be read.") % {"name": segment.name}
        raise RuleError([Problem((), "segment", text)]) from error


@dataclass
class _Order:
    """Puts segments after those that they name."""

    trees: Mapping[int, Group | None]
    names: Mapping[int, str]
    done: list[int] = field(default_factory=list)

    def visit(self, tree: Group, way: list[str], open_: set[int | None]) -> None:
        for clause in tree.clauses():
            for model, key in clause.references():
                if model is not Segment or key in self.done or key not in self.trees:
                    continue
                chain = [*way, self.names[key]]
                if key in open_:
                    text = _("this goes in a circle: %(chain)s.") % {"chain": ARROW.join(chain)}
                    raise RuleError([Problem(clause.path if len(way) <= 1 else (), "segment", text)])
                if (other := self.trees[key]) is not None:
                    self.visit(other, chain, open_ | {key})
                self.done.append(key)
