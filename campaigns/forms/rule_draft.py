"""A rule while it is being edited: what stands in the builder's inputs, complete or not, and its changes."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import segmenting
from campaigns.segmenting import Problem
from campaigns.segmenting.choices import Choices
from campaigns.segmenting.fields import FIELDS
from campaigns.segmenting.fields.base import Clause, Field, Operator
from campaigns.segmenting.tree import MAX_DEPTH, Group, Path
from campaigns.segmenting.values import Parameter, Reference, Unfit, WholeNumber, Words

# Inputs are called "rule-0-1-count": the second rule of the first group, its count.
PREFIX = "rule"
INPUT = re.compile(rf"{PREFIX}((?:-\d{{1,3}})*)-([a-z_]+)")
# What an input that nobody has filled yet starts with.
STARTS = {"count": "1", "days": "30", "ago": "30", "within": "7", "percent": "10", "number": "4"}


@dataclass
class ClauseDraft:
    """One condition: the texts in its inputs, by name."""

    texts: dict[str, list[str]]

    @property
    def kind(self) -> Field:
        return FIELDS.get(self.text("field"), FIELDS["orders"])

    @property
    def operator(self) -> str:
        chosen = self.text("operator")
        return chosen if chosen in self.kind.operators else next(iter(self.kind.operators))

    @property
    def asks(self) -> Operator:
        return self.kind.operators[self.operator]

    def text(self, name: str) -> str:
        return " ".join(self.texts.get(name, [])[:1]).strip()

    def settled(self) -> "ClauseDraft":
        """Return the condition without what belongs to another kind, if somebody just chose a new one."""
        if self.text("was") in ("", self.kind.name):
            return self.filled()
        kept = {name: texts for name, texts in self.texts.items() if name in STARTS}
        return ClauseDraft({"field": [self.kind.name]} | kept).filled()

    def filled(self) -> "ClauseDraft":
        """Return the condition with a start in each input that it needs and that was not there before."""
        starts = {name: [STARTS[name]] for name in self.asks.needs if name in STARTS}
        chosen = {"field": [self.kind.name], "operator": [self.operator]}
        return ClauseDraft(starts | self.texts | chosen)


@dataclass
class GroupDraft:
    """A match and what stands below it."""

    match: str = "all"
    rules: list[Union["GroupDraft", ClauseDraft]] = field(default_factory=list)


NodeDraft = GroupDraft | ClauseDraft


@dataclass(frozen=True)
class Checked:
    """A draft as a rule: the JSON to keep, or what is still wrong with it."""

    rule: dict[str, object] | None
    problems: list[Problem]


def fresh() -> GroupDraft:
    """Return the draft that a new segment starts with: everybody who ever ordered."""
    return GroupDraft(rules=[new_clause()])


def new_clause() -> ClauseDraft:
    return ClauseDraft({"field": ["orders"], "operator": ["at_least"]}).filled()


def of_rule(tree: Group, choices: Choices) -> GroupDraft:
    """Return a stored rule as inputs."""
    return GroupDraft(
        tree.match,
        [of_rule(one, choices) if isinstance(one, Group) else _of_clause(one, choices) for one in tree.rules],
    )


def _of_clause(clause: Clause, choices: Choices) -> ClauseDraft:
    texts = {"field": [clause.field.name], "operator": [clause.operator]}
    for name, value in clause.values.items():
        parameter = clause.field.parameters[name]
        kept = parameter.keep(value)
        if isinstance(parameter, Reference):
            texts[name] = [choices.text_of(parameter.model, int(str(value)))]
        else:
            texts[name] = [str(one) for one in kept] if isinstance(kept, list) else [str(kept)]
    return ClauseDraft(texts)


def of_post(data: QueryDict) -> GroupDraft:
    """Return what stands in the builder's inputs; an input that fits nowhere is left out."""
    nodes: dict[Path, dict[str, list[str]]] = defaultdict(dict)
    for name, texts in data.lists():
        if found := INPUT.fullmatch(name):
            path = tuple(int(index) for index in found[1].split("-")[1:])
            nodes[path][found[2]] = [str(text) for text in texts]
    return _group_at((), nodes)


