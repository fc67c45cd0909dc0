"""Texts about the catalogue: templates of what to write, and what was put into products."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice
from generation.models.runs import Language, Run
from shop.models import Product


class TextTemplate(models.Model):
    """Which texts to write about each product, and how they sound: kept to be asked for again."""

    name = models.CharField(_("name"), max_length=80)
    kinds = models.JSONField(_("kinds"), default=list)
    languages = models.JSONField(_("languages"), default=list)
    tone = models.CharField(_("tone"), max_length=40)
    voice = models.ForeignKey(BrandVoice, models.SET_NULL, null=True, related_name="+")
    variants = models.PositiveSmallIntegerField(_("variants"), default=1)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("template of texts"), _("templates of texts")
        constraints = [models.UniqueConstraint(Lower("name"), name="text_template_name_once")]

    def __str__(self) -> str:
        return self.name


class WriteBack(models.Model):
    """One time that a run's approved texts were put into its products."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="write_backs")
    language = models.CharField(_("language"), max_length=8, choices=Language)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("write-back"), _("write-backs")
        indexes = [models.Index(fields=["run", "at"], name="write_back_by_run")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.at}"


class WrittenProduct(models.Model):
    """One product of a write-back: its columns as they were, and as they became."""

    write_back = models.ForeignKey(WriteBack, models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    before = models.JSONField()
    after = models.JSONField()
    # Of an undo: the columns that somebody has changed since, which stayed as they are.
    kept = models.JSONField(default=list)

    class Meta:
        verbose_name, verbose_name_plural = _("product of a write-back"), _("products of a write-back")
        constraints = [models.UniqueConstraint(fields=["write_back", "product"], name="written_product_once")]

    def __str__(self) -> str:
        return f"{self.write_back_id}: {self.product_id}"

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Return (column, before, after) of each column that was written."""
        return [(column, self.before[column], self.after[column]) for column in self.after]
