"""Briefs about invented products, for tests of the pure side of generation."""

from datetime import date
from decimal import Decimal

from generation.facts import (
    BrandVoice,
    CustomerFacts,
    FactSheet,
    OfferTerms,
    ProductFacts,
    fact_sheet,
    review_sheet,
)
from generation.prompts import Brief
from generation.texts.kinds import Kind, Tone

TERMS = OfferTerms("campaign:1", percent_off=Decimal(15), code="WARM15", until=date(2026, 8, 31))


def sheet(
    name: str = "Harbor candle",
    category: str = "Candles",
    facts: tuple[str, ...] = ("soy wax", "cedar and sea salt", "burns 40 hours"),
    terms: OfferTerms | None = TERMS,
    voice: BrandVoice | None = None,
    likes: str = "",
    language: str = "en",
) -> FactSheet:
    product = ProductFacts(
        "product:1",
        name,
        category=category,
        price=Decimal("24.90"),
        attributes={str(number): fact for number, fact in enumerate(facts)},
    )
    customer = CustomerFacts("customer:1", likes)
    return fact_sheet(product, terms, voice, customer, currency="USD", language=language)


def reply_sheet(
    rating: int | None = 2, topic: str = "delivery", language: str = "en", name: str = "Harbor candle"
) -> FactSheet:
    return review_sheet("event:1", ProductFacts("product:1", name), rating, topic, language=language)


def brief(kind: Kind = Kind.OFFER, tone: Tone = Tone.PLAIN, language: str = "en", **told: object) -> Brief:
    facts = reply_sheet(language=language) if kind == Kind.REPLY else sheet(language=language, **told)  # type: ignore[arg-type]
    return Brief(facts, kind, tone, language)
