"""The review queue: every text that waits for a decision, across campaigns, oldest first."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from generation import bulk, deciding
from generation.bulk import Outcome
from generation.models import BulkDecision, Variant, VariantDecision
from generation.presenting import card, related
from generation.review import APPROVE, Refused
from generation.review_forms import AssignForm, RejectForm, ReviewFilterForm, waiting
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import Page, keyset_page

# Few enough to read; deciding one brings the next.
SHOWN = 10
PAGE, LIST = "generation/review_list.html", "generation/_review_list.html"


@require_safe
@allowed("generation.view_variant")
def review_list(request: Request) -> HttpResponse:
    """Show the texts to decide."""
    return render_page(request, PAGE, LIST, queue(request, request.GET))


@require_safe
@allowed("generation.view_variant")
def review_count(request: Request) -> HttpResponse:
    """Answer the navigation's badge: how many texts wait, or nothing."""
    count = waiting(request.user).count()
    return HttpResponse(number(count) if count else "")


@require_POST
@allowed(APPROVE)
def review_undo(request: Request) -> HttpResponse:
    """Take back what this person decided last."""
    query = request.POST.get("query", "")
    try:
        outcome = deciding.undo(request.user, query)
    except Refused as refused:
        messages.error(request, str(refused))
        return after(request, stay=0)
    if isinstance(outcome, BulkDecision):
        address = outcome.get_absolute_url()
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    tell(request, VariantDecision.Action.REOPEN, outcome)
    return after(request, stay=outcome.done[0].pk if outcome.done else 0)


def tell(request: Request, action: str, outcome: Outcome) -> None:
    """Say how many texts were decided, and why the others were left."""
    if outcome.done:
        messages.success(request, bulk.told_done(action, len(outcome.done)))
    if outcome.left:
        messages.warning(request, bulk.told_left(outcome.left))


def after(request: Request, decided: int = 0, stay: int = 0) -> HttpResponse:
    """Answer what was done in the queue: the queue as it stands now.

    The text behind `decided` is current, or `stay` itself.
    """
    asked = QueryDict(request.POST.get("query", ""))
    if not request.htmx:
        return redirect(address(asked))
    response = render(request, LIST, queue(request, asked, decided, stay))
    # The badge of the navigation listens for this.
    return trigger_client_event(response, "counts", {})


def address(asked: QueryDict) -> str:
    """Return the queue's address with this filter."""
    return f"{reverse('generation:review_list')}?{asked.urlencode()}".rstrip("?")


def queue(request: Request, asked: QueryDict, decided: int = 0, stay: int = 0) -> dict[str, Any]:
    """Return the context of the queue."""
    form = ReviewFilterForm(asked, request.user)
    variants = form.texts()
    page = one_page(variants, asked)
    cards = [card(variant, request.user) for variant in page.rows]
    keys = [each.variant.pk for each in cards]
    later = [key for key in keys if key >= stay] if stay else [key for key in keys if key > decided]
    return {
        "form": form,
        "cards": cards,
        "page": page,
        "total": page.total,
        "current": next(iter([*later, *keys]), 0),
        "query": asked.urlencode(),
        "latest": variants.order_by("-pk").values_list("pk", flat=True).first() or 0,
        "reject": RejectForm(auto_id=False),
        "assign": AssignForm(),
        "on_their_way": BulkDecision.objects.visible_to(request.user).open(),
    }


def one_page(variants: Any, asked: QueryDict) -> Page[Variant]:
    """Return the page that is asked for, or the first one where that has become empty."""
    total = variants.count()
    page = keyset_page(related(variants), asked, order="created_at", size=SHOWN, total=total)
    if page.rows or not total:
        return page
    first = asked.copy()
    for cursor in ("after", "before"):
        first.pop(cursor, None)
    return keyset_page(related(variants), first, order="created_at", size=SHOWN, total=total)
