"""What campaigns add to the data that a person is given: where they were chosen, contacted and counted."""

from django.db.models import F

from campaigns.models import Assignment, Coupon, SegmentMember, SegmentMembership, Touch
from shop.disclosing import Document, rows
from shop.models import Customer


def known(customer: Customer) -> Document:
    """Return what campaigns keep of a person."""
    return {
        "segments": rows(
            SegmentMembership.objects.filter(customer=customer).order_by("entered_at", "pk"),
            "entered_at", "left_at", segment_name=F("segment__name"),
        ),
        "lists": rows(
            SegmentMember.objects.filter(customer=customer).order_by("entered_at", "pk"),
            "entered_at", list_name=F("segment__name"),
        ),
        "campaigns": rows(
            Assignment.objects.filter(customer=customer).order_by("assigned_at", "pk"),
            "arm", "assigned_at", "source", campaign_name=F("campaign__name"),
        ),
        "contacts": rows(
            Touch.objects.filter(customer=customer).order_by("touched_at", "pk"),
            "kind", "touched_at", "source", campaign_name=F("campaign__name"), code=F("coupon__code"),
            order_number=F("order__external_id"),
        ),
        "codes": rows(
            Coupon.objects.filter(customer=customer).order_by("pk"),
            "code", "valid_from", "valid_until", campaign_name=F("campaign__name"),
        ),
    }  # fmt: skip
