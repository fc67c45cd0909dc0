"""What the review desk keeps beside a text: what people say about it, and parts asked for anew."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.models.runs import Job
from generation.models.texts import Origin, Variant
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
