"""What a text may say: facts with their source and date, built from plain values."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from marketing_site.lib.money import shown

# The longest fact, in characters: longer values are cut, whoever wrote them.
LONGEST = 120
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥"}
# Not Django's: these words must not change with the language of whoever started the work.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
# What a review can be about, in English and in Chinese.
TOPICS = {
    "delivery": "配送",
    "packaging": "包装",
    "service": "服务",
    "size": "尺寸",
    "taste": "味道",
    "price": "价格",
    "quality": "质量",
}
BREAKS = {"Cc", "Zl", "Zp", "Zs"}
# Blank or joining, though Unicode calls them letters or marks.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
FENCE = re.compile(r"[{}<>|`\"\\]+")
# "40 m²" stays what it is; all other compatibility characters become ordinary ones.
NOT_RAISED = re.compile("[^²³]+")


class FactKind(StrEnum):
    """What a fact is about."""

    NAME = "name"
    BRAND = "brand"
    CATEGORY = "category"
    ATTRIBUTE = "attribute"
    PRICE = "price"
    DISCOUNT = "discount"
    CODE = "code"
    UNTIL = "until"
    MINIMUM_BASKET = "minimum_basket"
    CLAIM = "claim"  # a sentence the shop allows to be said
    HISTORY = "history"  # something this customer bought or liked
    COUNT = "count"  # how many products a category has
    RATING = "rating"  # the stars, 1 to 5, of the review that is answered
    TOPIC = "topic"  # what that review is about


@dataclass(frozen=True)
class Fact:
    """One thing a text may say; `id` is unique in its sheet, `source` names its row."""

    id: str
    kind: FactKind
    value: str
    source: str
    valid_until: date | None = None


@dataclass(frozen=True)
class ProductFacts:
    """The product, as plain values of its row."""

    source: str  # such as "product:123"
    name: str
    brand: str = ""
    category: str = ""
    price: Decimal | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OfferTerms:
    """What the offer policy decided: a percentage or an amount off, never both."""

    source: str  # such as "campaign:7"
    percent_off: Decimal | None = None
    amount_off: Decimal | None = None
    code: str = ""
    until: date | None = None
    minimum_basket: Decimal | None = None


@dataclass(frozen=True)
class BrandVoice:
    """How the shop speaks: words it likes and avoids, what it may claim and never claims."""

    words_to_use: tuple[str, ...] = ()
    words_to_avoid: tuple[str, ...] = ()
    allowed_claims: tuple[str, ...] = ()
    forbidden_claims: tuple[str, ...] = ()
    emoji: bool = False
    formal: bool = False  # 您 rather than 你
    tone: str = ""  # in the shop's own words
    level: str = "any"  # how easy to read: "any", "easy" or "plain"
    most_emoji: int = 0  # in one part, where emoji are allowed; 0 is no limit
    exclamations: bool = True
    required_claims: tuple[str, ...] = ()  # what texts with room for it must say
    samples: tuple[str, ...] = ()
    lengths: tuple[tuple[str, int], ...] = ()  # usual number of characters, by kind
    markets: tuple[str, ...] = ()  # whose rules hold beside the base set: see `checks.market_rules`


@dataclass(frozen=True)
class CustomerFacts:
    """What may be said about the customer; no name, address or other personal field."""

    source: str
    favourite_category: str = ""


@dataclass(frozen=True)
class FactSheet:
    """Everything a text may say about one product, offer and customer, in one language."""

    facts: tuple[Fact, ...]
    voice: BrandVoice = BrandVoice()

    def value(self, kind: FactKind) -> str:
        """Return the value of the first fact of this kind, or ""."""
        return next((fact.value for fact in self.facts if fact.kind == kind), "")

    def of(self, *kinds: FactKind) -> tuple[Fact, ...]:
        """Return the facts of these kinds, in the sheet's order."""
        return tuple(fact for fact in self.facts if fact.kind in kinds)


def fact_sheet(
    product: ProductFacts,
    terms: OfferTerms | None = None,
    voice: BrandVoice | None = None,
    customer: CustomerFacts | None = None,
    *,
    currency: str = "USD",
    language: str = "en",
) -> FactSheet:
    """Build the sheet from plain values; money, discounts and dates are worded in `language`."""
    voice = voice or BrandVoice()
    facts = [
        *_product_facts(product, currency),
        *(_offer_facts(terms, currency, language) if terms else ()),
        *(Fact(f"claim{n}", FactKind.CLAIM, claim, "brand") for n, claim in enumerate(voice.allowed_claims)),
    ]
    if customer and customer.favourite_category:
        value = customer.favourite_category
        facts.append(Fact("history", FactKind.HISTORY, value, customer.source))
    cleaned = (replace(fact, value=clean(fact.value)) for fact in facts)
    return FactSheet(tuple(fact for fact in cleaned if fact.value), voice)


def review_sheet(
    source: str,
    product: ProductFacts,
    rating: int | None,
    topic: str,
    voice: BrandVoice | None = None,
    *,
    language: str = "en",
) -> FactSheet:
    """Build what a reply may say: the product's name, the stars, and a topic that plain code found.

    Not the review's words: they are a stranger's, and no prompt or text repeats them.
    """
    facts = (
        Fact("name", FactKind.NAME, clean(product.name), product.source),
        Fact("rating", FactKind.RATING, str(rating or ""), source),
        Fact("topic", FactKind.TOPIC, topic_words(topic, language), source),
    )
    return FactSheet(tuple(fact for fact in facts if fact.value), voice or BrandVoice())


