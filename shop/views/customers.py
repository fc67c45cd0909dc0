"""Customers: find one, and read what they bought, did and agreed to; names for those who may see them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_site.lib import figures
from marketing_site.lib.access import allowed
from marketing_site.lib.charts import Tile
from marketing_site.lib.exports import json_response
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.money import ratio
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.tables import sortable
from marketing_site.lib.timelines import Source, read
from shop.disclosing import disclose
from shop.erasing import AlreadyErased, erase
from shop.forms import CustomerFilterForm, EraseForm
from shop.models import Customer, CustomerRfm
from shop.searching import MANY
from shop.tables import CustomerTable, SortedRows

PERSONAL = "shop.view_personal_data"
# What the address may ask for, and what the database sorts by.
SORTS = {
    "external_id": "external_id", "orders": "rfm__orders", "net_revenue": "rfm__net_revenue",
    "last_order_at": "rfm__last_order_at",
}  # fmt: skip
PAGE, ENTRIES = 25, 20


@require_safe
@allowed("shop.view_customer")
def customer_list(request: Request) -> HttpResponse:
    """Find a customer. Sorted by a figure, the list has only customers who have one."""
    form, asked = (
        CustomerFilterForm(request.GET, personal=request.user.has_perm(PERSONAL)),
        request.GET.get("sort", ""),
    )
    sort = asked if asked.removeprefix("-") in SORTS else "external_id"
    listed = Customer.objects.present()
    if sort.removeprefix("-") != "external_id":
        listed = listed.filter(rfm__isnull=False)
    found = form.narrow(listed)
    order = sort.replace(sort.removeprefix("-"), SORTS[sort.removeprefix("-")])
    related = found.rows.prefetch_related("profile", "rfm")  # those of the page, not of every match
    with found.reading():
        page = keyset_page(related, request.GET, order=order, size=PAGE, total=found.total)
    rows = described(page.rows, personal=form.personal)
    context = {
        "form": form, "page": page, "personal": form.personal,
        "table": sortable(CustomerTable(SortedRows(rows), order_by=sort), request),
        "synthetic": any(row.synthetic for row in rows),
        "with_orders_only": sort.removeprefix("-") != "external_id",
        "many": None if found.total is not None else MANY,
    }  # fmt: skip
    return render_page(request, "shop/customer_list.html", "shop/_customer_table.html", context)


@require_safe
@allowed("shop.view_customer")
def customer_detail(request: Request, pk: int) -> HttpResponse:
    """One customer: figures, one timeline of all that is known, consents, and slots for upper apps."""
    personal = request.user.has_perm(PERSONAL)
    found = get_object_or_404(Customer.objects.select_related("profile", "rfm", "erasure__by"), pk=pk)
    [customer] = described([found], personal=personal)
    context = timeline_context(request, pk) | {
        "customer": customer,
        "personal": personal,
        "erasure": getattr(customer, "erasure", None),
        "tiles": tiles(customer.value) if customer.value else [],
        "consents": customer.consents.order_by("purpose", "channel"),
    }
    return render_page(request, "shop/customer_detail.html", "shop/_customer_timeline.html", context)


def timeline_context(request: Request, pk: int) -> dict[str, Any]:
    """Return a page of the timeline: all kinds, or the one that the address names."""
    sources: list[Source] = [import_string(path) for path in settings.CUSTOMER_TIMELINE]
    seen = [source for source in sources if request.user.has_perm(source.permission)]
    kind = request.GET.get("kind", "")
    asked = [source for source in seen if source.kind == kind]
    chosen = kind if asked else ""
    return {
        "timeline": read(asked or seen, pk, request.user, request.GET.get("after", ""), ENTRIES),
        "kinds": {"": _("Everything")} | {source.kind: source.label for source in seen},
        "chosen": chosen,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("shop.erase_customer")
def customer_erase(request: Request, pk: int) -> HttpResponse:
    """Say what will be gone for good, and do it once the customer's number is typed."""
    customer = get_object_or_404(Customer.objects.select_related("profile"), pk=pk)
    if customer.erased_at:
        return redirect(customer)
    form = EraseForm(request.POST or None, number=customer.external_id)
    if request.method == "POST" and form.is_valid():
        try:
            erase(customer, request.user, form.cleaned_data["reason"])
            messages.success(request, _("This person is erased."))
        except AlreadyErased as error:
            messages.info(request, str(error))
        return redirect(customer)
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/customer_erase.html", {"customer": customer, "form": form}, status=status)


@require_POST
@allowed("shop.export_customer")
def customer_export(request: Request, pk: int) -> HttpResponse:
    """Download all that is kept of a person; the history says who did."""
    customer = get_object_or_404(Customer, pk=pk)
    return json_response(f"customer-{customer.pk}.json", disclose(customer, request.user))


def described(customers: Iterable[Any], *, personal: bool) -> list[Any]:
    """Put on each customer what may be shown: name and e-mail, `value` (its RFM row or None), `synthetic`."""
    listed = list(customers)
    for customer in listed:
        profile = getattr(customer, "profile", None)
        customer.name = profile.name if profile and personal else ""
        customer.email = profile.email if profile and personal else ""
        customer.synthetic = bool(profile and profile.synthetic)
        customer.value = getattr(customer, "rfm", None)
    return listed


def tiles(value: CustomerRfm) -> list[Tile]:
    """Return the customer's figures with their definitions."""
    score = _("Score %(score)s of 5")
    unknown = figures.NOTHING
    return [
        Tile(
            "orders", _("Orders"), figures.number(value.orders), _("Orders that were not cancelled."),
            note=score % {"score": value.frequency_score or unknown},
        ),
        Tile(
            "net-revenue", _("Net revenue"), figures.money(value.net_revenue),
            _("What was paid for the goods: gross less discounts and refunds, without tax and shipping."),
            note=score % {"score": value.monetary_score or unknown},
        ),
        Tile(
            "aov", _("Average order"), figures.money(ratio(value.net_revenue, Decimal(value.orders))),
            _("Net revenue divided by orders."),
        ),
        Tile(
            "last-order", _("Last order"), figures.day(value.last_order_at),
            _("The day of the latest order that was not cancelled. More recent scores higher."),
            note=score % {"score": value.recency_score or unknown},
        ),
    ]  # fmt: skip
