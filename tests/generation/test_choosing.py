"""Which sample is shown: one without findings that tells the facts as they are, and reads well."""

import pytest

from generation.checks.familiarity import strangeness
from generation.checks.fidelity import fidelity
from generation.checks.findings import finding
from generation.checks.shapes import unusual
from generation.choosing import Candidate, best
from generation.texts.kinds import Kind
from tests.generation.briefs import sheet

NEST_BOX = sheet(
    "Wren nest box",
    "Bird care",
    ("untreated larch", "32 mm entrance hole", "hinged roof for cleaning", "hanging hook included"),
)


def candidate(index: int, **more: object) -> Candidate:
    told = {"copy": {"text": f"Text {index}."}, "findings": (), "cover": 0.5, "mean_logprob": -1.0}
    return Candidate(index, **told | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "{name}: untreated larch, a hinged roof for cleaning, a hanging hook included.",
        "The entrance hole measures 32 mm. {name} with a hanging hook.",
        "Meet {name}.",
    ],
)
def test_facts_in_their_own_words_are_faithful(text: str) -> None:
    share, _echoes = fidelity({"text": text}, NEST_BOX)
    assert share > 0.6


@pytest.mark.parametrize(
    "text",
    [
        "A bird with a hole in the nest.",
        "{name} in a larch with a roof and a hook for the entrance.",
        "Larch, larch, larch.",
    ],
)
def test_facts_that_are_scrambled_are_not(text: str) -> None:
    share, _echoes = fidelity({"text": text}, NEST_BOX)
    assert share < 0.6


def test_a_fact_that_is_turned_round_is_never_shown() -> None:
    juice = sheet(
        "Pippin juice", "Juice", ("100% pressed apples", "not from concentrate", "1 l glass bottle")
    )
    assert fidelity({"headline": "Apples from concentrate"}, juice)[0] == 0
    assert fidelity({"text": "{name}: 100% pressed apples, not from concentrate."}, juice)[0] == 1
    assert fidelity({"text": "{name} in a 1 l glass bottle."}, juice)[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        *("Shears, shears, shears.", "Good morning, good morning! {name}.", "{name}, 25 pieces.", "One one."),
        "45 cm tall. {name}. 45 cm tall.",
        "You like {name}, so here is {name}: mixed colours.",
    ],
)
def test_words_that_stand_twice_in_a_row_or_names_in_a_sentence_are_never_shown(text: str) -> None:
    bulbs = sheet("Tulip bulbs, 25 pieces", "Bulbs", ("mixed colours", "45 cm tall", "25 pieces"))
    assert fidelity({"text": text}, bulbs)[0] == 0
    assert fidelity({"text": "{name}: mixed colours, 45 cm tall, 25 pieces."}, bulbs)[0] == 1
    assert fidelity({"text": "Meet {name}. {name}: mixed colours."}, bulbs)[0] == 1


def test_a_word_told_twice_in_a_part_is_an_echo() -> None:
    assert fidelity({"a": "Untreated larch, of larch", "b": "Larch"}, NEST_BOX)[1] == 1
    assert fidelity({"a": "32 mm, and the hole is 32 mm."}, NEST_BOX)[1] == 2


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("{name} with a hinged roof.", "{name} roof hinged with a."),
        ("Take a look at {name}: untreated larch.", "You are on a walk in our morning: untreated larch."),
        ("Untreated larch. 32 mm entrance hole.", "Some say it is time to put on the larch."),
    ],
)
def test_words_in_an_order_that_nobody_wrote_are_strange(usual: str, odd: str) -> None:
    assert strangeness({"text": usual}, NEST_BOX) < strangeness({"text": odd}, NEST_BOX)


def test_what_tells_a_fact_is_familiar_for_any_product() -> None:
    other = sheet("Zorgle", "Zorgles", ("plumbed quartz", "ferric lid"))
    assert strangeness({"text": "{name} with plumbed quartz and a ferric lid."}, other) == 0


ROPE = sheet("Rowan rope", "Climbing", ("9.8 mm", "60 m long", "dry treated", "middle mark", "two bags"))


@pytest.mark.parametrize(
    "text",
    [
        "{name}: 60 m long, dry treated, 9.8 mm.",
        "Middle mark. Dry treated. {name}.",
        "{name} with a middle mark.",
        "{name}: 60 m long. Use code {code} at the checkout for {discount}.",
    ],
)
def test_facts_are_told_in_sentences_as_people_build_them(text: str) -> None:
    assert unusual({"text": text}, ROPE, Kind.SMS) == 0


@pytest.mark.parametrize(
    "text",
    [
        "{name}: 60 m long, with a middle mark of 9.8 mm.",
        "{name} with a dry treated.",
        "{name}, in two bags for 60 m.",
        "With {name} you climb on the 9.8 mm of the rope, in a dry treated way, and at the middle mark.",
        "{name} of 60.",
        "{name} with middle mark.",
    ],
)
def test_facts_that_are_joined_as_nobody_does_are_not(text: str) -> None:
    assert unusual({"text": text}, ROPE, Kind.SMS) == 1


def test_only_what_the_model_wrote_is_looked_at() -> None:
    odd = "Rope, 60 of bags of 9.8"
    assert unusual({"headline": odd, "text": "{name}.", "button": ""}, ROPE, Kind.LANDING) == 1
    assert unusual({"headline": "{name}", "text": "{name}.", "button": odd}, ROPE, Kind.LANDING) == 0


def test_a_text_with_a_finding_or_without_a_fact_or_scrambled_is_never_shown() -> None:
    wrong = finding("ungrounded", "text", "Magic", 0, 5)
    refused = [candidate(1, findings=(wrong,)), candidate(2, cover=0), candidate(3, faithful=0.3)]
    assert best([*refused, candidate(4, unusual=1)]) is None


@pytest.mark.parametrize("better", [{"mean_logprob": -0.5}, {"cover": 1.0}])
def test_the_better_of_two_is_likelier_or_tells_more(better: dict[str, float]) -> None:
    chosen = best([candidate(1), candidate(2, **better)])
    assert chosen
    assert chosen.index == 2


@pytest.mark.parametrize("worse", [{"echoes": 2}, {"strange": 4}, {"thin": 2}])
def test_echoes_a_strange_order_of_words_and_thin_headings_count_against_a_likelier_one(
    worse: dict[str, int],
) -> None:
    chosen = best([candidate(1, **worse), candidate(2, mean_logprob=-1.2)])
    assert chosen
    assert chosen.index == 2
