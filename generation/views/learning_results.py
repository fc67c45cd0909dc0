"""Learning: evaluations, what is in use, and where a person was learnt from."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.learning import forgetting, promoting, requesting, serving
from generation.learning_forms import CanaryForm, CompareForm, KeyedForm
from generation.learning_presenting import history_chart, measures, name_of, pairs_of, shown, tabs
from generation.models import Evaluation, Promotion
from generation.views.learning import may_stop
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from shop.models import Customer

LISTED, CHARTED, PAIRS_SHOWN = 30, 60, 12


@require_safe
@allowed("generation.view_evaluation")
def learning_evaluations(request: Request) -> HttpResponse:
    """Show how adapters did over time, all evaluations, and a form to compare any two."""
    return render(request, "generation/learning_evaluations.html", evaluations(request, CompareForm()))


@require_POST
@allowed("generation.add_evaluation")
def learning_compare(request: Request) -> HttpResponse:
    """Ask for an evaluation of any two."""
    form = CompareForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            return redirect(
                requesting.evaluate(
                    told["before"], told["after"], told["data_set"], told["texts"], request.user,
                    told["client_key"],
                )
            )  # fmt: skip
        except requesting.Refused as refused:
            form.add_error(None, str(refused))
    return render(request, "generation/learning_evaluations.html", evaluations(request, form), status=422)


def evaluations(request: Request, form: CompareForm) -> dict[str, Any]:
    """Return the context of the evaluations' page; the address names the adapters whose history is drawn."""
    latest = Evaluation.objects.select_related("data_set").prefetch_related("jobs").order_by("-pk")
    over = list(latest.filter(finished_at__isnull=False)[:CHARTED])[::-1]
    known = list(dict.fromkeys(name for one in over for name in (one.before, one.after)))
    chosen = [name for name in request.GET.getlist("of") if name in known] or known[-2:]
    return {
        "form": form,
        "evaluations": [(one, one.jobs.all()[0] if one.jobs.all() else None) for one in latest[:LISTED]],
        "charts": [(name_of(name), chart) for name in chosen if (chart := history_chart(over, name))],
        "choices": [(name, name_of(name), name in chosen) for name in known],
        "tabs": tabs("learning_evaluations"),
    }


@require_safe
@allowed("generation.view_evaluation")
def learning_evaluation(request: Request, pk: int) -> HttpResponse:
    """Show both sides, what got worse, and texts side by side; asks again until it is over."""
    found = Evaluation.objects.select_related("data_set", "training", "requested_by")
    evaluation = get_object_or_404(found, pk=pk)
    job = evaluation.jobs.first()
    context = {
        "evaluation": evaluation,
        "sides": (name_of(evaluation.before), name_of(evaluation.after)),
        "work": shown(job),
        "done": evaluation.texts.count(),
        "rows": measures(evaluation),
        "pairs": pairs_of(evaluation, PAIRS_SHOWN),
        "obstacle": promoting.obstacle(evaluation) if evaluation.finished_at else "",
        "form": CanaryForm(),
        "may_cancel": bool(job and may_stop(request, job)),
    }
    return render_page(
        request, "generation/learning_evaluation.html", "generation/_learning_evaluation.html", context
    )


@require_POST
@allowed("generation.promote_adapter")
def learning_promote(request: Request, pk: int) -> HttpResponse:
    """Put the evaluation's adapter into use, if its gate lets it pass."""
    evaluation = get_object_or_404(Evaluation, pk=pk)
    try:
        promoting.promote(evaluation, request.user)
    except promoting.NotPromotable as error:
        messages.error(request, str(error))
        return redirect(evaluation)
    messages.success(request, _("In use from now on."))
    return redirect("generation:learning_use")


@require_POST
@allowed("generation.promote_adapter")
def learning_try_out(request: Request, pk: int) -> HttpResponse:
    """Use the evaluation's adapter on a share of the runs."""
    evaluation = get_object_or_404(Evaluation, pk=pk)
    form = CanaryForm(request.POST)
    try:
        promoting.try_out(evaluation, form.cleaned_data["share"] if form.is_valid() else 0, request.user)
    except promoting.NotPromotable as error:
        messages.error(request, str(error))
        return redirect(evaluation)
    messages.success(request, _("It is being tried from now on."))
    return redirect("generation:learning_use")


@require_safe
@allowed("generation.view_promotion")
def learning_use(request: Request) -> HttpResponse:
    """Show what writes now, and who decided that when."""
    now = serving.standing()
    history = Promotion.objects.select_related("by", "evaluation").order_by("-pk")[:LISTED]
    context = {
        "now": now,
        "adapter": name_of(now.adapter),
        "canary": name_of(now.canary),
        "history": [(one, name_of(one.adapter), name_of(one.canary)) for one in history],
        "back": name_of(promoting.before_decision(now.promotion).adapter) if now.promotion else "",
        "tabs": tabs("learning_use"),
    }
    return render(request, "generation/learning_use.html", context)


@require_POST
@allowed("generation.promote_adapter")
def learning_roll_back(request: Request) -> HttpResponse:
    """Go back to what was in use before."""
    try:
        promoting.roll_back(request.user)
        messages.success(request, _("Rolled back."))
    except promoting.NotPromotable as error:
        messages.error(request, str(error))
    return redirect("generation:learning_use")


@require_safe
@allowed("shop.erase_customer")
def learning_person(request: Request, pk: int) -> HttpResponse:
    """Fill the slot on the page of erasing: data sets and adapters that saw texts that concern the person."""
    customer = get_object_or_404(Customer, pk=pk)
    context = {"customer": customer, "seen": forgetting.seen(customer), "form": KeyedForm(auto_id=False)}
    return render(request, "generation/_learning_person.html", context)
