"""Asking for texts about many products: what to write, what it will take, and templates to ask again."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import cataloguing, jobs
from generation.catalogue_forms import CatalogueForm, SaveTemplateForm, choices_of, outdated_choices
from generation.citing import out_of_date
from generation.models import Run, TextTemplate
from generation.work.progress import progress
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page

RUNS, SAMPLE = 20, 5
LIST, LIST_PART = "generation/catalogue_list.html", "generation/_catalogue_list.html"
NEW, ESTIMATE = "generation/catalogue_new.html", "generation/_catalogue_estimate.html"


class StartForm(forms.Form):
    """What was confirmed: how many texts were shown, and the key that makes a double click one run."""

    texts = forms.IntegerField(min_value=1)
    client_key = forms.UUIDField()


@require_safe
@allowed("generation.view_run")
def catalogue_list(request: Request) -> HttpResponse:
    """Show the runs about products, latest first, and how many texts are out of date."""
    runs = Run.objects.visible_to(request.user).filter(purpose=Run.Purpose.CATALOGUE)
    page = keyset_page(runs.select_related("requested_by"), request.GET, order="-created_at", size=RUNS)
    shown = progress(page.rows)
    context = {
        "page": page,
        "runs": shown,
        "writing": any(not each.over and not each.run.pause for each in shown),
        "outdated": out_of_date().count(),
    }
    return render_page(request, LIST, LIST_PART, context)


@require_safe
@allowed("generation.add_run")
def catalogue_new(request: Request) -> HttpResponse:
    """Choose products and texts; what is asked for stands in the address, with what it will take."""
    if "estimate" in request.GET:
        return show(request, CatalogueForm(request.GET), request.GET)
    chosen = TextTemplate.objects.filter(pk=whole(request.GET.get("template", ""))).first()
    initial: dict[str, Any] = choices_of(chosen) if chosen else {}
    if request.GET.get("need") == "outdated":
        initial |= outdated_choices()
    # A link may name products: "?q=MUG-1&need=outdated".
    initial |= {name: request.GET[name] for name in ("q", "category", "brand", "need") if name in request.GET}
    return show(request, CatalogueForm(**initial), request.GET)


@require_POST
@allowed("generation.add_run")
def catalogue_start(request: Request) -> HttpResponse:
    """Start what was confirmed; where other products match by now, the estimate is shown anew."""
    asked, confirmed = QueryDict(request.POST.get("query", "")), StartForm(request.POST)
    form = CatalogueForm(asked)
    if not (confirmed.is_valid() and form.is_valid()):
        return show(request, form, asked, status=422)
    key = confirmed.cleaned_data["client_key"]
    known = Run.objects.filter(client_key=key, requested_by=request.user).first()
    if known:
        return redirect("generation:catalogue_run", known.pk)
    products, order, budget = form.products(), form.order(), form.budget()
    found = cataloguing.estimate(products, order, budget).texts
    if found != confirmed.cleaned_data["texts"]:
        form.add_error(None, _("Other products match by now: look at the estimate again."))
        return show(request, form, asked, status=422)
    try:
        run = cataloguing.request_catalogue(products, order, budget, request.user, key, asked.urlencode())
    except jobs.Refused as refused:
        form.add_error(None, str(refused))
        return show(request, form, asked, status=422)
    said = ngettext("%(count)s text is on its way.", "%(count)s texts are on their way.", run.expected)
    messages.success(request, said % {"count": number(run.expected)})
    return redirect("generation:catalogue_run", run.pk)


@require_POST
@allowed("generation.add_run")
def template_save(request: Request) -> HttpResponse:
    """Keep what to write under a name, or replace what stands under it."""
    asked, named = QueryDict(request.POST.get("query", "")), SaveTemplateForm(request.POST)
    form = CatalogueForm(asked)
    if form.is_valid() and named.is_valid():
        kept = cataloguing.save_template(named.cleaned_data["name"], form.order(), request.user)
        messages.success(request, _("“%(name)s” is kept.") % {"name": kept.name})
    else:
        messages.error(request, _("Give the template a name, and choose at least one kind and language."))
    return redirect(f"{reverse('generation:catalogue_new')}?{asked.urlencode()}")


@require_POST
@allowed("generation.add_run")
def template_delete(request: Request, pk: int) -> HttpResponse:
    """Forget a template; runs that were asked for with it stay."""
    get_object_or_404(TextTemplate, pk=pk).delete()
    return redirect("generation:catalogue_new")


def show(request: Request, form: CatalogueForm, asked: QueryDict, status: int = 200) -> HttpResponse:
    """Render the form and, where it is complete, what it will take."""
    context: dict[str, Any] = {"form": form, "query": asked.urlencode(), "client_key": uuid4()}
    if form.is_bound and (form.is_valid() or not form.errors.keys() - {"__all__"}):
        products = form.products()
        found = cataloguing.estimate(products, form.order(), form.budget())
        context |= {
            "estimate": found,
            "sample": products.order_by("name", "pk")[:SAMPLE],
            "products": products.count(),
            "save_form": SaveTemplateForm(),
        }
    context["templates"] = TextTemplate.objects.order_by("name")
    return render_page(request, NEW, ESTIMATE, context, status=status)


def whole(text: str) -> int:
    """Return the number that an address names, 0 where it names none."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0
