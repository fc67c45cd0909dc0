"""Who writes a text: an adapter in its own words, else the model bound to a wording, else plain code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from django.test import override_settings

from generation.engine import Cancelled, TextRequest, TextResult, Tick
from generation.engine.fake import FakeEngine
from generation.sampling import Piece, Round, Written, write
from generation.texts.kinds import Kind
from generation.tuning.evaluation import judge
from tests.generation.briefs import brief

USUAL, ODD, FALSE = (
    "{name}: soy wax.",
    "In {name}, soy wax is for you at cedar and sea salt.",
    "{name}: silk.",
)


@dataclass
class TwoWays(FakeEngine):
    """Answers by who is asked: an adapter, or the model bound to a wording."""

    own: str
    bound: str
    asked: list[TextRequest] = field(default_factory=list)

    def write(
        self, requests: Sequence[TextRequest], tick: Tick | None = None, cancelled: Cancelled | None = None
    ) -> Iterator[tuple[int, TextResult]]:
        for index, request in enumerate(requests):
            self.asked.append(request)
            text = self.own if request.adapter else self.bound
            yield index, TextResult(text, 9, 9, 0.1, -0.5, finished=True)


def written_by(engine: TwoWays, *, adapter: str = "starter", calls: int = 99) -> tuple[Piece, Written | None]:
    """Have one text written; `calls` is how often the engine may be asked before somebody cancels."""
    piece = Piece(1, brief(Kind.SMS), 100, adapter=adapter)
    decided = list(
        write([piece], (Round(4, 0.8),), engine, lambda _tokens: None, lambda: len(engine.asked) >= calls)
    )
    return piece, decided[0][1] if decided else None


def test_an_adapter_writes_in_its_own_words_where_they_are_usual() -> None:
    engine = TwoWays(own=USUAL, bound=FALSE)
    piece, written = written_by(engine)
    assert written
    assert (written.adapter, written.by_model, piece.samples) == ("starter", True, 4)
    assert all(request.wording is None for request in engine.asked)
    assert not judge(piece, written).bound


@pytest.mark.parametrize(
    ("headings", "thin"),
    [
        (("Soy wax", "Burns 40 hours", "Meet {name}"), 0),
        (("A good idea: {name}", "Soy wax", "A good choice: {name}"), 1),
        (("Try {name}", "Hello", "Meet {name}"), 2),
    ],
)
def test_one_heading_may_be_the_name_alone(headings: tuple[str, ...], thin: int) -> None:
    copy = dict(zip(("subject", "preheader", "headline"), headings, strict=True))
    assert Piece(1, brief(Kind.EMAIL), 100).thin(copy | {"body": "{name}.", "button": "Shop now"}) == thin


@pytest.mark.parametrize("own", [ODD, FALSE, "no line at all\n\nand more"])
def test_where_its_own_words_will_not_do_the_model_is_bound_to_a_wording(own: str) -> None:
    engine = TwoWays(own=own, bound=USUAL)
    piece, written = written_by(engine)
    assert written
    assert (written.adapter, written.by_model, piece.samples) == ("", True, 8)
    assert "soy wax" in written.copy["text"]
    assert all(request.wording for request in engine.asked if not request.adapter)
    assert len({request.seed for request in engine.asked}) == 8
    # How often the adapter's own samples pass is not made better by those that were bound.
    judged = judge(piece, written)
    assert (judged.samples, judged.bound) == (4, True)
    assert judged.passing == (4 if own == ODD else 0)


def test_where_neither_will_do_the_plain_writer_writes() -> None:
    piece, written = written_by(TwoWays(own=ODD, bound=FALSE))
    assert written
    assert (written.by_model, piece.samples) == (False, 8)
    assert not judge(piece, written).bound


@override_settings(GENERATION_OWN_WORDS=True)
def test_a_large_model_is_not_bound_after_its_adapter() -> None:
    piece, written = written_by(TwoWays(own=FALSE, bound=USUAL))
    assert written
    assert (written.by_model, piece.samples) == (False, 4)


def test_an_adapter_of_the_shop_is_not_held_to_the_starters_sentences() -> None:
    piece, written = written_by(TwoWays(own=ODD, bound=USUAL), adapter="shop-1")
    assert written
    assert (written.adapter, piece.samples) == ("shop-1", 4)


def test_cancelled_between_the_two_nothing_more_is_written() -> None:
    piece, written = written_by(TwoWays(own=ODD, bound=USUAL), calls=4)
    assert written is None
    assert piece.samples == 4
