"""The rules of markets: each finds its own example, leaves another alone, and says where it is from."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from generation.checks import check, market_rules
from generation.checks.findings import RULES as GENERAL
from generation.checks.findings import finding
from generation.checks.foods import may_be_food
from generation.checks.market_rules import MarketRule, RuleSet, by_code, rule_sets, rules_of
from generation.checks.startup import market_rule_files
from generation.facts import BrandVoice, category_sheet, is_chinese
from generation.plain_writer import plain_copy
from generation.prompts import Brief
from generation.texts.kinds import Kind, Tone
from tests.generation.briefs import brief, reply_sheet, sheet

MARKETS = ("us", "eu", "uk", "de", "cn")
RULES = list(by_code().values())


def language_of(text: str) -> str:
    return "zh-hans" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


def codes(
    text: str, *markets: str, facts: tuple[str, ...] = ("soy wax",), category: str = "Bestsellers"
) -> set[str]:
    language = language_of(text)
    told = sheet(facts=facts, category=category, voice=BrandVoice(markets=markets), language=language)
    return {found.code for found in check({"text": text}, told, Kind.SOCIAL_FACEBOOK, language)}


def test_every_market_has_its_file_and_nothing_is_wrong_with_them() -> None:
    assert list(rule_sets()) == ["base", *sorted(MARKETS)]
    assert list(market_rules.problems()) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule_finds_its_text_and_leaves_the_other_alone(rule: MarketRule) -> None:
    chosen = [] if rule.market == "base" else [rule.market]
    for text in rule.trips:
        assert rule.code in codes(text, *chosen), text
    for text in rule.passes:
        assert rule.code not in codes(text, *chosen), text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_no_rule_of_a_market_holds_where_it_was_not_chosen(rule: MarketRule) -> None:
    if rule.market != "base":
        assert rule.code not in set().union(*(codes(text) for text in rule.trips))


@pytest.mark.parametrize("kind", [*Kind])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_plain_writer_keeps_to_the_rules_of_every_market(kind: Kind, language: str) -> None:
    voice = BrandVoice(markets=MARKETS)
    for tone in Tone:
        facts = sheet(voice=voice, language=language)
        if kind == Kind.REPLY:
            plain = reply_sheet(language=language)
            facts = replace(plain, voice=voice)
        asked = Brief(facts, kind, tone, language)
        for variant in range(3):
            assert check(plain_copy(asked, variant), asked.sheet, kind, language) == []


def test_germany_has_the_rules_of_the_union_too() -> None:
    assert {"eu_climate", "de_climate", "promise"} <= {rule.code for rule in rules_of(("de",))}
    assert codes("{name} is climate neutral.", "de") >= {"eu_climate"}


def test_the_law_of_a_market_stands_in_for_the_softer_base_rule() -> None:
    text = "The best {name}."
    assert "superlative" in codes(text)
    assert "superlative" not in codes(text, "cn")
    assert "cn_absolute" in codes(text, "cn")


def test_a_fact_excuses_what_a_market_lets_be_said_and_nothing_else() -> None:
    assert "us_origin" not in codes("{name}, made in America.", "us", facts=("made in America",))
    assert "eu_climate" in codes("{name} is climate neutral.", "eu", facts=("climate neutral",))


# Words that a law limits in one sense, here in another: (market, text).
HARMLESS = [
    ("us", "{name}, a numbered limited edition."),
    ("us", "{name}, written by a bestselling author."),
    ("us", "{name} in a slimming cut."),
    ("us", "Your kids get a story at bedtime with {name}."),
    ("us", "{name}，限量版。"),
    ("eu", "{name}, a light jacket for the evening."),
    ("eu", "{name} is a source of inspiration."),
    ("eu", "{name} for a high-energy playlist."),
    ("eu", "Wear {name} for fourteen days in the mountains."),
    ("eu", "{name}, written by a bestselling author."),
    ("eu", "{name} in a slimming cut."),
    ("eu", "A wellness evening with {name}."),
    ("eu", "Your children collect shells with {name}."),
    ("eu", "{name}，富含想象力。"),
    ("uk", "Wear {name} for fourteen days in the mountains."),
    ("uk", "{name} in a slimming cut."),
    ("uk", "Your children collect shells with {name}."),
    ("de", "{name} wirkt gegen Langeweile."),
    ("de", "{name}, aus einem Restposten."),
    ("cn", "{name}，已经包好。"),
    ("cn", "{name}，学生专供。"),
    ("cn", "Your children collect shells with {name}."),
]


@pytest.mark.parametrize(("market", "text"), HARMLESS)
def test_no_rule_finds_a_word_in_a_sense_that_no_law_limits(market: str, text: str) -> None:
    assert codes(text, market) & set(by_code()) == set()


def test_losing_weight_and_children_are_found_in_other_words_too() -> None:
    assert "eu_weight" in codes("{name}, a slimming tea.", "eu")
    assert "eu_guarantee" in codes("{name}, with a 14-day right to send it back.", "eu")
    assert "us_children" in codes("Kids, get {name}!", "us")
    assert "us_children" in codes("Ask mom to buy {name}.", "us")
    assert "us_children" in codes("Ask your parents for {name}.", "us")


def test_what_the_sources_name_is_found_in_other_words_too() -> None:
    assert "us_free" in codes("2-for-1: {name}.", "us")
    assert "us_origin" in codes("{name}, proudly built in the United States.", "us")
    assert "eu_nutrition" in codes("{name}, low in saturated fat.", "eu")
    assert "eu_nutrition" in codes("{name}, high in omega-3.", "eu")
    assert "eu_nutrition" in codes("{name}，零糖低卡。", "eu")
    assert "eu_weight" in codes("{name} keeps you fuller for longer.", "eu")
    assert "eu_weight" in codes("{name}, dietitian recommended.", "eu")


# Of a food each is a claim that a law limits; of other goods none is.
CLAIMS_OF_FOODS = [
    ("eu", "eu_nutrition", "{name}, a low fat fryer."),
    ("eu", "eu_health", "{name} boosts energy."),
    ("eu", "eu_weight", "{name}, recommended by nutritionists."),
    ("uk", "uk_food", "{name} boosts energy."),
    ("cn", "cn_food", "{name}，养颜好物。"),
]


@pytest.mark.parametrize(("market", "code", "text"), CLAIMS_OF_FOODS)
def test_a_claim_of_foods_is_found_where_the_product_may_be_one(market: str, code: str, text: str) -> None:
    for category in ("Tea", "Baby foods", "Vitamins and skin care", "", "Our favourites", "Getränke"):
        assert code in codes(text, market, category=category), category
    for category in ("Lighting", "Kitchen appliances", "Tea towels", "Pet food", "灯具"):
        assert code not in codes(text, market, category=category), category


def test_laws_on_illnesses_and_slimming_bind_all_goods() -> None:
    for market in ("us", "eu", "uk"):
        assert f"{market}_disease" in codes("{name} eases headaches.", market, category="Lighting")
    assert "us_weight" in codes("{name} burns fat.", "us", category="Clothing")
    assert "cn_medical" in codes("{name}有助于降血压。", "cn", category="灯具")
    assert {rule.about for rule in RULES if rule.foods_only} == {"food"}


def test_the_text_of_a_category_is_about_what_the_category_is_called() -> None:
    for name, found in (("Tea", True), ("Lighting", False)):
        told = category_sheet("category:1", name, 12, [], BrandVoice(markets=("eu",)))
        text = {"text": f"{name} boosts energy."}
        assert ("eu_health" in {hit.code for hit in check(text, told, Kind.CATEGORY)}) == found


@pytest.mark.parametrize(
    "category",
    [
        *("Tea bags", "Hot dogs", "Exotic Game/Fowl", "Kettle chips", "Toaster pastries", "Jacket potatoes"),
        *("Beans - Canned Glass & Microwave", "Gift & Fruit Baskets", "Football snacks", "Food & towels"),
        *(
            "Light meals",
            "Hair, skin and nails",
            "Skin care supplements",
            "面包",
            "手工面",
            "鲜花饼",
            "茶与茶具",
        ),
    ],
)
def test_a_word_that_other_goods_share_makes_no_food_something_else(category: str) -> None:
    assert may_be_food(category)


def test_a_finding_names_the_market_and_the_source() -> None:
    found = finding("eu_climate", "text", "climate neutral", 0, 15)
    assert found.message.endswith("(European Union)")
    assert "2024/825" in found.help
    assert "4c" in found.help
    with translation.override("zh-hans"):
        assert "欧盟" in finding("eu_climate", "text", "climate neutral", 0, 15).message


def test_every_word_is_there_in_both_languages() -> None:
    for rule in RULES:
        for words in (rule.message, rule.help):
            assert language_of(words.zh) == "zh-hans"
            assert not is_chinese(language_of(words.en))
        assert "%(span)s" in rule.message.en
        assert "%(span)s" in rule.message.zh


def test_a_file_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = replace(rule_sets()["eu"].rules[0], market="us")
    wrong = RuleSet("us", rule_sets()["us"].title, ("atlantis",), (rule,))
    monkeypatch.setattr(market_rules, "rule_sets", lambda: {"us": wrong})
    said = " ".join(market_rules.problems())
    assert "atlantis" in said
    assert "eu_free does not begin with its market" in said


def test_a_good_text_has_no_finding_in_any_market() -> None:
    asked = brief(voice=BrandVoice(markets=MARKETS))
    text = "Treat yourself to soy wax: {name}, burns 40 hours. Use code {code} for {discount}."
    assert check({"text": text}, asked.sheet, Kind.SOCIAL_X) == []


def test_every_code_is_in_the_documentation() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "checks.md").read_text()
    assert [code for code in (*GENERAL, *by_code()) if f"`{code}`" not in page] == []


def test_start_refuses_files_and_settings_that_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert market_rule_files(None) == []
    monkeypatch.setattr(settings, "SHOP_MARKETS", ["us", "atlantis"])
    assert "SHOP_MARKETS has atlantis" in market_rule_files(None)[0].msg
    monkeypatch.setattr(market_rules, "problems", lambda: iter(["us_free is there twice"]))
    assert "us_free is there twice" in market_rule_files(None)[0].msg
