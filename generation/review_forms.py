"""What people tell the review desk: which texts to show, why one is rejected, who decides, what to redo."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.history import person
from campaigns.models import Campaign
from generation import briefing, review, rewriting
from generation.jobs import RewriteOrder
from generation.models import Kind, Language, Rewrite, Variant, VariantDecision
from generation.models.texts import Origin
from generation.texts.kinds import PARTS

LONGEST_COMMENT, LONGEST_WISH, LONGEST_REASON = 2000, 300, 300
# Filters that are folded away until one of them is used.
FOLDED = ("kind", "language", "origin", "findings", "author")


class People(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among colleagues, by their names."""

    def label_from_instance(self, obj: User) -> str:
        return person(obj)


class ReviewFilterForm(forms.Form):
    """Which texts of the queue are shown."""

    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), required=False, empty_label=_("All campaigns")
    )
    assigned = forms.ChoiceField(
        label=_("Assigned to"), required=False,
        choices=[("", _("Assigned to anybody")), ("me", _("Assigned to me")), ("nobody", _("Not assigned"))],
    )  # fmt: skip
    mine = forms.BooleanField(label=_("Only what I may approve"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *Kind.choices])
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("All languages")), *Language.choices]
    )
    origin = forms.ChoiceField(
        label=_("Origin"), required=False, choices=[("", _("Written by anybody")), *Origin.choices]
    )
    findings = forms.ChoiceField(
        label=_("Findings"), required=False,
        choices=[("", _("With or without findings")), ("with", _("With findings")), ("none", _("Without"))],
    )  # fmt: skip
    author = People(
        label=_("Author"), queryset=User.objects.none(), required=False, empty_label=_("Asked for by anybody")
    )
    # The texts of one run: its page links here.
    run = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.user = user
        campaigns = Campaign.objects.visible_to(user).order_by("name")
        cast("forms.ModelChoiceField[Campaign]", self.fields["campaign"]).queryset = campaigns
        authors = User.objects.filter(pk__in=waiting(user).values("author")).order_by("first_name", "email")
        cast("forms.ModelChoiceField[User]", self.fields["author"]).queryset = authors

    @property
    def open_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in FOLDED]

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in FOLDED]

    @property
    def unfolded(self) -> bool:
        """Say whether one of the folded filters is used."""
        return any(field.value() for field in self.folded_fields)

    def texts(self) -> "QuerySet[Variant]":
        """Return the waiting texts that the filter lets through; a filter that makes no sense is left out."""
        self.is_valid()
        asked, found = self.cleaned_data, waiting(self.user)
        for field in ("campaign", "kind", "language", "origin", "author"):
            if asked.get(field):
                found = found.filter(**{field: asked[field]})
        if asked.get("run"):
            found = found.filter(job__run=asked["run"])
        if asked.get("findings"):
            none = Q(findings=[])
            found = found.filter(none if asked["findings"] == "none" else ~none)
        if asked.get("assigned"):
            found = found.filter(assigned_to=self.user if asked["assigned"] == "me" else None)
        return review.others_texts(found, self.user) if asked.get("mine") else found


def waiting(user: User) -> "QuerySet[Variant]":
    """Return every text that waits for a decision and that the person may see."""
    return Variant.objects.visible_to(user).filter(state=Variant.State.READY)


class RejectForm(forms.Form):
    """Why a text is rejected."""

    code = forms.ChoiceField(
        label=_("It"), required=False, choices=[("", _("Choose a reason")), *VariantDecision.Reason.choices]
    )
    reason = forms.CharField(label=_("In your words"), required=False, max_length=LONGEST_REASON)


class AssignForm(forms.Form):
    """Who shall decide about a text."""

    to = People(label=_("Assigned to"), queryset=User.objects.none(), required=False, empty_label=_("Nobody"))

    def __init__(self, data: Any = None, variant: Variant | None = None) -> None:
        super().__init__(data, initial={"to": variant.assigned_to_id if variant else None})
        people = review.approvers()
        if variant:
            people = people.filter(pk__in=[one.pk for one in people if review.may_approve(variant, one)])
        cast("forms.ModelChoiceField[User]", self.fields["to"]).queryset = people


class CommentForm(forms.Form):
    """What somebody wants to say about a text."""

    text = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 2})
    )


class RewriteForm(forms.Form):
    """Which words to write anew, and how."""

    part = forms.ChoiceField(label=_("Part"))
    wish = forms.ChoiceField(label=_("Make it"), choices=Rewrite.Wish)
    fact = forms.ChoiceField(label=_("Which fact"), required=False)
    words = forms.CharField(label=_("What you wish"), required=False, max_length=LONGEST_WISH)
    # Where the selected words begin, as browsers count (UTF-16), and the words themselves.
    start = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    selected = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, variant: Variant, data: Any = None, **initial: Any) -> None:
        super().__init__(data, initial=initial)
        self.variant = variant
        parts = {part.name: part.label for part in PARTS[Kind(variant.kind)]}
        sheet = briefing.restored(variant.facts, variant.voice)
        self._choices("part", [(name, parts[name]) for name in rewriting.writable(variant.kind)])
        facts = [(fact.id, fact.value) for fact in rewriting.mentionable(sheet)]
        self._choices("fact", [("", _("Choose a fact")), *facts])
        if not facts:
            wishes = [(value, label) for value, label in Rewrite.Wish.choices if value != "mention"]
            self._choices("wish", wishes)

    def _choices(self, field: str, choices: list[Any]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        selected = cleaned.get("selected", "").replace("\r\n", "\n")
        text = self.variant.fields.get(cleaned.get("part", ""), "")
        start = _place(text, cleaned.get("start") or 0) if selected else 0
        if text[start:].replace("\r\n", "\n").startswith(selected):
            breaks = text[start : start + len(selected)].count("\r\n")
            cleaned |= {"start": start, "end": start + len(selected) + breaks if selected else 0}
        else:
            self.add_error(None, _("The selected words are not in the saved text: save it first, then ask."))
        return cleaned

    def order(self) -> RewriteOrder:
        asked = self.cleaned_data
        return RewriteOrder(
            asked["part"], asked["wish"], asked["start"], asked["end"], asked["fact"], asked["words"]
        )


def _place(text: str, start: int) -> int:
    """Turn a browser's place in a text area into one of the text: it counts UTF-16 units, and breaks once."""
    shown = text.replace("\r\n", "\n").encode("utf-16-le")[: 2 * start].decode("utf-16-le", "ignore")
    return len(shown) + (shown.count("\n") if "\r\n" in text else 0)
