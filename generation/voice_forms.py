"""The form of a preview: one brief, two voices."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice
from generation.forms import OrderForm
from generation.jobs import PreviewOrder
from generation.texts.kinds import GROUPS, Kind
from shop.models import Product

PRODUCTS_SHOWN = 50
KINDS = [(label, [(kind.value, kind.label) for kind in kinds]) for label, kinds in GROUPS]


class ProductSearchForm(forms.Form):
    """Which products can be chosen below."""

    q = forms.CharField(
        label=_("Find a product"), required=False,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name or SKU"), "data-key": "/"}),
    )  # fmt: skip


class PreviewForm(OrderForm):
    """What to write, and under which two voices."""

    product = forms.ModelChoiceField(queryset=Product.objects.none(), label=_("Product"), empty_label=None)
    kind = forms.ChoiceField(label=_("What to write"), choices=KINDS, initial=Kind.SOCIAL_FACEBOOK)
    first = forms.ModelChoiceField(
        queryset=BrandVoice.objects.all(),
        label=_("One voice"),
        required=False,
        empty_label=_("None: plain words"),
    )
    second = forms.ModelChoiceField(
        queryset=BrandVoice.objects.all(),
        label=_("The other"),
        required=False,
        empty_label=_("None: plain words"),
    )
    field_order = ["product", "kind", "first", "second", "tone", "language", "client_key"]

    def __init__(self, data: Any = None, *, q: str = "", **initial: Any) -> None:
        voices = list(BrandVoice.objects.all()[:2])
        places = dict(zip(("first", "second"), voices, strict=False))
        super().__init__(data, **(places | initial))
        found = Product.objects.active().search(q).order_by("name", "pk")
        product = cast("forms.ModelChoiceField[Product]", self.fields["product"])
        product.queryset = Product.objects.active()
        product.choices = [(row.pk, str(row)) for row in found[:PRODUCTS_SHOWN]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned["first"] == cleaned["second"]:
            raise forms.ValidationError(_("Choose two different voices: there is nothing to compare."))
        return cleaned

    def order(self) -> PreviewOrder:
        cleaned = self.cleaned_data
        voices = [cleaned[name].pk if cleaned[name] else None for name in ("first", "second")]
        return PreviewOrder(
            cleaned["product"].pk, cleaned["kind"], cleaned["tone"], cleaned["language"], voices
        )
