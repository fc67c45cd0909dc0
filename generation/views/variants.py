"""One text: read it, edit it with a live check, decide about it, ask for another."""

from collections.abc import Callable
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from generation import jobs, review
from generation.forms import VariantForm
from generation.models import Variant
from generation.presenting import Card, card, related
from generation.review import APPROVE, Conflict, Refused
from generation.review_forms import RejectForm, waiting
from generation.views import desk, reviews
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request

CHANGE = "generation.change_variant"
CONFLICT = gettext_lazy("Somebody else changed this text meanwhile: look at it again, then decide.")
# Texts for the same place that stand beside this one.
SIBLINGS = 6


@require_safe
@allowed("generation.view_variant")
def variant_detail(request: Request, pk: int) -> HttpResponse:
    """Show the text with its checks, where it came from and what was decided."""
    variant = visible(request, pk)
    return show(request, variant, VariantForm(variant))


@require_POST
@allowed(CHANGE)
def variant_check(request: Request, pk: int) -> HttpResponse:
    """Check a text while it is being typed; stores nothing."""
    variant = visible(request, pk)
    form = VariantForm(variant, request.POST)
    form.is_valid()
    context = {"card": card(variant, request.user, form.copy())}
    return render(request, "generation/_variant_check.html", context)


@require_POST
@allowed(CHANGE)
def variant_edit(request: Request, pk: int) -> HttpResponse:
    """Save an edit; one that began before somebody else's save is shown beside theirs instead."""
    variant = visible(request, pk)
    form = VariantForm(variant, request.POST)
    if not form.is_valid():
        return show(request, variant, form, status=422)
    try:
        review.edit(variant, form.copy(), request.user, form.cleaned_data["version"])
    except Conflict:
        return show_conflict(request, variant, form)
    messages.success(request, _("Saved."))
    return redirect(variant)


@require_POST
@allowed(APPROVE)
def variant_approve(request: Request, pk: int) -> HttpResponse:
    """Approve the version that was on the screen."""
    return decide(
        request, pk, lambda variant: review.approve(variant, request.user, seen(request)), _("Approved.")
    )


@require_POST
@allowed(APPROVE)
def variant_reject(request: Request, pk: int) -> HttpResponse:
    """Reject the version that was on the screen, with a reason."""
    reason, code = request.POST.get("reason", ""), request.POST.get("code", "")
    return decide(
        request,
        pk,
        lambda variant: review.reject(variant, request.user, reason, seen(request), code),
        _("Rejected."),
    )


@require_POST
@allowed(APPROVE)
def variant_reopen(request: Request, pk: int) -> HttpResponse:
    """Take a decision back."""
    return decide(request, pk, lambda variant: review.reopen(variant, request.user), _("Open again."))


@require_POST
@allowed("generation.add_run")
def variant_regenerate(request: Request, pk: int) -> HttpResponse:
    """Ask for one more text for the same place."""

    def ask(variant: Variant) -> None:
        try:
            jobs.request_another(variant, request.user, uuid4())
        except jobs.Refused as refused:
            raise Refused(str(refused)) from refused

    return decide(request, pk, ask, _("Another text is on its way."))


def visible(request: Request, pk: int) -> Variant:
    """Return the variant if this person may see it, else answer 404."""
    return get_object_or_404(related(Variant.objects.visible_to(request.user)), pk=pk)


def show(
    request: Request, variant: Variant, form: VariantForm, status: int = 200, conflict: Card | None = None
) -> HttpResponse:
    copy = form.copy() if form.is_bound else None
    context = desk.context(request, variant) | {
        "card": card(variant, request.user, copy),
        "form": form,
        "conflict": conflict,
        "reject": RejectForm(auto_id=False),
        "siblings": [card(one, request.user) for one in siblings(request, variant)],
        **neighbours(request, variant),
    }
    return render(request, "generation/variant_detail.html", context, status=status)


def siblings(request: Request, variant: Variant) -> QuerySet[Variant]:
    """Return the other texts for the same place, latest first."""
    same = Variant.objects.visible_to(request.user).filter(
        campaign=variant.campaign_id,
        product=variant.product_id,
        kind=variant.kind,
        language=variant.language,
        job__category=variant.job.category_id,
        job__review=variant.job.review_id,
    )
    return related(same.exclude(pk=variant.pk)).order_by("-pk")[:SIBLINGS]


def neighbours(request: Request, variant: Variant) -> dict[str, Variant | None]:
    """Return the waiting texts before and after this one."""
    others = waiting(request.user)
    return {
        "previous": others.filter(pk__lt=variant.pk).order_by("-pk").first(),
        "next": others.filter(pk__gt=variant.pk).order_by("pk").first(),
    }


def show_conflict(request: Request, variant: Variant, form: VariantForm) -> HttpResponse:
    """Show both versions: what was typed stays in the form, and saving again replaces the other one."""
    variant.refresh_from_db()
    data = request.POST.copy()
    data["version"] = str(variant.version)
    mine = VariantForm(variant, data)
    mine.is_valid()
    return show(request, variant, mine, status=422, conflict=card(variant, request.user))


def seen(request: Request) -> int:
    """Return the version that the person saw."""
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() else 0


def decide(request: Request, pk: int, act: Callable[[Variant], None], done: str) -> HttpResponse:
    """Act, say what happened, and go back to the queue or the text."""
    variant = visible(request, pk)
    refused = False
    try:
        act(variant)
    except (Refused, Conflict) as error:
        refused = True
        messages.error(request, str(error) or str(CONFLICT))
    else:
        messages.success(request, done)
    if request.POST.get("from") == "queue":
        stays = refused or variant.state == Variant.State.READY
        return reviews.after(request, decided=variant.pk, stay=variant.pk if stays else 0)
    return redirect(variant)
