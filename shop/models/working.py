"""Rows about the work itself: which lanes are awake, which workers live, how far the set-up is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Lane(models.Model):
    """One queue: when it was last hinted, and whether an administrator paused it."""

    name = models.CharField(max_length=20, primary_key=True)
    hinted_at = models.DateTimeField(null=True)
    paused = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("lane"), _("lanes")

    def __str__(self) -> str:
        return self.name


class WorkerBeat(models.Model):
    """One worker process. It lives if it looked for work or moved a job within the last 30 seconds."""

    worker = models.CharField(max_length=100, primary_key=True)
    lane = models.CharField(max_length=20)
    polled_at = models.DateTimeField()
    memory_mb = models.IntegerField(default=0)
    # What it is doing, for the page: "loading the model", "writing".
    doing = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("worker"), _("workers")

    def __str__(self) -> str:
        return self.worker


class SetupStep(models.Model):
    """How far one long step of the installation is: the demo import, the model's conversion."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    name = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=200)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    detail = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("set-up step"), _("set-up steps")

    def __str__(self) -> str:
        return self.label
