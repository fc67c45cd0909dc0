"""What Django checks at start: whether the files of market rules can be trusted."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from campaigns.models.brand_voice import Market
from generation.checks import market_rules


@register()
def market_rule_files(app_configs: Sequence[Any] | None, **options: Any) -> list[CheckMessage]:
    """Refuse files that cannot be read, and markets that can be chosen and have none."""
    try:
        wrong = list(market_rules.problems())
        without = set(Market.values) ^ set(market_rules.rule_sets()) - {market_rules.BASE}
    except (OSError, ValueError, KeyError) as error:
        return [Error(f"The rules of markets cannot be read: {error!r}", id="generation.E001")]
    wrong += [f"{market} is not both a market and a file" for market in sorted(without)]
    wrong += [f"SHOP_MARKETS has {market}" for market in settings.SHOP_MARKETS if market not in Market.values]
    return [Error(f"generation/checks/markets: {words}", id="generation.E002") for words in wrong]
