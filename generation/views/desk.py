"""What people do beside a text: comment on it, assign it, say whether it is learnt from, ask for a rewrite.

Each answers a swap with its own part of the page, and the history beside it, so nothing typed elsewhere goes.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation import jobs, lessons, review
from generation.history import author_of, history
from generation.models import Comment, Rewrite, Variant
from generation.presenting import FACT_LABELS, related
from generation.review import Conflict, Refused
from generation.review_forms import AssignForm, CommentForm, RewriteForm
from generation.texts.kinds import PARTS, Kind
from generation.views import reviews
from generation.work.progress import desk
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request
from marketing_site.lib.work import OPEN

CHANGE, COMMENT = "generation.change_variant", "generation.add_comment"
MOVED_ON = gettext_lazy("The text was changed since this was asked for: ask again.")
# Proposals that are dealt with are in the history.
UNDECIDED = [Rewrite.State.WAITING, Rewrite.State.READY, Rewrite.State.IMPOSSIBLE]


@require_POST
@allowed(COMMENT)
def variant_comment(request: Request, pk: int) -> HttpResponse:
    """Keep a comment."""
    variant = visible(request, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        review.comment(variant, form.cleaned_data["text"], request.user)
        messages.success(request, _("Comment kept."))
    if request.POST.get("from") == "queue":
        if form.errors:
            messages.error(request, _("The comment is empty, or too long: it was not kept."))
        return reviews.after(request, stay=variant.pk)
    more = {"comment_form": form} if form.errors else {}
    return part(request, variant, "comments", status=422 if form.errors else 200, **more)


@require_POST
@allowed(COMMENT)
def comment_resolve(request: Request, pk: int) -> HttpResponse:
    """Mark a comment as dealt with, or open it again."""
    said = get_object_or_404(Comment.objects.visible_to(request.user), pk=pk)
    review.resolve(said, request.user, resolved="open" not in request.POST)
    return part(request, visible(request, said.variant_id), "comments")


@require_POST
@allowed(CHANGE)
def variant_assign(request: Request, pk: int) -> HttpResponse:
    """Hand the text to somebody who may approve it, or to nobody."""
    variant = visible(request, pk)
    form = AssignForm(request.POST, variant)
    if form.is_valid():
        return act(
            request,
            variant,
            "assignee",
            lambda: review.assign(variant, form.cleaned_data["to"], request.user),
        )
    messages.error(request, _("Choose somebody who may approve this text."))
    return part(request, variant, "assignee")


@require_POST
@allowed(CHANGE)
def variant_learn(request: Request, pk: int) -> HttpResponse:
    """Let tuning learn from the text, or not."""
    variant = visible(request, pk)
    learn = request.POST.get("learn") == "on"
    return act(request, variant, "learning", lambda: review.teach(variant, request.user, learn=learn))


@require_safe
@allowed("generation.view_variant")
def variant_rewrites(request: Request, pk: int) -> HttpResponse:
    """Show what was asked for anew; asks again while something is being written."""
    return part(request, visible(request, pk), "rewrites")


@require_POST
@allowed(CHANGE)
def variant_rewrite(request: Request, pk: int) -> HttpResponse:
    """Ask for some words to be written anew; the same form sent twice is one request."""
    variant = visible(request, pk)
    form = RewriteForm(variant, request.POST)
    if form.is_valid():
        try:
            jobs.request_rewrite(variant, form.order(), request.user, form.cleaned_data["client_key"])
        except jobs.Refused as refused:
            form.add_error(None, str(refused))
    more = {"rewrite_form": form} if form.errors else {}
    return part(request, variant, "rewriting", status=422 if form.errors else 200, **more)


@require_POST
@allowed(CHANGE)
def rewrite_take(request: Request, pk: int) -> HttpResponse:
    """Put a proposal in the text's place; the page is drawn anew, since its form holds the old words."""
    rewrite = visible_rewrite(request, pk)
    try:
        review.take(rewrite, request.user)
    except (Refused, Conflict) as error:
        messages.error(request, str(error) or str(MOVED_ON))
    else:
        messages.success(request, _("Taken."))
    return redirect(rewrite.variant)


@require_POST
@allowed(CHANGE)
def rewrite_drop(request: Request, pk: int) -> HttpResponse:
    """Leave the text as it is."""
    rewrite = visible_rewrite(request, pk)
    return act(request, rewrite.variant, "rewrites", lambda: review.drop(rewrite, request.user))


def visible(request: Request, pk: int) -> Variant:
    return get_object_or_404(related(Variant.objects.visible_to(request.user)), pk=pk)


def visible_rewrite(request: Request, pk: int) -> Rewrite:
    texts = Variant.objects.visible_to(request.user)
    return get_object_or_404(Rewrite.objects.filter(variant__in=texts).select_related("variant"), pk=pk)


def act(request: Request, variant: Variant, name: str, change: Callable[[], object]) -> HttpResponse:
    """Act, and answer with the part of the page that shows it."""
    try:
        change()
    except Refused as refused:
        messages.error(request, str(refused))
    return part(request, variant, name)


def part(request: Request, variant: Variant, name: str, status: int = 200, **more: Any) -> HttpResponse:
    """Answer a swap with one part of the text's page and its history; a browser without it loads the page."""
    if not request.htmx:
        for form in more.values():
            for errors in form.errors.values():
                messages.error(request, " ".join(errors))
        return redirect(variant)
    shown = context(request, variant) | more | {"part": f"generation/_variant_{name}.html"}
    return render(request, "generation/_variant_part.html", shown, status=status)


def context(request: Request, variant: Variant) -> dict[str, Any]:
    """Return what the parts beside the text show."""
    may_change = request.user.has_perm(CHANGE)
    undecided = variant.state == Variant.State.READY
    verdict, asked = lessons.verdict(variant), rewrites(variant)
    return {
        "variant": variant,
        "comments": [
            (comment, author_of(comment))
            for comment in variant.comments.select_related("by", "key", "resolved_by").order_by("at", "pk")
        ],
        "comment_form": CommentForm(),
        "may_comment": request.user.has_perm(COMMENT),
        "may_change": may_change,
        "assign_form": AssignForm(variant=variant) if may_change else None,
        "verdict": lessons.VERDICTS[verdict] if verdict else "",
        "not_learnt": lessons.why_not(variant),
        "rewrites": asked,
        "writing": any(each["writing"] for each in asked),
        "rewrite_form": RewriteForm(variant, client_key=uuid4()) if may_change and undecided else None,
        "history": history(variant),
        "obstacle": desk().obstacle,
    }


def rewrites(variant: Variant) -> list[dict[str, Any]]:
    """Return the undecided proposals with what they change, latest first."""
    rows = variant.rewrites.filter(state__in=UNDECIDED).select_related("job__run").order_by("-pk")
    labels = {part.name: part.label for part in PARTS[Kind(variant.kind)]}
    facts = {fact["id"]: f"{FACT_LABELS[fact['kind']]}: {fact['value']}" for fact in variant.facts}
    return [
        {
            "row": row,
            "label": labels.get(row.part, row.part),
            "asked": row.words or facts.get(row.fact, ""),
            "old": row.before.get(row.part, ""),
            "new": (row.after or {}).get(row.part, ""),
            "writing": row.state == Rewrite.State.WAITING and row.job.state in OPEN,
            "stands": row.version == variant.version,
        }
        for row in rows
    ]
