"""The plain writer: whatever the shop sells, its sentences pass the checks."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.checks import check
from generation.facts import TOPICS, BrandVoice, OfferTerms, ProductFacts, category_sheet, review_sheet
from generation.plain_writer import plain_copy
from generation.prompts import Brief
from generation.texts.kinds import PARTS, Kind, Tone
from generation.texts.slots import fill_copy
from tests.generation.briefs import brief, reply_sheet, sheet

LANGUAGES = ["en", "zh-hans"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_written_from_the_facts(kind: Kind, language: str) -> None:
    asked = brief(kind, language=language)
    copies = [plain_copy(asked, variant) for variant in range(3)]
    assert [check(copy, asked.sheet, kind, language) for copy in copies] == [[], [], []]
    filled = " ".join(fill_copy(copies[0], asked.sheet).values())
    assert "Harbor candle" in filled
    assert "soy wax" in filled.lower() or kind == Kind.REPLY
    assert "{" not in filled
    assert set(copies[0]) == {part.name for part in PARTS[kind]}


def test_variants_are_worded_differently() -> None:
    asked = brief(Kind.SOCIAL_X)
    assert len({plain_copy(asked, variant)["text"] for variant in range(3)}) == 3


def test_an_offer_says_what_the_customer_likes_and_all_of_its_terms() -> None:
    terms = OfferTerms("campaign:1", amount_off=Decimal(5), code="AB12", until=date(2026, 8, 31))
    asked = brief(Kind.OFFER, terms=terms, likes="tea")
    assert fill_copy(plain_copy(asked), asked.sheet)["text"] == (
        "Because you like tea: Harbor candle, soy wax, cedar and sea salt, burns 40 hours. "
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


@settings(max_examples=80, deadline=None)
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
    if kind == Kind.REPLY:
        told = review_sheet(
            "event:1", ProductFacts("product:1", name), variant or None, "", language=language
        )
    if kind == Kind.CATEGORY:
        told = category_sheet("category:1", name, variant, facts, language=language)
    copy = plain_copy(Brief(told, kind, Tone.PLAIN, language), variant)
    assert check(copy, told, kind, language) == []
    assert fill_copy(copy, told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rating", [None, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("topic", ["", *TOPICS])
def test_a_review_of_any_stars_and_topic_is_answered(rating: int | None, topic: str, language: str) -> None:
    told = reply_sheet(rating, topic, language)
    for variant in range(3):
        reply = plain_copy(Brief(told, Kind.REPLY, Tone.PLAIN, language), variant)
        assert check(reply, told, Kind.REPLY, language) == []
        if rating in {1, 2}:
            assert re.search("sorry|抱歉", reply["text"])
            assert re.search("write to us|联系我们", reply["text"])


def test_a_category_is_told_with_its_range() -> None:
    told = category_sheet("category:1", "Candles", 24, ("soy wax", "beeswax"))
    assert fill_copy(plain_copy(Brief(told, Kind.CATEGORY)), told)["text"] == (
        "24 products to choose from in Candles: soy wax and beeswax."
    )
    chinese = category_sheet("category:1", "蜡烛", 24, ("大豆蜡",), language="zh-hans")
    assert fill_copy(plain_copy(Brief(chinese, Kind.CATEGORY, language="zh-hans")), chinese)["text"] == (
        "蜡烛共有24 款商品可选：大豆蜡。"
    )


def test_what_the_reader_likes_is_written_as_inside_a_sentence() -> None:
    asked = Brief(sheet(likes="Kitchen Tools"), Kind.OFFER)
    said = {plain_copy(asked, variant)["text"] for variant in range(20)}
    assert any("kitchen tools" in text for text in said)
    assert not [text for text in said if "Kitchen Tools" in text]
