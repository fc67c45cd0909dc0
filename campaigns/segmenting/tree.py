"""The form of a rule: groups of conditions, read from JSON, refused with every fault named, written back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.segmenting.fields import FIELDS
from campaigns.segmenting.fields.base import Clause, Field
from campaigns.segmenting.values import Text, Unfit, Value

MATCHES: dict[str, Text] = {
    "all": gettext_lazy("all of these hold"),
    "any": gettext_lazy("at least one of these holds"),
    "none": gettext_lazy("none of these holds"),
}
MAX_DEPTH, MAX_NODES = 5, 60

Path = tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """Conditions and further groups, of which all, any or none must hold."""

    path: Path
    match: str
    rules: tuple["Group | Clause", ...]

    def clauses(self) -> Iterator[Clause]:
        """Yield every condition below, in the order they are written."""
        for rule in self.rules:
            if isinstance(rule, Group):
                yield from rule.clauses()
            else:
                yield rule

    def names(self, model: type[Model]) -> set[int]:
        """Return the rows of a model that the conditions name."""
        return {key for clause in self.clauses() for kind, key in clause.references() if kind is model}


@dataclass(frozen=True)
class Problem:
    """One fault of a rule: where it stands, in which value, and what would be right."""

    path: Path
    part: str
    text: str

    def __str__(self) -> str:
        if not self.path:
            return capfirst(self.text)
        return _("Condition %(place)s: %(text)s") % {"place": place(self.path), "text": self.text}


class RuleError(ValueError):
    """A rule that cannot be a segment; `problems` are all its faults, in order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = problems


def place(path: Path) -> str:
    """Return where a rule stands as people count: the third of the first group is "1.3"."""
    return ".".join(str(index + 1) for index in path)


def parse(rule: object) -> Group:
    """Read a rule; raise RuleError with every fault of its form."""
    reader = _Reader()
    tree = reader.node(rule, ())
    if reader.nodes > MAX_NODES + 1:
        text = _("use at most %(most)s conditions and groups.") % {"most": MAX_NODES}
        raise RuleError([Problem((), "", text)])
    if reader.problems or not isinstance(tree, Group):
        raise RuleError(reader.problems)
    return tree


def as_json(node: Group | Clause) -> dict[str, object]:
    """Return the one way in which a rule is kept; `parse` gives the same tree back."""
    if isinstance(node, Group):
        return {"match": node.match, "rules": [as_json(rule) for rule in node.rules]}
    known = node.field.parameters
    kept = {name: known[name].keep(value) for name, value in node.values.items()}
    return {"field": node.field.name, "operator": node.operator, **kept}


class _Refused(Exception):
    """A node that cannot be read."""

    def __init__(self, path: Path, text: str, part: str = "") -> None:
        super().__init__(text)
        self.problem = Problem(path, part, text)


@dataclass
class _Reader:
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def node(self, raw: object, path: Path) -> Group | Clause | None:
        """Read one node; note its faults and go on."""
        self.nodes += 1
        if self.nodes > MAX_NODES + 1:
            return None  # said once, by `parse`
        try:
            is_group = not path or (isinstance(raw, Mapping) and "rules" in raw)
            return self.group(raw, path) if is_group else self.clause(raw, path)
        except _Refused as refused:
            self.problems.append(refused.problem)
            return None

    def group(self, raw: object, path: Path) -> Group:
        parts = raw if isinstance(raw, Mapping) else {}
        rules, match = parts.get("rules"), str(parts.get("match"))
        if set(parts) != {"match", "rules"} or not isinstance(rules, list):
            raise _Refused(path, _("write a group as a match and a list of rules."))
        if len(path) >= MAX_DEPTH:
            raise _Refused(path, _("groups may be nested at most %(most)s deep.") % {"most": MAX_DEPTH})
        if match not in MATCHES:
            raise _Refused(path, _("choose whether all, any or none must hold."), "match")
        if not rules:
            raise _Refused(path, _("a group needs a condition: add one, or remove the group."))
        read = [self.node(one, (*path, index)) for index, one in enumerate(rules[: MAX_NODES + 1])]
        return Group(path, match, tuple(rule for rule in read if rule is not None))

    def clause(self, raw: object, path: Path) -> Clause:
        if not isinstance(raw, Mapping):
            raise _Refused(path, _("write a condition as a field, an operator and its values."))
        name, operator = str(raw.get("field")), str(raw.get("operator"))
        if name not in FIELDS:
            raise _Refused(path, _("there is no field “%(name)s”.") % {"name": name[:40]}, "field")
        if operator not in FIELDS[name].operators:
            words = {"name": operator[:40], "field": FIELDS[name].label}
            raise _Refused(path, _("%(field)s has no operator “%(name)s”.") % words, "operator")
        return Clause(path, FIELDS[name], operator, self.values(raw, FIELDS[name], operator, path))

    def values(self, raw: Mapping[str, object], kind: Field, operator: str, path: Path) -> dict[str, Value]:
        asks, read = kind.operators[operator], dict[str, Value]()
        for unknown in raw.keys() - {"field", "operator", *asks.parameters}:
            text = _("there is no value “%(name)s” here.") % {"name": str(unknown)[:40]}
            self.problems.append(Problem(path, "", text))
        for part in asks.parameters:
            if part not in raw and part in asks.may:
                continue
            try:
                read[part] = kind.parameters[part].read(raw.get(part))
            except Unfit as error:
                words = {"field": kind.label, "part": kind.parameters[part].label, "error": error}
                self.problems.append(Problem(path, part, _("%(field)s, %(part)s: %(error)s.") % words))
        for part, fault in kind.faults(read):
            words = {"field": kind.label, "part": kind.parameters[part].label, "error": fault}
            self.problems.append(Problem(path, part, _("%(field)s, %(part)s: %(error)s.") % words))
        return read
