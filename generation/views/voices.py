"""Brand voices at work: a preview of two, what approved texts suggest, and the rules of the markets."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.models import BrandVoice
from generation import briefing, jobs
from generation.checks import Finding, check
from generation.checks.findings import RULES, finding
from generation.checks.market_rules import BASE, rule_sets, rules_of
from generation.facts import FactSheet
from generation.models import Job, Kind, Run, VoicePreview
from generation.texts.kinds import PARTS, Copy
from generation.texts.reading import read
from generation.texts.slots import UnknownSlot, fill, slot_values
from generation.voice_forms import PreviewForm, ProductSearchForm
from generation.voices import suggesting
from generation.work.progress import progress
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.typed_lists import lines


@dataclass(frozen=True)
class Side:
    """One of the two texts of a preview, or the job that it is waited for."""

    name: str
    job: Job
    parts: list[tuple[str, str]]  # label, and the words with the facts filled in
    findings: list[Finding]
    preview: VoicePreview | None


@require_safe
@allowed("generation.view_variant")
def voice_preview(request: Request) -> HttpResponse:
    """Show the form, and the two texts of a run; asks again until both are there."""
    q = request.GET.get("q", "")
    return show_preview(request, PreviewForm(q=q, **_chosen(request)))


@require_POST
@allowed("generation.add_run")
def voice_preview_request(request: Request) -> HttpResponse:
    """Ask for a brief under two voices; the same form sent twice is one request."""
    form = PreviewForm(request.POST)
    if form.is_valid():
        run = jobs.request_preview(form.order(), request.user, form.cleaned_data["client_key"])
        return redirect(f"{reverse('generation:voice_preview')}?run={run.pk}")
    return show_preview(request, form, status=422)


def show_preview(request: Request, form: PreviewForm, status: int = 200) -> HttpResponse:
    run = _run(request)
    told = progress([run])[0] if run else None
    context: dict[str, Any] = {
        "form": form if request.user.has_perm("generation.add_run") else None,
        "search": ProductSearchForm(request.GET),
        "run": run,
        "progress": told,
        "sides": _sides(run) if run else [],
    }
    page, fragment = "generation/voice_preview.html", "generation/_voice_preview.html"
    return render_page(request, page, fragment, context, status=status)


@require_safe
@allowed("campaigns.view_brandvoice")
@allowed("generation.view_variant")
def voice_suggestions(request: Request, pk: int) -> HttpResponse:
    """Show what approved texts suggest for a voice, and what the rules say about its claims."""
    return show_suggestions(request, get_object_or_404(BrandVoice, pk=pk))


@require_POST
@allowed("campaigns.change_brandvoice")
@allowed("generation.view_variant")
def voice_accept(request: Request, pk: int) -> HttpResponse:
    """Put one suggestion into the voice."""
    voice = get_object_or_404(BrandVoice, pk=pk)
    try:
        taken = suggesting.accept(voice, request.POST.get("key", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if taken:
            messages.success(request, _("Taken over: %(what)s.") % {"what": taken.what})
        else:
            messages.warning(request, _("The approved texts no longer suggest this."))
    return _back(request, pk)


@require_POST
@allowed("campaigns.change_brandvoice")
def voice_forget_length(request: Request, pk: int) -> HttpResponse:
    """Take a learnt length out of the voice."""
    suggesting.forget_length(get_object_or_404(BrandVoice, pk=pk), request.POST.get("kind", ""))
    return _back(request, pk)


@require_safe
@allowed("generation.view_variant")
def rule_list(request: Request) -> HttpResponse:
    """Show all that texts are checked for: what, why, and from where."""
    context = {"sets": list(rule_sets().values()), "base": BASE, "general": _general()}
    return render(request, "generation/rule_list.html", context)


def show_suggestions(request: Request, voice: BrandVoice) -> HttpResponse:
    markets = briefing.voice_of(voice).markets
    context = {
        "voice": voice,
        "learnt": suggesting.learn(voice),
        "lengths": [(kind, Kind(kind).label, length) for kind, length in voice.lengths.items()],
        "against": _against(voice),
        "markets": [rule_sets()[market].title for market in markets],
        "rules": len(rules_of(markets)),
        "may_change": request.user.has_perm("campaigns.change_brandvoice"),
    }
    return render(request, "generation/_voice_suggestions.html", context)


def _back(request: Request, pk: int) -> HttpResponse:
    if request.htmx:
        return show_suggestions(request, get_object_or_404(BrandVoice, pk=pk))
    return redirect("campaigns:brand_voice_edit", pk)


def _against(voice: BrandVoice) -> list[Finding]:
    """Return what the markets' rules say about the claims that the voice requires or allows."""
    rules = [rule for rule in rules_of(briefing.voice_of(voice).markets) if rule.market != BASE]
    return [
        finding(rule.code, field, claim, *reading.span(*match.span()))
        for field in ("required_claims", "allowed_claims")
        for claim in lines(getattr(voice, field))
        for reading in [read(claim)]
        for rule in rules
        for match in reading.find(rule.pattern)
    ]


def _general() -> list[tuple[str, str, str, bool]]:
    """Return code, message, help and severity of the rules that are of no market."""
    span = {"span": "…"}
    return [
        (code, str(rule.message) % span, str(rule.help) % span, rule.hard) for code, rule in RULES.items()
    ]


def _chosen(request: Request) -> dict[str, Any]:
    """Return what a link to the page names already: a voice, a product."""
    named = {"first": request.GET.get("voice"), "product": request.GET.get("product")}
    return {field: value for field, value in named.items() if value and value.isdecimal()}


def _run(request: Request) -> Run | None:
    """Return the preview that the address names; nobody's other runs."""
    try:
        key = UUID(request.GET.get("run", ""))
    except ValueError:
        return None
    runs = Run.objects.visible_to(request.user).filter(purpose=Run.Purpose.PREVIEW)
    return get_object_or_404(runs, pk=key)


def _sides(run: Run) -> list[Side]:
    wanted = run.jobs.select_related("product", "preview__brand_voice").order_by("variant")
    voices = BrandVoice.objects.in_bulk([pk for pk in run.spec["voices"] if pk])
    chosen = [voices.get(pk or 0) for pk in run.spec["voices"]]
    return [_side(job, str(chosen[job.variant] or _("Plain words, no voice"))) for job in wanted]


def _side(job: Job, name: str) -> Side:
    preview = getattr(job, "preview", None)
    if preview is None:
        return Side(name, job, [], [], None)
    sheet = briefing.restored(preview.facts, preview.brand_voice)
    found = check(preview.fields, sheet, Kind(job.kind), job.language)
    return Side(name, job, _parts(Kind(job.kind), preview.fields, sheet), found, preview)


def _parts(kind: Kind, copy: Copy, sheet: FactSheet) -> list[tuple[str, str]]:
    values = slot_values(sheet)
    return [(str(part.label), _filled(copy.get(part.name, ""), values)) for part in PARTS[kind]]


def _filled(text: str, values: dict[str, str]) -> str:
    try:
        return fill(text, values)
    except UnknownSlot:
        return text
