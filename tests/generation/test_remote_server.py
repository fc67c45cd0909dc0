"""The remote engine at a real server, `transformers serve`, which has the local engine's model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from generation import briefing, jobs
from generation import engine as engines
from generation.engine import EngineOptions, EngineUnavailable, TextRequest, TextResult
from generation.engine.remote import RemoteEngine
from generation.jobs import CopyOrder
from generation.models import Variant
from generation.texts.slots import fill_copy
from generation.work.working import Writer
from shop.models import SetupStep
from tests import make
from tests.generation import ledger
from tests.generation.model_server import Served, transformers_server

if TYPE_CHECKING:
    from generation.engine.local import LocalEngine

pytestmark = [pytest.mark.proof, pytest.mark.model, pytest.mark.xdist_group("model")]

SHARED = (("system", "You write one short sentence."), ("user", "A cap"), ("assistant", "A cap for the sun."))
GOODS = ("A scarf", "A mug", "A lamp", "A rug", "A clock")


@pytest.fixture(scope="module")
def server(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with transformers_server(model_folder, tmp_path_factory.mktemp("server")) as served:
        yield served


def engine_at(settings: Settings, server: Served, batch: int = 4, **inference: Any) -> RemoteEngine:
    settings.INFERENCE_URL, settings.INFERENCE_MODEL = server.url, server.model
    settings.INFERENCE_TIMEOUT_SECONDS = 300  # it writes text after text
    for name, value in inference.items():
        setattr(settings, f"INFERENCE_{name.upper()}", value)
    return RemoteEngine(EngineOptions("", Path(), batch, 1))


def request(own: str = GOODS[0], max_tokens: int = 10, **options: Any) -> TextRequest:
    return TextRequest(SHARED, own, max_tokens, **options)


def written(remote: "RemoteEngine | LocalEngine", *asked: TextRequest) -> list[TextResult]:
    results = dict(remote.write(asked))
    return [results[index] for index in range(len(asked))]


def test_texts_at_once_are_what_the_local_engine_writes_and_counts(
    settings: Settings, server: Served, engine: "LocalEngine"
) -> None:
    asked = [request(own) for own in GOODS]
    theirs, ours = written(engine_at(settings, server), *asked), written(engine, *asked)
    assert [text.text.strip() for text in theirs] == [text.text.strip() for text in ours]
    assert [text.prompt_tokens for text in theirs] == [text.prompt_tokens for text in ours]
    assert len({text.text for text in theirs}) > 1


def test_a_text_comes_in_pieces_with_what_the_server_counted(settings: Settings, server: Served) -> None:
    remote, ticks = engine_at(settings, server), list[int]()
    [(_index, result)] = remote.write([request(max_tokens=6)], ticks.append)
    assert len(ticks) > 6
    assert (result.new_tokens, result.finished) == (6, False)
    assert result.prompt_tokens > 20
    assert result.seconds > 0
    assert remote.revision == f"{server.model} at {server.url}"


def test_the_likeliest_text_and_a_seed_repeat_and_seeds_differ(settings: Settings, server: Served) -> None:
    # One at a time: this server has one source of chance for all of its texts.
    drawn = [request(seed=seed, temperature=1.5) for seed in (7, 8, 7)]
    texts = [text.text for text in written(engine_at(settings, server, 1), *drawn, request(), request())]
    assert texts[0] == texts[2] != texts[1]
    assert texts[3] == texts[4]


def test_a_text_ends_before_the_words_to_stop_at(settings: Settings, server: Served) -> None:
    remote = engine_at(settings, server)
    [whole] = written(remote, request())
    middle = whole.text.split()[2]
    [short] = written(remote, request(stop=("never", middle)))
    assert short.text == whole.text.partition(middle)[0]
    assert short.finished
    assert 0 < short.new_tokens < whole.new_tokens


def test_a_wrong_name_is_refused_in_the_words_of_the_server(settings: Settings, server: Served) -> None:
    with pytest.raises(EngineUnavailable, match=rf"INFERENCE_MODEL.*pinned to '{server.model}'.*'middle'"):
        written(engine_at(settings, server, model="middle"), request())


def test_a_cancelled_call_ends_and_its_texts_are_not_written_on(settings: Settings, server: Served) -> None:
    ticks = list[int]()
    remote = engine_at(settings, server)
    call = remote.write([request(max_tokens=2000)] * 4, ticks.append, lambda: len(ticks) > 8)
    assert not list(call)
    # Four such texts would keep the server silent for longer.
    settings.INFERENCE_TIMEOUT_SECONDS = 60
    [text] = written(remote, request())
    assert text.text


@pytest.mark.django_db(transaction=True)
def test_a_campaign_brief_becomes_a_checked_text(settings: Settings, server: Served) -> None:
    settings.TEXT_ENGINE, settings.ENGINE_BATCH = "generation.engine.remote.RemoteEngine", 4
    settings.GENERATION_OWN_WORDS = True
    engine_at(settings, replace(server, model="middle"))
    campaign = make.complete_campaign("Pans")
    pan = campaign.products.get()
    pan.name, pan.attributes = "Hearth pan", {"material": "cast iron", "hob": "works on induction"}
    pan.save()
    order = CopyOrder(["sms"], "plain", "en", 1, [pan.pk])
    run = jobs.request_copy(campaign, order, make.user(), uuid4())
    # A wrong name is told to people, and the text waits.
    work_off()
    assert "INFERENCE_MODEL" in SetupStep.objects.get(name="model").detail
    assert ledger.states(run) == ["queued"]
    settings.INFERENCE_MODEL = server.model
    work_off()
    assert ledger.states(run) == ["done"]
    text = Variant.objects.get()
    assert text.findings == []
    shown = fill_copy(text.fields, briefing.restored(text.facts, text.voice))
    assert "Hearth pan" in shown["text"]
    assert (text.samples >= 8, text.tokens > 500, text.seconds > 0) == (True, True, True)
    assert text.origin == "template" or text.model_revision == f"{server.model} at {server.url}"


def work_off() -> None:
    """Do the work of a worker process that was just started."""
    engines._built.cache_clear()
    writer = Writer("remote", engines.get_engine())
    try:
        while writer.engine.ready_state().phase in (engines.Phase.STOPPED, engines.Phase.LOADING):
            writer.work_off()
        writer.work_off()  # whatever is due, or what the engine's failure is
    finally:
        writer.stop()
        writer.end()
        engines._built.cache_clear()
