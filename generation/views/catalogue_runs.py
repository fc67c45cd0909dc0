"""One run about products: how far it is, what it has used, its texts; pause, go on, cancel, and its files."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import BooleanField, Case, Count, ExpressionWrapper, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import citing, publishing
from generation.catalogue_forms import BudgetForm
from generation.models import Run, Variant
from generation.tasks import hint
from generation.texts.kinds import PARTS, Kind
from generation.views import runs
from generation.work import budgeting, claiming
from generation.work.claiming import LANE
from generation.work.progress import progress
from marketing_site.lib.access import allowed
from marketing_site.lib.exports import csv_response, json_lines_response
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page
from shop.models import Product

ROWS, WRITE_BACKS, TEXTS_OF_PRODUCT = 25, 5, 20
PAGE, PART = "generation/catalogue_run.html", "generation/_catalogue_run.html"
State = Variant.State


@require_safe
@allowed("generation.view_run")
def catalogue_run(request: Request, pk: UUID) -> HttpResponse:
    """Show one run; asks again while something of it may change by itself."""
    run = visible(request, pk)
    return render_page(request, PAGE, PART, context(request, run))


@require_POST
@allowed("generation.add_run")
def catalogue_pause(request: Request, pk: UUID) -> HttpResponse:
    """Begin nothing more of the run; what is being written now is kept."""
    run = visible(request, pk)
    if may_steer(request, run) and claiming.pause(run, request.user):
        messages.success(request, _("Paused. What is being written at this moment will still come."))
    return redirect("generation:catalogue_run", pk)


@require_POST
@allowed("generation.add_run")
def catalogue_resume(request: Request, pk: UUID) -> HttpResponse:
    """Go on within the budgets that the form names."""
    run, form = visible(request, pk), BudgetForm(request.POST)
    if not may_steer(request, run):
        return redirect("generation:catalogue_run", pk)
    if form.is_valid():
        budget = form.budget()
        why = claiming.resume(run, budget.tokens, budget.money)
        if not why:
            hint(LANE)
            return redirect("generation:catalogue_run", pk)
        field = "token_budget" if why == Run.Pause.TOKENS else "money_budget"
        form.add_error(field, _("The run has used as much already: give it more, or no limit."))
    return render(request, PAGE, context(request, visible(request, pk)) | {"resume": form}, status=422)


@require_POST
@allowed("generation.add_run")
def catalogue_cancel(request: Request, pk: UUID) -> HttpResponse:
    """End the run for good; what is ready stays."""
    run = visible(request, pk)
    if may_steer(request, run):
        claiming.cancel(run, request.user)
        messages.success(request, _("Cancelled. Texts that were ready are kept."))
    return redirect("generation:catalogue_run", pk)


@require_safe
@allowed("generation.add_run")
def catalogue_export(request: Request, pk: UUID) -> HttpResponseBase:
    """Download the approved texts as a reader sees them, as CSV or with `?format=jsonl` as JSON Lines."""
    run = visible(request, pk)
    if request.GET.get("format") == "jsonl":
        return json_lines_response(f"texts-{run.pk}.jsonl", exported(run))
    names = list(dict.fromkeys(part.name for kind in run.spec["kinds"] for part in PARTS[Kind(kind)]))
    header = [_("SKU"), _("product"), _("kind"), _("language"), _("out of date"), *names]
    rows = (
        [*(row[key] for key in ("sku", "name", "kind", "language")), _("yes") if row["out_of_date"] else ""]
        + [row["fields"].get(name, "") for name in names]
        for row in exported(run)
    )
    return csv_response(f"texts-{run.pk}.csv", header, rows)


@require_safe
@allowed("generation.view_variant")
def product_texts(request: Request, pk: int) -> HttpResponse:
    """Answer the product page's slot: its texts, and which of them are out of date."""
    product = get_object_or_404(Product, pk=pk)
    texts = with_state(Variant.objects.visible_to(request.user).filter(product=product))
    shown = list(texts.select_related("campaign").order_by("-pk")[:TEXTS_OF_PRODUCT])
    shown_context = {
        "product": product,
        "texts": shown,
        "outdated": citing.out_of_date().filter(product=product).count(),
    }
    return render_page(
        request, "generation/product_texts.html", "generation/_product_texts.html", shown_context
    )


def context(request: Request, run: Run) -> dict[str, Any]:
    """Return what the page of a run shows."""
    [shown] = progress([run])
    used = budgeting.used(run)
    ranked = with_state(Variant.objects.filter(job__run=run)).annotate(rank=RANK).select_related("product")
    write_backs = run.write_backs.annotate(
        count=Count("products"), stayed=Count("products", ~Q(products__kept=[]))
    )
    return {
        "run": run,
        "progress": shown,
        "used": used,
        "pause_note": run.get_pause_display() if run.pause else "",
        "changing": not shown.over and (not run.pause or bool(used.running)),
        "may_steer": may_steer(request, run),
        "resume": BudgetForm(initial={"token_budget": run.token_budget, "money_budget": run.money_budget}),
        "results": results(run),
        "page": keyset_page(ranked, request.GET, order="rank", size=ROWS),
        "write_backs": write_backs.select_related("by", "undone_by").order_by("-at")[:WRITE_BACKS],
    }


# What needs a person comes first: findings, then what waits, then what is decided.
RANK = Case(
    When(Q(state=State.READY) & ~Q(findings=[]), then=Value(0)),
    When(state=State.READY, then=Value(1)),
    When(state=State.REJECTED, then=Value(2)),
    default=Value(3),
)


def with_state(texts: QuerySet[Variant]) -> QuerySet[Variant]:
    """Add to each text whether it is out of date."""
    return texts.annotate(outdated=ExpressionWrapper(citing.stale(), output_field=BooleanField()))


def results(run: Run) -> dict[str, Any]:
    """Return how many of the run's texts wait, are approved, are rejected, have findings, are out of date."""
    return Variant.objects.filter(job__run=run).aggregate(
        ready=Count("pk", filter=Q(state=State.READY)),
        approved=Count("pk", filter=Q(state=State.APPROVED)),
        rejected=Count("pk", filter=Q(state=State.REJECTED)),
        findings=Count("pk", filter=Q(state=State.READY) & ~Q(findings=[])),
        outdated=Count("pk", filter=citing.stale() & ~Q(state=State.REJECTED)),
    )


def exported(run: Run) -> Iterator[dict[str, Any]]:
    """Yield one row for each approved text, its slots filled."""
    for text in with_state(publishing.approved(run)).iterator(chunk_size=1000):
        yield {
            "sku": text.product.sku if text.product else "",
            "name": text.product.name if text.product else "",
            "kind": text.kind,
            "language": text.language,
            "out_of_date": text.outdated,  # type: ignore[attr-defined]
            "fields": publishing.worded(text),
        }


def visible(request: Request, pk: UUID) -> Run:
    """Return the run about products if this person may see it, else answer 404."""
    found = Run.objects.visible_to(request.user).filter(purpose=Run.Purpose.CATALOGUE)
    return get_object_or_404(
        found.select_related("requested_by", "cancelled_by", "paused_by", "brand_voice"), pk=pk
    )


def may_steer(request: Request, run: Run) -> bool:
    """Say whether this person may pause, go on or cancel: who asked for it, or an approver."""
    if runs.may_cancel(request, run):
        return True
    if run.cancel_requested_at is None and request.method == "POST":
        messages.error(request, _("Only the person who asked for it, or an approver, can do this."))
    return False
