"""Campaigns: what is planned, who decided, and the offer policy that the program applies, never the model."""

import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Self

import pghistory
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand_voice import BrandVoice
from campaigns.models.segment import Segment
from marketing_site.lib.money import ZERO, MoneyField
from shop.models import ApiKey, Product

if TYPE_CHECKING:
    from campaigns.models.money import CampaignDay
    from campaigns.models.segment import Identity

percent_range = [MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))]


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")
    SOCIAL = "social", _("social media")
    SEARCH_AD = "search_ad", _("search ads")
    DIRECT_MAIL = "direct_mail", _("direct mail")


def total_of(days: "models.QuerySet[CampaignDay]", column: str) -> Coalesce:
    """Return the sum of a column over a campaign's own days, zero where there are none."""
    sums = days.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    total = Subquery(sums.annotate(total=Sum(column)).values("total"))
    return Coalesce(total, Value(ZERO), output_field=models.DecimalField(max_digits=18, decimal_places=4))


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, identity: "Identity", scope: str = "campaigns:read") -> Self:
        """Keep what a user's role lets them see, or the campaigns that a key with this scope is linked to."""
        if not isinstance(identity, ApiKey):
            return self if identity.has_perm("campaigns.view_campaign") else self.none()
        if not identity.may(scope):
            return self.none()
        return self if identity.all_campaigns else self.filter(keys__api_key=identity)

    def search(self, words: str) -> Self:
        found = self
        for word in words.split():
            found = found.filter(name__icontains=word)
        return found

    def with_totals(self, days: "models.QuerySet[CampaignDay]") -> Self:
        """Add spend, net_revenue and roas_attributed, summed over these days of each campaign.

        Subqueries, so that a page sums its own rows only, and counting all sums nothing.
        roas_attributed stays None until something has been spent.
        """
        totals = self.annotate(spend=total_of(days, "spend"), net_revenue=total_of(days, "net_revenue"))
        return totals.annotate(roas_attributed=F("net_revenue") / NullIf(F("spend"), Value(ZERO)))

    def by_revenue(self) -> Self:
        """Order by the total of `with_totals`, most first."""
        return self.order_by(F("net_revenue").desc(), "pk")

    def by_roas(self, *, descending: bool) -> Self:
        """Order by the total of `with_totals`; campaigns without spend stand last either way."""
        roas = F("roas_attributed")
        ordered = roas.desc(nulls_last=True) if descending else roas.asc(nulls_last=True)
        return self.order_by(ordered, "pk")


def new_salt() -> str:
    return secrets.token_hex(8)


@pghistory.track()
class Campaign(models.Model):
    """One campaign from draft to archive. `campaigns.launching` is the only way between its states."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        LIVE = "live", _("live")
        ENDED = "ended", _("ended")
        ARCHIVED = "archived", _("archived")

    class Goal(models.TextChoices):
        WIN_BACK = "win_back", _("win back lapsed buyers")
        REPEAT = "repeat", _("bring buyers back sooner")
        CROSS_SELL = "cross_sell", _("sell more categories")
        ACQUIRE = "acquire", _("win new buyers")
        CLEAR = "clear", _("clear stock")
        INFORM = "inform", _("inform")

    name = models.CharField(_("name"), max_length=200)
    goal = models.CharField(_("goal"), max_length=12, choices=Goal, default=Goal.REPEAT)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.DRAFT, editable=False
    )
    paused = models.BooleanField(_("paused"), default=False, editable=False)
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("segment"),
    )
    products = models.ManyToManyField(
        Product, blank=True, related_name="campaigns", verbose_name=_("products")
    )
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.EMAIL)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    budget = MoneyField(_("budget"), null=True, blank=True)
    holdout_percent = models.DecimalField(
        _("holdout share (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(10),
        validators=percent_range,
    )
    brand_voice = models.ForeignKey(
        BrandVoice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("brand voice"),
    )
    # Decides, with the customer's id, who is held out; never changes.
    salt = models.CharField(max_length=16, default=new_salt, editable=False)
    # Members of the segment when the audience was frozen; the assignments are those who could be contacted.
    segment_size = models.IntegerField(null=True, editable=False)
    # Where it came from: "" is made here, else the importing source and its id there.
    source = models.CharField(max_length=32, blank=True, editable=False)
    external_id = models.CharField(max_length=64, blank=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("campaign"), _("campaigns")
        permissions = [
            ("approve_campaign", _("Can approve or send back a campaign")),
            ("launch_campaign", _("Can launch, pause, end and archive a campaign")),
            ("export_report", _("Can export reports and customer lists")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="campaign_dates_in_order",
                violation_error_message=_("The campaign ends before it starts: swap the two dates."),
            ),
            models.CheckConstraint(
                condition=Q(paused=False) | Q(status="live"), name="campaign_paused_only_while_live"
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0),
                name="campaign_budget_not_negative",
                violation_error_message=_("The budget cannot be negative."),
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(source=""),
                name="campaign_import_once",
            ),
        ]
        indexes = [models.Index(fields=["status", "starts_on"], name="campaign_by_status")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign_detail", args=[self.pk])


@pghistory.track(
    pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, model_name="CampaignProductEvent"
)
class CampaignProduct(Campaign.products.through):  # type: ignore[name-defined]
    """One product of a campaign, under a name so that its coming and going is kept too."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name, verbose_name_plural = _("product of a campaign"), _("products of campaigns")


