"""A text in other languages: what it was translated from, what was made of it, and asking for more."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation import jobs
from generation.forms import TranslationForm
from generation.models import Run, Variant
from generation.presenting import card, related
from generation.work.progress import progress
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page

PAGE, PART = "generation/variant_translations.html", "generation/_variant_translations.html"


@require_safe
@allowed("generation.view_variant")
def variant_translations(request: Request, pk: int) -> HttpResponse:
    """Answer the slot of the text's page; asks again until nothing is under way."""
    variant = visible(request, pk)
    return render_page(request, PAGE, PART, context(request, variant, TranslationForm(variant)))


@require_POST
@allowed("generation.add_run")
def variant_translate(request: Request, pk: int) -> HttpResponse:
    """Ask for the text in another language; the same form sent twice is one request."""
    variant = visible(request, pk)
    form = TranslationForm(variant, request.POST)
    if form.is_valid():
        try:
            language, key = form.cleaned_data["language"], form.cleaned_data["client_key"]
            jobs.request_translation(variant, language, request.user, key)
        except jobs.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The translation is on its way."))
            if not request.htmx:
                return redirect("generation:variant_translations", pk)
            form = TranslationForm(variant)
    status = 422 if form.errors else 200
    return render_page(request, PAGE, PART, context(request, variant, form), status=status)


def context(request: Request, variant: Variant, form: TranslationForm) -> dict[str, Any]:
    """Return the text, its original if it is a translation, and its translations, latest first."""
    seen = related(Variant.objects.visible_to(request.user))
    runs = progress(list(Run.objects.filter(jobs__source=variant).order_by("-created_at")[:3]))
    original = seen.filter(pk=variant.job.source_id).first() if variant.job.source_id else None
    made = seen.filter(job__source=variant).order_by("-pk")
    return {
        "variant": variant,
        "card": card(variant, request.user),
        "original": card(original, request.user) if original else None,
        "translations": [card(each, request.user) for each in made],
        "form": form if request.user.has_perm("generation.add_run") else None,
        "runs": [each for each in runs if not each.over or each.dead],
        "writing": any(not each.over for each in runs),
    }


def visible(request: Request, pk: int) -> Variant:
    """Return the text if this person may see it, else answer 404."""
    return get_object_or_404(related(Variant.objects.visible_to(request.user)), pk=pk)
