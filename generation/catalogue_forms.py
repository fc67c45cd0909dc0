"""What to write about which products of the catalogue, and what it may cost."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice
from generation.cataloguing import KINDS, Budget, CatalogueOrder
from generation.citing import out_of_date
from generation.forms import TONES, KindChoice
from generation.models import Kind, Language, TextTemplate
from generation.sampling import model_writes
from generation.texts.kinds import Tone
from shop.forms import AMOUNT, ProductFilterForm
from shop.models import Product
from shop.models.catalog import ProductQuerySet

MOST_VARIANTS = 3
NEEDS = [
    ("", _("All that match")),
    ("empty", _("Without a description")),
    ("missing", _("Without these texts")),
    ("outdated", _("With texts that are out of date")),
]


class BudgetForm(forms.Form):
    """What a run may use at most; empty: as much as it needs."""

    token_budget = forms.IntegerField(
        label=_("Most tokens"), required=False, min_value=1, help_text=_("Leave it empty for no limit.")
    )
    money_budget = forms.DecimalField(
        label=_("Most money"), required=False, min_value=Decimal("0.0001"), max_digits=18, decimal_places=4,
        widget=forms.NumberInput(AMOUNT), help_text=_("In the shop's currency; the run pauses there."),
    )  # fmt: skip

    def budget(self) -> Budget:
        return Budget(self.cleaned_data["token_budget"], self.cleaned_data["money_budget"])


class CatalogueForm(BudgetForm, ProductFilterForm):
    """Which products, which texts about each, and the budget."""

    brand = forms.CharField(label=_("Brand"), required=False, max_length=100)
    price_from = forms.DecimalField(
        label=_("Price from"), required=False, min_value=0, widget=forms.NumberInput(AMOUNT)
    )
    price_to = forms.DecimalField(
        label=_("Price to"), required=False, min_value=0, widget=forms.NumberInput(AMOUNT)
    )
    need = forms.ChoiceField(label=_("Only products"), required=False, choices=NEEDS)
    kinds = forms.MultipleChoiceField(
        label=_("What to write"), widget=KindChoice,
        choices=[(group, [(kind.value, kind.label) for kind in kinds]) for group, kinds in KINDS],
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=Language.choices, widget=forms.CheckboxSelectMultiple
    )
    tone = forms.ChoiceField(label=_("Tone"), choices=TONES)
    voice = forms.ModelChoiceField(
        queryset=BrandVoice.objects.order_by("name"), label=_("Brand voice"), required=False,
        empty_label=_("None"),
    )  # fmt: skip
    variants = forms.IntegerField(label=_("Variants of each"), min_value=1, max_value=MOST_VARIANTS)

    def __init__(self, data: Any = None, **initial: Any) -> None:
        first = {"kinds": [Kind.PRODUCT, Kind.SEO], "languages": [Language.EN], "tone": Tone.WARM}
        super().__init__(data, initial=first | {"variants": 1} | initial)
        # What is retired is not described.
        del self.fields["active"]
        self.fields["q"].widget.attrs.pop("data-key", None)
        plain = [str(name) for code, name in Language.choices if not model_writes(code)]
        if plain:
            self.fields["languages"].help_text = _(
                "%(languages)s: the configured model does not write it well, so the plain writer does."
            ) % {"languages": ", ".join(plain)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("price_from"), cleaned.get("price_to")
        if low is not None and high is not None and low > high:
            self.add_error("price_to", _("The highest price is below the lowest one."))
        return cleaned

    def products(self) -> ProductQuerySet:
        """Return the products that the filter keeps."""
        asked = self.cleaned_data
        found = self.narrow(Product.objects.all())
        if asked["brand"].strip():
            found = found.filter(brand__iexact=asked["brand"].strip())
        for field, bound in (("price_from", "gte"), ("price_to", "lte")):
            if asked[field] is not None:
                found = found.filter(**{f"price__{bound}": asked[field]})
        if asked["need"] == "empty":
            found = found.filter(description="")
        return found

    def order(self) -> CatalogueOrder:
        asked = self.cleaned_data
        voice = asked["voice"].pk if asked["voice"] else None
        need = asked["need"] if asked["need"] in {"missing", "outdated"} else ""
        return CatalogueOrder(
            asked["kinds"], asked["languages"], asked["tone"], asked["variants"], voice, need
        )


class SaveTemplateForm(forms.Form):
    """The name under which the choices of texts are kept."""

    name = forms.CharField(label=_("Keep what to write as"), max_length=80)


class WriteBackForm(forms.Form):
    """Which texts to put into the products, and whether they replace what stands there."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    overwrite = forms.BooleanField(label=_("Replace what stands there already"), required=False)

    def __init__(self, languages: list[str], data: Any = None) -> None:
        super().__init__(data)
        names = dict(Language.choices)
        choices = [(code, names[code]) for code in languages if code in names]
        cast(forms.ChoiceField, self.fields["language"]).choices = choices
        self.first = choices[0][0] if choices else Language.EN

    def asked(self) -> tuple[str, bool]:
        """Return the language, the first one where none was named, and whether to overwrite."""
        self.is_valid()
        return self.cleaned_data.get("language") or self.first, bool(self.cleaned_data.get("overwrite"))


def choices_of(template: TextTemplate) -> dict[str, Any]:
    """Return what a template fills into the form; kinds that are gone by now are left out."""
    known = {kind for _label, kinds in KINDS for kind in kinds}
    return {
        "kinds": [kind for kind in template.kinds if kind in known],
        "languages": template.languages,
        "tone": template.tone,
        "voice": template.voice_id,
        "variants": template.variants,
    }


def outdated_choices() -> dict[str, Any]:
    """Return what fills the form to write again what is out of date."""
    places = set(out_of_date().values_list("kind", "language"))
    if not places:
        return {}
    return {
        "kinds": sorted({kind for kind, _code in places}),
        "languages": sorted({code for _kind, code in places}),
    }
