"""What tokens and compute seconds cost, at the rates in settings."""

from decimal import Decimal

from django.conf import settings

from marketing_site.lib.money import stored


def cost(tokens: int, seconds: float) -> Decimal:
    """Return the price of tokens and compute seconds."""
    by_tokens: Decimal = settings.GENERATION_COST_PER_1000_TOKENS * tokens / 1000
    by_seconds: Decimal = settings.GENERATION_COST_PER_SECOND * Decimal(seconds)
    return stored(by_tokens + by_seconds)
