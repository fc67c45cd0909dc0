"""What an evaluation says of texts: counted right with known texts, and the same for whoever writes."""

from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from generation.adapter_prompts import ADAPTER_PROMPT_REVISION, can_be_taught
from generation.engine import TextEngine
from generation.engine.fake import FakeEngine
from generation.facts import BrandVoice, FactKind
from generation.prompts import PROMPT_REVISION
from generation.sampling import Piece, Sample, Written, revisions
from generation.texts.kinds import Kind, Tone
from generation.tuning.evaluation import (
    Contender,
    Judged,
    Scores,
    brief_from,
    compare,
    distinct,
    evaluate,
    fixed_briefs,
    foreign,
    judge,
    score,
    self_similarity,
)
from tests.generation.briefs import brief

if TYPE_CHECKING:
    from generation.engine.local import LocalEngine

LINE = {
    "name": "Wren nest box", "category": "Bird care", "facts": ["untreated larch", "32 mm entrance hole"],
    "price": "24.90", "discount": "10% off", "code": "WREN10",
    "channel": "sms", "language": "en", "voice": "warm",
}  # fmt: skip


def judged(text: str, **more: object) -> Judged:
    told = {
        "brief": "x", "kind": "sms", "language": "en", "text": {"text": text}, "by_model": True, "samples": 8,
        "passing": 4, "findings": {}, "foreign": [], "cover": 1.0, "length_fit": True,
        "seconds": 2.0, "tokens": 10,
    }  # fmt: skip
    return Judged(**told | more)  # type: ignore[arg-type]


def test_a_brief_from_outside_has_all_its_facts() -> None:
    asked = brief_from(LINE)
    assert (asked.kind, asked.tone, asked.language) == (Kind.SMS, Tone.WARM, "en")
    values = {fact.kind: fact.value for fact in asked.sheet.facts}
    assert values[FactKind.PRICE] == "$24.90"
    assert values[FactKind.DISCOUNT] == "10% off"
    assert values[FactKind.CODE] == "WREN10"
    assert values[FactKind.NAME] == "Wren nest box"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wren nest box: untreated larch, 32 mm. Use code WREN10 for 10% off.", []),
        ("It covers 40 m2, or 40 m².", []),
        ("A nest box of 30 mm.", ["30"]),
        ("Now $19.99 only.", ["19.99"]),
        ("A nest box by Larson.", ["Larson"]),
        ("Use code LARCH20.", ["20", "LARCH20"]),
    ],
)
def test_numbers_codes_and_names_without_a_fact_are_found(text: str, expected: list[str]) -> None:
    found = foreign({"text": text}, brief_from(LINE | {"facts": [*LINE["facts"], "covers 40 m²"]}))
    assert set(expected) <= set(found)
    assert bool(found) == bool(expected)


def test_scores_count_samples_texts_and_the_plain_writer() -> None:
    scores = score(
        "x",
        "weights",
        [
            judged("Oak and wool.", findings={"ungrounded": 3}),
            judged("Oak and felt.", by_model=False, passing=0, foreign=["30"], findings={"ungrounded": 1}),
            judged("你好。", language="zh-hans", samples=0, passing=0, by_model=False),
        ],
    )
    assert (scores.texts, scores.samples, scores.pass_rate, scores.brief_pass_rate) == (3, 16, 0.25, 0.5)
    assert (scores.foreign_facts, scores.fallback_rate, scores.seconds_per_text) == (1, 0.5, 2.0)
    assert scores.findings == {"ungrounded": 4}
    assert scores.by_kind["sms"]["pass_rate"] == 0.25


def test_diversity_is_the_share_of_different_words_and_pairs() -> None:
    texts = [judged("red oak box"), judged("red oak lid")]
    assert distinct(texts, 1) == 4 / 6
    assert distinct(texts, 2) == 3 / 4
    assert self_similarity([judged("same"), judged("same")]) == 1
    assert self_similarity([judged("same")]) is None


def test_two_contenders_are_compared_on_the_same_briefs() -> None:
    briefs = [brief_from(LINE | {"name": name, "channel": kind}) for name in ("Oak box", "Felt box")
              for kind in ("sms", "offer", "social_x")]  # fmt: skip
    sides = [
        Contender("as it is"),
        Contender("brief and without oak", tone=Tone.BRIEF, voice=BrandVoice(words_to_avoid=("larch",))),
    ]
    scored: list[Scores] = []
    for side in sides:
        scores, texts = evaluate(briefs, side, FakeEngine(), lambda tokens: None, lambda: False)
        assert len(texts) == 6
        assert all("Oak" in text.text["text"] for text in texts[:3])
        scored.append(scores)
    changes = compare(*scored)
    assert changes["texts"] == {"before": 6, "after": 6, "change": 0}
    assert scored[1].findings.get("avoided_word", 0) > scored[0].findings.get("avoided_word", 0)


def test_a_text_by_an_adapter_is_known_as_one() -> None:
    by_adapter = Written({}, by_model=True, findings=[], seed=1, model_revision="w", adapter="spring")
    assert revisions(by_adapter) == {
        "model_revision": "w+spring", "prompt_revision": ADAPTER_PROMPT_REVISION, "seed": 1,
    }  # fmt: skip
    by_model = Written({}, by_model=True, findings=[], seed=1, model_revision="w")
    assert revisions(by_model)["prompt_revision"] == PROMPT_REVISION


def test_chinese_and_kinds_that_nobody_taught_are_written_without_an_adapter() -> None:
    assert can_be_taught(Kind.SMS, "en")
    assert not can_be_taught(Kind.SMS, "zh-hans")
    assert not can_be_taught(Kind.WEIBO, "en")


def test_unreadable_samples_count_as_failed() -> None:
    piece = Piece(1, brief(Kind.SMS), 0, written=Counter({"": 8}))
    copy = {"text": "Meet {name}: soy wax."}
    piece.readable = [Sample(0, copy, -1.0)]
    found = judge(piece, Written(copy, by_model=True, findings=[], seed=0, model_revision="w"))
    assert (found.samples, found.passing, found.findings["unreadable"]) == (8, 1, 7)
    assert found.text["text"] == "Meet Harbor candle: soy wax."


@pytest.mark.model
@pytest.mark.xdist_group("model")
def test_the_starter_writes_unseen_products_without_a_foreign_fact(engine: "LocalEngine") -> None:
    briefs = [one for one in fixed_briefs() if one.kind in (Kind.SMS, Kind.OFFER) and one.language == "en"][
        ::8
    ]
    engine.revision = "tested"  # type: ignore[attr-defined]  # else the child tells it
    writer = cast(TextEngine, engine)
    scores, texts = evaluate(
        briefs, Contender("starter", "starter"), writer, lambda tokens: None, lambda: False
    )
    assert len(texts) == len(briefs) >= 3
    assert scores.pass_rate
    assert [text.foreign for text in texts] == [[]] * len(texts)
    assert {text.by_model for text in texts} >= {True}
