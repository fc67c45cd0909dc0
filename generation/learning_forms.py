"""What people may ask learning for: which texts, how to teach, and what to compare."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from generation.adapter_prompts import ASKED_FOR
from generation.engine.adapter_files import adapter_names
from generation.learning.gathering import Choice
from generation.learning.promoting import CANARY_SHARES
from generation.learning.requesting import USUAL_TEXTS, Lesson
from generation.models.learning import DataSet, Source
from generation.texts.kinds import Kind
from generation.tuning.recipe import Method

KINDS = [(kind.value, kind.label) for kind in Kind if kind in ASKED_FOR]
RANKS = [(4, "4"), (8, "8"), (16, "16"), (32, "32")]
RATES = [
    (1e-4, _("0.0001: careful")),
    (3e-4, "0.0003"),
    (1e-3, _("0.001: usual for adapters")),
    (3e-3, _("0.003: bold")),
]
MOST_EPOCHS, MOST_TEXTS = 10, 240


class KeyedForm(forms.Form):
    """A form that sent twice is one request."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, auto_id: str | bool = "id_%s", **initial: Any) -> None:
        super().__init__(data, initial={"client_key": uuid4()} | initial, auto_id=auto_id)


class DataSetForm(KeyedForm):
    """Where the texts of a data set come from."""

    name = forms.CharField(label=_("Name"), max_length=80)
    sources = forms.MultipleChoiceField(
        label=_("What to learn from"), choices=Source.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Reviews: of people who agreed to profiling, without names and contacts. Erased and suppressed"
            " people are always left out."
        ),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("Only these kinds"), choices=KINDS, required=False, widget=forms.SelectMultiple({"size": 6}),
        help_text=_("Choose none for all."),
    )  # fmt: skip
    since = forms.DateField(
        label=_("Only texts changed since"), required=False, widget=forms.DateInput({"type": "date"})
    )
    field_order = ["name", "sources", "kinds", "since", "client_key"]

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, sources=[Source.TEXT, Source.STARTER])

    def choice(self) -> Choice:
        cleaned = self.cleaned_data
        return Choice(tuple(cleaned["sources"]), tuple(cleaned["kinds"]), cleaned["since"])


class TrainingForm(KeyedForm):
    """What is taught and how; the bounds keep a run within hours and an adapter small."""

    data_set = forms.ModelChoiceField(queryset=DataSet.objects.none(), label=_("Data set"))
    method = forms.ChoiceField(
        label=_("What changes"),
        choices=[
            (Method.LORA, _("A small adapter beside the model (LoRA)")),
            (Method.FULL, _("All weights: a model of its own")),
        ],
        help_text=_("Adapters can be put into use and taken back here. A model is chosen among the models."),
    )
    rank = forms.TypedChoiceField(
        label=_("Rank of the adapter"), choices=RANKS, coerce=int, initial=8,
        help_text=_("More learns more, needs more texts, and makes a larger file."),
    )  # fmt: skip
    epochs = forms.FloatField(
        label=_("How often each text is read"), min_value=0.5, max_value=MOST_EPOCHS, initial=3,
        help_text=_("It ends early by itself once the texts set aside are not foreseen better any more."),
    )  # fmt: skip
    learning_rate = forms.TypedChoiceField(
        label=_("Learning rate"), choices=RATES, coerce=float, initial=1e-3,
        help_text=_("With all weights, at most 0.0001 is used."),
    )  # fmt: skip
    field_order = ["data_set", "method", "rank", "epochs", "learning_rate", "client_key"]

    def __init__(self, data: Any = None, **initial: Any) -> None:
        super().__init__(data, method=Method.LORA, **initial)
        kept = DataSet.objects.filter(state=DataSet.State.FROZEN).order_by("-pk")
        self.fields["data_set"].queryset = kept  # type: ignore[attr-defined]

    @property
    def possible(self) -> bool:
        """Say whether there is a data set to teach from."""
        return bool(self.fields["data_set"].queryset.exists())  # type: ignore[attr-defined]

    def lesson(self) -> Lesson:
        names = ("method", "rank", "epochs", "learning_rate")
        return Lesson(**{name: self.cleaned_data[name] for name in names})


class CompareForm(KeyedForm):
    """Two adapters, and whose briefs they write."""

    before = forms.ChoiceField(label=_("Compare"), required=False)
    after = forms.ChoiceField(label=_("with"), required=False)
    data_set = forms.ModelChoiceField(
        queryset=DataSet.objects.none(), label=_("on the held-out texts of"), required=False,
        empty_label=_("the briefs that come with the program"),
    )  # fmt: skip
    texts = forms.IntegerField(
        label=_("Texts"), min_value=4, max_value=MOST_TEXTS, initial=USUAL_TEXTS,
        help_text=_("Both sides write eight samples for each."),
    )  # fmt: skip
    field_order = ["before", "after", "data_set", "texts", "client_key"]

    def __init__(self, data: Any = None, **initial: Any) -> None:
        super().__init__(data, **initial)
        known = [
            ("", _("the model as it is")),
            *((name, name) for name in adapter_names(settings.ADAPTER_STORE)),
        ]
        for name in ("before", "after"):
            self.fields[name].choices = known  # type: ignore[attr-defined]
        kept = DataSet.objects.filter(state=DataSet.State.FROZEN).order_by("-pk")
        self.fields["data_set"].queryset = kept  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("before") == cleaned.get("after"):
            raise forms.ValidationError(_("Choose two that differ."))
        return cleaned


class CanaryForm(forms.Form):
    """On how many of the runs an adapter is tried."""

    share = forms.TypedChoiceField(
        label=_("Share of the runs"),
        choices=[(share, f"{share}%") for share in CANARY_SHARES],
        coerce=int,
        initial=10,
    )
