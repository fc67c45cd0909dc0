"""From rows to what a text may say: product, policy and brand voice as fact sheets, stored and read back."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from campaigns.models import BrandVoice as VoiceRow
from campaigns.models import Campaign, OfferPolicy
from generation.checks.catalogue import may_be_fact, may_be_name
from generation.facts import (
    BrandVoice,
    CustomerFacts,
    Fact,
    FactKind,
    FactSheet,
    OfferTerms,
    ProductFacts,
    attribute_words,
    category_sheet,
    fact_sheet,
    review_sheet,
)
from generation.offering.codes import PLACEHOLDER
from generation.texts.replies import topic_of
from marketing_site.lib.typed_lists import lines, paragraphs, words
from shop.models import Category, Event, Product

# What a category's text tells at most, and from how many of its products.
CATEGORY_FACTS, PRODUCTS_READ = 4, 2000


def copy_sheet(campaign: Campaign, product: Product, language: str) -> FactSheet:
    """Return what campaign copy may say: the same for every reader, but for the code."""
    return _sheet(product, policy_terms(campaign), campaign.brand_voice, None, language)


def product_sheet(product: Product, language: str = "en", voice: VoiceRow | None = None) -> FactSheet:
    """Return what may be said of a product where no campaign is: no offer."""
    return _sheet(product, None, voice, None, language)


def offer_sheet(
    campaign: Campaign, product: Product, terms: OfferTerms, customer: CustomerFacts, language: str
) -> FactSheet:
    """Return what one customer's offer may say."""
    return _sheet(product, terms, campaign.brand_voice, customer, language)


def category_sheet_of(category: Category, voice: VoiceRow | None, language: str) -> FactSheet:
    """Return what a category's text may say: how many products, its subcategories or shared properties."""
    products = Product.objects.active().filter(category__in=Category.objects.under(category))
    sold = Count("products", filter=Q(products__active=True))
    below = category.children.annotate(sold=sold).filter(sold__gt=0).order_by("-sold", "name")
    told = [child.name for child in below[:CATEGORY_FACTS]] or shared_properties(products)
    fit = [words for words in told if may_be_fact(words) and words.casefold() != category.name.casefold()]
    return category_sheet(
        f"category:{category.pk}", category.name, products.count(), fit, voice_of(voice), language=language
    )


def review_sheet_of(review: Event, product: Product, voice: VoiceRow | None, language: str) -> FactSheet:
    """Return what a reply to a review may say; of its words no more than their topic."""
    facts = ProductFacts(source=f"product:{product.pk}", name=product.name)
    topic = topic_of(review.text)
    return review_sheet(f"event:{review.pk}", facts, review.rating, topic, voice_of(voice), language=language)


def shared_properties(products: QuerySet[Product]) -> list[str]:
    """Return properties that at least two of the products have, the commonest first."""
    counted: Counter[str] = Counter()
    for attributes in products.exclude(attributes={}).values_list("attributes", flat=True)[:PRODUCTS_READ]:
        counted.update({attribute_words(str(label), str(value)) for label, value in attributes.items()})
    return [words for words, count in counted.most_common(CATEGORY_FACTS) if words and count > 1]


def policy_terms(campaign: Campaign) -> OfferTerms | None:
    """Return the campaign's discount as everybody sees it; None without a policy."""
    policy = OfferPolicy.objects.filter(campaign=campaign).first()
    if policy is None:
        return None
    policies = OfferPolicy.CodePolicy
    codes = {policies.SHARED: policy.shared_code, policies.UNIQUE: PLACEHOLDER}
    return OfferTerms(
        source=f"campaign:{campaign.pk}",
        percent_off=policy.value if policy.kind == OfferPolicy.Kind.PERCENT else None,
        amount_off=policy.value if policy.kind == OfferPolicy.Kind.AMOUNT else None,
        code=codes.get(policies(policy.code_policy), ""),
        until=campaign.ends_on,
        minimum_basket=policy.minimum_basket,
    )


def voice_of(row: VoiceRow | None) -> BrandVoice:
    """Return the brand voice as plain values; without one, the plain default."""
    if row is None:
        return BrandVoice(markets=tuple(settings.SHOP_MARKETS))
    return BrandVoice(
        words_to_use=words(row.use_words),
        words_to_avoid=words(row.avoid_words),
        allowed_claims=lines(row.allowed_claims),
        forbidden_claims=lines(row.forbidden_claims),
        required_claims=lines(row.required_claims),
        samples=paragraphs(row.samples),
        tone=row.tone,
        level=row.reading_level,
        emoji=row.emoji != VoiceRow.Emoji.NONE,
        most_emoji=1 if row.emoji == VoiceRow.Emoji.FEW else 0,
        exclamations=row.exclamations,
        formal=row.address_form == VoiceRow.AddressForm.FORMAL,
        lengths=tuple(sorted(row.lengths.items())),
        markets=tuple(row.markets or settings.SHOP_MARKETS),
    )


def stored(sheet: FactSheet) -> list[dict[str, Any]]:
    """Return the sheet's facts as a row keeps them."""
    return [
        asdict(fact) | {"valid_until": fact.valid_until.isoformat() if fact.valid_until else None}
        for fact in sheet.facts
    ]


def restored(facts: Iterable[Mapping[str, Any]], voice: VoiceRow | None) -> FactSheet:
    """Return the sheet that a row kept, with the brand voice of today."""
    return FactSheet(tuple(_fact(fact) for fact in facts), voice_of(voice))


def _sheet(
    product: Product,
    terms: OfferTerms | None,
    voice: VoiceRow | None,
    customer: CustomerFacts | None,
    language: str,
) -> FactSheet:
    if customer and not may_be_fact(customer.favourite_category):
        customer = None
    category = product.category.name if product.category else ""
    facts = ProductFacts(
        source=f"product:{product.pk}",
        name=product.name,
        brand=product.brand if may_be_fact(product.brand) else "",
        category=category if may_be_fact(category) else "",
        price=product.price,
        attributes=_properties(product),
    )
    currency = settings.SHOP_CURRENCY
    return fact_sheet(facts, terms, voice_of(voice), customer, currency=currency, language=language)


def _properties(product: Product) -> dict[str, str]:
    """Return the product's properties but for those that its name says already ("Coffee, 12 oz")."""
    said = product.name.casefold()
    named = {str(label): str(value) for label, value in product.attributes.items()}
    fit = {label: value for label, value in named.items() if may_be_fact(attribute_words(label, value))}
    return {label: value for label, value in fit.items() if value.casefold() not in said}


def left_out(product: Product) -> list[str]:
    """Return the properties that no text may tell: they read like an address, an offer or a promise."""
    worded = [attribute_words(str(label), str(value)) for label, value in product.attributes.items()]
    return [words for words in worded if not may_be_fact(words)]


def can_be_named(named: Product | Category) -> bool:
    """Say whether texts may name the product or category at all."""
    return may_be_name(named.name)


def _fact(fact: Mapping[str, Any]) -> Fact:
    until = date.fromisoformat(fact["valid_until"]) if fact["valid_until"] else None
    return Fact(fact["id"], FactKind(fact["kind"]), fact["value"], fact["source"], until)
