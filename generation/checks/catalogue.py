"""Which words of the catalogue may be facts: what a product is, no address, price, offer or promise.

Product data comes from suppliers and files. Whatever stands there as a fact may be repeated by every text,
so "use code EVIL100" must not become one. What the shop charges and promises is for the offer policy and
the brand voice to say.
"""

import re
import unicodedata

from generation.checks.fact_rules import LINK, MARKUP
from generation.facts import clean
from generation.texts.amounts import amounts

# What leads elsewhere, is written for a program, or calls out.
FOREIGN = re.compile(
    r"[!?]|\w+://|\[\.\]|\bdot com\b|javascript|[{}|`\\^~]|__|%\(|\$\{"
    r"|\b(?:call|phone) (?:us|me|now|\W?\d)|\b(?:whatsapp|telegram)\b|\+\d[\d ()-]{6,}|\d(?: \d){3,}"
    "|微信|红包|加群|扫码|电话|ＱＱ|QQ",
    re.IGNORECASE,
)
# "sugar free" is a property, "free delivery" and "everything is free" are offers.
OFFER = re.compile(
    r"\b(?:codes?|coupons?|vouchers?|promo\w*|discount\w*|off(?![-\w])|sale|bargain\w*|deals?|cash ?back)\b"
    r"|\b(?:bonus|gift with|per ?cent|for ever|forever)\b|^free(?! (?:range|standing)|-)\b"
    r"|\b(?:is|are|for|totally|absolutely) free\b|\bfree (?:delivery|shipping|gift|trial|of charge)"
    "|优惠|折扣|免费|包邮|赠|抢购|秒杀",
    re.IGNORECASE,
)
# Promises and praise, some against the law in many markets: a name may have them, a fact may not.
PROMISE = re.compile(
    r"\b(?:guarante\w*|money back|refund\w*|deliver\w*|shipping|best|finest|greatest|number one|no\.? ?1)\b"
    r"|\b(?:unbeatable|miracle|cures?|heals?|clinical\w*|doctors?|fda|approved|rated|stars?|customers?)\b"
    r"|\b(?:instructions?|ignore)\b|^[=@]|最好|第一|顶级|唯一|治疗|疗效|保证|指令",
    re.IGNORECASE,
)


def may_be_name(words: str) -> bool:
    """Say whether a product may be called so in a text."""
    plain = unicodedata.normalize("NFKC", clean(words))
    return not (_leads_elsewhere(plain) or OFFER.search(plain) or _is_price(plain))


def may_be_fact(words: str) -> bool:
    """Say whether a property, brand or category may be told of a product."""
    return may_be_name(words) and not PROMISE.search(unicodedata.normalize("NFKC", clean(words)))


def _leads_elsewhere(plain: str) -> bool:
    return any(pattern.search(plain) for pattern in (LINK, MARKUP, FOREIGN))


def _is_price(plain: str) -> bool:
    """Say whether the words name an amount of money; "100% cotton" and "12 oz" are none."""
    return any(unit not in ("", "percent") for _match, (unit, _value) in amounts(plain))
