"""What generation adds to a customer's timeline: the personal offers written for them."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models import PersonalOffer
from marketing_site.lib.timelines import Entry, Source, Span


def offers_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    rows = PersonalOffer.objects.visible_to(user).filter(customer=pk).select_related("campaign", "product")
    for offer in span.of(rows, "offer", "created_at"):
        title = _("Personal offer: %(product)s") % {"product": offer.product}
        yield Entry(
            offer.created_at, "offer", offer.pk, title, url=offer.product.get_absolute_url(),
            about=str(offer.campaign), about_url=offer.campaign.get_absolute_url(), words=offer.text,
            note=str(offer.get_state_display()),
        )  # fmt: skip


OFFERS = Source("offer", gettext_lazy("Offers"), "generation.view_personaloffer", offers_of)