def _group_at(path: Path, nodes: Mapping[Path, dict[str, list[str]]]) -> GroupDraft:
    match = " ".join(nodes[path].get("match", ["all"])) if path in nodes else "all"
    children = sorted(one for one in nodes if len(one) == len(path) + 1 and one[:-1] == path)
    return GroupDraft(match, [_node_posted(one, nodes) for one in children])


def _node_posted(path: Path, nodes: Mapping[Path, dict[str, list[str]]]) -> NodeDraft:
    is_group = "match" in nodes[path] and len(path) <= MAX_DEPTH
    return _group_at(path, nodes) if is_group else ClauseDraft(nodes[path]).settled()


def edit(draft: GroupDraft, action: str) -> Path | None:
    """Do to the draft what a button says ("add-clause 0-1"); return where the cursor goes, None to stay."""
    verb, _space, where = action.partition(" ")
    path = tuple(int(index) for index in where.split("-") if index.isdecimal())
    if verb in ("add-clause", "add-group"):
        group = _node_at(draft, path)
        if isinstance(group, GroupDraft):
            group.rules.append(new_clause() if verb == "add-clause" else GroupDraft("any", [new_clause()]))
            added = (*path, len(group.rules) - 1)
            return added if verb == "add-clause" else (*added, 0)
    elif verb == "remove" and path:
        return _remove(draft, path)
    return None


def _remove(draft: GroupDraft, path: Path) -> Path:
    parent = _node_at(draft, path[:-1])
    if isinstance(parent, GroupDraft) and path[-1] < len(parent.rules):
        del parent.rules[path[-1]]
        if not parent.rules and path[:-1]:
            return _remove(draft, path[:-1])
    return path[:-1]


def _node_at(draft: GroupDraft, path: Path) -> NodeDraft | None:
    node: NodeDraft = draft
    for index in path:
        if not isinstance(node, GroupDraft) or index >= len(node.rules):
            return None
        node = node.rules[index]
    return node


def check(draft: GroupDraft, choices: Choices) -> Checked:
    """Read the draft as a rule; every fault is named with its place and input."""
    unnamed: list[Problem] = []
    raw = _raw(draft, (), choices, unnamed)
    try:
        rule = segmenting.validate(raw, choices.visible_campaigns, choices.segment)
    except segmenting.RuleError as error:
        known = {(problem.path, problem.part) for problem in unnamed}
        others = [problem for problem in error.problems if (problem.path, problem.part) not in known]
        return Checked(None, sorted(unnamed + others, key=lambda problem: problem.path))
    return Checked(rule, [])


def _raw(node: NodeDraft, path: Path, choices: Choices, problems: list[Problem]) -> dict[str, object]:
    if isinstance(node, GroupDraft):
        rules = [_raw(one, (*path, index), choices, problems) for index, one in enumerate(node.rules)]
        return {"match": node.match, "rules": rules}
    raw: dict[str, object] = {"field": node.kind.name, "operator": node.operator}
    for name in node.asks.parameters:
        texts = [text for text in node.texts.get(name, []) if text.strip()]
        parameter = node.kind.parameters[name]
        try:
            if texts:
                raw[name] = typed(parameter, texts, choices)
        except Unfit as error:
            raw[name] = None
            words = {"field": node.kind.label, "part": parameter.label, "error": error}
            problems.append(Problem(path, name, _("%(field)s, %(part)s: %(error)s.") % words))
    return raw


def typed(parameter: Parameter, texts: list[str], choices: Choices) -> Any:
    """Return what was typed as JSON; what cannot be it stays a text, which the rule then refuses."""
    text = texts[0].strip()
    if isinstance(parameter, Reference):
        return choices.key_of(parameter.model, text)
    if isinstance(parameter, Words):
        return [line.strip() for one in texts for line in one.splitlines() if line.strip()]
    if isinstance(parameter, WholeNumber):
        return int(text) if text.isdecimal() and len(text) < 10 else text
    return text
