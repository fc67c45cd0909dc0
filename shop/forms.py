"""The forms of products and the filters of the shop's lists."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing_site.lib.money import shown
from shop.models import Category, Product
from shop.models.catalog import ProductQuerySet
from shop.models.people import CustomerQuerySet
from shop.searching import Found, find

AMOUNT = {"step": "any", "min": "0", "inputmode": "decimal"}
LONGEST_LABEL, LONGEST_VALUE = 60, 300
# As English and as Chinese keyboards write it.
COLON = re.compile("[:：]")


def category_choices() -> list[tuple[str, str]]:
    """Return every category by its names from the root, in the order of those names."""
    trails = Category.objects.trails(Category.objects.all())
    return sorted(((str(pk), trail) for pk, trail in trails.items()), key=lambda choice: choice[1])


class LongSelect(forms.Select):
    """A choice of hundreds, drawn without a template for each, which would take as long as the whole page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = str(value or "")
        marks = {True: mark_safe(" selected"), False: ""}
        rows = ((key, marks[str(key) == chosen], label) for key, label in self.choices)
        options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
        given = flatatt(self.build_attrs(self.attrs, {"name": name} | (attrs or {})))
        return format_html("<select{}>{}</select>", given, options)


class AttributesField(forms.CharField):
    """Facts as "label: value" lines, kept as a JSON object of texts."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value  # what was typed, shown again
        return "\n".join(f"{label}: {text}" for label, text in value.items())

    def to_python(self, value: Any) -> Any:
        facts: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), start=1):
            if line.strip():
                label, text = self._fact(line, number)
                if label.lower() in {known.lower() for known in facts}:
                    raise ValidationError(
                        _("Line %(number)s: “%(label)s” stands there twice.")
                        % {"number": number, "label": label}
                    )
                facts[label] = text
        return facts

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The validators of texts do not apply to an object."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or {}) != self.to_python(data))
        except ValidationError:
            return True

    def _fact(self, line: str, number: int) -> tuple[str, str]:
        label, *rest = (part.strip() for part in COLON.split(line, maxsplit=1))
        text = "".join(rest)
        if not (label and text):
            message = _("Line %(number)s: write a label, a colon and a value, such as “material: wool”.")
            raise ValidationError(message % {"number": number})
        if len(label) > LONGEST_LABEL or len(text) > LONGEST_VALUE:
            message = _("Line %(number)s: a label has at most %(label)s characters, a value %(value)s.")
            raise ValidationError(
                message % {"number": number, "label": LONGEST_LABEL, "value": LONGEST_VALUE}
            )
        return label, text


class ProductForm(forms.ModelForm[Product]):
    """A product as a person writes it; whether it is active is a button of its page."""

    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    image_url = forms.URLField(
        label=gettext_lazy("Image address"), required=False, max_length=200, assume_scheme="https"
    )
    attributes = AttributesField(
        label=gettext_lazy("Facts that copy may cite"), required=False,
        help_text=gettext_lazy("One on a line, such as: material: wool. Copy cites these and no others."),
    )  # fmt: skip

    class Meta:
        model = Product
        fields = (
            "sku",
            "name",
            "category",
            "brand",
            "description",
            "shop_title",
            "seo_title",
            "seo_description",
            "price",
            "cost",
            "attributes",
            "image_url",
        )
        widgets = {"price": forms.NumberInput(AMOUNT), "cost": forms.NumberInput(AMOUNT)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = ("", _("In no category"))
        self.fields["category"] = forms.ChoiceField(
            label=gettext_lazy("Category"), required=False, widget=LongSelect,
            choices=[none, *category_choices()],
        )  # fmt: skip
        for name in ("price", "cost"):
            self.initial[name] = _without_zeros(self.initial.get(name))

    def clean_category(self) -> Category | None:
        chosen = self.cleaned_data["category"]
        return Category.objects.get(pk=chosen) if chosen else None

    def clean_sku(self) -> str:
        sku = str(self.cleaned_data["sku"])
        other = Product.objects.filter(sku__iexact=sku).exclude(pk=self.instance.pk).first()
        if other:
            message = _("“%(name)s” has this SKU already: choose another, or edit that product.")
            raise ValidationError(message % {"name": other.name})
        return sku


def _without_zeros(amount: Decimal | None) -> Decimal | None:
    """Return 5.1700 as 5.17 and 5.1725 as it is, so that saving an untouched field changes nothing."""
    return shown(amount) if amount is not None and shown(amount) == amount else amount


class ProductFilterForm(forms.Form):
    """Narrows the list; a value that makes no sense narrows nothing."""

    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, max_length=100,
        widget=forms.TextInput(
            {"type": "search", "placeholder": gettext_lazy("Name, SKU or brand"), "data-key": "/"}
        ),
    )  # fmt: skip
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    active = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[("", gettext_lazy("Active")), ("no", gettext_lazy("Retired")), ("all", gettext_lazy("All"))],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = forms.ChoiceField(
            label=gettext_lazy("Category"), required=False,
            widget=LongSelect, choices=[("", _("All categories")), *category_choices()],
        )  # fmt: skip

    def narrow(self, products: ProductQuerySet) -> ProductQuerySet:
        """Return the products that the filters keep; retired ones only when they are asked for."""
        self.is_valid()
        asked = self.cleaned_data
        found = products.search(asked.get("q", ""))
        if asked.get("active") != "all":
            found = found.filter(active=asked.get("active") != "no")
        chosen = Category.objects.filter(pk=asked["category"]).first() if asked.get("category") else None
        return found.under(chosen) if chosen else found


class CustomerFilterForm(forms.Form):
    """Finds customers; by name and address only for those who may see them."""

    q = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)

    def __init__(self, *args: Any, personal: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.personal = personal
        what = _("Number, name or e-mail") if personal else _("Number")
        self.fields["q"].widget = forms.TextInput({"type": "search", "placeholder": what, "data-key": "/"})

    def narrow(self, customers: CustomerQuerySet) -> Found:
        """Return the customers whose number, or name and address, has the words."""
        self.is_valid()
        return find(customers, self.cleaned_data.get("q", ""), personal=self.personal)


class EraseForm(forms.Form):
    """Erases a person only where the customer's number is typed: what is gone cannot be brought back."""

    number = forms.CharField(label=gettext_lazy("Customer number"), max_length=64)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, required=False,
        help_text=gettext_lazy("Such as: request of 3 March. Do not name the person: this is kept."),
    )  # fmt: skip

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = number
        self.fields["number"].help_text = _("Type %(number)s to confirm.") % {"number": number}

    def clean_number(self) -> str:
        typed = str(self.cleaned_data["number"])
        if typed != self.wanted:
            raise ValidationError(_("This is not the number of this customer: nothing was erased."))
        return typed
