"""The form that chooses which model writes what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from generation.modelling.requesting import here
from generation.models import Language, Run


class ChoiceForm(forms.Form):
    """A task, a language, and the model for both."""

    purpose = forms.ChoiceField(label=_("Task"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    model = forms.ChoiceField(label=_("Model"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [(model.key, model.name) for model in here() if model.usable]
        choices = {
            "purpose": [("", _("every task")), *Run.Purpose.choices],
            "language": [("", _("every language")), *Language.choices],
            "model": [("", _("what is more general, or the settings")), *usable],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
