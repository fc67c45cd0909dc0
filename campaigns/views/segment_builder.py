"""Making and editing segments: the rule builder with its live parts, and fixed lists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import segmenting
from campaigns.forms import rule_draft
from campaigns.forms.rule_draft import GroupDraft
from campaigns.forms.rule_inputs import draw
from campaigns.forms.segments import SegmentForm, SegmentListForm
from campaigns.models import Campaign, Segment
from campaigns.segmenting import Problem, keeping
from campaigns.segmenting.choices import Choices
from campaigns.segmenting.lists import Listed, replace_members
from campaigns.segmenting.tree import Path, parse
from campaigns.views.segments import counted, settle, visible
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("campaigns.add_segment")
def segment_create(request: Request) -> HttpResponse:
    """A new rule."""
    return build(request, Segment())


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("campaigns.add_segment")
def segment_upload(request: Request) -> HttpResponse:
    """A new fixed list."""
    return fill(request, Segment(kind=Segment.Kind.LIST))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed("campaigns.change_segment")
def segment_edit(request: Request, pk: int) -> HttpResponse:
    """Another rule, or other customers, under the same name."""
    segment = visible(request, pk)
    if segment.archived_at:
        messages.warning(request, _("This segment is archived: restore it before you edit it."))
        return redirect(segment)
    return fill(request, segment) if segment.kind == Segment.Kind.LIST else build(request, segment)


@require_POST
@allowed("campaigns.add_segment")
def segment_builder(request: Request) -> HttpResponse:
    """Redraw the builder after one of its buttons, or a choice that asks for other inputs; stores nothing."""
    draft = rule_draft.of_post(request.POST)
    focus = rule_draft.edit(draft, request.POST.get("edit", ""))
    return render(
        request, "campaigns/_segment_builder.html", drawn(request, draft, choices_of(request), focus=focus)
    )


@require_POST
@allowed("campaigns.add_segment")
def segment_preview(request: Request) -> HttpResponse:
    """Say the draft in words, count it and show some of its customers; stores nothing."""
    draft = rule_draft.of_post(request.POST)
    context = looked_at(request, draft, choices_of(request)) | {"live": True}
    return render(request, "campaigns/_segment_preview.html", context)


@require_safe
@allowed("campaigns.add_segment")
def segment_suggest(request: Request, kind: str) -> HttpResponse:
    """Propose categories, products or brands for what was typed so far."""
    choices = choices_of(request)
    typed = next((str(text) for name, text in request.GET.items() if name.endswith(kind)), "")
    if kind == "category":
        found = [(path, "") for path in choices.categories_like(typed)]
    elif kind == "product":
        found = choices.products_like(typed)
    elif kind == "brand":
        found = choices.brands_like(typed)
    else:
        raise Http404(kind)
    return render(request, "campaigns/_segment_suggestions.html", {"found": found})


def build(request: Request, segment: Segment) -> HttpResponse:
    """Show the builder, change the draft by a button, or store the segment."""
    choices = choices_of(request, segment)
    if request.method != "POST":
        return builder_page(
            request, SegmentForm(instance=segment), stored(request, segment, choices), choices
        )
    draft = rule_draft.of_post(request.POST)
    if "edit" in request.POST:  # without a script, the buttons come here
        focus = rule_draft.edit(draft, request.POST["edit"])
        form = SegmentForm(instance=segment, initial=request.POST.dict())
        return builder_page(request, form, draft, choices, focus=focus)
    return store(request, SegmentForm(request.POST, instance=segment), draft, choices)


def store(request: Request, form: SegmentForm, draft: GroupDraft, choices: Choices) -> HttpResponse:
    """Store the segment, or show everything that was entered with what is wrong."""
    checked = rule_draft.check(draft, choices)
    if form.is_valid() and checked.rule is not None:
        form.instance.rule = checked.rule
        if kept(request, form):
            messages.success(request, _("The segment is saved."))
            settle(request, form.instance)
            return redirect(form.instance)
    return builder_page(request, form, draft, choices, problems=checked.problems, status=422)


def fill(request: Request, segment: Segment) -> HttpResponse:
    """Show the form of a fixed list, or store its customers."""
    if request.method != "POST":
        return list_page(request, SegmentListForm(instance=segment))
    form = SegmentListForm(request.POST, request.FILES, instance=segment)
    if form.is_valid() and kept(request, form):
        if form.listed:
            size = replace_members(form.instance, form.listed.known.values())
            settle(request, form.instance)
            messages.success(request, list_saved(size, form.listed))
        return redirect(form.instance)
    return list_page(request, form, status=422)


def kept(request: Request, form: SegmentForm) -> bool:
    """Store the form's segment; put the refusal on the form where somebody else was faster."""
    try:
        keeping.save(form.instance, request.user, form.cleaned_data["version"])
    except keeping.Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def list_saved(size: int, listed: Listed) -> str:
    parts = [
        ngettext("%(n)s customer is on the list.", "%(n)s customers are on the list.", size) % {"n": size}
    ]
    if listed.unknown:
        text = ngettext(
            "%(n)s unknown id was left out.", "%(n)s unknown ids were left out.", len(listed.unknown)
        )
        parts.append(text % {"n": len(listed.unknown)})
    if listed.repeated:
        text = ngettext("%(n)s id came twice.", "%(n)s ids came more than once.", listed.repeated)
        parts.append(text % {"n": listed.repeated})
    return " ".join(parts)


def stored(request: Request, segment: Segment, choices: Choices) -> GroupDraft:
    """Return the segment's rule as inputs; a new segment, or a rule that cannot be read, starts afresh."""
    if segment.pk is None:
        return rule_draft.fresh()
    try:
        return rule_draft.of_rule(parse(segment.rule), choices)
    except segmenting.RuleError as error:
        text = _("The stored rule cannot be read, so here is a new one. %(error)s")
        messages.warning(request, text % {"error": error})
        return rule_draft.fresh()


def choices_of(request: Request, segment: Segment | None = None) -> Choices:
    return Choices(Campaign.objects.visible_to(request.user), segment)


def looked_at(request: Request, draft: GroupDraft, choices: Choices) -> Context:
    """Return the draft in words with its size and sample, or what is still missing."""
    checked = rule_draft.check(draft, choices)
    if checked.rule is None:
        return {"problems": checked.problems}
    sentence = segmenting.sentence(checked.rule, choices.visible_campaigns)
    return {"sentence": sentence, **counted(request, segmenting.matching(checked.rule))}


def drawn(
    request: Request,
    draft: GroupDraft,
    choices: Choices,
    problems: list[Problem] | None = None,
    focus: Path | None = None,
) -> Context:
    """Return the builder's inputs and its preview; `problems` are marked at their inputs."""
    root = draw(draft, choices, problems or [], focus)
    return {"root": root, "faults": problems, "live": True, **looked_at(request, draft, choices)}


def builder_page(
    request: Request, form: SegmentForm, draft: GroupDraft, choices: Choices, status: int = 200, **how: Any
) -> HttpResponse:
    context = {"form": form, "segment": form.instance, **drawn(request, draft, choices, **how)}
    return render(request, "campaigns/segment_edit.html", context, status=status)


def list_page(request: Request, form: SegmentListForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "segment": form.instance}
    return render(request, "campaigns/segment_upload.html", context, status=status)
