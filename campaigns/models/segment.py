"""Whom we mean: segments, and the audience of a campaign once it is frozen."""

from typing import TYPE_CHECKING, Self

import pghistory
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.models import ApiKey, Customer

if TYPE_CHECKING:
    Identity = User | AnonymousUser | ApiKey


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, identity: "Identity") -> Self:
        """Keep what a user's role, or a key's scope, lets them see."""
        if isinstance(identity, ApiKey):
            return self if identity.may("segments:read") else self.none()
        return self if identity.has_perm("campaigns.view_segment") else self.none()

    def current(self) -> Self:
        return self.filter(archived_at__isnull=True)


@pghistory.track(exclude=["size", "counted_at", "evaluated_on"])
class Segment(models.Model):
    """A set of customers: either a rule over the ledger, or a fixed list."""

    class Kind(models.TextChoices):
        RULE = "rule", _("rule")
        LIST = "list", _("fixed list")

    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind, default=Kind.RULE)
    # The expression tree that campaigns.segmenting compiles; empty for a fixed list.
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    note = models.TextField(_("note"), blank=True)
    # The size when it was last counted, for lists; pages that decide count anew.
    size = models.IntegerField(null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    # The shop's day on which every customer was last judged for the membership; null: that is still to do.
    evaluated_on = models.DateField(null=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("segment"), _("segments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:segment_detail", args=[self.pk])


class SegmentMember(models.Model):
    """One customer on a fixed list."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("segment member"), _("segment members")
        constraints = [models.UniqueConstraint(fields=["segment", "customer"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.customer_id}"


class Assignment(models.Model):
    """One customer of a campaign's frozen audience, either treated or held out, decided at approval."""

    class Arm(models.TextChoices):
        TREATED = "treated", _("treated")
        HELD_OUT = "held_out", _("held out")

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="assignments")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="assignments")
    arm = models.CharField(max_length=8, choices=Arm)
    assigned_at = models.DateTimeField()
    source = models.CharField(max_length=32, default="approval")

    class Meta:
        verbose_name, verbose_name_plural = _("recipient"), _("recipients")
        constraints = [models.UniqueConstraint(fields=["campaign", "customer"], name="assignment_once")]
        indexes = [models.Index(fields=["customer"], name="assignment_by_customer")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id} {self.arm}"
