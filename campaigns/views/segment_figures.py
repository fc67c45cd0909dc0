"""A segment in figures: its size over time, its overlap with another one, its customers as a file."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import segmenting
from campaigns.forms.segments import OverlapForm
from campaigns.models import Segment, SegmentMembership
from campaigns.segmenting.previewing import TooSlow, limited
from campaigns.segmenting.sizes import Day, Overlap, overlap, sizes
from campaigns.views.segments import Context, visible
from marketing_site.lib import figures
from marketing_site.lib.access import allowed
from marketing_site.lib.charts import Bar, BarChart, ComboChart, Series
from marketing_site.lib.exports import csv_response
from marketing_site.lib.htmx import Request, render_page
from shop.models import Customer

# Rows that an export fetches at a time.
CHUNK = 2_000


@require_safe
@allowed("campaigns.view_segment")
def segment_sizes(request: Request, pk: int) -> HttpResponse:
    """Answer the slot of the segment's page: its size on each of the last 90 days."""
    segment = visible(request, pk)
    days = sizes(segment)
    context = {"segment": segment, "chart": size_chart(days) if len(days) > 1 else None}
    return render(request, "campaigns/_segment_sizes.html", context)


@require_safe
@allowed("campaigns.view_segment")
def segment_overlap(request: Request, pk: int) -> HttpResponse:
    """Compare a segment with another one, which stands in the address."""
    segment = visible(request, pk)
    others = Segment.objects.visible_to(request.user).current().exclude(pk=pk).order_by("name")
    form = OverlapForm(request.GET or None, segments=others)
    context = {"segment": segment, "form": form, **compared(segment, form)}
    return render_page(request, "campaigns/segment_overlap.html", "campaigns/_segment_overlap.html", context)


@require_safe
@allowed("campaigns.export_report")
def segment_export(request: Request, pk: int) -> HttpResponseBase:
    """Send the customers of a segment as a file; names and addresses only to those who may see them."""
    segment = visible(request, pk)
    try:
        found = segmenting.customers(segment)
    except segmenting.RuleError as error:
        messages.error(request, _("Nothing to export. %(error)s") % {"error": error})
        return redirect(segment)
    personal = request.user.has_perm("shop.view_personal_data")
    header = ["customer", "entered_at", "language", "orders", "net_revenue", "last_order_at"]
    header += ["name", "email", "phone"] if personal else []
    return csv_response(f"segment-{segment.pk}.csv", header, exported(segment, found, personal=personal))


@require_safe
@allowed("campaigns.view_segment")
def customer_segments(request: Request, pk: int) -> HttpResponse:
    """Answer the customer page's slot: the segments that this customer is in, and since when."""
    customer = get_object_or_404(Customer, pk=pk)
    segments = Segment.objects.visible_to(request.user).current()
    stays = SegmentMembership.objects.filter(customer=customer, left_at=None, segment__in=segments)
    context = {"stays": stays.select_related("segment").order_by("segment__name"), "customer": customer}
    return render(request, "campaigns/_customer_segments.html", context)


def size_chart(days: list[Day]) -> ComboChart:
    """Return the size as a line, with who entered and left in the table and the tooltip."""
    change = days[-1].size - days[0].size
    values = {
        "size": figures.number(days[-1].size),
        "change": f"{'+' if change >= 0 else '−'}{figures.number(abs(change))}",
        "day": figures.short_day(days[0].day),
    }
    return ComboChart(
        "segment-size",
        _("Day"),
        [figures.short_day(day.day) for day in days],
        bars=None,
        line=Series(_("Customers"), [day.size for day in days]),
        takeaway=_("%(size)s customers today, %(change)s since %(day)s.") % values,
        more=[
            (_("Entered"), [figures.number(day.entered) for day in days]),
            (_("Left"), [figures.number(day.left) for day in days]),
        ],
    )


def compared(segment: Segment, form: OverlapForm) -> Context:
    """Return the bars for the chosen segment, or why there are none."""
    if not form.is_valid():
        return {}
    other = form.cleaned_data["with_segment"]
    try:
        with limited():
            shared = overlap(segment, other)
    except TooSlow as error:
        return {"too_slow": str(error)}
    except segmenting.RuleError as error:
        return {"unreadable": str(error)}
    return {"other": other, "overlap": shared, "chart": overlap_chart(segment, other, shared)}


def overlap_chart(segment: Segment, other: Segment, shared: Overlap) -> BarChart:
    rows = [
        (_("Only in “%(segment)s”") % {"segment": segment}, shared.only_one),
        (_("In both"), shared.both),
        (_("Only in “%(segment)s”") % {"segment": other}, shared.only_other),
    ]
    return BarChart(
        _("Customers of both segments"),
        _("Where"),
        columns=[_("Customers"), _("Share of all in either")],
        first=_("Customers"),
        bars=[
            Bar(
                label,
                size,
                [figures.number(size), figures.share(size / shared.all if shared.all else None, 1)],
            )
            for label, size in rows
        ],
    )


def exported(segment: Segment, found: QuerySet[Customer], *, personal: bool) -> Iterator[list[Any]]:
    """Yield the rows of the file, while they are read."""
    stay = SegmentMembership.objects.filter(segment=segment, customer=OuterRef("pk"), left_at=None)
    rows = found.annotate(entered_at=Subquery(stay.values("entered_at")[:1])).order_by("pk")
    rows = rows.select_related("rfm", "profile") if personal else rows.select_related("rfm")
    for one in rows.iterator(CHUNK):
        rfm, profile = getattr(one, "rfm", None), getattr(one, "profile", None) if personal else None
        orders = [rfm.orders, rfm.net_revenue, rfm.last_order_at.isoformat()] if rfm else [0, 0, ""]
        entered = one.entered_at.isoformat() if one.entered_at else ""
        names = [profile.name, profile.email, profile.phone] if profile else [""] * 3
        yield [one.external_id, entered, one.locale, *orders, *(names if personal else [])]