def category_sheet(
    source: str,
    name: str,
    products: int,
    attributes: Sequence[str],
    voice: BrandVoice | None = None,
    *,
    language: str = "en",
) -> FactSheet:
    """Build what a category's text may say: its name, how many products, and what several of them have."""
    facts = [
        Fact("name", FactKind.NAME, name, source),
        *(Fact(f"attribute{n}", FactKind.ATTRIBUTE, value, source) for n, value in enumerate(attributes)),
        Fact("count", FactKind.COUNT, count_words(products, language), source),
    ]
    cleaned = (replace(fact, value=clean(fact.value)) for fact in facts)
    return FactSheet(tuple(fact for fact in cleaned if fact.value), voice or BrandVoice())


def _product_facts(product: ProductFacts, currency: str) -> Iterator[Fact]:
    source = product.source
    yield Fact("name", FactKind.NAME, product.name, source)
    yield Fact("brand", FactKind.BRAND, product.brand, source)
    yield Fact("category", FactKind.CATEGORY, product.category, source)
    for number, (label, value) in enumerate(product.attributes.items()):
        yield Fact(f"attribute{number}", FactKind.ATTRIBUTE, attribute_words(label, value), source)
    if product.price is not None:
        yield Fact("price", FactKind.PRICE, money_words(product.price, currency), source)


def _offer_facts(terms: OfferTerms, currency: str, language: str) -> Iterator[Fact]:
    source, until = terms.source, terms.until
    if discount := discount_words(terms, currency, language):
        yield Fact("discount", FactKind.DISCOUNT, discount, source, until)
    yield Fact("code", FactKind.CODE, terms.code, source, until)
    if until:
        yield Fact("until", FactKind.UNTIL, date_words(until, language), source, until)
    if terms.minimum_basket:
        words = money_words(terms.minimum_basket, currency)
        yield Fact("minimum_basket", FactKind.MINIMUM_BASKET, words, source, until)


def attribute_words(label: str, value: str) -> str:
    """Word an attribute: "oven safe" for a yes, "pages 224" for a bare number, else its value alone."""
    if value.strip().lower() in {"yes", "true"}:
        return label
    if value.strip().lower() in {"", "no", "false", "none", "unknown"}:
        return ""
    return value if any(character.isalpha() for character in value) else f"{label} {value}"


def money_words(amount: Decimal, currency: str) -> str:
    """Word an amount as people read it: $4.99, $5, CHF 12.50."""
    rounded = shown(amount)
    digits = f"{rounded:f}" if rounded % 1 else f"{rounded:.0f}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{digits}" if symbol else f"{currency} {digits}"


def discount_words(terms: OfferTerms, currency: str, language: str) -> str:
    """Word the discount as one phrase, such as "15% off" or "$5 off"; "" where there is none."""
    if terms.percent_off:
        amount = f"{terms.percent_off.normalize():f}%"
    elif terms.amount_off:
        amount = money_words(terms.amount_off, currency)
    else:
        return ""
    return f"{amount}优惠" if is_chinese(language) else f"{amount} off"


def topic_words(topic: str, language: str) -> str:
    """Word what a review is about; "" for nothing in particular."""
    return TOPICS[topic] if topic and is_chinese(language) else topic


def count_words(products: int, language: str) -> str:
    """Word how many products there are, "" for fewer than two."""
    if products < 2:
        return ""
    return f"{products} 款商品" if is_chinese(language) else f"{products} products"


def date_words(day: date, language: str) -> str:
    """Word a day without its year: "August 31" or "8月31日"."""
    if is_chinese(language):
        return f"{day.month}月{day.day}日"
    return f"{MONTHS[day.month - 1]} {day.day}"


def reworded(sheet: FactSheet, language: str) -> FactSheet:
    """Return the same facts worded in another language; names, prices and codes stay as they are."""
    return replace(sheet, facts=tuple(replace(fact, value=_reworded(fact, language)) for fact in sheet.facts))


def _reworded(fact: Fact, language: str) -> str:
    if fact.kind == FactKind.DISCOUNT:
        amount = fact.value.removesuffix(" off").removesuffix("优惠")
        return f"{amount}优惠" if is_chinese(language) else f"{amount} off"
    if fact.kind == FactKind.UNTIL and fact.valid_until:
        return date_words(fact.valid_until, language)
    if fact.kind == FactKind.COUNT:
        return count_words(int("".join(filter(str.isdecimal, fact.value))), language)
    if fact.kind == FactKind.TOPIC:
        topic = next((topic for topic, words in TOPICS.items() if words == fact.value), fact.value)
        return topic_words(topic, language)
    return fact.value


def is_chinese(language: str) -> bool:
    """Say whether texts are written in Chinese; every other language code is written in English."""
    return language.lower().startswith("zh")


def clean(text: str, limit: int = LONGEST) -> str:
    """Make untrusted text one line of at most `limit` characters, none of them invisible.

    Characters keep their form: a name is shown as the shop wrote it.
    """
    kept = "".join(" " if unicodedata.category(c) in BREAKS else c for c in text if not is_hidden(c))
    return " ".join(kept.split())[:limit].rstrip()


def is_hidden(character: str) -> bool:
    """Say whether a reader cannot see this character although a program does."""
    category = unicodedata.category(character)
    hidden = category in {"Cf", "Co", "Cs", "Cn"} or (category == "Cc" and not character.isspace())
    return hidden or character in INVISIBLE


def fenced(text: str, limit: int = LONGEST) -> str:
    """Make untrusted text harmless inside a prompt: no slots, no chat marks, no quotes to close."""
    plain = NOT_RAISED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return FENCE.sub(" ", clean(plain, limit)).strip()
