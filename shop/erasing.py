"""Erasing a person: what can name them goes for good, what they bought stays as figures."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shop.models import Customer, CustomerProfile, Erasure, ImportImage, Suppression
from shop.models.people import address_hash

REASON = "erased"
# Before-images of imports that hold a person's fields; an undo that needs them is refused anyway.
IMAGES = (Customer._meta.db_table, CustomerProfile._meta.db_table)


class AlreadyErased(Exception):
    """Somebody has erased this person before; the message says so."""


@transaction.atomic
def erase(customer: Customer, by: User, reason: str = "") -> Erasure:
    """Remove profile, attributes and written words; keep the address's hash, so that it is never contacted.

    Orders, ratings and consent events stay, under a number that leads to nobody. Raises AlreadyErased.
    """
    claimed = Customer.objects.filter(pk=customer.pk, erased_at=None)
    if not claimed.update(erased_at=now(), attributes={}, locale="en", time_zone=""):
        raise AlreadyErased(_("This person is erased already."))
    profile = CustomerProfile.objects.filter(customer=customer).first()
    if profile and profile.email:
        suppress(profile.email)
    CustomerProfile.objects.filter(customer=customer).delete()
    customer.events.exclude(text="").update(text="")
    ImportImage.objects.filter(model__in=IMAGES, key=customer.pk, before__isnull=False).update(before={})
    for path in settings.ERASURES:
        import_string(path)(customer)
    return Erasure.objects.create(customer=customer, by=by, reason=reason)


def suppress(address: str) -> None:
    """Put an address on the list of those never contacted, as a hash."""
    Suppression.objects.get_or_create(
        address_hash=address_hash(address), scope=Suppression.Scope.ALL, defaults={"reason": REASON}
    )
