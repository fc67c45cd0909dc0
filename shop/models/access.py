"""Keys for partner tools."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

SCOPES = (
    "products:read", "products:write", "customers:read", "customers:write", "orders:read", "orders:write",
    "events:read", "events:write", "segments:read", "segments:write", "campaigns:read", "campaigns:write",
    "spend:read", "spend:write", "variants:read", "variants:write", "offers:read", "reports:read",
    "imports:read", "imports:write",
)  # fmt: skip


class ApiKey(AbstractAPIKey):
    """One partner's key: a name, a hashed secret, an expiry and the scopes it may use.

    A key is no user: it opens the API only, drafts where a scope says so, and approves nothing.
    """

    scopes: ClassVar[models.JSONField[Any, Any]] = models.JSONField(_("scopes"), default=list)
    # Restricted keys see only the campaigns linked to them (campaigns.KeyCampaign).
    all_campaigns: ClassVar[models.BooleanField[bool, bool]] = models.BooleanField(
        _("sees all campaigns"), default=True
    )

    class Meta(AbstractAPIKey.Meta):
        verbose_name, verbose_name_plural = _("API key"), _("API keys")  # type: ignore[assignment]

    def may(self, scope: str) -> bool:
        return scope in self.scopes
