"""Deciding about many texts: those picked in the queue, or all of its filter after a look at some."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import bulk, deciding, looking, review
from generation.bulk import Seen
from generation.models import BulkDecision, VariantDecision
from generation.presenting import card, related
from generation.review import Refused
from generation.review_forms import AssignForm, ReviewFilterForm
from generation.views import reviews
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page


@require_POST
@allowed("generation.change_variant")
def review_bulk(request: Request) -> HttpResponse:
    """Approve, reject or assign many texts; approving all of a filter begins with a look at a sample."""
    asked, act = QueryDict(request.POST.get("query", "")), request.POST.get("act", "")
    if act != "assign" and not request.user.has_perm(review.APPROVE):
        raise PermissionDenied(review.APPROVE)
    if act == "approve" and "all" in request.POST:
        return redirect(f"{reverse('generation:review_sample')}?{asked.urlencode()}")
    seen = all_of(request, asked) if "all" in request.POST else picked(request)
    if not seen:
        messages.error(request, _("Pick at least one text first."))
        return redirect(reviews.address(asked))
    try:
        return carried_out(request, seen, decided(request, act), asked)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(reviews.address(asked))


@require_safe
@allowed(review.APPROVE)
def review_sample(request: Request) -> HttpResponse:
    """Show a random sample of the filter's texts that have no finding; a reload shows the same one."""
    asked = request.GET.copy()
    draw = asked.pop("draw", [""])[0]
    if not draw:
        asked["draw"] = looking.new_draw()
        return redirect(f"{request.path}?{asked.urlencode()}")
    matching = ReviewFilterForm(asked, request.user).texts()
    ready = review.approvable_texts(matching, request.user)
    look = looking.look(related(ready), "version", draw, place(asked), request.user)
    context = {
        "cards": [card(variant, request.user) for variant in look.sample],
        "total": look.total,
        "left": matching.count() - look.total,
        "token": look.token,
        "query": asked.urlencode(),
    }
    return render(request, "generation/review_sample.html", context)


@require_POST
@allowed(review.APPROVE)
def review_approve_all(request: Request) -> HttpResponse:
    """Approve what was ready and without findings when the sample was drawn."""
    asked = QueryDict(request.POST.get("query", ""))
    seen = looking.looked_at(request.POST.get("token", ""), place(asked), request.user)
    if seen is None:
        messages.error(
            request, _("Look at a sample first: this one is too old, or was drawn for somebody else.")
        )
        return redirect(f"{reverse('generation:review_sample')}?{asked.urlencode()}")
    return carried_out(request, seen, bulk.approval(), asked)


def place(asked: QueryDict) -> list[object]:
    """Name what was looked at: the texts of one filter."""
    return ["texts", sorted([key, value] for key, values in asked.lists() for value in values)]


def picked(request: Request) -> Seen:
    """Return text -> version of what was ticked; what makes no sense is left out."""
    pairs = (pick.partition(":") for pick in request.POST.getlist("pick"))
    return {int(pk): int(version) for pk, _sign, version in pairs if pk.isdecimal() and version.isdecimal()}


def all_of(request: Request, asked: QueryDict) -> Seen:
    """Return text -> version of all that the filter shows, but for what has come since the page was drawn."""
    latest = request.POST.get("latest", "")
    shown = ReviewFilterForm(asked, request.user).texts()
    rows = shown.filter(pk__lte=int(latest) if latest.isdecimal() else 0)
    return dict(rows.values_list("pk", "version"))


def decided(request: Request, act: str) -> VariantDecision:
    """Return what each of the texts gets; raises Refused where something is missing."""
    if act == "approve":
        return bulk.approval()
    if act == "reject":
        return bulk.rejection(request.POST.get("code", ""), request.POST.get("reason", ""))
    if act != "assign":
        raise Refused(_("Choose what to do with the texts."))
    form = AssignForm(request.POST)
    return bulk.assignment(form.cleaned_data["to"] if form.is_valid() else None)


def carried_out(request: Request, seen: Seen, decision: VariantDecision, asked: QueryDict) -> HttpResponse:
    """Decide, and lead back to the queue; of very many texts to the page that tells how far it is."""
    outcome = deciding.decide(seen, request.user, decision, asked.urlencode())
    if isinstance(outcome, BulkDecision):
        return redirect(outcome)
    reviews.tell(request, decision.action, outcome)
    return redirect(reviews.address(asked))


@require_safe
@allowed("generation.change_variant")
def bulk_decision(request: Request, pk: int) -> HttpResponse:
    """Tell how far a decision about many texts is, and what became of it."""
    asked = get_object_or_404(BulkDecision.objects.visible_to(request.user), pk=pk)
    context = {
        "asked": asked,
        "done": bulk.told_done(asked.action, asked.decided),
        "left": bulk.told_left(asked.left),
        "back": reviews.address(QueryDict(asked.query)),
    }
    return render_page(request, "generation/bulk_decision.html", "generation/_bulk_decision.html", context)


@require_POST
@allowed("generation.change_variant")
def bulk_decision_stop(request: Request, pk: int) -> HttpResponse:
    """Leave the texts that were not looked at yet as they are."""
    asked = get_object_or_404(BulkDecision.objects.visible_to(request.user), pk=pk)
    deciding.stop(asked)
    return redirect(asked)
