"""The forms of spend: one cost, a file of costs, the filters of the list."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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
