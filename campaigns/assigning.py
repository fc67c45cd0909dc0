"""Who of a segment may be contacted, and who of those is held out: rows, frozen at approval."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns import segmenting
from campaigns.models import Assignment, Campaign, Channel, Segment
from shop.models import Consent, Customer, CustomerProfile, Suppression
from shop.models.people import ContactChannel, Purpose, address_hash

# Channels that write to a person, and the consent that this takes. Ads address nobody by name: there a
# consent to marketing on any channel is enough.
CONSENT = {
    Channel.EMAIL: ContactChannel.EMAIL,
    Channel.SMS: ContactChannel.SMS,
    Channel.DIRECT_MAIL: ContactChannel.MAIL,
}
# Two-sided 5 % and 80 % power, as normal quantiles; the share of customers who order anyway.
SIGNIFICANCE, POWER, BASE_RATE = 1.959964, 0.841621, 0.02

# The smallest hashes are held out: the same salt and the same people always give the same arms, the share is
# exact to one person, and nobody's arm tells anything about that person.
FREEZE = """
INSERT INTO campaigns_assignment (campaign_id, customer_id, arm, assigned_at, source)
SELECT %s, id, CASE WHEN place <= round(people * %s::numeric / 100) THEN %s ELSE %s END, now(), 'approval'
FROM (
    SELECT id, count(*) OVER () AS people,
           row_number() OVER (ORDER BY sha256(convert_to(%s || ':' || id, 'UTF8')), id) AS place
    FROM ({audience}) AS audience (id)
) AS ranked
"""


@dataclass(frozen=True)
class Audience:
    """The customers of a segment, those who can be contacted, and how these are split."""

    members: int
    contactable: int
    held_out: int

    @property
    def treated(self) -> int:
        return self.contactable - self.held_out

    @property
    def detectable_lift(self) -> float | None:
        return detectable_lift(self.treated, self.held_out)


def detectable_lift(treated: int, held_out: int, base_rate: float = BASE_RATE) -> float | None:
    """Return the smallest relative lift of the order rate found with 80 % power; None without two arms.

    Two-sample comparison of proportions, two-sided 5 %: 0.65 for 10,000 recipients with a holdout of 10 %.
    """
    if treated <= 0 or held_out <= 0:
        return None
    spread = math.sqrt(base_rate * (1 - base_rate) * (1 / treated + 1 / held_out))
    return (SIGNIFICANCE + POWER) * spread / base_rate


def preview(segment: Segment, channel: str, holdout_percent: Decimal) -> Audience:
    """Return the audience as it would be frozen now; stores nothing."""
    customers = _members(segment)
    return split(customers.count(), contactable(customers, channel).count(), holdout_percent)


def planned(campaign: Campaign) -> Audience | None:
    """Return the audience that approving the campaign now would freeze; None without a segment."""
    if campaign.segment is None:
        return None
    return preview(campaign.segment, campaign.channel, campaign.holdout_percent)


def split(members: int, contactable: int, holdout_percent: Decimal) -> Audience:
    """Return the audience with the share held out, rounded half up to whole people as freezing does."""
    held_out = (contactable * holdout_percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return Audience(members, contactable, int(held_out))


def freeze(campaign: Campaign) -> Audience:
    """Store the campaign's audience as rows, treated and held out, and return its counts.

    Belongs in the transaction that approves the campaign: both are kept, or neither. An audience
    without anybody stores nothing; the caller refuses.
    """
    if campaign.segment is None:
        return Audience(0, 0, 0)
    customers = _members(campaign.segment)
    members = customers.count()
    if members:
        _insert(campaign, contactable(customers, campaign.channel))
    Campaign.objects.filter(pk=campaign.pk).update(segment_size=members)
    return frozen(campaign, members)


def frozen(campaign: Campaign, members: int | None = None) -> Audience:
    """Return the counts of a frozen audience."""
    arms = campaign.assignments.aggregate(
        everybody=Count("pk"), held_out=Count("pk", filter=Q(arm=Assignment.Arm.HELD_OUT))
    )
    size = campaign.segment_size if members is None else members
    return Audience(arms["everybody"] if size is None else size, arms["everybody"], arms["held_out"])


def contactable(customers: QuerySet[Customer], channel: str) -> QuerySet[Customer]:
    """Keep who agreed to marketing on the channel, has an address there and is not suppressed."""
    consent = CONSENT.get(Channel(channel))
    refusals = {consent or ContactChannel.ANY, ContactChannel.ANY}
    mine = Consent.objects.filter(customer=OuterRef("pk"), purpose=Purpose.MARKETING)
    granted = mine.filter(state=Consent.State.GRANTED)
    withdrawn = mine.filter(state=Consent.State.WITHDRAWN, channel__in=refusals)
    if consent:
        granted = granted.filter(channel__in=[consent, ContactChannel.ANY])
    found = customers.filter(Exists(granted), ~Exists(withdrawn), erased_at__isnull=True)
    found = found.filter(Exists(_profiles_with_address(channel).filter(customer=OuterRef("pk"))))
    return found.exclude(pk__in=suppressed(found)) if Suppression.objects.exists() else found


def suppressed(customers: QuerySet[Customer]) -> set[int]:
    """Return the ids of those customers whose e-mail address or phone number is never contacted.

    The list knows keyed hashes only, and the key never goes into a statement: so they are compared here.
    """
    hashes = set(Suppression.objects.values_list("address_hash", flat=True))
    profiles = CustomerProfile.objects.filter(customer__in=customers.values("pk"))
    rows = profiles.values_list("customer_id", "email", "phone").iterator()
    return {pk for pk, email, phone in rows if _hashes(email, phone) & hashes}


def _members(segment: Segment) -> QuerySet[Customer]:
    try:
        return segmenting.customers(segment)
    except segmenting.RuleError:  # such as a rule of a later version: nobody rather than everybody
        return Customer.objects.none()


def _hashes(*addresses: str) -> set[str]:
    return {address_hash(address) for address in addresses if address}


def _profiles_with_address(channel: str) -> QuerySet[CustomerProfile]:
    profiles = CustomerProfile.objects.all()
    if channel == Channel.EMAIL:
        return profiles.exclude(email="")
    return profiles.exclude(phone="") if channel == Channel.SMS else profiles


def _insert(campaign: Campaign, audience: QuerySet[Customer]) -> None:
    chosen, params = audience.order_by().values("pk").query.sql_with_params()
    arms = [Assignment.Arm.HELD_OUT.value, Assignment.Arm.TREATED.value]
    values = [campaign.pk, campaign.holdout_percent, *arms, campaign.salt, *params]
    with connection.cursor() as cursor:
        cursor.execute(FREEZE.format(audience=chosen), values)
