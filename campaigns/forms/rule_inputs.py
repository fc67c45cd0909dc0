"""The inputs of the rule builder: one small form for each group and condition, drawn as a tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.urls import reverse_lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from campaigns.forms.rule_draft import PREFIX, ClauseDraft, GroupDraft, NodeDraft
from campaigns.segmenting import Problem
from campaigns.segmenting.choices import Choices
from campaigns.segmenting.fields import FIELDS
from campaigns.segmenting.tree import MATCHES, MAX_DEPTH, Path, place
from campaigns.segmenting.values import Amount, Choice, Parameter, Reference, WholeNumber, Words
from shop.models import Category, Product

# A change of these changes which inputs there are.
REDRAW = {
    "hx-post": reverse_lazy("campaigns:segment_builder"),
    "hx-trigger": "change",
    "hx-target": "#segment-builder",
    "hx-swap": "outerHTML",
}
SUGGESTED = {Category: "category", Product: "product"}
# What a condition is about stands before how it asks.
NAMED_FIRST = (
    "attribute", "kind", "first", "product", "category", "brand", "min_price", "max_price", "then",
    "then_product", "then_category", "campaign", "purpose", "channel", "segment", "name",
)  # fmt: skip
# More values than these are typed.
MOST_BOXES = 40


class Inputs(forms.Form):
    """Shows texts and the problems that campaigns.segmenting found; has no rule of its own."""

    use_required_attribute = False

    def __init__(self, path: Path, texts: dict[str, list[str]], problems: Sequence[Problem]) -> None:
        self.path, self.texts, self.shown = path, texts, dict[str, object]()
        self.own = [problem for problem in problems if problem.path == path]
        super().__init__(data=self.shown, prefix="-".join([PREFIX, *map(str, path)]))

    def full_clean(self) -> None:
        self._errors, self.cleaned_data = ErrorDict(), {}
        for problem in self.own:
            name = problem.part if problem.part in self.fields else None
            self.add_error(name, forms.ValidationError(problem.text))

    def put(self, name: str, shown: forms.Field) -> None:
        """Add an input with the text that stands in it."""
        texts = self.texts.get(name, [])
        many = isinstance(shown, forms.MultipleChoiceField)
        self.shown[self.add_prefix(name)] = texts if many else "\n".join(texts)
        self.fields[name] = shown


class GroupInputs(Inputs):
    def __init__(self, path: Path, draft: GroupDraft, problems: Sequence[Problem]) -> None:
        super().__init__(path, {"match": [draft.match]}, problems)
        label = _("In this group") if path else _("A customer is in if")
        self.put("match", select(label, list(MATCHES.items())))


class ClauseInputs(Inputs):
    def __init__(self, path: Path, draft: ClauseDraft, problems: Sequence[Problem], choices: Choices) -> None:
        super().__init__(path, draft.texts, problems)
        self.hint = draft.kind.hint
        # Tells the next round whether another kind was chosen.
        self.texts = draft.texts | {"was": [draft.kind.name]}
        self.put("was", forms.CharField(widget=forms.HiddenInput))
        self.put("field", select(_("Condition"), by_topic(), REDRAW))
        for name in draft.kind.parameters:
            if name in NAMED_FIRST and name in draft.asks.parameters:
                self.put_parameter(name, draft, choices)
        operators = [(name, one.label) for name, one in draft.kind.operators.items()]
        self.put("operator", select(_("How"), operators, REDRAW))
        for name in draft.asks.parameters:
            if name not in NAMED_FIRST:
                self.put_parameter(name, draft, choices)

    def put_parameter(self, name: str, draft: ClauseDraft, choices: Choices) -> None:
        parameter = draft.kind.parameters[name]
        shown = input_for(parameter, name, draft, choices)
        shown.label, shown.required = capfirst(str(parameter.label)), name in draft.asks.needs
        self.put(name, shown)
        if isinstance(parameter, Reference) and parameter.model in SUGGESTED:
            self.suggest(name, SUGGESTED[parameter.model])
        elif name == "brand":
            self.suggest(name, name)

    def suggest(self, name: str, kind: str) -> None:
        """Let the input propose what there is while somebody types."""
        listed = f"{self.add_prefix(name)}-list"
        self.fields[name].widget.attrs |= {
            "list": listed,
            "hx-get": str(reverse_lazy("campaigns:segment_suggest", args=[kind])),
            "hx-trigger": "input delay:200ms",
            "hx-target": f"#{listed}",
            "hx-swap": "innerHTML",
        }


def by_topic() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return the kinds of condition under their headings."""
    topics: dict[str, list[tuple[str, Any]]] = {}
    for one in FIELDS.values():
        topics.setdefault(str(one.topic), []).append((one.name, one.label))
    return list(topics.items())


