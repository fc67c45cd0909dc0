"""The forms of spend: one cost, a file of costs, the filters of the list."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns import spend_files
from campaigns.models import Campaign, Spend
from campaigns.models.campaign import CampaignQuerySet
from campaigns.models.money import SpendQuerySet
from campaigns.spending import FIRST_DAY, LAST_DAY
from marketing_site.lib.money import shown


class SpendForm(forms.ModelForm[Spend]):
    """One cost of one campaign on one day."""

    class Meta:
        model = Spend
        fields = ("campaign", "category", "amount", "day", "note")
        widgets = {
            "amount": forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal"}),
            "day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, campaigns: CampaignQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"] = forms.ModelChoiceField(
            campaigns.order_by("name"), label=_("Campaign"), empty_label=_("Choose a campaign")
        )
        amount = self.initial.get("amount")
        if amount is not None and amount == shown(amount):
            self.initial["amount"] = shown(amount)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount < 0:
            raise forms.ValidationError(_("Spend cannot be negative."))
        return amount

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("Choose a day between 2000 and 2099."))
        return day


class SpendImportForm(forms.Form):
    """A CSV file, or the text of one that was checked before. Rows with errors are left out only if asked."""

    file = forms.FileField(
        label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a file.")},
        help_text=_("Comma-separated UTF-8 text of at most 1 MB and 10,000 rows."),
    )  # fmt: skip
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    good_rows = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, campaigns: CampaignQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not self.data.get("text")
        self.campaigns = campaigns
        self.content, self.read = "", spend_files.SpendFile()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            self.content = self._decoded(cleaned.get("file")) or cleaned.get("text", "")
            self.read = spend_files.read(self.content, self.campaigns)
        except spend_files.Unreadable as error:
            self.add_error("file", str(error))
        return cleaned

    @property
    def may_be_booked(self) -> bool:
        """Tell whether all rows are right, or whoever asks wants the right ones only."""
        checked = self.is_valid() and bool(self.read.good)
        return checked and (not self.read.errors or self.cleaned_data["good_rows"])

    def _decoded(self, file: Any) -> str:
        if not isinstance(file, UploadedFile):
            return ""
        if (file.size or 0) > spend_files.MAX_BYTES:
            raise spend_files.Unreadable(_("The file is larger than 1 MB: split it."))
        return spend_files.decode(bytes(file.read()))


class SpendFilterForm(forms.Form):
    """Narrows the list; a value that makes no sense narrows nothing."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("Any campaign")
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("Any category")), *Spend.Category.choices]
    )
    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[("", _("Any source")), *Spend.Source.choices]
    )

    def __init__(self, *args: Any, campaigns: CampaignQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = campaigns.order_by("name")  # type: ignore[attr-defined]

    def narrow(self, spends: SpendQuerySet) -> QuerySet[Spend]:
        self.is_valid()
        asked = {name: self.cleaned_data.get(name) for name in ("campaign", "category", "source")}
        return spends.filter(**{name: value for name, value in asked.items() if value})
