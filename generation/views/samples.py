"""Approving many offers after a look at some: a random sample, then all that were ready when it was drawn."""

import secrets

from django.contrib import messages
from django.core import signing
from django.db.models import CharField, F, Max, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import review
from generation.models import PersonalOffer
from generation.views.campaigns import visible
from generation.views.offers import related
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request

SAMPLE = 20
# A look that is older says nothing about what is approved now.
TOKEN_SECONDS = 60 * 60
SALT = "generation.offer_sample"


@require_safe
@allowed("generation.approve_variant")
def offer_sample(request: Request, pk: int) -> HttpResponse:
    """Show a random sample; the address names the draw, so that a reload shows the same one."""
    campaign = visible(request, pk)
    draw = request.GET.get("draw", "")
    if not draw:
        return redirect(f"{request.path}?draw={secrets.token_hex(4)}")
    ready = review.approvable(PersonalOffer.objects.filter(campaign=campaign), request.user)
    latest = ready.aggregate(latest=Max("job"))["latest"] or 0
    context = {
        "campaign": campaign,
        "offers": related(drawn(ready, draw)),
        "total": ready.count(),
        "waiting": campaign.offers.filter(state=PersonalOffer.State.READY).count(),
        "token": signing.dumps([campaign.pk, request.user.pk, latest], salt=SALT),
    }
    return render(request, "generation/offer_sample.html", context)


@require_POST
@allowed("generation.approve_variant")
def offer_approve_all(request: Request, pk: int) -> HttpResponse:
    """Approve what was ready when the sample was drawn; offers written since then wait for another look."""
    campaign = visible(request, pk)
    latest = looked_at(request, campaign.pk)
    if latest is None:
        messages.error(
            request, _("Look at a sample first: this one is too old, or was drawn for somebody else.")
        )
        return redirect("generation:offer_sample", campaign.pk)
    count = review.approve_offers(campaign.offers.filter(job__lte=latest), request.user)
    said = ngettext("%(count)s offer approved.", "%(count)s offers approved.", count)
    messages.success(request, said % {"count": number(count)})
    return redirect("generation:offer_list", campaign.pk)


def drawn(offers: QuerySet[PersonalOffer], draw: str) -> QuerySet[PersonalOffer]:
    """Return the sample of a draw: the same draw gives the same sample of the same offers."""
    mixed = MD5(Concat(Cast(F("pk"), CharField()), Value(draw)))
    return offers.order_by(mixed)[:SAMPLE]


def looked_at(request: Request, campaign: int) -> int | None:
    """Return the last job whose offer this person's sample could hold; None without a valid look."""
    try:
        token = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return None
    return int(token[2]) if token[:2] == [campaign, request.user.pk] else None
