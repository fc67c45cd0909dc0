"""Bound texts, without a model: whatever path is taken through the grammar, the text passes the checks."""

import random
import re
from typing import Any

import pytest

from generation.checks import check
from generation.engine.grammar import Grammar, Guide
from generation.facts import BrandVoice
from generation.prompts import Brief, parse, prompt_for
from generation.texts.kinds import Kind, Tone
from generation.texts.plain_english import PHRASES, kind_of
from generation.texts.slots import fill_copy
from tests.generation.briefs import brief, reply_sheet

END = 0
LABEL = re.compile(r"^[A-Z][a-z ]*:", re.MULTILINE)
PRODUCTS: list[dict[str, Any]] = [
    {},
    {
        "name": "Trail shoes",
        "category": "Footwear",
        "facts": ("grippy rubber sole", "6 mm drop", "breathable"),
    },
    {"name": "House blend", "category": "Coffee, tea & more", "facts": ("12 oz",)},
    {"name": "Minim clock", "category": "Clocks", "facts": ()},
]


def encode(text: str) -> list[int]:
    """Use every character as a token."""
    return [ord(character) for character in text]


def walk(grammar: Grammar, seed: int) -> str:
    """Take a random path to its end."""
    choose, guide, text = random.Random(seed), Guide(grammar), ""
    while len(text) < 2000:
        token = choose.choice(sorted(set(guide.allowed())))
        if token == END:
            return text
        guide.take(token)
        text += chr(token)
    raise AssertionError(f"no end: {text}")


def bound(asked: Brief) -> Grammar:
    """Return the grammar that a brief's text is bound to."""
    wording = prompt_for(asked).wording
    assert wording
    return Grammar(wording, encode, [END])


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: str(product.get("name", "Candle")))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_path_gives_a_text_that_passes(kind: Kind, product: dict[str, Any]) -> None:
    asked = brief(kind, **product)
    grammar = bound(asked)
    for seed in range(10):
        text = walk(grammar, seed)
        copy = parse(asked, text)
        codes = {found.code for found in check(copy, asked.sheet, kind)}
        # How long a sentence is, and whether it is like an example or another part, no grammar can know.
        assert codes <= {"long_sentence", "repeats_example", "repeats_part"}, (text, codes)
        assert asked.sheet.facts[0].value in " ".join(fill_copy(copy, asked.sheet).values())


def test_a_name_and_a_fact_are_written_once_in_a_line() -> None:
    grammar = bound(brief(Kind.SOCIAL_X))
    for seed in range(25):
        text = walk(grammar, seed).lower()
        assert text.count("{name}") == 1
        assert all(text.count(fact) <= 1 for fact in ("soy wax", "burns 40 hours"))


def test_the_lines_of_a_text_do_not_begin_alike_and_a_question_asks() -> None:
    asked = brief(Kind.SUBJECTS)
    grammar = bound(asked)
    for seed in range(25):
        copy = parse(asked, walk(grammar, seed))
        assert copy["question"].endswith("?")
        leads = [lead for text in copy.values() for lead in PHRASES["lead"] if text.lower().startswith(lead)]
        assert len(leads) == len(set(leads))


def test_headings_end_without_a_mark_and_no_two_tell_the_same_fact() -> None:
    facts = ("soy wax", "burns 40 hours", "two wicks", "cedar and sea salt")
    asked = brief(Kind.EMAIL, facts=facts)
    grammar = bound(asked)
    for seed in range(50):
        copy = parse(asked, walk(grammar, seed))
        headings = [copy[part].lower() for part in ("subject", "preheader", "headline")]
        assert not [heading for heading in headings if re.search(r"[.!]($| )", heading)]
        assert all(sum(fact in heading for heading in headings) <= 1 for fact in facts)
        # Each says what it is about: the product, a fact or what the product is one of.
        assert all(re.search("|".join([*facts, "{name}", "candles"]), heading) for heading in headings)


def test_lines_keep_to_their_room_however_long_the_name_is() -> None:
    asked = brief(Kind.SEARCH_AD, name="Harbour lantern candle 250 g", facts=("soy wax", "burns 40 hours"))
    grammar = bound(asked)
    copies = [parse(asked, walk(grammar, seed)) for seed in range(200)]
    shown = [fill_copy(copy, asked.sheet) for copy in copies]
    assert max(len(copy["headline"]) for copy in shown) <= 30
    assert max(len(copy["description"]) for copy in shown) <= 90
    # There is room for the name alone, and for other headings than that.
    assert len({copy["headline"] for copy in copies}) > 5


def test_the_last_mark_has_its_room_too() -> None:
    facts = ("absorbs quickly", "20% shea butter", "75 ml tube", "scented with bergamot")
    asked = brief(Kind.DISPLAY_AD, name="Elowen Shea Hand Cream", facts=facts, tone=Tone.WARM)
    grammar = bound(asked)
    copies = [parse(asked, walk(grammar, seed)) for seed in range(300)]
    assert max(len(fill_copy(copy, asked.sheet)["description"]) for copy in copies) == 90


@pytest.mark.parametrize("tone", list(Tone))
def test_only_warm_and_playful_texts_are_fond_and_exclaim(tone: Tone) -> None:
    texts = [walk(bound(brief(Kind.EMAIL, tone=tone)), seed) for seed in range(100)]
    fond = re.compile(r"!|treat yourself|we love|a touch of joy|happy days", re.IGNORECASE)
    assert any(map(fond.search, texts)) == (tone in (Tone.WARM, Tone.PLAYFUL))