@pghistory.track()
class OfferPolicy(models.Model):
    """What a campaign's offers may give: a rule that the program applies, never a choice of the model."""

    class Kind(models.TextChoices):
        NONE = "none", _("no discount")
        PERCENT = "percent", _("percent off")
        AMOUNT = "amount", _("amount off")

    class CodePolicy(models.TextChoices):
        UNIQUE = "unique", _("one code per customer")
        SHARED = "shared", _("one code for all")
        NONE = "none", _("no code")

    campaign = models.OneToOneField(Campaign, models.CASCADE, primary_key=True, related_name="offer_policy")
    kind = models.CharField(_("discount"), max_length=8, choices=Kind, default=Kind.NONE)
    value = MoneyField(
        _("value"),
        null=True,
        blank=True,
        help_text=_("Percent, or an amount in the shop's currency."),
    )
    minimum_basket = MoneyField(_("minimum basket"), null=True, blank=True)
    cap = MoneyField(
        _("largest discount"),
        null=True,
        blank=True,
        help_text=_("The most that one order gets off."),
    )
    margin_floor = models.DecimalField(
        _("margin floor (%)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=percent_range,
        help_text=_(
            "No offer takes a product's margin below this share of its price, where its cost is known."
        ),
    )
    code_policy = models.CharField(_("codes"), max_length=8, choices=CodePolicy, default=CodePolicy.UNIQUE)
    shared_code = models.CharField(_("shared code"), max_length=32, blank=True)
    valid_days = models.PositiveSmallIntegerField(_("valid for (days)"), default=14)

    class Meta:
        verbose_name, verbose_name_plural = _("offer policy"), _("offer policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="none") | Q(value__gt=0),
                name="policy_value_positive",
                violation_error_message=_("Give the discount a value above zero, or choose no discount."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(value__lte=100),
                name="policy_percent_at_most_100",
                violation_error_message=_("A discount cannot be more than 100 percent."),
            ),
            models.CheckConstraint(
                condition=~Q(code_policy="shared") | ~Q(shared_code=""),
                name="policy_shared_code_given",
                violation_error_message=_("Name the shared code."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.kind} {self.value}"


class Decision(models.Model):
    """One step of a campaign through its states: who, when and why. Append-only."""

    class Action(models.TextChoices):
        CREATE = "create", _("created")
        CLONE = "clone", _("cloned")
        SUBMIT = "submit", _("submitted for review")
        WITHDRAW = "withdraw", _("taken back")
        SEND_BACK = "send_back", _("sent back")
        APPROVE = "approve", _("approved")
        LAUNCH = "launch", _("launched")
        PAUSE = "pause", _("paused")
        RESUME = "resume", _("resumed")
        END = "end", _("ended")
        ARCHIVE = "archive", _("archived")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=12, choices=Action)
    # None: the program itself, such as the end on the last day.
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)
    # False only where the shop had switched the four-eyes rule off.
    four_eyes = models.BooleanField(default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("decision"), _("decisions")
        indexes = [models.Index(fields=["campaign", "at"], name="decision_by_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.action}"


class KeyCampaign(models.Model):
    """One campaign that a restricted API key may see."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="campaigns")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="keys")

    class Meta:
        verbose_name, verbose_name_plural = _("campaign of a key"), _("campaigns of keys")
        constraints = [models.UniqueConstraint(fields=["api_key", "campaign"], name="key_campaign_once")]

    def __str__(self) -> str:
        return f"{self.api_key}: {self.campaign}"
