"""Approving many offers after a look at some: a random sample, then all that were ready when it was drawn."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import looking, review
from generation.models import PersonalOffer
from generation.views.campaigns import visible
from generation.views.offers import related
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request


@require_safe
@allowed("generation.approve_variant")
def offer_sample(request: Request, pk: int) -> HttpResponse:
    """Show a random sample; the address names the draw, so that a reload shows the same one."""
    campaign = visible(request, pk)
    draw = request.GET.get("draw", "")
    if not draw:
        return redirect(f"{request.path}?draw={looking.new_draw()}")
    ready = review.approvable(PersonalOffer.objects.filter(campaign=campaign), request.user)
    # An offer that is written again belongs to another job.
    look = looking.look(related(ready), "job_id", draw, place(campaign.pk), request.user)
    context = {
        "campaign": campaign,
        "offers": look.sample,
        "total": look.total,
        "waiting": campaign.offers.filter(state=PersonalOffer.State.READY).count(),
        "token": look.token,
    }
    return render(request, "generation/offer_sample.html", context)


@require_POST
@allowed("generation.approve_variant")
def offer_approve_all(request: Request, pk: int) -> HttpResponse:
    """Approve what was ready when the sample was drawn; offers written since then wait for another look."""
    campaign = visible(request, pk)
    seen = looking.looked_at(request.POST.get("token", ""), place(campaign.pk), request.user)
    if seen is None:
        messages.error(
            request, _("Look at a sample first: this one is too old, or was drawn for somebody else.")
        )
        return redirect("generation:offer_sample", campaign.pk)
    count = review.approve_offers(campaign.offers.filter(job__in=list(seen.values())), request.user)
    said = ngettext("%(count)s offer approved.", "%(count)s offers approved.", count)
    messages.success(request, said % {"count": number(count)})
    return redirect("generation:offer_list", campaign.pk)


def place(campaign: int) -> list[object]:
    return ["offers", campaign]
