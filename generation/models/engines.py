"""Which model writes what, what is being done with models, and how fast they were."""

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.models.runs import Language, Run
from generation.work import reasons
from marketing_site.lib.work import OPEN, Leased, Move, lease_constraints


class ModelChoice(models.Model):
    """The model that writes a task in a language; "" is every task or language without a row of its own.

    Without any row the settings decide. `model` is a key of `generation.engine.model_store`.
    """

    purpose = models.CharField(_("task"), max_length=12, choices=Run.Purpose, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=Language, blank=True)
    model = models.CharField(_("model"), max_length=100)
    chosen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("choice of a model"), _("choices of models")
        constraints = [models.UniqueConstraint(fields=["purpose", "language"], name="model_chosen_once")]

    def __str__(self) -> str:
        return f"{self.purpose or '*'} {self.language or '*'}: {self.model}"


class ModelJob(Leased):
    """One long thing to do with a model, on the lane of the writers, who have it loaded."""

    class Act(models.TextChoices):
        ACCEPT = "accept", _("accept")
        CONVERT = "convert", _("convert")
        MEASURE = "measure", _("measure")

    act = models.CharField(max_length=8, choices=Act)
    model = models.CharField(max_length=100)
    # Of an acceptance: the digest of the list of files that the person was shown.
    shown = models.CharField(max_length=64, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("work on a model"), _("work on models")
        constraints = [
            *lease_constraints("model_job"),
            models.UniqueConstraint(
                fields=["act", "model"], condition=Q(state__in=OPEN), name="model_job_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.model}"

    @property
    def why(self) -> str:
        """Return in words why it waits or failed, or ""; what the engine said is part of it."""
        said = self.reason.partition(": ")[2]
        return f"{reasons.sentence(self.reason)} {said}".strip() if self.reason else ""


class ModelMove(Move):
    """One change of the state of work on a model."""

    job = models.ForeignKey(ModelJob, models.CASCADE, related_name="events")

    class Meta:
        verbose_name, verbose_name_plural = _("step of work on a model"), _("steps of work on models")
        indexes = [models.Index(fields=["job", "at"], name="model_move_by_job")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.from_state} → {self.to_state}"


class ModelSpeed(models.Model):
    """What a model was measured to do on one machine. Append-only."""

    model = models.CharField(max_length=100)
    revision = models.CharField(max_length=200)
    machine = models.CharField(max_length=200)
    tokens_per_second = models.FloatField()
    seconds_per_text = models.FloatField()
    # From another model to this one: what a switch costs a writer.
    ready_seconds = models.FloatField()
    peak_memory_mb = models.PositiveIntegerField()
    measured_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("measured speed"), _("measured speeds")
        indexes = [models.Index(fields=["model", "measured_at"], name="model_speed_by_model")]

    def __str__(self) -> str:
        return f"{self.model}: {self.tokens_per_second:.0f}"
