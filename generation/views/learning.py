"""Learning: data sets and teaching runs, and what people do to the work behind them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.learning import claiming, keeping, requesting
from generation.learning_forms import DataSetForm, KeyedForm, TrainingForm
from generation.learning_presenting import left, loss_chart, report_of, shown, tabs
from generation.models import DataSet, LearningJob, Training
from generation.models.learning import Split
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.work import OPEN

PAGE, EXAMPLES_SHOWN = 20, 12
form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@allowed("generation.view_dataset")
def learning_sets(request: Request) -> HttpResponse:
    """List the data sets, latest first."""
    sets = DataSet.objects.select_related("created_by")
    page = keyset_page(sets, request.GET, order="-created_at", size=PAGE)
    return render(request, "generation/learning_sets.html", {"page": page, "tabs": tabs("learning_sets")})


@form_view
@allowed("generation.add_dataset")
def learning_set_new(request: Request) -> HttpResponse:
    """Ask for a look through texts; nothing is kept before somebody has seen the report."""
    form = DataSetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cleaned = form.cleaned_data
        data_set = requesting.look(cleaned["name"], form.choice(), request.user, cleaned["client_key"])
        return redirect(data_set)
    return render(
        request, "generation/learning_set_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@allowed("generation.view_dataset")
def learning_set(request: Request, pk: int) -> HttpResponse:
    """Show the report, and some examples once they are kept; asks again while it is worked on."""
    data_set = get_object_or_404(DataSet.objects.select_related("created_by", "frozen_by"), pk=pk)
    job = data_set.jobs.order_by("-pk").first()
    context = {
        "data_set": data_set,
        "work": shown(job),
        "report": report_of(data_set),
        "examples": data_set.examples.select_related("product").order_by("number")[:EXAMPLES_SHOWN],
        "splits": {split.value: split.label for split in Split},
        "trainings": data_set.trainings.order_by("-pk"),
        "forgotten": data_set.sightings.filter(forgotten_at__isnull=False).count(),
        "form": KeyedForm(auto_id=False),
    }
    return render_page(request, "generation/learning_set.html", "generation/_learning_set.html", context)


@require_POST
@allowed("generation.add_dataset")
def learning_set_keep(request: Request, pk: int) -> HttpResponse:
    """Freeze a data set whose report somebody has seen."""
    data_set = get_object_or_404(DataSet, pk=pk)
    form = KeyedForm(request.POST)
    if form.is_valid():
        try:
            requesting.keep(data_set, request.user, form.cleaned_data["client_key"])
        except requesting.Refused as refused:
            messages.error(request, str(refused))
    return redirect(data_set)


@require_safe
@allowed("generation.download_dataset")
def learning_set_download(request: Request, pk: int) -> StreamingHttpResponse:
    """Give a data set as JSON Lines."""
    data_set = get_object_or_404(DataSet, pk=pk, state=DataSet.State.FROZEN)
    response = StreamingHttpResponse(keeping.lines(data_set), content_type="application/jsonl; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="data-set-{data_set.pk}.jsonl"'
    return response


@require_safe
@allowed("generation.view_training")
def learning_trainings(request: Request) -> HttpResponse:
    """List the teaching runs, latest first; asks again while one is under way."""
    runs = Training.objects.select_related("data_set", "requested_by").prefetch_related("jobs")
    page = keyset_page(runs, request.GET, order="-created_at", size=PAGE)
    rows = [(one, one.jobs.all()[0] if one.jobs.all() else None) for one in page.rows]
    context = {
        "page": page,
        "rows": rows,
        "teaching": any(job and not job.over for _one, job in rows),
        "tabs": tabs("learning_trainings"),
    }
    return render_page(
        request, "generation/learning_trainings.html", "generation/_learning_trainings.html", context
    )


@form_view
@allowed("generation.add_training")
def learning_training_new(request: Request) -> HttpResponse:
    """Ask for a teaching run."""
    known = request.GET.get("set", "")
    form = TrainingForm(
        request.POST if request.method == "POST" else None, data_set=int(known) if known.isdecimal() else None
    )
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            run = requesting.teach(cleaned["data_set"], form.lesson(), request.user, cleaned["client_key"])
            return redirect(run)
        except requesting.Refused as refused:
            form.add_error(None, str(refused))
    return render(
        request, "generation/learning_training_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@allowed("generation.view_training")
def learning_training(request: Request, pk: int) -> HttpResponse:
    """Show a run with its losses; asks again until it is over."""
    runs = Training.objects.select_related("data_set", "requested_by", "again_of")
    training = get_object_or_404(runs, pk=pk)
    job = training.jobs.select_related("cancelled_by").first()
    context: dict[str, Any] = {
        "training": training,
        "work": shown(job),
        "left": left(training),
        "chart": loss_chart(training),
        "evaluations": training.evaluations.order_by("-pk"),
        "may_cancel": bool(job and may_stop(request, job)),
        "form": KeyedForm(auto_id=False),
    }
    return render_page(
        request, "generation/learning_training.html", "generation/_learning_training.html", context
    )


@require_POST
@allowed("generation.add_training")
def learning_training_again(request: Request, pk: int) -> HttpResponse:
    """Teach the same anew from what is left in the data set."""
    training = get_object_or_404(Training, pk=pk)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return redirect(training)
    try:
        return redirect(requesting.teach_again(training, request.user, form.cleaned_data["client_key"]))
    except requesting.Refused as refused:
        messages.error(request, str(refused))
    return redirect(training)


@require_POST
@allowed("generation.add_training")
def learning_job_cancel(request: Request, pk: int) -> HttpResponse:
    """Cancel a piece of work: nothing of it is kept from now on."""
    job = get_object_or_404(LearningJob, pk=pk)
    claiming.cancel(job, request.user)
    messages.success(request, _("Cancelled."))
    return redirect(about(job))


@require_POST
@allowed("generation.add_training")
def learning_job_again(request: Request, pk: int) -> HttpResponse:
    """Try a piece of work again that needed a person; teaching goes on at its checkpoint."""
    job = get_object_or_404(LearningJob, pk=pk)
    claiming.try_again(job)
    return redirect(about(job))


def may_stop(request: Request, job: LearningJob) -> bool:
    """Say whether this person may cancel a piece of work that is not over."""
    return (
        job.state in OPEN
        and job.cancel_requested_at is None
        and request.user.has_perm("generation.add_training")
    )


def about(job: LearningJob) -> Any:
    """Return the row that a piece of work is about."""
    return job.training or job.evaluation or job.data_set
