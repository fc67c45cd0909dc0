"""What a text may not say: every rule finds its case, and good texts pass."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.checks import check, cover
from generation.checks.findings import RULES
from generation.checks.market_rules import rule_sets
from generation.choosing import Candidate, best
from generation.facts import BrandVoice, OfferTerms
from generation.prompts import Brief, completed
from generation.texts.examples import EXAMPLES
from generation.texts.kinds import Kind, written_parts
from generation.texts.offer_sentences import offer_sentences
from tests.generation.briefs import TERMS, reply_sheet, sheet

GOOD = "Treat yourself to soy wax: {name}, burns 40 hours. Use code {code} for {discount}."


def codes(text: str, kind: Kind = Kind.SOCIAL_X, language: str = "en", **told: object) -> set[str]:
    """Return the codes that a one-part text gets."""
    return {f.code for f in check({"text": text}, sheet(**told), kind, language)}  # type: ignore[arg-type]


def test_a_good_text_passes() -> None:
    assert codes(GOOD) == set()


def test_every_example_passes_on_its_own_facts() -> None:
    for kind, examples in EXAMPLES.items():
        for example in examples:
            facts = sheet(example.name, example.category, example.facts, likes=example.likes)
            if kind == Kind.REPLY:
                facts = reply_sheet(example.rating, example.topic, name=example.name)
            copy = {part.name: text for part, text in zip(written_parts(kind), example.texts, strict=True)}
            found = check(completed(Brief(facts, kind, example.tone), copy), facts, kind)
            assert [f for f in found if f.code != "repeats_example"] == []


def test_a_number_at_the_end_of_a_fact_is_not_read_with_the_price_after_it() -> None:
    racket = sheet("Racket", "Tennis", ("graphite frame", "grip sizes 1 to 4"))
    assert not check({"text": "{name}: grip sizes 1 to 4."}, racket, Kind.SMS)


CASES = [
    ("", "empty"),
    ("Take a look at {name}. " * 20, "too_long"),
    ("Take a look at {name}\u200b.", "hidden_character"),
    ("Take a look at \u202e{name}.", "hidden_character"),
    ("Take a look at <b>{name}</b>.", "markup"),
    ("Take a look at {name}&nbsp;now.", "markup"),
    ("Tаke a look at {name}.", "script"),  # a Cyrillic letter
    ("Take a look at {name}: 蜡烛.", "script"),
    ("Take a look at {name}, {x.__class__}.", "unknown_slot"),
    ("Take a look at {name}, {}.", "unknown_slot"),
    ("Take a look at ｛name｝.", "unknown_slot"),
    ("Take a look at {name} for {price}0.", "glued_slot"),
    ("Take a look at {name} for {price}{discount}.", "glued_slot"),
    ("{name} for $9.99.", "foreign_price"),
    ("{name} for 9.99 dollars.", "foreign_price"),
    ("{name} for €24.90.", "foreign_price"),
    ("{name} for ＄９.", "foreign_price"),
    ("{name}: 50% soy wax.", "foreign_percent"),
    ("{name}: 50 per cent soy wax.", "foreign_percent"),
    ("{name} burns 400 hours.", "foreign_number"),
    ("{name} burns ４１ hours.", "foreign_number"),
    ("{name} burns ٤١ hours.", "foreign_number"),
    ("{name} burns ½ hours.", "foreign_number"),
    ("{name} burns ② hours.", "foreign_number"),
    ("{name} burns fifty hours.", "foreign_number"),
    ("Half of {name}.", "foreign_number"),
    ("{name} until Monday.", "foreign_date"),
    ("Take a look at {name} until September.", "foreign_date"),
    ("{name} in May.", "foreign_date"),
    ("{name} with code SUMMER.", "foreign_code"),
    ("{name} with code SAVE20.", "foreign_number"),
    ("{name} at www.example.com.", "link"),
    ("{name} at evil.example/path.", "link"),
    ("{name}: mail a@example.com.", "link"),
    ("{name} with free shipping.", "promise"),
    ("{name}: organic soy wax.", "promise"),
    ("The best {name}.", "superlative"),
    ("The loveliest {name}.", "superlative"),
    ("{name} by Yankee.", "foreign_name"),
    ("{name} with lavender.", "ungrounded"),
    ("{name} without soy wax.", "ungrounded"),
    ("{name} with cedar wax.", "mixed_facts"),
    ("{name} is soy wax.", "name_as_subject"),
    ("Take a look at soy wax.", "no_name"),
    ("Product: {name}.", "echo"),
    ("Take a look at {name} with", "unfinished"),
    ("Take a look at {name}", "unfinished"),
    ("Take a look at {name}, take a look at {name}.", "repetition"),
    ("{name} 🕯.", "emoji"),
]


@pytest.mark.parametrize(("text", "code"), CASES)
def test_each_rule_finds_its_case(text: str, code: str) -> None:
    assert code in codes(text)


def test_every_rule_has_a_case() -> None:
    elsewhere = {"avoided_word", "forbidden_claim", "long_sentence", "repeats_variant", "repeats_example"}
    elsewhere |= {"repeats_part", "no_apology", "no_invitation", "pledge", "lost_slot"}
    elsewhere |= {"exclamation", "many_emoji", "hard_to_read", "missing_claim"}  # of a brand voice
    base = {rule.code for rule in rule_sets()["base"].rules}
    assert set(RULES) | base == {code for _, code in CASES} | elsewhere


def test_facts_may_be_typed_out_and_numbers_spelled() -> None:
    assert codes("{name} burns 40 hours: 15% off with WARM15 until August 31, from $24.90.") == set()
    assert codes("{name}: burns forty hours.") == set()
    assert codes("{name}: set of 2.", facts=("set of two",)) == set()
    assert codes("{name}: gluten-free.", facts=("gluten-free",)) == set()
    assert codes("{name}: free.", facts=("gluten-free",)) == {"promise"}


def test_the_span_is_that_of_the_text_as_it_was_given() -> None:
    text = "Ｔake a look at {name} for {nothing} at ９９％."
    found = {f.code: f for f in check({"text": text}, sheet(), Kind.SOCIAL_X)}
    assert found["foreign_percent"].span == "９９"
    assert found["unknown_slot"].span == "{nothing}"
    for each in found.values():
        assert text[each.start : each.end] == each.span


def test_a_finding_says_what_to_do_and_who_may_overrule_it() -> None:
    (price,) = [f for f in check({"text": "{name} for $5."}, sheet(), Kind.SOCIAL_X) if f.hard]
    assert ("$" in price.message or "5" in price.message, "{price}" in price.help) == (True, True)
    assert not RULES["ungrounded"].hard


def test_the_brand_voice_counts() -> None:
    voice = BrandVoice(words_to_use=("glow",), words_to_avoid=("lovely",), forbidden_claims=("good for you",))
    assert codes("A glow: {name} with soy wax.", voice=voice) == set()
    assert codes("A lovely {name} with soy wax.", voice=voice) == {"avoided_word"}
    assert "forbidden_claim" in codes("{name} with soy wax, good for you.", voice=voice)
    assert codes("{name} with soy wax 🕯.", voice=replace(voice, emoji=True)) == set()


def test_an_sms_counts_in_the_units_of_its_network() -> None:
    assert "too_long" not in codes("a" * 160, Kind.SMS)
    assert "too_long" in codes("a" * 161, Kind.SMS)
    assert "too_long" in codes("€" * 81, Kind.SMS)  # two places each
    assert "too_long" not in codes("来" * 70, Kind.SMS, "zh-hans")
    assert "too_long" in codes("来" * 71, Kind.SMS, "zh-hans")


def test_a_post_on_x_weighs_wide_characters_and_pictures_twice() -> None:
    voice = BrandVoice(emoji=True)
    for text, long in (
        ("a" * 280, False),
        ("a" * 281, True),
        ("来" * 140, False),
        ("来" * 141, True),
        ("👩‍🚀" * 140, False),  # three characters, one picture
        ("👩‍🚀" * 141, True),
    ):
        assert ("too_long" in codes(text, Kind.SOCIAL_X, "zh-hans", voice=voice)) == long, text[:3]


def test_ads_count_a_wide_character_as_two() -> None:
    for text, long in (("来" * 15, False), ("来" * 16, True)):
        found = check({"headline": text}, sheet(), Kind.SEARCH_AD, "zh-hans")
        assert ("too_long" in {f.code for f in found if f.field == "headline"}) == long


def reply_codes(text: str, rating: int | None) -> set[str]:
    return {f.code for f in check({"text": text}, reply_sheet(rating), Kind.REPLY)}


def test_a_reply_to_few_stars_apologises_asks_to_write_and_promises_nothing() -> None:
    sorry = "Thank you for your review of {name}. We are sorry about the delivery. Please write to us."
    assert reply_codes(sorry, 1) == set()
    assert reply_codes("Thank you for your review of {name}.", 2) == {"no_apology", "no_invitation"}
    assert reply_codes("Thank you for your review of {name}.", 4) == set()
    assert "pledge" in reply_codes(sorry + " We will send you a new one.", 1)
    assert "promise" in reply_codes(sorry + " You get a refund.", 1)
    assert "foreign_number" in reply_codes(sorry + " Call 1234567.", 1)


def test_the_parts_of_a_text_say_different_things() -> None:
    facts = sheet()
    push = {
        "title": "Take a look at {name}",
        "text": "Take a look at {name}. Use code {code} for {discount}.",
    }
    assert "repeats_part" not in {f.code for f in check(push, facts, Kind.PUSH)}
    push["text"] = "Take a look at {name}."
    assert "repeats_part" in {f.code for f in check(push, facts, Kind.PUSH)}


@pytest.mark.parametrize(
    ("kind", "field", "limit"),
    [
        (Kind.SEARCH_AD, "headline", 30),
        (Kind.SEARCH_AD, "description", 90),
        (Kind.SEO, "title", 60),
        (Kind.SEO, "description", 155),
        (Kind.EMAIL, "subject", 60),
    ],
)
def test_lengths_are_those_of_the_channel_with_slots_filled(kind: Kind, field: str, limit: int) -> None:
    facts = sheet()
    for length, long in ((limit, False), (limit + 1, True)):
        text = "{name}" + "a" * (length - len("Harbor candle"))
        found = [f.code for f in check({field: text}, facts, kind) if f.field == field]
        assert ("too_long" in found) == long


def test_variants_must_differ_and_the_offer_does_not_count() -> None:
    offer = " Use code {code} at the checkout for {discount} until {until}."
    first = {"text": "Treat yourself to soy wax: {name}." + offer}
    assert "repeats_variant" in {f.code for f in check(first, sheet(), Kind.SOCIAL_X, others=[first])}
    second = {"text": "{name}, which burns 40 hours." + offer}
    assert check(second, sheet(), Kind.SOCIAL_X, others=[first]) == []


def test_chinese_texts_are_checked_too() -> None:
    assert codes("来看看{name}：soy wax。", language="zh-hans") == set()
    for text, code in (
        ("来看看{name}，五折优惠。", "foreign_number"),
        ("来看看{name}，只要９元。", "foreign_price"),
        ("来看看{name}，最好的。", "superlative"),
        ("来看看{name}，免费送。", "promise"),
        ("来看看{name}，周五见。", "foreign_date"),
        ("来看看{name}，Yankee 出品。", "foreign_name"),
        ("来看看{name}，ひらがな。", "script"),
    ):
        assert code in codes(text, language="zh-hans"), text


def test_the_sentence_of_the_offer_states_all_terms() -> None:
    terms = replace(TERMS, minimum_basket=Decimal(30))
    for language in ("en", "zh-hans"):
        for sentence in offer_sentences(sheet(terms=terms), language):
            assert all(slot in sentence for slot in ("{discount}", "{code}", "{minimum}", "{until}"))
    assert offer_sentences(sheet(terms=OfferTerms("campaign:1")), "en") == []


def test_the_best_sample_passes_says_something_and_reads_well() -> None:
    (finding,) = check({"text": "{name} with lavender."}, sheet(), Kind.SOCIAL_X)
    copy = {"text": GOOD}
    failing = Candidate(0, copy, [finding], 1.0, -0.1)
    empty = Candidate(1, copy, [], 0.0, -0.1)
    dull, good = Candidate(2, copy, [], 0.5, -0.9), Candidate(3, copy, [], 0.5, -0.5)
    assert best([failing, empty, dull, good]) == good
    assert best([failing, empty]) is None


def test_an_example_is_not_an_answer_and_a_long_sentence_is_found() -> None:
    example = EXAMPLES[Kind.SMS][0].texts[0]
    assert "repeats_example" in codes(example, Kind.SMS, name="Hearth pan", category="", facts=("cast iron",))
    assert "long_sentence" in codes("Take a look at {name}, " + "and soon, " * 18 + "today.")


def test_cover_is_the_share_of_facts_that_are_mentioned() -> None:
    assert cover({"text": "{name} with soy wax."}, sheet()) == pytest.approx(1 / 3)
    assert cover({"text": "Take a look at {name}."}, sheet()) == 0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_text_breaks_the_checks_and_every_span_lies_in_it(text: str) -> None:
    for language in ("en", "zh-hans"):
        for each in check({"text": text}, sheet(), Kind.SOCIAL_X, language):
            assert text[each.start : each.end] == each.span


def test_a_code_makes_no_number_true_and_may_be_written_itself() -> None:
    assert "foreign_number" in codes("Take a look at {name}, 15.")
    assert not [code for code in codes("Take a look at {name}: code WARM15.") if code.startswith("foreign")]
    assert [code for code in codes("Take a look at {name}: code WARM41.") if code.startswith("foreign")]
    assert [code for code in codes("Take a look at {name}, only41%.") if code.startswith("foreign")]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 99_999), st.sampled_from(["{}%", "${}", "{} dollars", "{}", "{}％", "{}折"]))
def test_no_foreign_amount_slips_through(number: int, form: str) -> None:
    known = {"15": "{}%", "40": "{}", "31": "{}"}
    if known.get(str(number)) not in (form, form.replace("％", "%")):
        assert {
            c for c in codes(f"Take a look at {{name}}, {form.format(number)}.") if c.startswith("foreign")
        }
