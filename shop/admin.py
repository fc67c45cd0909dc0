"""The ledger in Django's admin: catalogue and keys to edit, facts to read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm, MultipleChoiceField
from django.forms.widgets import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from marketing_site.lib.admin import FactAdmin, FactInline
from shop.categorising import save_category
from shop.ingest import save_product
from shop.models import (
    ApiKey,
    Category,
    Consent,
    ConsentEvent,
    Customer,
    CustomerProfile,
    CustomerRfm,
    DirtyKey,
    Disclosure,
    Erasure,
    Event,
    ImportFile,
    ImportMapping,
    Lane,
    Order,
    Product,
    Refund,
    SetupStep,
    Suppression,
    WorkerBeat,
)
from shop.models.access import SCOPES

admin.site.unregister(APIKey)  # the library's own table; ours is ApiKey, with scopes


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    list_display = ("name", "parent", "path")
    list_select_related = ("parent",)
    search_fields = ("name",)
    autocomplete_fields = ("parent",)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: Any) -> None:
        save_category(obj)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    list_display = ("sku", "name", "category", "brand", "price", "cost", "active")
    list_filter = ("active",)
    list_select_related = ("category",)
    search_fields = ("sku", "name", "brand")
    autocomplete_fields = ("category",)
    readonly_fields = ("created_at", "updated_at")
    actions = ("retire", "reactivate")
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: Any) -> None:
        save_product(obj)

    @admin.action(description=_("Retire the chosen products"), permissions=["change"])
    def retire(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._set_active(request, products, active=False)

    @admin.action(description=_("Bring the chosen products back"), permissions=["change"])
    def reactivate(self, request: HttpRequest, products: QuerySet[Product]) -> None:
        self._set_active(request, products, active=True)

    def _set_active(self, request: HttpRequest, products: QuerySet[Product], *, active: bool) -> None:
        changed = products.filter(active=not active).update(active=active)
        messages.success(request, _("%(count)d products changed.") % {"count": changed})


class ProfileInline(admin.StackedInline[CustomerProfile, Customer]):
    model = CustomerProfile

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("shop.view_personal_data")


class ConsentInline(FactInline):
    model = Consent


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin[Customer]):
    list_display = ("external_id", "profile", "locale", "created_at", "erased_at")
    list_select_related = ("profile",)
    search_fields = ("external_id", "profile__name", "profile__email")
    readonly_fields = ("created_at", "erased_at")
    inlines = (ProfileInline, ConsentInline)
    show_full_result_count = False


@admin.register(CustomerProfile)
class CustomerProfileAdmin(FactAdmin[CustomerProfile]):
    """Personal fields, changed on the customer's page."""

    list_display = ("customer", "name", "email", "phone", "synthetic")
    list_filter = ("synthetic",)
    list_select_related = ("customer",)
    search_fields = ("name", "email", "customer__external_id")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("shop.view_personal_data")


@admin.register(Consent)
class ConsentAdmin(FactAdmin[Consent]):
    list_display = ("customer", "purpose", "channel", "state", "updated_at")
    list_filter = ("purpose", "channel", "state")
    list_select_related = ("customer",)
    search_fields = ("customer__external_id",)


@admin.register(ConsentEvent)
class ConsentEventAdmin(FactAdmin[ConsentEvent]):
    list_display = ("at", "customer", "purpose", "channel", "state", "source")
    list_filter = ("purpose", "channel", "state")
    list_select_related = ("customer",)
    search_fields = ("customer__external_id",)
    date_hierarchy = "at"


@admin.register(Erasure)
class ErasureAdmin(FactAdmin[Erasure]):
    list_display = ("at", "customer", "by", "reason")
    list_select_related = ("customer", "by")
    search_fields = ("customer__external_id", "reason")
    date_hierarchy = "at"


@admin.register(Disclosure)
class DisclosureAdmin(FactAdmin[Disclosure]):
    list_display = ("at", "customer", "by")
    list_select_related = ("customer", "by")
    search_fields = ("customer__external_id",)
    date_hierarchy = "at"


@admin.register(Suppression)
class SuppressionAdmin(FactAdmin[Suppression]):
    list_display = ("address_hash", "scope", "reason", "created_at")
    list_filter = ("scope",)
    search_fields = ("address_hash", "reason")


