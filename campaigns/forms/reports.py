"""Which months and weeks a report is about, as it stands in the address."""

from django import forms

MONTHS = {"6": 6, "12": 12, "24": 24, "36": 36}
WEEKS = {"2": 2, "4": 4, "8": 8}
DEFAULT_MONTHS, DEFAULT_WEEKS = "12", "4"


class ReportForm(forms.Form):
    """What makes no sense falls back to twelve months and four weeks."""

    months = forms.ChoiceField(choices=[(name, name) for name in MONTHS], required=False)
    weeks = forms.ChoiceField(choices=[(name, name) for name in WEEKS], required=False)

    def chosen_months(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("months") or DEFAULT_MONTHS

    def chosen_weeks(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("weeks") or DEFAULT_WEEKS
