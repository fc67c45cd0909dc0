"""What was written: copy variants, personal offers, and the decisions about them."""

from typing import TYPE_CHECKING, Self

import pghistory
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import BrandVoice, Campaign, Coupon, OfferPolicy
from generation.models.runs import Job, Language, Run, of_visible
from generation.texts.kinds import Kind
from marketing_site.lib.money import MoneyField
from shop.models import Customer, Product

if TYPE_CHECKING:
    from campaigns.models.segment import Identity


class Origin(models.TextChoices):
    MODEL = "model", _("written by the model")
    TEMPLATE = "template", _("written by the plain writer")
    PERSON = "person", _("written by a person")


class VariantQuerySet(models.QuerySet["Variant"]):
    def visible_to(self, identity: "Identity") -> Self:
        return self.filter(of_visible(identity, "variants:read"))


class Variant(models.Model):
    """One text for one channel, ready for a person to judge. Its fields depend on its kind."""

    class State(models.TextChoices):
        READY = "ready", _("to review")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    job = models.OneToOneField(Job, models.CASCADE, related_name="variant_text")
    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="variants")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    language = models.CharField(_("language"), max_length=8, choices=Language)
    tone = models.CharField(_("tone"), max_length=40, blank=True)
    # {"subject": …, "body": …}: what stands now, and what the writer first gave.
    fields = models.JSONField()
    original_fields = models.JSONField()
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.READY)
    # [{"code", "field", "start", "end", "message", "help"}]: empty means that every check passed.
    findings = models.JSONField(default=list)
    # The fact sheet that the text may cite, as it was when it was written.
    facts = models.JSONField(default=list)
    # What its words take from the product's row; see generation.citing.
    cites = models.JSONField(default=dict)
    model_revision = models.CharField(max_length=100, blank=True)
    prompt_revision = models.CharField(max_length=40, blank=True)
    seed = models.BigIntegerField(null=True)
    samples = models.PositiveSmallIntegerField(default=1)
    tokens = models.IntegerField(default=0)
    seconds = models.FloatField(default=0)
    # Who asked for it, and who changed it last: neither may approve it under the four-eyes rule.
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    edited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Who shall decide about it.
    assigned_to = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("assigned to")
    )
    # Whether tuning may learn from it; see generation.lessons.
    learn = models.BooleanField(default=True)
    # Counts edits: a save names the version it saw, so two editors cannot overwrite each other.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("variant"), _("variants")
        permissions = [("approve_variant", _("Can approve or reject texts"))]
        indexes = [
            models.Index(fields=["campaign", "state"], name="variant_by_campaign"),
            models.Index(fields=["state", "created_at"], name="variant_by_state"),
            models.Index(fields=["product", "kind", "language"], name="variant_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("generation:variant_detail", args=[self.pk])

    @property
    def voice(self) -> BrandVoice | None:
        """Return the brand voice of today, which the text is checked against."""
        return self.campaign.brand_voice if self.campaign else self.job.run.brand_voice


class VariantDecision(models.Model):
    """What a person did to a variant: edited, approved, rejected, assigned it. Append-only."""

    class Action(models.TextChoices):
        EDIT = "edit", _("edited")
        REWRITE = "rewrite", _("took a rewrite")
        APPROVE = "approve", _("approved")
        REJECT = "reject", _("rejected")
        REOPEN = "reopen", _("reopened")
        REGENERATE = "regenerate", _("asked for another")
        ASSIGN = "assign", _("assigned")
        LEARN = "learn", _("let it be learnt from")
        FORGET = "forget", _("keeps it from being learnt from")

    class Reason(models.TextChoices):
        UNTRUE = "untrue", _("says something untrue")
        VOICE = "voice", _("does not sound like us")
        DULL = "dull", _("says too little")
        CLUMSY = "clumsy", _("is badly worded")
        SIMILAR = "similar", _("is too much like another")
        OTHER = "other", _("something else")

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=10, choices=Action)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # Of a rejection: one reason of the list, and words.
    code = models.CharField(_("reason"), max_length=8, choices=Reason, blank=True)
    reason = models.TextField(blank=True)
    # Of an edit: the fields before and after.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # Of an assignment: to whom; null took it back.
    to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Equal for all that was decided by one press of a button.
    batch = models.UUIDField(null=True)
    four_eyes = models.BooleanField(default=True)

    class Meta:
        verbose_name, verbose_name_plural = (
            _("decision about a variant"),
            _("decisions about variants"),
        )
        indexes = [
            models.Index(fields=["variant", "at"], name="variant_decision_by_variant"),
            models.Index(fields=["by", "at"], name="variant_decision_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.action}"


class PersonalOfferQuerySet(models.QuerySet["PersonalOffer"]):
    def visible_to(self, identity: "Identity") -> Self:
        return self.filter(campaign__in=Campaign.objects.visible_to(identity, "offers:read"))


@pghistory.track(pghistory.UpdateEvent())
class PersonalOffer(models.Model):
    """One treated recipient's offer: product, discount and code by the program, one sentence by the model."""

    class State(models.TextChoices):
        READY = "ready", _("to review")
        APPROVED = "approved", _("approved")
        EXCLUDED = "excluded", _("excluded")

    job = models.OneToOneField(Job, models.CASCADE, related_name="offer")
    run = models.ForeignKey(Run, models.CASCADE, related_name="offers")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="offers")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="offers")
    product = models.ForeignKey(Product, models.PROTECT, related_name="offers")
    coupon = models.ForeignKey(Coupon, models.SET_NULL, null=True, related_name="offers")
    language = models.CharField(_("language"), max_length=8, choices=Language, default=Language.EN)
    # Why this product: facts such as {"reason": "bought", "orders": 6}.
    reason = models.JSONField(default=dict)
    discount_kind = models.CharField(max_length=8, choices=OfferPolicy.Kind)
    discount_value = MoneyField(null=True)
    price = MoneyField(null=True)
    price_after = MoneyField(null=True)
    text = models.TextField(_("text"))
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.READY)
    findings = models.JSONField(default=list)
    model_revision = models.CharField(max_length=100, blank=True)
    prompt_revision = models.CharField(max_length=40, blank=True)
    seed = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = PersonalOfferQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("personal offer"), _("personal offers")
        permissions = [("export_offers", _("Can export personal offers"))]
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="offer_once_per_run"),
            models.UniqueConstraint(
                fields=["campaign", "customer"],
                condition=~Q(state="excluded"),
                name="offer_once_per_campaign",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state", "id"], name="offer_by_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id}"

    @property
    def why(self) -> str:
        """Return in words why this product was chosen for this customer."""
        facts = self.reason
        if facts.get("reason") == "bought":
            said = ngettext("Bought it %(orders)s time.", "Bought it %(orders)s times.", facts["orders"])
        elif facts.get("reason") == "category":
            said = ngettext(
                "Bought %(category)s in %(orders)s order within a year.",
                "Bought %(category)s in %(orders)s orders within a year.",
                facts["orders"],
            )
        else:
            said = gettext("The campaign's best seller: no purchase of theirs says more.")
        return str(said % facts)
