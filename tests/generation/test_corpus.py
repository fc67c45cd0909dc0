"""The starter corpus keeps the promises of its README, and its adapter is the one that the corpus makes."""

import json
from collections import Counter

from generation.adapter_prompts import ASKED_FOR, adapter_prompt
from generation.checks import check
from generation.engine.adapter_files import BUNDLED, WEIGHTS, sound_adapter
from generation.engine.model_files import MANIFEST
from generation.management.commands.train_starter import RECIPE, SETTLING, USUAL
from generation.prompts import completed, parse
from generation.texts.kinds import Kind, Tone
from generation.texts.slots import fill_copy
from generation.tuning.corpus import EVALUATION, TRAIN, VALIDATION, Taught, lines, taught, typical
from generation.tuning.evaluation import fixed_briefs
from generation.tuning.pairs import pair_of
from generation.tuning.recipe import Pair, Recipe, digest
from tests.generation.briefs import brief

MIB = 2**20


def test_every_text_of_the_corpus_passes_the_checks() -> None:
    wrong = {
        f"{line.name}, {line.kind}": [f"{found.code} {found.span}" for found in line.findings()]
        for line in [*taught(TRAIN), *taught(VALIDATION)]
    }
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_corpus_is_large_and_varied() -> None:
    texts = [*taught(TRAIN), *taught(VALIDATION)]
    assert len(texts) >= 1200
    assert len({text.name for text in texts}) >= 150
    assert len({text.category for text in texts}) >= 60
    assert {text.kind for text in texts} == set(ASKED_FOR)
    assert min(Counter(text.kind for text in texts).values()) >= 40
    assert min(Counter(text.voice for text in texts).values()) >= 200
    assert len({json.dumps(text.texts) for text in texts}) == len(texts)


def test_teaching_validation_and_evaluation_share_no_category_and_no_product() -> None:
    parts = [lines(name) for name in (TRAIN, VALIDATION, EVALUATION)]
    for key in ("category", "name"):
        seen = [{line[key].lower() for line in part} for part in parts]
        assert seen[0].isdisjoint(seen[1] | seen[2]), key
        assert seen[1].isdisjoint(seen[2]), key


def test_the_fixed_briefs_are_many_and_of_most_kinds() -> None:
    briefs = fixed_briefs()
    assert len(briefs) >= 200
    assert len({brief.kind for brief in briefs}) >= 15
    assert len({brief.tone for brief in briefs}) == 5
    assert sum(bool(brief.language != "en") for brief in briefs) >= 20


def test_what_is_taught_is_what_is_asked_and_can_be_read_back() -> None:
    for line in taught(VALIDATION):
        pair, asked = line.pair(), line.brief()
        assert pair.own == adapter_prompt(asked).own
        assert parse(asked, pair.answer) == completed(asked, line.texts)


def test_the_sentence_of_the_offer_is_not_taught() -> None:
    asked = brief(Kind.SMS)
    copy = completed(asked, {"text": "Meet {name}: soy wax."})
    assert "{discount}" in copy["text"]
    pair = pair_of(asked, copy)
    assert pair
    assert pair.answer == "Meet {name}: soy wax."
    assert "WARM15" not in pair.own
    assert "15%" not in pair.own


def test_there_is_nothing_to_learn_from_chinese_or_empty_texts() -> None:
    assert pair_of(brief(Kind.SMS, language="zh-hans"), {"text": "你好。"}) is None
    assert pair_of(brief(Kind.SMS), {"text": ""}) is None


def test_the_words_of_the_voice_are_known_and_no_facts_to_join_wrongly() -> None:
    line = next(text for text in taught(TRAIN) if text.words)
    asked = line.brief()
    assert ", ".join(line.words) in adapter_prompt(asked).own
    assert check(completed(asked, line.texts), asked.sheet, line.kind) == []
    assert fill_copy(line.texts, asked.sheet)


def test_the_starter_is_small_sound_and_made_by_its_recipe() -> None:
    folder, facts = sound_adapter("starter", None)
    assert folder == BUNDLED / "starter"
    assert (folder / WEIGHTS).stat().st_size <= 6 * MIB
    assert Recipe.of(facts.about["recipe"]) == SETTLING
    assert (folder / MANIFEST).is_file()
    every, checked = taught(TRAIN), taught(VALIDATION)
    usual = typical(every, every, USUAL)
    begun_with = digest(RECIPE, pairs(every), pairs(checked), facts.base)
    assert facts.about["begun_with"] == begun_with
    assert facts.about["data"] == digest(SETTLING, pairs(usual), [], facts.base + begun_with)


def pairs(texts: list[Taught]) -> list[Pair]:
    return [text.pair() for text in texts]


def test_what_is_typical_stands_as_in_texts_about_other_products() -> None:
    def text(name: str, words: str) -> Taught:
        return Taught(name, "Lamps", ("oak",), Kind.SMS, Tone.PLAIN, {"text": words})

    usual = [text(name, f"Take a look at the {name}.") for name in ("lamp", "shade")]
    joke = text("bulb", "Say bulb to the dark, and it will run away.")
    # Said twice, but of one product only.
    again = text("bulb", "Say bulb to the dark.")
    some = [joke, *usual, again]
    assert typical(some, some, 0.5) == usual
    assert typical([joke, usual[0]], usual, 0.5) == [usual[0]]
