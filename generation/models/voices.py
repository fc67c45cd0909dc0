"""What a brand voice made of a brief, to compare it with another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice
from generation.models.runs import Job
from generation.models.texts import Origin


class VoicePreview(models.Model):
    """One text of a preview: nobody reviews it, and it is gone with its run."""

    job = models.OneToOneField(Job, models.CASCADE, related_name="preview")
    # None: the plain words that texts have without a voice.
    brand_voice = models.ForeignKey(BrandVoice, models.SET_NULL, null=True, related_name="+")
    fields = models.JSONField()
    facts = models.JSONField(default=list)
    origin = models.CharField(max_length=8, choices=Origin)
    model_revision = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("preview of a voice"), _("previews of voices")

    def __str__(self) -> str:
        return f"{self.job_id}: {self.brand_voice or '–'}"