def test_a_voice_that_does_not_exclaim_is_still_warm() -> None:
    voice = BrandVoice(exclamations=False)
    texts = [walk(bound(brief(Kind.SMS, tone=Tone.WARM, voice=voice)), seed) for seed in range(100)]
    assert not any("!" in text for text in texts)
    assert any("Treat yourself" in text for text in texts)


def test_a_name_with_a_colon_stands_beside_no_other() -> None:
    asked = brief(Kind.LANDING, name="Jigsaw: Old Town", facts=("linen finish", "68 x 48 cm", "two posters"))
    texts = [walk(bound(asked), seed) for seed in range(100)]
    assert not [text for text in texts if re.search(r":[^\n]*\{name\}|\{name\}[^\n]*:", LABEL.sub("", text))]


def test_a_measure_begins_nothing_and_a_lack_is_said_by_itself() -> None:
    facts = ("two shelves", "90 x 32 x 46 cm", "battery not included")
    texts = [LABEL.sub("", walk(bound(brief(Kind.EMAIL, facts=facts)), seed)) for seed in range(100)]
    assert any("two shelves, 90 x 32 x 46 cm" in text.lower() for text in texts)
    assert any(". Battery not included." in text for text in texts)
    assert not [text for text in texts if re.search(r"(^|[.!] )90 x", text, re.MULTILINE)]
    assert not [text for text in texts if re.search(r"(?<![.!] )battery not included", text, re.IGNORECASE)]


def test_facts_that_cannot_begin_a_sentence_are_told_all_the_same() -> None:
    for facts in (("250 g",), ("battery not included",)):
        for name in ("Candle", "Candle: the scent"):
            texts = [walk(bound(brief(Kind.SMS, name=name, facts=facts)), seed) for seed in range(20)]
            assert all(facts[0] in text.lower() for text in texts)


def test_what_somebody_loves_is_not_for_you_besides() -> None:
    texts = [walk(bound(brief(Kind.SMS, tone=Tone.WARM)), seed) for seed in range(300)]
    assert any("{name} for you" in text for text in texts)
    assert not [
        text for text in texts if re.search(r"(love|like|enjoy|try) \{name\} for", text, re.IGNORECASE)
    ]


def test_where_nothing_fits_a_text_ends_all_the_same() -> None:
    asked = brief(Kind.SEARCH_AD, name="Harbour " * 15, facts=("a wick of many threads " * 4,))
    wording = prompt_for(asked).wording
    assert wording
    text = walk(Grammar(wording, encode, [END]), 1)
    assert "{name}" in text


def test_what_a_sentence_holds_is_joined_as_english_does() -> None:
    asked = brief(Kind.SMS, facts=("two wicks", "three scents", "glass lids", "soy wax"))
    grammar = bound(asked)
    texts = [walk(grammar, seed).lower() for seed in range(200)]
    assert any(" with two wicks and " in text for text in texts)
    assert not [text for text in texts if re.search(r"with (two|three|glass) \w+,", text)]
    assert not [text for text in texts if re.search(r"\band [\w ]+(,| and)", text)]


@pytest.mark.parametrize(("rating", "said"), [(1, "sorry|apologise"), (2, "write to us"), (5, "Thank")])
def test_a_bound_reply_answers_the_stars(rating: int, said: str) -> None:
    asked = Brief(reply_sheet(rating), Kind.REPLY)
    grammar = bound(asked)
    for seed in range(25):
        copy = parse(asked, walk(grammar, seed))
        assert re.search(said, copy["text"], re.IGNORECASE)
        assert check(copy, asked.sheet, Kind.REPLY) == []


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        *(
            ("merino wool", "material"),
            ("wooden handle", "thing"),
            ("dimmable", "trait"),
            ("6 mm drop", "trait"),
        ),
        *(
            ("90 x 32 x 46 cm", "measure"),
            ("12 m long", "measure"),
            ("340 g", "measure"),
            ("75 ml tube", "trait"),
        ),
        *(
            ("battery & charger sold separately", "lack"),
            ("not suitable for infants", "lack"),
            ("no added sugar", "thing"),
        ),
        *(("two nozzles", "things"), ("notes of peach", "things"), ("drawer for socks", "thing")),
        *(
            ("lies flat", "trait"),
            ("dims with a touch", "trait"),
            ("seat adjusts from 30 to 41 cm", "trait"),
            ("sizes S to XL", "trait"),
            ("brew for four minutes", "trait"),
            ("absorbs quickly", "trait"),
            ("aged 14 months", "trait"),
            ("comfort temperature 2 degrees", "trait"),
            ("machine washable at 30 degrees", "trait"),
            ("fit standard bottle necks", "trait"),
            ("sewn by machine onto cotton tape", "trait"),
            ("brass arm that swivels", "thing"),
            ("floats", "trait"),
            ("linen cover and band", "trait"),
            ("bendable neck, 38 cm", "trait"),
        ),
    ],
)
def test_facts_stand_where_english_has_room_for_them(fact: str, kind: str) -> None:
    assert kind_of(fact) == kind


def test_headings_name_the_product_once_while_there_are_facts_to_tell() -> None:
    facts = ("soy wax", "two wicks", "cedar scent", "burns 40 hours")
    grammar = bound(asked := brief(Kind.EMAIL, facts=facts))
    named = set()
    for seed in range(200):
        copy = parse(asked, walk(grammar, seed))
        headings = [copy[part].lower() for part in ("subject", "preheader", "headline")]
        told = {fact for fact in facts for heading in headings if fact in heading}
        named.add((len(told) == len(facts), sum("{name}" in heading for heading in headings)))
    assert named >= {(False, 1), (True, 2)}
    assert (False, 2) not in named
