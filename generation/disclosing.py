"""What generation adds to the data that a person is given: texts about them, and what learnt from these."""

from django.db.models import F, Q

from generation.learning.forgetting import Seen, seen
from generation.models import PersonalOffer, Variant
from generation.models.learning import Training
from shop.disclosing import Document, rows
from shop.models import Customer


def known(customer: Customer) -> Document:
    """Return what generation keeps of a person, and which data sets and adapters saw it."""
    concerns = Q(job__customer=customer) | Q(job__review__customer=customer)
    translated = Q(job__source__job__customer=customer) | Q(job__source__job__review__customer=customer)
    return {
        "offers": rows(
            PersonalOffer.objects.filter(customer=customer).order_by("pk"),
            "language", "reason", "discount_kind", "discount_value", "price", "price_after", "text", "state",
            "created_at", campaign_name=F("campaign__name"), product_sku=F("product__sku"),
            code=F("coupon__code"),
        ),
        "texts": rows(
            Variant.objects.filter(concerns | translated).order_by("pk"),
            "kind", "language", "fields", "state", "created_at",
        ),
        "learnt_from": [learnt(each) for each in seen(customer)],
    }  # fmt: skip


def learnt(each: Seen) -> Document:
    """Return one data set and what was taught from it; `gone_since` is when the person's texts left it."""
    return {
        "data_set": str(each.sighting.data_set),
        "texts": each.sighting.examples,
        "gone_since": each.sighting.forgotten_at,
        "taught": [taught(training) for training in each.trainings],
    }


def taught(training: Training) -> Document:
    """Return one run; `adapter` is "" while it has made none, `marked_since` when they were erased."""
    return {
        "run": str(training),
        "adapter": training.adapter,
        "began_at": training.began_at,
        "marked_since": training.saw_erased_at,
    }
