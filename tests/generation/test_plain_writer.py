"""The plain writer: whatever the shop sells, its sentences pass the checks."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.checks import check
from generation.facts import BrandVoice, OfferTerms
from generation.plain_writer import plain_copy
from generation.prompts import Brief
from generation.texts.kinds import Kind, Tone
from generation.texts.slots import fill_copy
from tests.generation.briefs import brief, sheet

LANGUAGES = ["en", "zh-hans"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_written_from_the_facts(kind: Kind, language: str) -> None:
    asked = brief(kind, language=language)
    copies = [plain_copy(asked, variant) for variant in range(3)]
    assert [check(copy, asked.sheet, kind, language) for copy in copies] == [[], [], []]
    filled = " ".join(fill_copy(copies[0], asked.sheet).values())
    assert "Harbor candle" in filled
    assert "soy wax" in filled
    assert "{" not in filled


def test_variants_are_worded_differently() -> None:
    asked = brief(Kind.SOCIAL)
    assert len({plain_copy(asked, variant)["text"] for variant in range(3)}) == 3


def test_an_offer_says_what_the_customer_likes_and_all_of_its_terms() -> None:
    terms = OfferTerms("campaign:1", amount_off=Decimal(5), code="AB12", until=date(2026, 8, 31))
    asked = brief(Kind.OFFER, terms=terms, likes="tea")
    assert fill_copy(plain_copy(asked), asked.sheet)["text"] == (
        "Because you like tea: Harbor candle, soy wax, cedar and sea salt and burns 40 hours. "
        "Use code AB12 at the checkout for $5 off until August 31."
    )
    chinese = brief(Kind.OFFER, language="zh-hans", terms=terms, likes="茶", voice=BrandVoice(formal=True))
    assert fill_copy(plain_copy(chinese), chinese.sheet)["text"].startswith("您喜欢茶，为您推荐Harbor candle")


NAMES = st.one_of(
    st.text(min_size=1, max_size=60).filter(str.strip),
    st.sampled_from(
        [
            "{code}",
            "{name} {x}",
            "50% OFF <b>lamp</b>",
            "www.example.com",
            "Socks, 5 pairs",
            "Best Organic FREE Tea",
            "Ärmel & Söhne №5",
            "阿拉伯胶 500 克",
            "Шапка",
            "a" * 120,
            "🕯 candle",
            "!!!",
        ]
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    name=NAMES,
    category=st.one_of(st.just(""), NAMES),
    facts=st.lists(NAMES, max_size=4),
    kind=st.sampled_from(list(Kind)),
    language=st.sampled_from(LANGUAGES),
    terms=st.builds(
        OfferTerms,
        source=st.just("campaign:1"),
        percent_off=st.one_of(st.none(), st.decimals("0.5", "99", places=1)),
        code=st.from_regex(r"[A-Z0-9]{4,12}", fullmatch=True),
        until=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 1, 1))),
        minimum_basket=st.one_of(st.none(), st.decimals("1", "999", places=2)),
    ),
    likes=st.one_of(st.just(""), NAMES),
    variant=st.integers(0, 5),
)
def test_it_passes_the_checks_for_any_product(
    name: str,
    category: str,
    facts: list[str],
    kind: Kind,
    language: str,
    terms: OfferTerms,
    likes: str,
    variant: int,
) -> None:
    told = sheet(name, category, tuple(facts), terms, likes=likes, language=language)
    copy = plain_copy(Brief(told, kind, Tone.PLAIN, language), variant)
    assert check(copy, told, kind, language) == []
    assert fill_copy(copy, told)
