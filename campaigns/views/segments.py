"""The list of segments, the page of one, and what may be done with it: count, copy, put away, explain."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import segmenting
from campaigns.forms.segments import SegmentFilterForm, WhyForm
from campaigns.models import Assignment, Campaign, Segment
from campaigns.segment_table import SegmentTable
from campaigns.segmenting import keeping, membership
from campaigns.segmenting.previewing import TooSlow, limited, preview
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.tables import paged
from shop.models import Customer

Context = dict[str, Any]


@require_safe
@allowed("campaigns.view_segment")
def segment_list(request: Request) -> HttpResponse:
    """Find a segment: search, kind and sort stand in the address."""
    form, segments = SegmentFilterForm(request.GET), Segment.objects.visible_to(request.user)
    found = form.narrow(segments).annotate(used=Count("campaigns"))
    context = {
        "form": form,
        "table": paged(SegmentTable(found), request),
        "nothing": not segments.exists(),
        "may_add": request.user.has_perm("campaigns.add_segment"),
    }
    return render_page(request, "campaigns/segment_list.html", "campaigns/_segment_table.html", context)


@require_safe
@allowed("campaigns.view_segment")
def segment_detail(request: Request, pk: int) -> HttpResponse:
    """One segment: its rule in words, its size now, who is in it, and the campaigns that use it."""
    return render(request, "campaigns/segment_detail.html", described(request, visible(request, pk)))


@require_safe
@allowed("campaigns.view_segment")
def segment_why(request: Request, pk: int) -> HttpResponse:
    """Explain why one customer is in the segment or not, condition by condition."""
    segment = visible(request, pk)
    context = {"segment": segment, **explained(segment, WhyForm(request.GET or None))}
    if not request.htmx:
        context = described(request, segment) | context
    page, fragment = "campaigns/segment_detail.html", "campaigns/_segment_why.html"
    return render_page(request, page, fragment, context)


@require_POST
@allowed("campaigns.change_segment")
def segment_count(request: Request, pk: int) -> HttpResponse:
    """Count again, and keep the size for the list."""
    segment = visible(request, pk)
    settle(request, segment)
    return redirect(segment)


@require_POST
@allowed("campaigns.add_segment")
def segment_duplicate(request: Request, pk: int) -> HttpResponse:
    """Copy the segment and open the copy for editing."""
    copy = keeping.duplicate(visible(request, pk), request.user)
    messages.success(request, _("This is the copy. The original is unchanged."))
    return redirect("campaigns:segment_edit", copy.pk)


@require_POST
@allowed("campaigns.change_segment")
def segment_archive(request: Request, pk: int) -> HttpResponse:
    """Put the segment away; its page offers to take it back."""
    segment = visible(request, pk)
    try:
        if keeping.archive(segment):
            messages.success(request, _("The segment is archived. Campaigns that use it keep it."))
    except keeping.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(segment)


@require_POST
@allowed("campaigns.change_segment")
def segment_restore(request: Request, pk: int) -> HttpResponse:
    """Take an archived segment back."""
    segment = visible(request, pk)
    if keeping.restore(segment):
        messages.success(request, _("The segment is back in the list."))
    return redirect(segment)


@require_safe
@allowed("campaigns.view_campaign")
def customer_campaigns(request: Request, pk: int) -> HttpResponse:
    """Answer the customer page's slot: the campaigns that this customer received or was held out of."""
    customer = get_object_or_404(Customer, pk=pk)
    campaigns = Campaign.objects.visible_to(request.user)
    rows = Assignment.objects.filter(customer=customer, campaign__in=campaigns).select_related("campaign")
    context = {"assignments": rows.order_by("-assigned_at", "-pk")}
    return render(request, "campaigns/_customer_campaigns.html", context)


def visible(request: Request, pk: int) -> Segment:
    """Return the segment if this person may see it, else answer 404."""
    return get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)


def described(request: Request, segment: Segment) -> Context:
    """Return what the page of a segment shows."""
    user = request.user
    return {
        "segment": segment,
        "sentence": segmenting.sentences([segment])[segment.pk],
        "campaigns": Campaign.objects.visible_to(user).filter(segment=segment).order_by("-pk")[:50],
        "form": WhyForm(),
        "may_edit": user.has_perm("campaigns.change_segment") and segment.archived_at is None,
        "may_restore": user.has_perm("campaigns.change_segment") and segment.archived_at is not None,
        "may_add": user.has_perm("campaigns.add_segment"),
        "may_export": user.has_perm("campaigns.export_report"),
        **members(request, segment),
    }


def members(request: Request, segment: Segment) -> Context:
    """Return size and sample of a segment, or why they cannot be told."""
    try:
        return counted(request, segmenting.customers(segment))
    except segmenting.RuleError as error:
        return {"problems": error.problems}


def counted(request: Request, found: QuerySet[Customer]) -> Context:
    """Return size and sample of some customers, or that counting takes too long."""
    names_shown = request.user.has_perm("shop.view_personal_data")
    try:
        return {"preview": preview(found), "names_shown": names_shown}
    except TooSlow as error:
        return {"too_slow": str(error)}


def settle(request: Request, segment: Segment) -> None:
    """Judge everybody for a segment, as far as a page may take the time; tell where nobody is in it.

    What takes longer is done by the worker within seconds.
    """
    try:
        with limited():
            size = membership.settle(segment)
    except TooSlow:
        messages.info(request, _("Its customers are being listed; the count follows shortly."))
    else:
        if not size:
            messages.warning(request, _("Nobody is in this segment today."))


def explained(segment: Segment, form: WhyForm) -> Context:
    """Return the explanation for the customer that was asked for, or why there is none."""
    if not form.is_valid():
        return {"form": form}
    customer = Customer.objects.filter(external_id=form.cleaned_data["customer"].strip()).first()
    if customer is None:
        form.add_error("customer", _("There is no customer with this id."))
        return {"form": form}
    if segment.kind == Segment.Kind.LIST:
        member = segment.members.filter(customer=customer).first()
        inside = member is not None and customer.erased_at is None
        return {"form": form, "customer": customer, "listed": True, "inside": inside, "member": member}
    try:
        why = segmenting.explain(segment.rule, customer)
    except segmenting.RuleError as error:
        form.add_error(None, str(error))
        return {"form": form}
    return {"form": form, "customer": customer, "why": why, "inside": why.inside}
