"""The language models: which there are, which may be used, which writes what, and how fast they are."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.engine.model_store import CONFIGURED, OWN, PACKAGE, FoundModel, Standing
from generation.model_forms import ChoiceForm
from generation.modelling import requesting
from generation.modelling.looking import overview
from generation.modelling.requesting import Refused
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page


@require_safe
@allowed("generation.view_modelchoice")
def model_list(request: Request) -> HttpResponse:
    """Show the models, the writers and the choices; asks again while something is done with a model."""
    context = {"overview": overview(), "form": ChoiceForm()}
    return render_page(request, "generation/model_list.html", "generation/_model_list.html", context)


@require_safe
@allowed("generation.change_modelchoice")
def model_files(request: Request, key: str) -> HttpResponse:
    """Show the files of a model, to be looked at before they are accepted."""
    model = found(key)
    acceptable = model.standing in (Standing.UNSIGNED, Standing.CHANGED)
    context = {"model": model, "acceptable": acceptable, "shown": model.listing if acceptable else ""}
    return render(request, "generation/model_files.html", context)


@require_POST
@allowed("generation.change_modelchoice")
def model_accept(request: Request, key: str) -> HttpResponse:
    """Accept the files that were shown."""
    shown = request.POST.get("shown", "")
    return asked(
        request,
        lambda: requesting.request_acceptance(key, shown, request.user),
        _("The files are being hashed; then the model may be used."),
    )


@require_POST
@allowed("generation.change_modelchoice")
def model_convert(request: Request, key: str) -> HttpResponse:
    """Convert a GGUF file."""
    return asked(
        request,
        lambda: requesting.request_conversion(key, request.user),
        _("The next free writer converts the model."),
    )


@require_POST
@allowed("generation.change_modelchoice")
def model_measure(request: Request, key: str) -> HttpResponse:
    """Measure how fast a model is."""
    return asked(
        request,
        lambda: requesting.request_measuring(key, request.user),
        _("The next free writer measures the model."),
    )


@require_POST
@allowed("generation.change_modelchoice")
def model_choose(request: Request) -> HttpResponse:
    """Let a model write a task in a language."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        context = {"overview": overview(), "form": form}
        return render(request, "generation/model_list.html", context, status=422)
    told = form.cleaned_data
    return asked(
        request,
        lambda: requesting.choose(told["purpose"], told["language"], told["model"], request.user),
        _("Chosen. It counts from the next batch on."),
    )


def asked(request: Request, act: Callable[[], object], done: str) -> HttpResponse:
    """Do what was asked for and say so, or say why not."""
    try:
        act()
    except Refused as why:
        messages.error(request, str(why))
    else:
        messages.success(request, done)
    return redirect("generation:model_list")


def found(key: str) -> FoundModel:
    """Return a model of this machine, else answer 404."""
    if key not in (PACKAGE, CONFIGURED) and not key.startswith(OWN):
        raise Http404
    try:
        return requesting.found(key)
    except Refused as why:
        raise Http404 from why
