"""The forms of a campaign: its four steps, what may still change after approval, and the list's filters."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice, Campaign, Channel, Coupon, Market, OfferPolicy, Segment
from campaigns.models.campaign import CampaignQuerySet
from marketing_site.lib.money import shown

# Trailing zeros of the four stored places are noise in a field.
AMOUNT = {"step": "0.01", "min": "0", "inputmode": "decimal"}


class DatesInOrder(forms.ModelForm[Campaign]):
    """Refuses reversed dates and a negative budget beside the field that is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.initial.get("budget") is not None:
            self.initial["budget"] = shown(self.initial["budget"])

    def clean_budget(self) -> Decimal | None:
        budget: Decimal | None = self.cleaned_data["budget"]
        if budget is not None and budget < 0:
            raise forms.ValidationError(_("The budget cannot be negative."))
        return budget

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The campaign ends before it starts: swap the two dates."))
        return cleaned


DATE_WIDGETS: dict[str, forms.Widget] = {
    "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    "budget": forms.NumberInput(attrs=AMOUNT),
}


class CampaignBasicsForm(DatesInOrder):
    """Step 1: what it is called, what it is for, where it appears, when, and what it may cost."""

    class Meta:
        model = Campaign
        fields = ("name", "goal", "channel", "starts_on", "ends_on", "budget")
        widgets = DATE_WIDGETS


class CampaignPlanForm(DatesInOrder):
    """What may still change once the audience is frozen."""

    class Meta:
        model = Campaign
        fields = ("name", "starts_on", "ends_on", "budget")
        widgets = DATE_WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].disabled = self.instance.status == Campaign.Status.LIVE
        # Approved with dates, a campaign keeps them: the program ends it after its last day.
        self.fields["starts_on"].required = self.fields["ends_on"].required = True

    def clean_ends_on(self) -> date:
        ends_on: date = self.cleaned_data["ends_on"]
        if ends_on < localdate():
            raise forms.ValidationError(_("This day has passed. To stop a live campaign now, end it."))
        return ends_on


