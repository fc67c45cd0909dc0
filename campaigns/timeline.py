"""What campaigns add to a customer's timeline: being chosen for one, and every contact."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Assignment, Campaign, Touch
from marketing_site.lib.timelines import Entry, Source, Span


def touches_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    seen = Campaign.objects.visible_to(user)
    rows = Touch.objects.filter(customer=pk, campaign__in=seen).select_related("campaign", "coupon")
    for touch in span.of(rows, "touch", "touched_at"):
        yield Entry(
            touch.touched_at, "touch", touch.pk, capfirst(touch.get_kind_display()),
            about=str(touch.campaign), about_url=touch.campaign.get_absolute_url(),
            note=_("code %(code)s") % {"code": touch.coupon.code} if touch.coupon else "",
        )  # fmt: skip


def assignments_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    seen = Campaign.objects.visible_to(user)
    rows = Assignment.objects.filter(customer=pk, campaign__in=seen).select_related("campaign")
    for chosen in span.of(rows, "audience", "assigned_at"):
        held_out = chosen.arm == Assignment.Arm.HELD_OUT
        title = _("Held out of a campaign") if held_out else _("Chosen for a campaign")
        yield Entry(
            chosen.assigned_at, "audience", chosen.pk, title, about=str(chosen.campaign),
            about_url=chosen.campaign.get_absolute_url(),
        )  # fmt: skip


TOUCHES = Source("touch", gettext_lazy("Touches"), "campaigns.view_campaign", touches_of)
ASSIGNMENTS = Source("audience", gettext_lazy("Campaigns"), "campaigns.view_assignment", assignments_of)
