"""Which days the figures are for, as it stands in the address."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Channel
from campaigns.models.campaign import CampaignQuerySet
from campaigns.reports import Period

WEEKS = {"4w": 4, "12w": 12, "26w": 26, "52w": 52}
DEFAULT = "12w"
# Roll-ups of ten years are read in one go; more is a slip of the keyboard.
LONGEST_DAYS = 3660
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """So many weeks up to today, or days of one's own; what makes no sense falls back to twelve weeks."""

    period = forms.ChoiceField(choices=[(name, name) for name in WEEKS], required=False)
    start = forms.DateField(label=_("From"), required=False, widget=DAY)
    end = forms.DateField(label=_("To"), required=False, widget=DAY)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("The last day is before the first: swap the two dates."))
        if start and end and (end - start).days > LONGEST_DAYS:
            self.add_error("end", _("Choose ten years at most."))
        if bool(start) != bool(end):
            self.add_error("end" if start else "start", _("Give both days, or neither."))
        return cleaned

    def chosen(self, today: date) -> tuple[Period, str]:
        """Return the period and the name of its button, "" for days of one's own."""
        if self.is_valid() and self.cleaned_data["start"]:
            return Period(self.cleaned_data["start"], self.cleaned_data["end"]), ""
        name = self.cleaned_data.get("period") or DEFAULT
        return Period.weeks(WEEKS[name], today), name


class ReportFilterForm(forms.Form):
    """Narrows the table of campaigns; the period travels with it."""

    q = forms.CharField(
        label=_("Search campaigns"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search campaigns")}),
    )
    channel = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[("", _("Any channel")), *Channel.choices]
    )
    period = forms.CharField(required=False, widget=forms.HiddenInput)
    start = forms.CharField(required=False, widget=forms.HiddenInput)
    end = forms.CharField(required=False, widget=forms.HiddenInput)

    def narrow(self, campaigns: CampaignQuerySet) -> CampaignQuerySet:
        self.full_clean()
        if channel := self.cleaned_data.get("channel"):
            campaigns = campaigns.filter(channel=channel)
        return campaigns.search(self.cleaned_data.get("q", ""))