class RefundInline(FactInline):
    model = Refund


@admin.register(Order)
class OrderAdmin(FactAdmin[Order]):
    list_display = (
        "external_id",
        "customer",
        "ordered_at",
        "status",
        "gross",
        "discount",
        "refunded",
        "net_revenue",
    )
    list_filter = ("status", "source")
    list_select_related = ("customer",)
    search_fields = ("external_id", "customer__external_id")
    date_hierarchy = "ordered_at"
    inlines = (RefundInline,)
    readonly_fields = ("line_table",)

    # A model with a composite key can be no inline of the admin, so its lines are a table here.
    @admin.display(description=_("Lines"))
    def line_table(self, order: Order) -> SafeString:
        lines = order.lines.select_related("product").order_by("line_no")
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            ((line.line_no, line.product, line.quantity, line.gross, line.discount) for line in lines),
        )
        heads = (_("Line"), _("Product"), _("Quantity"), _("Gross"), _("Discount"))
        head = format_html_join("", '<th scope="col">{}</th>', ((name,) for name in heads))
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, rows)


@admin.register(Refund)
class RefundAdmin(FactAdmin[Refund]):
    list_display = ("external_id", "order", "amount", "refunded_at", "reason")
    list_select_related = ("order",)
    search_fields = ("external_id", "order__external_id")


@admin.register(Event)
class EventAdmin(FactAdmin[Event]):
    list_display = ("occurred_at", "kind", "customer", "product", "rating", "synthetic")
    list_filter = ("kind", "synthetic")
    list_select_related = ("customer", "product")
    search_fields = ("customer__external_id", "product__sku", "text")
    date_hierarchy = "occurred_at"


@admin.register(CustomerRfm)
class CustomerRfmAdmin(FactAdmin[CustomerRfm]):
    list_display = (
        "customer", "orders", "net_revenue", "last_order_at", "recency_score", "frequency_score",
        "monetary_score",
    )  # fmt: skip
    list_filter = ("recency_score", "frequency_score", "monetary_score")
    list_select_related = ("customer",)
    search_fields = ("customer__external_id",)


@admin.register(DirtyKey)
class DirtyKeyAdmin(FactAdmin[DirtyKey]):
    list_display = ("kind", "key", "marked_at")
    list_filter = ("kind",)


@admin.register(Lane)
class LaneAdmin(admin.ModelAdmin[Lane]):
    list_display = ("name", "paused", "hinted_at")
    list_editable = ("paused",)
    readonly_fields = ("hinted_at",)


@admin.register(WorkerBeat)
class WorkerBeatAdmin(FactAdmin[WorkerBeat]):
    list_display = ("worker", "lane", "polled_at", "doing", "model", "memory_mb")


@admin.register(ImportFile)
class ImportFileAdmin(FactAdmin[ImportFile]):
    """How files fared; what to do with them is on the pages of the site."""

    list_display = ("name", "kind", "source", "state", "rows", "rejected", "requested_by", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("requested_by",)
    search_fields = ("name", "sha256")
    # Rows of the file may name people, and the upload itself has no address.
    exclude = ("file", "report")


@admin.register(ImportMapping)
class ImportMappingAdmin(FactAdmin[ImportMapping]):
    list_display = ("kind", "source", "header", "updated_at")
    list_filter = ("kind",)
    search_fields = ("source",)


@admin.register(SetupStep)
class SetupStepAdmin(FactAdmin[SetupStep]):
    list_display = ("label", "state", "done", "total", "updated_at")


class ApiKeyForm(ModelForm[ApiKey]):
    scopes = MultipleChoiceField(
        label=_("Scopes"), choices=[(scope, scope) for scope in SCOPES], widget=CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "all_campaigns", "expiry_date", "revoked")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        scopes = values.get("scopes", ()) if not values.get("all_campaigns", True) else ()
        if "customers:read" in scopes:
            self.add_error(
                "scopes",
                _("A key of some campaigns cannot read customers: drop customers:read, or let it see all."),
            )
        if "imports:write" in scopes:
            self.add_error(
                "scopes", _("A key of some campaigns cannot import: drop imports:write, or let it see all.")
            )
        return values


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    """The secret is shown once, when the key is made."""

    form = ApiKeyForm
    list_display = ("prefix", "name", "created", "expiry_date", "all_campaigns", "revoked")
