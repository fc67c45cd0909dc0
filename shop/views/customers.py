"""Customers: find one, and read what they bought, did and agreed to; names for those who may see them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marketing_site.lib import figures
from marketing_site.lib.access import allowed
from marketing_site.lib.charts import Tile
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.money import ratio
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.tables import sortable
from shop.forms import CustomerFilterForm
from shop.models import Customer, CustomerRfm
from shop.tables import CustomerTable, SortedRows

PERSONAL = "shop.view_personal_data"
# What the address may ask for, and what the database sorts by.
SORTS = {
    "external_id": "external_id", "orders": "rfm__orders", "net_revenue": "rfm__net_revenue",
    "last_order_at": "rfm__last_order_at",
}  # fmt: skip
PAGE, ORDERS, LATEST = 25, 10, 20


@require_safe
@allowed("shop.view_customer")
def customer_list(request: Request) -> HttpResponse:
    """Find a customer. Sorted by a figure, the list has only customers who have one."""
    form, asked = (
        CustomerFilterForm(request.GET, personal=request.user.has_perm(PERSONAL)),
        request.GET.get("sort", ""),
    )
    sort = asked if asked.removeprefix("-") in SORTS else "external_id"
    found = form.narrow(Customer.objects.filter(erased_at=None))
    if sort.removeprefix("-") != "external_id":
        found = found.filter(rfm__isnull=False)
    order = sort.replace(sort.removeprefix("-"), SORTS[sort.removeprefix("-")])
    related = found.select_related("profile", "rfm")
    page = keyset_page(related, request.GET, order=order, size=PAGE, total=found.count())
    rows = described(page.rows, personal=form.personal)
    context = {
        "form": form, "page": page, "personal": form.personal,
        "table": sortable(CustomerTable(SortedRows(rows), order_by=sort), request),
        "synthetic": any(row.synthetic for row in rows),
        "with_orders_only": sort.removeprefix("-") != "external_id",
    }  # fmt: skip
    return render_page(request, "shop/customer_list.html", "shop/_customer_table.html", context)


@require_safe
@allowed("shop.view_customer")
def customer_detail(request: Request, pk: int) -> HttpResponse:
    """One customer: figures, orders a page at a time, events, consents, and the campaigns they were in."""
    personal = request.user.has_perm(PERSONAL)
    found = get_object_or_404(Customer.objects.select_related("profile", "rfm"), pk=pk)
    [customer] = described([found], personal=personal)
    orders = keyset_page(customer.orders.all(), request.GET, order="-ordered_at", size=ORDERS)
    context = {
        "customer": customer,
        "personal": personal,
        "tiles": tiles(customer.value) if customer.value else [],
        "orders": orders,
        "events": customer.events.select_related("product").order_by("-occurred_at", "-pk")[:LATEST],
        "consents": customer.consents.order_by("purpose", "channel"),
        "consent_events": customer.consent_events.order_by("-at", "-pk")[:LATEST],
    }
    return render_page(request, "shop/customer_detail.html", "shop/_customer_orders.html", context)


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
