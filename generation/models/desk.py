"""What the review desk keeps beside texts: comments, parts asked for anew, decisions about many."""

from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.models.runs import Job
from generation.models.texts import Origin, Variant, VariantDecision
from generation.work import reasons
from marketing_site.lib.work import OPEN, Leased, Move, State, lease_constraints
from shop.models import ApiKey

if TYPE_CHECKING:
    from campaigns.models.segment import Identity


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, identity: "Identity") -> Self:
        return self.filter(variant__in=Variant.objects.visible_to(identity))


class Comment(models.Model):
    """What somebody said about a text, to be resolved once it is dealt with."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="comments")
    text = models.TextField(_("comment"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The partner tool that wrote it, where no person did.
    key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("comment"), _("comments")
        indexes = [models.Index(fields=["variant", "at"], name="comment_by_variant")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.text[:40]}"


class Rewrite(models.Model):
    """One part of a text, or some words of it, asked for anew: a proposal that a person takes or drops."""

    class Wish(models.TextChoices):
        SHORTER = "shorter", _("shorter")
        WARMER = "warmer", _("warmer")
        MENTION = "mention", _("mention a fact")
        WORDS = "words", _("in your own words")

    class State(models.TextChoices):
        WAITING = "waiting", _("being written")
        READY = "ready", _("to look at")
        IMPOSSIBLE = "impossible", _("not possible")
        TAKEN = "taken", _("taken")
        DROPPED = "dropped", _("dropped")

    class Granted(models.TextChoices):
        """Whether plain code can say that the wish came true."""

        YES = "yes", _("does what you asked")
        UNKNOWN = "unknown", _("nobody but you can tell")
        UNHEARD = "unheard", _("written anew, but the wish was not understood")

    job = models.OneToOneField(Job, models.CASCADE, related_name="rewrite")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="rewrites")
    # The version that the words were selected in: taking the proposal needs it to stand still.
    version = models.PositiveIntegerField()
    part = models.CharField(max_length=40)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    wish = models.CharField(_("wish"), max_length=8, choices=Wish)
    # Of "mention": the id of a fact of the sheet. Of "words": what was asked for.
    fact = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    before = models.JSONField()
    # The whole text with the new words in it; null until it is written.
    after = models.JSONField(null=True)
    granted = models.CharField(max_length=8, choices=Granted, blank=True)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin, blank=True)
    model_revision = models.CharField(max_length=100, blank=True)
    prompt_revision = models.CharField(max_length=40, blank=True)
    seed = models.BigIntegerField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("rewrite"), _("rewrites")
        constraints = [
            models.CheckConstraint(
                condition=Q(after__isnull=False) | Q(state__in=["waiting", "impossible", "dropped"]),
                name="rewrite_has_text",
            ),
        ]
        indexes = [models.Index(fields=["variant", "at"], name="rewrite_by_variant")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.wish}"


class BulkDecisionQuerySet(models.QuerySet["BulkDecision"]):
    def visible_to(self, user: User) -> Self:
        """A decision is its maker's own, and the list of its texts is for the worker alone.

        What became of each text stands in the text's history.
        """
        return self.filter(by=user).defer("seen")

    def open(self) -> Self:
        return self.filter(state__in=OPEN)


class BulkDecision(Leased):
    """A decision about more texts than one request takes, carried out piece by piece beside the pages."""

    action = models.CharField(max_length=10, choices=VariantDecision.Action)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    code = models.CharField(max_length=8, choices=VariantDecision.Reason, blank=True)
    words = models.TextField(blank=True)
    to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The batch of every VariantDecision that comes of it: they are taken back together.
    batch = models.UUIDField(default=uuid4, editable=False)
    # [[text, version that was seen]], in the order in which they are decided, and how many were looked at.
    seen = models.JSONField()
    total = models.PositiveIntegerField()
    looked_at = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    # {why: texts that were left}, with the reasons of generation.bulk.
    left = models.JSONField(default=dict)
    # The filter of the queue that it was asked from.
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BulkDecisionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("decision about many texts"), _("decisions about many texts")
        constraints = lease_constraints("bulk_decision")
        indexes = [models.Index(fields=["by", "-id"], name="bulk_decision_by_person")]

    def __str__(self) -> str:
        return f"{self.action} {self.total}"

    def get_absolute_url(self) -> str:
        return reverse("generation:bulk_decision", args=[self.pk])

    @property
    def over(self) -> bool:
        return self.state not in OPEN

    @property
    def stopped(self) -> bool:
        """Say whether it ended before all texts were looked at."""
        return self.state in (State.CANCELLED, State.DEAD)

    @property
    def can_be_undone(self) -> bool:
        """Say whether texts were approved or rejected."""
        actions = VariantDecision.Action
        return bool(self.decided) and self.action in (actions.APPROVE, actions.REJECT)

    @property
    def why(self) -> str:
        """Return in words why it waits or failed, or ""."""
        return reasons.sentence(self.reason)


class BulkDecisionMove(Move):
    """One change of the state of a decision about many texts."""

    decision = models.ForeignKey(BulkDecision, models.CASCADE, related_name="events")

    class Meta:
        verbose_name, verbose_name_plural = (
            _("step of a decision about many texts"),
            _("steps of decisions about many texts"),
        )
        indexes = [models.Index(fields=["decision", "at"], name="bulk_move_by_decision")]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.from_state} → {self.to_state}"
