"""The audience: who can be contacted, who is held out, and that it is the same whenever it is computed."""

import hashlib
from decimal import Decimal

import pytest

from campaigns import assigning
from campaigns.models import Assignment, Channel, Segment, SegmentMember
from shop.models import Customer, Suppression
from shop.models.people import address_hash
from tests import make

pytestmark = pytest.mark.django_db


def listed(*people: Customer) -> Segment:
    segment = make.segment(kind=Segment.Kind.LIST)
    SegmentMember.objects.bulk_create(SegmentMember(segment=segment, customer=who) for who in people)
    return segment


def reachable(segment: Segment, channel: str = Channel.EMAIL) -> int:
    return assigning.preview(segment, channel, Decimal(0)).contactable


def test_the_stated_share_is_held_out_to_the_person() -> None:
    campaign = make.campaign(segment=make.audience(40), holdout_percent=Decimal("12.5"))
    audience = assigning.freeze(campaign)
    assert (audience.members, audience.contactable, audience.held_out, audience.treated) == (40, 40, 5, 35)
    assert campaign.assignments.filter(arm=Assignment.Arm.HELD_OUT).count() == 5
    campaign.refresh_from_db()
    assert campaign.segment_size == 40


def test_the_smallest_hashes_of_salt_and_id_are_held_out() -> None:
    campaign = make.campaign(segment=make.audience(30), holdout_percent=Decimal(20))
    assigning.freeze(campaign)
    arms = dict(campaign.assignments.values_list("customer", "arm"))
    by_hash = sorted(arms, key=lambda pk: hashlib.sha256(f"{campaign.salt}:{pk}".encode()).digest())
    assert {pk for pk, arm in arms.items() if arm == Assignment.Arm.HELD_OUT} == set(by_hash[:6])


def test_another_salt_holds_out_other_people() -> None:
    segment = make.audience(40)
    held_out = []
    for salt in ("one", "two"):
        campaign = make.campaign(segment=segment, holdout_percent=Decimal(50), salt=salt)
        assigning.freeze(campaign)
        rows = campaign.assignments.filter(arm=Assignment.Arm.HELD_OUT)
        held_out.append(set(rows.values_list("customer", flat=True)))
    assert held_out[0] != held_out[1]


def test_the_preview_is_what_freezing_gives() -> None:
    segment = make.audience(15)
    preview = assigning.preview(segment, Channel.EMAIL, Decimal(10))
    assert preview == assigning.freeze(make.campaign(segment=segment, holdout_percent=Decimal(10)))
    assert preview.held_out == 2  # 1.5, rounded half up


def test_only_who_agreed_is_contacted() -> None:
    agreed, silent, withdrew, by_any, refused_any = (make.customer() for _ in range(5))
    make.consent(agreed)
    make.consent(withdrew, state="withdrawn")
    make.consent(withdrew, channel="any")
    make.consent(by_any, channel="any")
    make.consent(refused_any)
    make.consent(refused_any, channel="any", state="withdrawn")
    audience = assigning.freeze(make.campaign(segment=listed(agreed, silent, withdrew, by_any, refused_any)))
    assert (audience.members, audience.contactable) == (5, 2)
    assert set(Assignment.objects.values_list("customer", flat=True)) == {agreed.pk, by_any.pk}


def test_consent_to_one_channel_is_none_to_another() -> None:
    who = make.customer()
    make.consent(who, channel="email")
    segment = listed(who)
    assert reachable(segment, Channel.EMAIL) == 1
    assert reachable(segment, Channel.SMS) == reachable(segment, Channel.DIRECT_MAIL) == 0
    # Ads address nobody: consent to marketing is enough.
    assert reachable(segment, Channel.SOCIAL) == reachable(segment, Channel.SEARCH_AD) == 1


def test_without_an_address_nobody_is_reached() -> None:
    who = make.customer()
    make.consent(who, channel="sms")
    segment = listed(who)
    assert reachable(segment, Channel.SMS) == 0
    who.profile.phone = "+1 555 0100"
    who.profile.save()
    assert reachable(segment, Channel.SMS) == 1


def test_a_suppressed_address_is_left_out_however_it_is_written() -> None:
    segment = make.audience(3)
    member = SegmentMember.objects.filter(segment=segment).first()
    assert member
    address = member.customer.profile.email.upper() + " "
    Suppression.objects.create(address_hash=address_hash(address), reason="asked")
    assert reachable(segment) == 2
    assigning.freeze(make.campaign(segment=segment))
    assert not Assignment.objects.filter(customer=member.customer).exists()


def test_an_erased_customer_is_left_out() -> None:
    segment = make.audience(2)
    member = SegmentMember.objects.filter(segment=segment).first()
    assert member
    Customer.objects.filter(pk=member.customer_id).update(erased_at=make.NOON)
    assert reachable(segment) == 1


def test_an_unreadable_rule_reaches_nobody() -> None:
    assert assigning.preview(make.segment(rule={"from": "tomorrow"}), Channel.EMAIL, Decimal(10)).members == 0


@pytest.mark.parametrize(
    ("recipients", "lift"), [(10_000, 0.65), (50_000, 0.29), (100_000, 0.21), (400_000, 0.10)]
)
def test_the_detectable_lift_of_a_tenth_held_out(recipients: int, lift: float) -> None:
    found = assigning.detectable_lift(recipients * 9 // 10, recipients // 10)
    assert found is not None
    assert round(found, 2) == lift


def test_without_two_arms_no_lift_is_detectable() -> None:
    assert assigning.detectable_lift(100, 0) is assigning.detectable_lift(0, 100) is None
