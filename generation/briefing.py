"""From rows to what a text may say: product, policy and brand voice as fact sheets, stored and read back."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.conf import settings

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
    fact_sheet,
)
from generation.offering.codes import PLACEHOLDER
from shop.models import Product


def copy_sheet(campaign: Campaign, product: Product, language: str) -> FactSheet:
    """Return what campaign copy may say: the same for every reader, but for the code."""
    return _sheet(product, policy_terms(campaign), campaign.brand_voice, None, language)


def offer_sheet(
    campaign: Campaign, product: Product, terms: OfferTerms, customer: CustomerFacts, language: str
) -> FactSheet:
    """Return what one customer's offer may say."""
    return _sheet(product, terms, campaign.brand_voice, customer, language)


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
        return BrandVoice()
    return BrandVoice(
        words_to_use=_words(row.use_words),
        words_to_avoid=_words(row.avoid_words),
        emoji=row.emoji,
        formal=row.address_form == VoiceRow.AddressForm.FORMAL,
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


def can_be_named(product: Product) -> bool:
    """Say whether texts may name the product at all."""
    return may_be_name(product.name)


def _fact(fact: Mapping[str, Any]) -> Fact:
    until = date.fromisoformat(fact["valid_until"]) if fact["valid_until"] else None
    return Fact(fact["id"], FactKind(fact["kind"]), fact["value"], fact["source"], until)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("，", ",").split(",") if word.strip())
