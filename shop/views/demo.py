"""What the demo data is: where it comes from, and what of it is invented, assumed or moved."""

from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request
from shop.models import Customer, Order, Product, SetupStep

SOURCE = "completejourney"
SOURCE_ENDS = date(2017, 12, 31)


@require_safe
@allowed("shop.view_product")
def demo(request: Request) -> HttpResponse:
    """The notice that every page with demo data links to."""
    orders = Order.objects.filter(source=SOURCE).order_by("ordered_at")
    last = orders.last()
    context = {
        "first": orders.first(),
        "last": last,
        "counts": {
            "orders": orders.count(),
            "customers": Customer.objects.count(),
            "products": Product.objects.count(),
        },
        "cost_per_contact": settings.DEMO_COST_PER_CONTACT,
        "loaded": demo_is_loaded(),
        "moved": last is not None and localdate(last.ordered_at) > SOURCE_ENDS,
    }
    return render(request, "shop/demo.html", context)


def demo_is_loaded() -> bool:
    """Tell whether this installation shows the demo data."""
    return SetupStep.objects.filter(name="demo", state=SetupStep.State.DONE).exists()