def select(
    label: Any, choices: Sequence[tuple[Any, Any]], attrs: dict[str, Any] | None = None
) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs=attrs))


def input_for(parameter: Parameter, name: str, draft: ClauseDraft, choices: Choices) -> forms.Field:
    """Return the kind of input that fits a parameter."""
    if isinstance(parameter, WholeNumber):
        limits = {"min": parameter.low, "max": parameter.high}
        return forms.CharField(widget=forms.NumberInput(attrs=limits))
    if isinstance(parameter, Choice):
        return select("", list(parameter.choices.items()))
    if isinstance(parameter, Words):
        return _values(draft, choices)
    if isinstance(parameter, Reference) and parameter.model not in SUGGESTED:
        return select(
            "", [("", parameter.absent), *_with_chosen(choices.listed(parameter.model), draft.text(name))]
        )
    if name == "attribute":
        keys = [(key, key) for key in choices.attributes]
        return select("", [("", _("choose")), *_with_chosen(keys, draft.text(name))], REDRAW)
    attrs = {"inputmode": "decimal"} if isinstance(parameter, Amount) else {"autocomplete": "off"}
    return forms.CharField(widget=forms.TextInput(attrs=attrs))


def _values(draft: ClauseDraft, choices: Choices) -> forms.Field:
    of_attribute = choices.attributes.get(draft.text("attribute"), [])
    known = choices.languages if draft.kind.name == "language" else of_attribute
    if not 0 < len(known) <= MOST_BOXES:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), help_text=_("One value a line."))
    typed = [text for text in draft.texts.get("values", []) if text.strip() and text not in known]
    boxes = [(value, value) for value in [*known, *typed]]
    return forms.MultipleChoiceField(choices=boxes, widget=forms.CheckboxSelectMultiple)


def _with_chosen(listed: Sequence[tuple[Any, Any]], chosen: str) -> list[tuple[Any, Any]]:
    """Return the choices, with the one that was made even if it is not among them."""
    missing = bool(chosen) and chosen not in {str(key) for key, _name in listed}
    return [*listed, (chosen, chosen)] if missing else list(listed)


@dataclass(frozen=True)
class Node:
    """One group or condition as it is drawn; `nodes` is None for a condition."""

    path: Path
    inputs: Inputs
    nodes: "list[Node] | None"
    focus: bool

    @property
    def where(self) -> str:
        return "-".join(map(str, self.path))

    @property
    def place(self) -> str:
        return place(self.path)

    @property
    def may_nest(self) -> bool:
        return len(self.path) < MAX_DEPTH - 1


def draw(
    node: NodeDraft,
    choices: Choices,
    problems: Sequence[Problem] = (),
    focus: Path | None = None,
    path: Path = (),
) -> Node:
    """Return the tree of inputs; the one at `focus` gets the cursor."""
    if isinstance(node, ClauseDraft):
        inputs = ClauseInputs(path, node, problems, choices)
        if path == focus:
            inputs.fields["field"].widget.attrs["autofocus"] = True
        return Node(path, inputs, None, focus=False)
    below = [draw(one, choices, problems, focus, (*path, index)) for index, one in enumerate(node.rules)]
    return Node(path, GroupInputs(path, node, problems), below, path == focus)
