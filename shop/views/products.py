"""The catalogue: find a product, write it, retire it and bring it back."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_site.lib import figures
from marketing_site.lib.access import allowed
from marketing_site.lib.charts import Bar, BarChart, ComboChart, Series
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.money import ratio
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.tables import sortable
from shop import interest
from shop.forms import ProductFilterForm, ProductForm
from shop.ingest import save_product
from shop.models import Category, Product
from shop.sales import MonthOfSales, sales_by_month
from shop.tables import ProductTable, SortedRows
from shop.views.demo import demo_is_loaded

Context = dict[str, Any]
PAGE = 25
# What the address may ask for, and what the database sorts by.
SORTS = {"name": "name", "sku": "sku", "price": "sortable_price", "updated_at": "updated_at"}


@require_safe
@allowed("shop.view_product")
def product_list(request: Request) -> HttpResponse:
    """Find a product: search, category, state and sort stand in the address."""
    form, sort = ProductFilterForm(request.GET), chosen_sort(request.GET.get("sort", ""))
    found = form.narrow(Product.objects.with_sortable_price().select_related("category"))
    order = sort.replace(sort.removeprefix("-"), SORTS[sort.removeprefix("-")])
    page = keyset_page(found, request.GET, order=order, size=PAGE, total=found.count())
    context = {
        "form": form,
        "page": page,
        "table": sortable(ProductTable(SortedRows(with_trails(page.rows)), order_by=sort), request),
        "nothing": not page.rows and not Product.objects.exists(),
        "demo": demo_is_loaded(),
    }
    return render_page(request, "shop/product_list.html", "shop/_product_table.html", context)


@require_safe
@allowed("shop.view_product")
def product_detail(request: Request, pk: int) -> HttpResponse:
    """One product: its facts, sales, the way from view to order, reviews, and its campaigns."""
    product = get_object_or_404(Product.objects.select_related("category"), pk=pk)
    with_trails([product])
    context: Context = {"product": product, "margin": margin(product), "demo": demo_is_loaded()}
    context["chart"] = sales_chart(sales_by_month(product, localdate()))
    if request.user.has_perm("shop.view_event"):
        context["funnel"] = funnel_chart(interest.funnel(product, now()))
        context["reviews"] = interest.reviews(product)
    return render(request, "shop/product_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("shop.add_product")
def product_new(request: Request) -> HttpResponse:
    return write_product(request, Product(), "shop/product_new.html")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("shop.change_product")
def product_edit(request: Request, pk: int) -> HttpResponse:
    return write_product(request, get_object_or_404(Product, pk=pk), "shop/product_edit.html")


@require_POST
@allowed("shop.change_product")
def product_retire(request: Request, pk: int) -> HttpResponse:
    """Take the product out of new campaigns; what was sold of it stays."""
    return set_active(request, pk, active=False)


@require_POST
@allowed("shop.change_product")
def product_reactivate(request: Request, pk: int) -> HttpResponse:
    return set_active(request, pk, active=True)


def write_product(request: Request, product: Product, template: str) -> HttpResponse:
    """Show the form and keep what is right; the sentence about a SKU in use is the same for a race."""
    form = ProductForm(request.POST or None, instance=product)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                save_product(form.save(commit=False))
        except IntegrityError:
            form.add_error("sku", _("Another product has got this SKU in this moment: choose another."))
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": product.name})
            return redirect(product)
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "product": product}, status=status)


def set_active(request: Request, pk: int, *, active: bool) -> HttpResponse:
    """Retire or reactivate by a conditional update: a second click changes and says nothing more."""
    product = get_object_or_404(Product, pk=pk)
    if Product.objects.filter(pk=pk, active=not active).update(active=active, updated_at=now()):
        done = (
            _("“%(name)s” is active again.")
            if active
            else _("“%(name)s” is retired. You can bring it back here.")
        )
        messages.success(request, done % {"name": product.name})
    return redirect(product)


def chosen_sort(asked: str) -> str:
    return asked if asked.removeprefix("-") in SORTS else "name"


def with_trails(products: Any) -> list[Product]:
    """Put the names of its category, from the root, on each product as `trail`."""
    listed: list[Product] = list(products)
    trails = Category.objects.trails({one.category for one in listed if one.category})
    for product in listed:
        product.trail = trails.get(product.category_id or 0, "–")  # type: ignore[attr-defined]
    return listed


def margin(product: Product) -> str:
    """Return the margin as a share of the price, or "–" where price or cost is not known."""
    if product.price is None or product.cost is None:
        return figures.NOTHING
    return figures.share(ratio(product.price - product.cost, product.price), 1)


def funnel_chart(funnel: interest.Funnel) -> BarChart | None:
    """Return the customers of each step, or None where nobody did anything."""
    steps = (
        (_("Viewed it"), funnel.views, None),
        (_("Put it into the cart"), funnel.carts, funnel.carts_per_view),
        (_("Ordered it"), funnel.orders, funnel.orders_per_cart),
    )
    if not any(count for _label, count, _part in steps):
        return None
    bars = [Bar(label, count, [figures.number(count), figures.share(part)]) for label, count, part in steps]
    return BarChart(
        _("Customers by step"),
        _("Step"),
        [_("Customers"), _("Share of the step before")],
        bars,
        _("Customers"),
    )


def sales_chart(months: list[MonthOfSales]) -> ComboChart | None:
    """Return sales and discounts of the months, or None where nothing was sold in any."""
    sold = sum(month.sales for month in months)
    if not any(month.orders for month in months):
        return None
    best = max(months, key=lambda month: month.sales)
    takeaway = _("%(sales)s in twelve months; the best was %(month)s with %(best)s.") % {
        "sales": figures.money(sold), "month": figures.month(best.month), "best": figures.money(best.sales),
    }  # fmt: skip
    return ComboChart(
        "sales-by-month", _("Month"), [figures.month(month.month) for month in months],
        bars=Series(_("Discounts given"), [month.discount for month in months]),
        line=Series(_("Sales after discounts"), [month.sales for month in months]),
        takeaway=takeaway, show=figures.money,
        more=[
            (_("Units"), [figures.number(month.units) for month in months]),
            (_("Orders"), [figures.number(month.orders) for month in months]),
        ],
    )  # fmt: skip
