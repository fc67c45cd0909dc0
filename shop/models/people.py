"""Customers, what they agreed to, and whom we never contact again."""

import hashlib
import hmac
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from marketing_site.lib.searching import beginnings, characters, trigrams


def address_hash(address: str) -> str:
    """Return the keyed hash under which an address is suppressed, after the address itself is erased."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()


class Purpose(models.TextChoices):
    MARKETING = "marketing", _("marketing")
    PROFILING = "profiling", _("profiling")


class ContactChannel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")
    MAIL = "mail", _("post")
    ANY = "any", _("any channel")


class CustomerQuerySet(models.QuerySet["Customer"]):
    def present(self) -> Self:
        """Leave out who was erased."""
        return self.filter(erased_at=None)


class Customer(models.Model):
    """One buyer, without a personal word: those are in the profile, which can be erased."""

    external_id = models.CharField(_("external id"), max_length=64, unique=True)
    locale = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    # Values that segments may use, such as {"age": "35-44"}; erased with the profile.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("customer"), _("customers")
        permissions = [
            ("erase_customer", _("Can erase a person's data for good")),
            ("export_customer", _("Can download all that is kept of a person")),
        ]
        # As `shop.searching` asks.
        indexes = [beginnings("customer_prefix", "external_id")]

    def __str__(self) -> str:
        return self.external_id

    def get_absolute_url(self) -> str:
        return reverse("shop:customer_detail", args=[self.pk])


class CustomerProfile(models.Model):
    """The personal fields of one customer; erasing a person deletes this row."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="profile")
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    # Invented for the demo; every page that shows it says so.
    synthetic = models.BooleanField(default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("customer profile"), _("customer profiles")
        permissions = [("view_personal_data", _("Can see names and addresses of customers"))]
        indexes = [
            models.Index(fields=["email"], name="profile_by_email"),
            # As `shop.searching` asks.
            trigrams("profile_search", "name", "email"),
            characters("profile_name_characters", "name"),
            characters("profile_email_characters", "email"),
            beginnings("profile_name_prefix", "name"),
            beginnings("profile_email_prefix", "email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Erasure(models.Model):
    """The erasure of one person's data: who did it, when and why. Append-only."""

    customer = models.OneToOneField(Customer, models.PROTECT, related_name="erasure")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("erasure"), _("erasures")

    def __str__(self) -> str:
        return f"{self.customer} {self.at:%Y-%m-%d}"


class Disclosure(models.Model):
    """That somebody took the data of one person out, to hand it to them: who and when. Append-only."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="disclosures")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("data export"), _("data exports")

    def __str__(self) -> str:
        return f"{self.customer} {self.at:%Y-%m-%d}"


class Consent(models.Model):
    """What one customer currently allows for one purpose on one channel."""

    class State(models.TextChoices):
        GRANTED = "granted", _("granted")
        WITHDRAWN = "withdrawn", _("withdrawn")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    state = models.CharField(max_length=10, choices=State)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("consent"), _("consents")
        constraints = [
            models.UniqueConstraint(fields=["customer", "purpose", "channel"], name="consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.purpose} {self.channel} {self.state}"


class ConsentEvent(models.Model):
    """One change of consent, kept for ever: the proof of what was agreed to, when and how."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consent_events")
    purpose = models.CharField(max_length=12, choices=Purpose)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    state = models.CharField(max_length=10, choices=Consent.State)
    source = models.CharField(max_length=64)
    text_version = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = _("consent event"), _("consent events")
        indexes = [models.Index(fields=["customer", "at"], name="consent_event_by_customer")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.customer}: {self.purpose} {self.channel} {self.state}"


class Suppression(models.Model):
    """One address that is never contacted, known by its hash only."""

    class Scope(models.TextChoices):
        MARKETING = "marketing", _("marketing")
        ALL = "all", _("everything")

    address_hash = models.CharField(max_length=64)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.MARKETING)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("suppression"), _("suppressions")
        constraints = [models.UniqueConstraint(fields=["address_hash", "scope"], name="suppression_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.address_hash[:12]}"
