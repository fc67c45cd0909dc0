"""Deciding about many texts: those picked in the queue, or all of its filter after a look at some."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import bulk, looking, review
from generation.bulk import Outcome, Seen
from generation.presenting import card, related
from generation.review_forms import AssignForm, ReviewFilterForm
from generation.views import reviews
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request


@require_POST
@allowed("generation.change_variant")
def review_bulk(request: Request) -> HttpResponse:
    """Approve, reject or assign many texts; approving all of a filter begins with a look at a sample."""
    asked, act = QueryDict(request.POST.get("query", "")), request.POST.get("act", "")
    if act != "assign" and not request.user.has_perm(review.APPROVE):
        raise PermissionDenied(review.APPROVE)
    if act == "approve" and "all" in request.POST:
        return redirect(f"{reverse('generation:review_sample')}?{asked.urlencode()}")
    seen = all_of(request, asked) if "all" in request.POST else picked(request)
    if not seen:
        messages.error(request, _("Pick at least one text first."))
        return redirect(reviews.address(asked))
    try:
        tell(request, act, decided(request, act, seen))
    except review.Refused as refused:
        messages.error(request, str(refused))
    return redirect(reviews.address(asked))


@require_safe
@allowed(review.APPROVE)
def review_sample(request: Request) -> HttpResponse:
    """Show a random sample of the filter's texts that have no finding; a reload shows the same one."""
    asked = request.GET.copy()
    draw = asked.pop("draw", [""])[0]
    if not draw:
        asked["draw"] = looking.new_draw()
        return redirect(f"{request.path}?{asked.urlencode()}")
    matching = ReviewFilterForm(asked, request.user).texts()
    ready = review.approvable_texts(matching, request.user)
    look = looking.look(related(ready), "version", draw, place(asked), request.user)
    context = {
        "cards": [card(variant, request.user) for variant in look.sample],
        "total": look.total,
        "left": matching.count() - look.total,
        "token": look.token,
        "query": asked.urlencode(),
    }
    return render(request, "generation/review_sample.html", context)


@require_POST
@allowed(review.APPROVE)
def review_approve_all(request: Request) -> HttpResponse:
    """Approve what was ready and without findings when the sample was drawn."""
    asked = QueryDict(request.POST.get("query", ""))
    seen = looking.looked_at(request.POST.get("token", ""), place(asked), request.user)
    if seen is None:
        messages.error(
            request, _("Look at a sample first: this one is too old, or was drawn for somebody else.")
        )
        return redirect(f"{reverse('generation:review_sample')}?{asked.urlencode()}")
    tell(request, "approve", bulk.approve_many(seen, request.user))
    return redirect(reviews.address(asked))


def place(asked: QueryDict) -> list[object]:
    """Name what was looked at: the texts of one filter."""
    return ["texts", sorted([key, value] for key, values in asked.lists() for value in values)]


def picked(request: Request) -> Seen:
    """Return text -> version of what was ticked; what makes no sense is left out."""
    pairs = (pick.partition(":") for pick in request.POST.getlist("pick"))
    return {int(pk): int(version) for pk, _sign, version in pairs if pk.isdecimal() and version.isdecimal()}


def all_of(request: Request, asked: QueryDict) -> Seen:
    """Return text -> version of all that the filter shows, but for what has come since the page was drawn."""
    latest = request.POST.get("latest", "")
    shown = ReviewFilterForm(asked, request.user).texts()
    rows = shown.filter(pk__lte=int(latest) if latest.isdecimal() else 0)
    return dict(rows.values_list("pk", "version"))


def decided(request: Request, act: str, seen: Seen) -> Outcome:
    if act == "approve":
        return bulk.approve_many(seen, request.user)
    if act == "reject":
        code, reason = request.POST.get("code", ""), request.POST.get("reason", "")
        return bulk.reject_many(seen, request.user, code, reason)
    form = AssignForm(request.POST)
    person: User | None = form.cleaned_data["to"] if form.is_valid() else None
    if act != "assign" or person is None:
        raise review.Refused(_("Choose somebody who may approve texts."))
    return bulk.assign_many(seen, person, request.user)


def tell(request: Request, act: str, outcome: Outcome) -> None:
    """Say how many were decided, and what was left and why."""
    count = len(outcome.done)
    said = {
        "approve": ngettext("%(count)s text approved.", "%(count)s texts approved.", count),
        "reject": ngettext("%(count)s text rejected.", "%(count)s texts rejected.", count),
        "assign": ngettext("%(count)s text assigned.", "%(count)s texts assigned.", count),
    }[act] % {"count": number(count)}
    if count:
        messages.success(request, said)
    if outcome.rest:
        messages.warning(request, outcome.rest)
