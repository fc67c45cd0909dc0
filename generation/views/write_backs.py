"""Putting a run's approved texts into its products: a preview, the act, and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation import publishing, review
from generation.catalogue_forms import WriteBackForm
from generation.models import Run, WriteBack
from generation.views.catalogue_runs import visible
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request

# Enough to see what would happen; the counts say the rest.
SHOWN = 20
LEFT: dict[str, str | Promise] = {
    publishing.STALE: gettext_lazy("out of date"),
    publishing.LONG: gettext_lazy("too long for the product's field"),
    publishing.STANDS: gettext_lazy("other words stand there"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("shop.change_product")
@allowed(review.APPROVE)
def write_back(request: Request, pk: UUID) -> HttpResponse:
    """Show what would change, and write exactly that."""
    run = visible(request, pk)
    form = WriteBackForm(run.spec["languages"], request.POST or request.GET)
    language, overwrite = form.asked()
    if request.method != "POST":
        return preview(request, run, form)
    try:
        digest = request.POST.get("digest", "")
        done = publishing.write_back(run, language, request.user, digest, overwrite=overwrite)
    except publishing.Changed:
        messages.error(request, _("Something has changed since you looked: look again, then write."))
        return preview(request, run, form, status=409)
    count = done.products.count()
    said = ngettext("%(count)s product was written.", "%(count)s products were written.", count)
    messages.success(request, said % {"count": number(count)})
    return redirect("generation:catalogue_run", pk)


@require_POST
@allowed("shop.change_product")
@allowed(review.APPROVE)
def write_back_undo(request: Request, pk: int) -> HttpResponse:
    """Put back what stood before; what was changed since stays, and is listed."""
    written = get_object_or_404(WriteBack.objects.filter(run__in=Run.objects.visible_to(request.user)), pk=pk)
    try:
        stayed = publishing.undo(written, request.user)
    except publishing.Undone:
        messages.error(request, _("It was taken back already."))
        return redirect("generation:write_back_detail", pk)
    messages.success(request, _("Taken back: the products say what they said before."))
    if stayed:
        said = ngettext(
            "%(count)s product was changed since, and keeps that.",
            "%(count)s products were changed since, and keep that.",
            stayed,
        )
        messages.warning(request, said % {"count": number(stayed)})
    return redirect("generation:write_back_detail", pk)


@require_safe
@allowed("generation.view_run")
def write_back_detail(request: Request, pk: int) -> HttpResponse:
    """Show what a write-back wrote and, once it is undone, what stayed because somebody changed it."""
    seen = WriteBack.objects.filter(run__in=Run.objects.visible_to(request.user))
    written = get_object_or_404(seen.select_related("run", "by", "undone_by"), pk=pk)
    stayed = publishing.changed_since(written)
    context = {
        "written": written,
        "count": written.products.count(),
        "stayed": [(row.product, [publishing.label(name) for name in row.kept]) for row in stayed[:SHOWN]],
        "stayed_count": stayed.count(),
        "rows": [
            (row.product, [(publishing.label(name), old, new) for name, old, new in row.changes])
            for row in written.products.select_related("product").order_by("pk")[:SHOWN]
        ],
        "may_undo": request.user.has_perms(["shop.change_product", review.APPROVE]),
    }
    return render(request, "generation/write_back_detail.html", context)


def preview(request: Request, run: Run, form: WriteBackForm, status: int = 200) -> HttpResponse:
    language, overwrite = form.asked()
    plan = publishing.plan(run, language, overwrite=overwrite)
    context: dict[str, Any] = {
        "run": run,
        "form": form,
        "language": language,
        "overwrite": overwrite,
        "plan": plan,
        "shown": plan.changes[:SHOWN],
        "left": [(LEFT[why], count) for why, count in plan.left.items()],
    }
    return render(request, "generation/write_back.html", context, status=status)