class CampaignAudienceForm(forms.ModelForm[Campaign]):
    """Step 2: whom it is meant for, and which share is held out to measure the lift."""

    class Meta:
        model = Campaign
        fields = ("segment", "holdout_percent")
        widgets = {"holdout_percent": forms.NumberInput(attrs={"step": "any", "min": "0", "max": "90"})}
        help_texts = {
            "holdout_percent": _(
                "These customers get nothing from the campaign. The others' lead over them is what it earned."
            )
        }

    def __init__(self, *args: Any, segments: QuerySet[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = cast("forms.ModelChoiceField[Segment]", self.fields["segment"])
        chosen.queryset, chosen.required, chosen.empty_label = segments, True, str(_("Choose a segment"))
        self.initial["holdout_percent"] = f"{self.instance.holdout_percent.normalize():f}"

    def clean_holdout_percent(self) -> Decimal:
        share: Decimal = self.cleaned_data["holdout_percent"]
        if share > 90:
            raise forms.ValidationError(_("Hold out 90 % at most: somebody must get the campaign."))
        return share


class OfferPolicyForm(forms.ModelForm[OfferPolicy]):
    """Step 3: what the campaign's offers may give. The program applies it, the model never chooses."""

    class Meta:
        model = OfferPolicy
        fields = (
            "kind", "value", "minimum_basket", "cap", "margin_floor", "code_policy", "shared_code",
            "valid_days",
        )  # fmt: skip
        widgets = {name: forms.NumberInput(attrs=AMOUNT) for name in ("value", "minimum_basket", "cap")} | {
            "margin_floor": forms.NumberInput(attrs={"step": "any", "min": "0", "max": "100"}),
            "valid_days": forms.NumberInput(attrs={"min": "1", "max": "366"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("value", "minimum_basket", "cap"):
            if self.initial.get(name) is not None:
                self.initial[name] = shown(self.initial[name])

    def clean_valid_days(self) -> int:
        days: int = self.cleaned_data["valid_days"]
        if not 1 <= days <= 366:
            raise forms.ValidationError(_("A code is valid for 1 to 366 days."))
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field in ("minimum_basket", "cap"):
            if (cleaned.get(field) or 0) < 0:
                self.add_error(field, _("An amount cannot be negative."))
        self._check_value(cleaned)
        self._check_code(cleaned)
        return cleaned

    def _check_value(self, cleaned: dict[str, Any]) -> None:
        kind, value = cleaned.get("kind"), cleaned.get("value")
        if kind == OfferPolicy.Kind.NONE:
            cleaned["value"] = cleaned["cap"] = None
        elif "value" in cleaned and (value is None or value <= 0):
            self.add_error("value", _("Give the discount a value above zero, or choose no discount."))
        elif kind == OfferPolicy.Kind.PERCENT and value is not None and value > 100:
            self.add_error("value", _("A discount cannot be more than 100 percent."))

    def _check_code(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("code_policy") != OfferPolicy.CodePolicy.SHARED:
            cleaned["shared_code"] = ""
            return
        code = cleaned.get("shared_code", "")
        if not code:
            self.add_error("shared_code", _("Name the shared code."))
        elif not code.replace("-", "").replace("_", "").isalnum():
            self.add_error("shared_code", _("A code has letters, digits, - and _ only."))
        elif owner := self._owner_of(code):
            message = _(
                "“%(campaign)s” uses this code, and its orders could not be told apart: choose another."
            )
            self.add_error("shared_code", forms.ValidationError(message, params={"campaign": owner}))

    def _owner_of(self, code: str) -> str | None:
        mine = self.instance.campaign_id
        policies = OfferPolicy.objects.filter(shared_code__iexact=code).exclude(campaign=mine)
        coupons = Coupon.objects.filter(code=code).exclude(campaign=mine)
        owner = policies.first() or coupons.first()
        return owner.campaign.name if owner else None


class CampaignVoiceForm(forms.ModelForm[Campaign]):
    """Step 4: how the copy sounds."""

    class Meta:
        model = Campaign
        fields = ("brand_voice",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voice = cast("forms.ModelChoiceField[BrandVoice]", self.fields["brand_voice"])
        voice.empty_label = str(_("Plain words, no voice"))


class SendBackForm(forms.Form):
    """Why a campaign goes back to its author."""

    reason = forms.CharField(
        label=_("What should be changed?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BrandVoiceForm(forms.ModelForm[BrandVoice]):
    """How the shop sounds; what was learnt from texts is accepted on its own page."""

    markets = forms.MultipleChoiceField(
        label=BrandVoice._meta.get_field("markets").verbose_name,
        help_text=BrandVoice._meta.get_field("markets").help_text,
        choices=Market.choices, required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = BrandVoice
        fields = (
            "name", "tone", "use_words", "avoid_words", "address_form", "emoji", "exclamations",
            "reading_level", "required_claims", "allowed_claims", "forbidden_claims", "samples", "markets",
        )  # fmt: skip
        widgets = {
            name: forms.Textarea(attrs={"rows": rows})
            for name, rows in (
                ("use_words", 3), ("avoid_words", 3), ("required_claims", 3), ("allowed_claims", 3),
                ("forbidden_claims", 3), ("samples", 8),
            )
        }  # fmt: skip


class CampaignFilterForm(forms.Form):
    """Narrows the list; a value that makes no sense narrows nothing."""

    q = forms.CharField(
        label=_("Search"), required=False,
        widget=forms.TextInput({"type": "search", "placeholder": _("Search campaigns"), "data-key": "/"}),
    )  # fmt: skip
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All but archived")), *Campaign.Status.choices]
    )
    channel = forms.ChoiceField(
        label=_("Channel"), required=False, choices=[("", _("Any channel")), *Channel.choices]
    )

    def narrow(self, campaigns: CampaignQuerySet) -> CampaignQuerySet:
        """Return the campaigns that the filters keep; archived ones only when they are asked for."""
        self.is_valid()
        asked = self.cleaned_data
        status = Q(status=asked["status"]) if asked.get("status") else ~Q(status=Campaign.Status.ARCHIVED)
        found = campaigns.search(asked.get("q", "")).filter(status)
        return found.filter(channel=asked["channel"]) if asked.get("channel") else found
