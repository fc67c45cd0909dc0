"""Asking for some words anew: the rest is kept, the checks hold, and what could not be done is said."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from generation.models import Job, Rewrite, Variant
from generation.rewriting import mentions
from generation.texts.selecting import Selected
from tests import make
from tests.generation import ledger
from tests.generation.test_review import HTMX, steps

pytestmark = pytest.mark.django_db
FACTS = {"material": "hand-thrown stoneware", "care": "dishwasher safe", "holds": "350 ml"}
OFFER = "Use code {code} for {discount}."
LONG = "Take a look at {name}: hand-thrown stoneware, dishwasher safe, 350 ml. See it in our shop."


@pytest.fixture
def variant() -> Variant:
    """A text with two sentences and an offer, saved by its author."""
    author = make.user()
    campaign = make.complete_campaign("Mugs", author)
    product = campaign.products.get()
    product.name, product.attributes = "Blue mug", FACTS
    product.save()
    run = ledger.run(campaign=campaign, kind="social_facebook", requested_by=author)
    ledger.write_all()
    made = Variant.objects.get(job__run=run)
    Variant.objects.filter(pk=made.pk).update(fields={"text": f"{LONG} Now {{discount}} in our shop."})
    made.refresh_from_db()
    return made


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def ask(page: Client, variant: Variant, wish: str, **fields: Any) -> str:
    data = {"part": "text", "wish": wish, "client_key": uuid4()} | fields
    answer = page.post(f"/variants/{variant.pk}/rewrite/", data, headers=HTMX)
    return answer.content.decode()


def written(variant: Variant) -> Rewrite:
    ledger.write_all()
    return Rewrite.objects.filter(variant=variant).latest("pk")


def fact_id(variant: Variant, value: str) -> str:
    return str(next(fact["id"] for fact in variant.facts if fact["value"] == value))


def test_shorter_is_shorter_and_the_offer_stays(page: Client, variant: Variant) -> None:
    assert "Being written" in ask(page, variant, "shorter") or "No writer" in ask(page, variant, "shorter")
    proposal = written(variant)
    assert (proposal.state, proposal.granted) == ("ready", "yes")
    assert proposal.after
    assert len(proposal.after["text"]) < len(variant.fields["text"])
    assert proposal.after["text"].endswith("Now {discount} in our shop.")


def test_a_fact_that_was_missing_is_mentioned(page: Client, variant: Variant) -> None:
    Variant.objects.filter(pk=variant.pk).update(fields={"text": "Meet {name}: hand-thrown stoneware."})
    ask(page, variant, "mention", fact=fact_id(variant, "dishwasher safe"))
    proposal = written(variant)
    assert proposal.granted == "yes"
    assert "dishwasher safe" in (proposal.after or {})["text"]


def test_only_the_selected_sentence_is_written_anew(page: Client, variant: Variant) -> None:
    selected = "See it in our shop."
    ask(page, variant, "warmer", start=LONG.index(selected), selected=selected)
    text = (written(variant).after or {})["text"]
    assert text.startswith("Take a look at {name}: hand-thrown stoneware, dishwasher safe, 350 ml. ")
    assert text.endswith(" Now {discount} in our shop.")
    assert selected not in text


def test_warmth_and_free_words_are_for_people_to_judge(page: Client, variant: Variant) -> None:
    ask(page, variant, "warmer")
    assert written(variant).granted == "unknown"
    ask(page, variant, "words", words="Sound like a sailor")
    assert written(variant).granted == "unheard"  # the small model cannot follow words
    assert "wish was not understood" in page.get(variant.get_absolute_url()).content.decode()


def test_a_capable_model_is_told_the_wish(page: Client, variant: Variant, settings: Settings) -> None:
    settings.GENERATION_OWN_WORDS = True
    ask(page, variant, "words", words="Sound like a sailor")
    assert written(variant).granted == "unknown"


def test_what_cannot_be_done_is_said(page: Client, variant: Variant) -> None:
    Variant.objects.filter(pk=variant.pk).update(fields={"text": "{name}."})
    ask(page, variant, "shorter")
    proposal = written(variant)
    assert (proposal.state, proposal.after) == ("impossible", None)
    assert "It could not be done" in page.get(variant.get_absolute_url()).content.decode()


def test_a_proposal_is_taken_and_the_history_says_so(page: Client, variant: Variant) -> None:
    ask(page, variant, "shorter")
    proposal, before = written(variant), variant.fields
    shown = page.get(variant.get_absolute_url()).content.decode()
    assert "Take it" in shown
    assert "<del>" in shown
    page.post(f"/rewrites/{proposal.pk}/take/")
    variant.refresh_from_db()
    assert variant.fields == proposal.after
    assert steps(variant) == ["rewrite"]
    assert variant.decisions.get().before == before
    assert variant.edited_by == proposal.by  # so somebody else approves it


def test_a_proposal_is_dropped_and_nothing_changes(page: Client, variant: Variant) -> None:
    ask(page, variant, "shorter")
    proposal, before = written(variant), variant.fields
    answer = page.post(f"/rewrites/{proposal.pk}/drop/", headers=HTMX).content.decode()
    assert "Take it" not in answer
    variant.refresh_from_db()
    assert variant.fields == before
    page.post(f"/rewrites/{proposal.pk}/take/")
    variant.refresh_from_db()
    assert variant.fields == before


def test_a_proposal_for_a_text_that_was_changed_is_not_taken(page: Client, variant: Variant) -> None:
    ask(page, variant, "shorter")
    proposal = written(variant)
    page.post(f"/variants/{variant.pk}/edit/", {"version": 1, "text": "Theirs, saved meanwhile."})
    shown = page.post(f"/rewrites/{proposal.pk}/take/", follow=True).content.decode()
    assert "ask again" in shown
    variant.refresh_from_db()
    assert variant.fields == {"text": "Theirs, saved meanwhile."}
    proposal.refresh_from_db()
    assert proposal.state == "ready"


def test_a_text_changed_while_it_is_written_ends_the_wish(page: Client, variant: Variant) -> None:
    ask(page, variant, "shorter")
    page.post(f"/variants/{variant.pk}/edit/", {"version": 1, "text": "Theirs, saved meanwhile."})
    proposal = written(variant)
    assert proposal.state == "waiting"
    assert Job.objects.get(rewrite=proposal).state == "skipped"
    assert "changed or decided meanwhile" in page.get(variant.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"wish": "mention"}, "Choose a fact"),
        ({"wish": "words", "words": "  "}, "Say in a few words"),
        ({"wish": "shorter", "selected": "words typed a moment ago", "start": 3}, "save it first"),
        (
            {"wish": "shorter", "selected": "Now {discount} in our shop.", "start": len(LONG) + 1},
            "sentence of the offer",
        ),
        ({"wish": "shorter", "part": "button"}, "Select a valid choice"),
        ({"wish": "louder"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused(
    page: Client, variant: Variant, fields: dict[str, Any], said: str
) -> None:
    assert said in ask(page, variant, **fields)
    assert not Rewrite.objects.exists()


def test_a_double_click_is_one_request(page: Client, variant: Variant) -> None:
    key = uuid4()
    ask(page, variant, "shorter", client_key=key)
    ask(page, variant, "shorter", client_key=key)
    assert Rewrite.objects.count() == 1


def test_a_decided_text_is_not_rewritten(page: Client, variant: Variant) -> None:
    Variant.objects.filter(pk=variant.pk).update(state="approved")
    assert "reopen it first" in ask(page, variant, "shorter")


def test_a_viewer_asks_for_nothing(client: Client, variant: Variant) -> None:
    client.force_login(make.user("viewer"))
    assert client.post(f"/variants/{variant.pk}/rewrite/", {"wish": "shorter"}).status_code == 403


@pytest.mark.parametrize(
    ("text", "words", "old"),
    [
        ("One here. Two there. Three.", "wo the", "Two there."),
        ("One here. Two there. Three.", "here. Two", "One here. Two there."),
        ("It is 4.5 cm. Two there.", "4.5", "It is 4.5 cm."),
        ("一句话。第二句。第三句。", "二", "第二句。"),
        ("One. Now {discount}. Two.", "One. Now {discount}. Two.", "One. Two."),
        ("A heading", "head", "A heading"),
    ],
)
def test_whole_sentences_are_written_anew(text: str, words: str, old: str) -> None:
    start = text.index(words)
    assert Selected(text, start, start + len(words)).old == old


def test_new_words_stand_where_the_old_ones_stood() -> None:
    text = "One here. Two there. Three."
    assert Selected(text, 10, 13).replaced("New.") == "One here. New. Three."
    assert Selected(text).replaced("New.") == "New."


@pytest.mark.parametrize(
    ("text", "fact", "said"),
    [
        ("Stoneware, thrown by hand.", "hand-thrown stoneware", True),
        ("Made of stoneware.", "hand-thrown stoneware", False),
        ("来看看这只手工陶瓷杯子。", "手工陶瓷", True),
        ("来看看这只杯子。", "手工陶瓷", False),
    ],
)
def test_a_fact_is_recognised_in_its_words_whatever_their_order(text: str, fact: str, said: bool) -> None:  # noqa: FBT001
    assert mentions(text, fact) is said
