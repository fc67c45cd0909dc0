"""The frame of a text with labelled lines: the engine writes the labels, and the last line ends the text."""

from generation.adapter_prompts import adapter_prompt, named
from generation.engine.frame import Frame
from generation.prompts import parse
from generation.texts.kinds import Kind, Tone
from tests.generation.briefs import brief

NEWLINE, END = 0, 1
LABELS = ((10, 11), (20,), (30,))


def written(*chosen: int) -> list[int]:
    """Return what becomes of a model's choices; it is asked only where no label is due."""
    frame, tokens, choices = Frame(LABELS, NEWLINE, {END}, lambda token: token == NEWLINE), [], iter(chosen)
    while END not in tokens:
        forced = frame.forced()
        token = frame.turned(next(choices)) if forced is None else forced
        frame.take(token)
        tokens.append(token)
    return tokens


def test_every_line_begins_with_its_label() -> None:
    assert written(5, NEWLINE, 6, NEWLINE, 7, END) == [10, 11, 5, NEWLINE, 20, 6, NEWLINE, 30, 7, END]


def test_a_text_that_ends_too_early_goes_on_and_one_that_goes_on_ends() -> None:
    assert written(5, END, 6, END, 7, NEWLINE) == [10, 11, 5, NEWLINE, 20, 6, NEWLINE, 30, 7, END]


def test_a_framed_answer_can_be_read() -> None:
    asked = brief(Kind.PUSH)
    labels = adapter_prompt(asked).labels
    copy = parse(asked, f"{labels[0]} Soy wax\n{labels[1]} Meet {{name}}.")
    assert (copy["title"], copy["text"][:12]) == ("Soy wax", "Meet {name}.")


def test_a_product_that_was_forgotten_is_named() -> None:
    assert named(brief(Kind.SMS, Tone.BRIEF), {"text": "Soy wax."}) == {"text": "{name}. Soy wax."}
    assert named(brief(Kind.SMS), {"text": "{name}: soy wax."}) == {"text": "{name}: soy wax."}
    assert named(brief(Kind.SUBJECTS), {"plain": "Soy wax"}) == {"plain": "Soy wax"}
