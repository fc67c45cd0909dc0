"""Runs and their jobs: the ledger of generation work (the broker only wakes workers)."""

import uuid
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice, Campaign
from generation.texts.kinds import Kind
from generation.work import reasons
from marketing_site.lib.money import MoneyField
from marketing_site.lib.work import Leased, Move, State, lease_constraints
from shop.models import ApiKey, Category, Customer, Event, Product

if TYPE_CHECKING:
    from campaigns.models.segment import Identity


class Language(models.TextChoices):
    EN = "en", _("English")
    ZH = "zh-hans", _("简体中文")


def of_visible(identity: "Identity", scope: str) -> Q:
    """Return which runs and texts somebody may see: those of their campaigns, and those of the shop itself.

    Texts about a category or a review belong to no campaign: a key that is narrowed to campaigns sees none.
    """
    shown = Q(campaign__in=Campaign.objects.visible_to(identity, scope))
    if isinstance(identity, ApiKey):
        sees_shop = identity.all_campaigns and identity.may(scope)
    else:
        sees_shop = identity.has_perm("generation.view_variant")
    return shown | Q(campaign=None) if sees_shop else shown


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, identity: "Identity") -> Self:
        return self.filter(of_visible(identity, "campaigns:read"))


class Run(models.Model):
    """One request for texts: all of its jobs are created with it."""

    class Purpose(models.TextChoices):
        COPY = "copy", _("copy")
        OFFERS = "offers", _("personal offers")
        CATEGORIES = "categories", _("category texts")
        REPLIES = "replies", _("replies to reviews")
        TRANSLATION = "translation", _("translation")
        REWRITE = "rewrite", _("rewrite of a part")
        CATALOGUE = "catalogue", _("texts about products")
        PREVIEW = "preview", _("preview of voices")

    class Pause(models.TextChoices):
        """Why nothing more of a run is begun for now."""

        PERSON = "person", _("paused by a person")
        TOKENS = "tokens", _("its budget of tokens is used up")
        MONEY = "money", _("its budget of money is used up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: the texts are about the shop itself, a category or a review, and their cost is no campaign's.
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="runs")
    # The voice of a run without a campaign, which has none to take it from.
    brand_voice = models.ForeignKey(BrandVoice, models.SET_NULL, null=True, related_name="+")
    purpose = models.CharField(max_length=12, choices=Purpose)
    # The brief as asked for: kinds, tone, language, how many.
    spec = models.JSONField()
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The form carries it, so that a double click is the same run.
    client_key = models.UUIDField(unique=True)
    expected = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # What it may use; null: as much as it needs. Reaching one pauses the run.
    token_budget = models.PositiveBigIntegerField(_("budget of tokens"), null=True)
    money_budget = MoneyField(_("budget of money"), null=True)
    pause = models.CharField(max_length=8, choices=Pause, blank=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("run"), _("runs")
        constraints = [
            models.CheckConstraint(condition=Q(expected__gt=0), name="run_expects_something"),
            models.CheckConstraint(
                condition=Q(campaign__isnull=False) | ~Q(purpose__in=["copy", "offers"]),
                name="run_of_copy_has_campaign",
            ),
            models.CheckConstraint(
                condition=Q(pause="", paused_at=None) | (~Q(pause="") & Q(paused_at__isnull=False)),
                name="run_paused_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "created_at"], name="run_by_campaign")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {str(self.pk)[:8]}"

    def get_absolute_url(self) -> str:
        return reverse("generation:run_detail", args=[self.pk])

    @property
    def samples_per_job(self) -> int:
        """Return how many texts the engine writes for one job at first, of which the best is kept."""
        return int(self.spec.get("samples", 1))


class RunTurn(models.Model):
    """When a run was last served, so that a large one cannot starve a small one.

    Apart from the run's row, which finishing locks.
    """

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="turn")
    last_claim_at = models.DateTimeField(null=True)
    # When its cost was last booked as spend.
    booked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.run_id)


class Job(Leased):
    """One text to write: for a product or customer, about a category or review, or from another text."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=20, choices=Kind)
    language = models.CharField(max_length=8, choices=Language, default=Language.EN)
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, db_index=False, related_name="+")
    # Events are taken back by imports in bulk: a review that is gone is found out when its reply is written.
    review = models.ForeignKey(
        Event, models.CASCADE, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    source = models.ForeignKey(
        "generation.Variant", models.CASCADE, null=True, db_index=False, related_name="translation_jobs"
    )
    variant = models.PositiveSmallIntegerField(default=0, db_default=0)
    # What was used, summed over all samples and tries that ended: the booking of cost reads it.
    prompt_tokens = models.IntegerField(default=0, db_default=0)
    new_tokens = models.IntegerField(default=0, db_default=0)
    seconds = models.FloatField(default=0, db_default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        constraints = [
            *lease_constraints("job"),
            models.UniqueConstraint(
                fields=[
                    *("run", "customer", "product", "kind", "language", "variant"),
                    *("category", "review", "source"),
                ],
                name="job_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["run", "not_before", "id"],
                name="job_due",
                condition=Q(state__in=[State.QUEUED, State.RETRY_WAIT]),
            ),
            models.Index(fields=["category"], name="job_category", condition=Q(category__isnull=False)),
            models.Index(fields=["review"], name="job_review", condition=Q(review__isnull=False)),
            models.Index(fields=["source"], name="job_source", condition=Q(source__isnull=False)),
            models.Index(fields=["lease_until"], name="job_leased", condition=Q(state=State.RUNNING)),
            models.Index(fields=["finished_at"], name="job_finished", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def why(self) -> str:
        """Return in words why it is where it is, or ""."""
        because = "" if self.state == State.DONE else reasons.sentence(self.reason)
        if self.state != State.RETRY_WAIT:
            return because
        when = time_format(localtime(self.not_before))
        again = gettext("Trying again at %(time)s (%(count)s of %(most)s).")
        return f"{because} {again % {'time': when, 'count': self.try_no, 'most': self.max_fails}}"


class JobEvent(Move):
    """One change of a job's state, written by the code that made it."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")

    class Meta:
        verbose_name, verbose_name_plural = _("job event"), _("job events")
        indexes = [models.Index(fields=["job", "at"], name="job_event_by_job")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.from_state} → {self.to_state}"
