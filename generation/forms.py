"""What people may ask the writers for, and what they may do to a text."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice, Campaign
from generation.jobs import CopyOrder, OfferOrder, ShopOrder
from generation.models import Language, PersonalOffer, Variant
from generation.sampling import model_writes
from generation.texts.kinds import GROUPS, PARTS, TONE_LABELS, Kind, Tone
from generation.translating import model_translates
from shop.models import Product

# A campaign may list thousands of products; copy is written for a few.
PRODUCTS_SHOWN, MOST_VARIANTS, MOST_TEXTS = 30, 8, 200
# Parts longer than this are edited in a box of several lines.
ONE_LINE = 100
COPY_KINDS = [(group, [(kind.value, kind.label) for kind in kinds]) for group, kinds in GROUPS]
TONES = [(tone.value, TONE_LABELS[tone]) for tone in Tone]
FIRST_KINDS = {
    "email": Kind.EMAIL,
    "sms": Kind.SMS,
    "social": Kind.SOCIAL_FACEBOOK,
    "search_ad": Kind.SEARCH_AD,
}


class OrderForm(forms.Form):
    """What every request has: voice, language, and a key that makes a double click one request."""

    tone = forms.ChoiceField(label=_("Tone"), choices=TONES)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **initial: Any) -> None:
        super().__init__(data, initial={"client_key": uuid4(), "tone": Tone.WARM} | initial)
        plain = [label for code, label in Language.choices if not model_writes(code)]
        if plain:
            self.fields["language"].help_text = _(
                "%(languages)s: the configured model does not write it well, so the plain writer does."
            ) % {"languages": ", ".join(map(str, plain))}


class KindChoice(forms.CheckboxSelectMultiple):
    """Kinds in their groups, of which those stand open that something is chosen of."""

    template_name = "generation/_kind_choice.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["groups"] = [
            (group, options, sum(bool(option["selected"]) for option in options))
            for group, options, _index in context["widget"]["optgroups"]
        ]
        return context


class CopyForm(OrderForm):
    """Which texts, for which of the campaign's products, and how many of each."""

    kinds = forms.MultipleChoiceField(label=_("What to write"), choices=COPY_KINDS, widget=KindChoice)
    variants = forms.IntegerField(
        label=_("Variants of each"), min_value=1, max_value=MOST_VARIANTS, initial=2,
        help_text=_("The model writes eight samples for each and keeps the best one."),
    )  # fmt: skip
    products = forms.ModelMultipleChoiceField(
        queryset=Product.objects.none(), label=_("For which products"), widget=forms.CheckboxSelectMultiple
    )
    field_order = ["kinds", "products", "tone", "language", "variants", "client_key"]

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        products = campaign.products.active().order_by("name", "pk")
        first = list(products[:1])
        kind = FIRST_KINDS.get(campaign.channel, Kind.EMAIL)
        super().__init__(data, kinds=[kind], products=first)
        shown = list(products.values_list("pk", flat=True)[:PRODUCTS_SHOWN])
        cast("forms.ModelMultipleChoiceField[Product]", self.fields["products"]).queryset = products.filter(
            pk__in=shown
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = (
            len(cleaned.get("kinds", ())) * len(cleaned.get("products", ())) * (cleaned.get("variants") or 0)
        )
        if asked > MOST_TEXTS:
            raise forms.ValidationError(
                _("That would be %(asked)s texts: ask for at most %(most)s at once."),
                params={"asked": asked, "most": MOST_TEXTS},
            )
        return cleaned

    def order(self) -> CopyOrder:
        cleaned = self.cleaned_data
        products = [product.pk for product in cleaned["products"]]
        return CopyOrder(
            cleaned["kinds"], cleaned["tone"], cleaned["language"], cleaned["variants"], products
        )


class ShopTextForm(OrderForm):
    """Texts about a category, or replies to a review: no campaign gives them a voice."""

    voice = forms.ModelChoiceField(
        queryset=BrandVoice.objects.order_by("name"),
        label=_("Brand voice"),
        required=False,
        empty_label=_("None: plain words"),
    )
    variants = forms.IntegerField(label=_("Variants"), min_value=1, max_value=MOST_VARIANTS, initial=2)
    field_order = ["tone", "language", "voice", "variants", "client_key"]

    def order(self) -> ShopOrder:
        cleaned = self.cleaned_data
        voice = cleaned["voice"].pk if cleaned["voice"] else None
        return ShopOrder(cleaned["tone"], cleaned["language"], cleaned["variants"], voice)


class TranslationForm(forms.Form):
    """Into which language."""

    language = forms.ChoiceField(label=_("Into"))
    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, original: Variant, data: Any = None) -> None:
        super().__init__(data, initial={"client_key": uuid4()})
        others = [(code, label) for code, label in Language.choices if code != original.language]
        language = cast("forms.ChoiceField", self.fields["language"])
        language.choices = others
        plain = [label for code, label in others if not model_translates(original.language, code)]
        if plain:
            language.help_text = _(
                "%(languages)s: the model does not translate it well; the plain writer says the same facts."
            ) % {"languages": ", ".join(map(str, plain))}


class CategoryFilterForm(forms.Form):
    """Which categories are listed."""

    q = forms.CharField(
        label=_("Search"), required=False,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name"), "data-key": "/"}),
    )  # fmt: skip


class OffersForm(OrderForm):
    """Personal offers: how they sound, for how many recipients, and whether open ones are written again."""

    limit = forms.IntegerField(
        label=_("For how many recipients"), required=False, min_value=1,
        help_text=_("Leave it empty for all. A few first show how the texts turn out."),
    )  # fmt: skip
    rewrite = forms.BooleanField(label=_("Write those again that are not approved yet"), required=False)
    field_order = ["tone", "language", "limit", "rewrite", "client_key"]

    def order(self) -> OfferOrder:
        cleaned = self.cleaned_data
        return OfferOrder(cleaned["tone"], cleaned["language"], cleaned["limit"], cleaned["rewrite"])


class VariantForm(forms.Form):
    """The parts of one text, and the version that the editor saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, variant: Variant, data: Any = None) -> None:
        super().__init__(data, initial={"version": variant.version} | variant.fields)
        for part in PARTS[Kind(variant.kind)]:
            long = part.limit > ONE_LINE
            self.fields[part.name] = forms.CharField(
                label=str(part.label), widget=forms.Textarea(attrs={"rows": 6}) if long else forms.TextInput()
            )
        self.parts = [part.name for part in PARTS[Kind(variant.kind)]]

    def copy(self) -> dict[str, str]:
        """Return the text as typed, also where the form is not complete."""
        typed = getattr(self, "cleaned_data", {})
        return {name: str(typed.get(name, "")) for name in self.parts}


class OfferFilterForm(forms.Form):
    """Which of a campaign's offers are listed."""

    q = forms.CharField(
        label=_("Search"), required=False,
        widget=forms.TextInput(
            {"type": "search", "placeholder": _("Customer, code or product"), "data-key": "/"}
        ),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *PersonalOffer.State.choices]
    )
