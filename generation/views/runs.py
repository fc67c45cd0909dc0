"""Runs: the list with the workers behind it, one run with its items, and what people do to them."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.models import Job, Run
from generation.tasks import hint
from generation.work import beating, claiming
from generation.work.claiming import LANE
from generation.work.progress import desk, progress
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.work import State
from shop.models import Lane

RUNS, ITEMS = 20, 50


@require_safe
@allowed("generation.view_run")
def run_list(request: Request) -> HttpResponse:
    """Show who is writing, and all runs, latest first; asks again while something is under way."""
    runs = Run.objects.visible_to(request.user).select_related("campaign", "requested_by")
    page = keyset_page(runs, request.GET, order="-created_at", size=RUNS)
    shown = progress(page.rows)
    context = {
        "page": page,
        "runs": shown,
        "writing": any(not each.over for each in shown),
        "desk": desk(),
        "workers": [(beat, beating.words(beat.doing)) for beat in beating.alive(LANE).order_by("worker")],
    }
    return render_page(request, "generation/run_list.html", "generation/_run_list.html", context)


@require_safe
@allowed("generation.view_run")
def run_detail(request: Request, pk: UUID) -> HttpResponse:
    """Show one run and its items; asks again until it is over."""
    run = visible(request, pk)
    state = request.GET.get("state", "")
    items = run.jobs.select_related(
        "product", "customer", "category", "variant_text", "offer"
    ).prefetch_related("events")
    items = items.filter(state=state) if state in State.values else items
    context = {
        "run": run,
        "progress": progress([run])[0],
        "state": state,
        "page": keyset_page(items, request.GET, order="pk", size=ITEMS),
        "may_cancel": may_cancel(request, run),
    }
    return render_page(request, "generation/run_detail.html", "generation/_run_detail.html", context)


@require_POST
@allowed("generation.add_run")
def run_cancel(request: Request, pk: UUID) -> HttpResponse:
    """Cancel a run of one's own; approvers cancel anybody's."""
    run = visible(request, pk)
    if not may_cancel(request, run):
        messages.error(request, _("Only the person who asked for it, or an approver, can cancel this run."))
        return redirect(run)
    claiming.cancel(run, request.user)
    messages.success(request, _("Cancelled. Texts that were ready are kept."))
    return redirect(run)


@require_POST
@allowed("generation.add_run")
def run_try_again(request: Request, pk: UUID) -> HttpResponse:
    """Queue everything of the run that needs a person again."""
    return again(visible(request, pk).jobs.all(), visible(request, pk))


@require_POST
@allowed("generation.add_run")
def job_try_again(request: Request, pk: int) -> HttpResponse:
    """Queue one item again."""
    job = visible_job(request, pk)
    return again(Job.objects.filter(pk=job.pk), job.run)


@require_POST
@allowed("generation.add_run")
def job_skip(request: Request, pk: int) -> HttpResponse:
    """Go on without one item."""
    job = visible_job(request, pk)
    claiming.skip(Job.objects.filter(pk=job.pk))
    return redirect(job.run)


@require_POST
@allowed("shop.change_lane")
def lane_pause(request: Request) -> HttpResponse:
    """Let no writer begin a new batch until writing is resumed."""
    Lane.objects.update_or_create(name=LANE, defaults={"paused": True})
    return redirect("generation:run_list")


@require_POST
@allowed("shop.change_lane")
def lane_resume(request: Request) -> HttpResponse:
    """Let the writers go on."""
    Lane.objects.update_or_create(name=LANE, defaults={"paused": False})
    hint(LANE)
    return redirect("generation:run_list")


def visible(request: Request, pk: UUID) -> Run:
    """Return the run if this person may see it, else answer 404."""
    runs = Run.objects.visible_to(request.user).select_related("campaign", "requested_by", "cancelled_by")
    return get_object_or_404(runs, pk=pk)


def visible_job(request: Request, pk: int) -> Job:
    """Return the job if this person may see its run, else answer 404."""
    runs = Run.objects.visible_to(request.user)
    return get_object_or_404(Job.objects.filter(run__in=runs).select_related("run"), pk=pk)


def may_cancel(request: Request, run: Run) -> bool:
    """Say whether this person may cancel the run, if it is not over."""
    own = run.requested_by_id == request.user.pk and request.user.has_perm("generation.add_run")
    return run.cancel_requested_at is None and (own or request.user.has_perm("generation.approve_variant"))


def again(items: QuerySet[Job], run: Run) -> HttpResponse:
    claiming.try_again(items)
    hint(LANE)
    return redirect(run)
