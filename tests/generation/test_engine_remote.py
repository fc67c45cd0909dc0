"""The engine behind an address: whatever the server does, each text is there once, or people are told why."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from generation.engine import (
    EngineDied,
    EngineOptions,
    EngineUnavailable,
    Phase,
    TextRequest,
    TextResult,
    remote,
)
from generation.engine.remote import RemoteEngine
from tests.generation.inference_server import WORDS, Script, serving

SHARED = (("system", "You write for a shop."), ("user", "A cap"), ("assistant", "A cap for the sun."))
TEXT = "".join(WORDS)


@pytest.fixture
def server() -> Iterator[Script]:
    with serving(Script()) as script:
        yield script


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_WAIT", 0.01)


def engine_at(settings: Settings, url: str, batch: int = 8, **inference: Any) -> RemoteEngine:
    settings.INFERENCE_URL = url
    for name, value in inference.items():
        setattr(settings, f"INFERENCE_{name.upper()}", value)
    return RemoteEngine(EngineOptions("", Path(), batch, 1))


def request(own: str = "A scarf", max_tokens: int = 16, **options: Any) -> TextRequest:
    return TextRequest(SHARED, own, max_tokens, **options)


def written(engine: RemoteEngine, count: int) -> list[TextResult]:
    results = dict(engine.write([request(f"Scarf {number}", seed=number) for number in range(count)]))
    return [results[index] for index in range(count)]


def test_texts_come_with_what_the_server_counted(settings: Settings, server: Script) -> None:
    engine, ticks = engine_at(settings, server.url), list[int]()
    [(index, result)] = engine.write([request(seed=7, temperature=0.5, stop=("\n",))], ticks.append)
    assert (index, result.text, result.finished) == (0, TEXT, True)
    assert (result.prompt_tokens, result.new_tokens, result.mean_logprob) == (20, 4, -0.5)
    assert result.seconds > 0
    assert ticks
    assert engine.revision == f"small at {server.url}"


def test_the_shared_part_comes_first_and_the_settings_travel(settings: Settings, server: Script) -> None:
    list(engine_at(settings, server.url).write([request(seed=7, temperature=0.5, top_p=0.9, stop=("\n",))]))
    (asked,) = server.asked
    assert [(turn["role"], turn["content"]) for turn in asked["messages"]] == [*SHARED, ("user", "A scarf")]
    told = {name: asked[name] for name in ("model", "max_tokens", "temperature", "top_p", "seed", "stop")}
    assert told == {
        "model": "small", "max_tokens": 16, "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["\n"],
    }  # fmt: skip


def test_an_adapter_is_a_model_of_the_server_by_its_name(settings: Settings, server: Script) -> None:
    server.models = ("small", "spring")
    engine = engine_at(settings, server.url, model="small")
    list(engine.write([request(adapter="spring"), request()]))
    assert sorted(asked["model"] for asked in server.asked) == ["small", "spring"]


def test_an_adapter_that_the_server_lacks_is_refused_by_name(settings: Settings, server: Script) -> None:
    with pytest.raises(EngineUnavailable, match=r"“spring”.*GENERATION_ADAPTER"):
        list(engine_at(settings, server.url).write([request(adapter="spring")]))
    assert not server.asked


def test_texts_are_asked_for_side_by_side_and_not_more_than_the_batch(
    settings: Settings, server: Script
) -> None:
    server.moods = ["held"] * 3
    engine = engine_at(settings, server.url, batch=3)
    call = engine.write([request() for _ in range(10)], cancelled=lambda: server.at_once == 3)
    assert list(call) == []
    assert server.most_at_once == 3


@pytest.mark.parametrize("mood", ["429", "500", "503", "cut", "garbled"])
def test_what_may_pass_is_tried_again_and_every_text_is_there_once(
    settings: Settings, server: Script, mood: str
) -> None:
    server.moods = ["right", mood, "right", mood, mood]
    results = written(engine_at(settings, server.url, batch=2), 6)
    assert [result.text for result in results] == [TEXT] * 6
    assert len(server.asked) == 9


def test_a_server_that_stays_busy_ends_the_call_after_what_is_written(
    settings: Settings, server: Script
) -> None:
    server.moods = ["right", *["503"] * 50]
    engine, got = engine_at(settings, server.url, batch=1), list[int]()
    with pytest.raises(EngineUnavailable, match="failed 4 times"):
        got.extend(index for index, _result in engine.write([request() for _ in range(3)]))
    assert got == [0]
    assert engine.ready_state().phase == Phase.FAILED


def test_one_text_that_is_refused_does_not_hold_up_the_others(settings: Settings, server: Script) -> None:
    server.moods = ["right", "400", "right"]
    results = written(engine_at(settings, server.url, batch=1), 3)
    assert [result.text for result in results] == [TEXT, "", TEXT]


def test_a_server_that_refuses_text_after_text_is_no_engine(settings: Settings, server: Script) -> None:
    server.moods = ["400"] * 20
    engine, got = engine_at(settings, server.url, batch=1), list[TextResult]()
    with pytest.raises(EngineUnavailable, match=r"refused 8 texts and wrote none.*answers 400"):
        got.extend(result for _, result in engine.write([request(str(number)) for number in range(20)]))
    assert [result.text for result in got] == [""] * 7
    assert engine.ready_state().phase == Phase.FAILED
    server.moods = []
    assert written(engine, 1)[0].text == TEXT


def test_many_samples_of_one_text_that_is_refused_do_not_condemn_the_server(
    settings: Settings, server: Script
) -> None:
    server.moods = ["400"] * 12
    engine = engine_at(settings, server.url, batch=1)
    results = dict(engine.write([request(seed=number) for number in range(12)]))
    assert [results[number].text for number in range(12)] == [""] * 12


def test_a_wrong_model_name_is_named_with_those_there_are(settings: Settings, server: Script) -> None:
    server.models = ("large", "tiny")
    engine = engine_at(settings, server.url, model="middle")
    with pytest.raises(EngineUnavailable, match=r"“middle”.*large, tiny.*404, saying: No model middle"):
        written(engine, 1)
    server.has_list = False
    with pytest.raises(EngineUnavailable, match=r"INFERENCE_MODEL.*404, saying: No model middle"):
        written(engine, 1)
    assert [asked["max_tokens"] for asked in server.asked] == [1, 1]


@pytest.mark.parametrize("has_list", [True, False])
def test_a_model_that_the_server_does_not_list_but_has_is_used(
    settings: Settings, server: Script, *, has_list: bool
) -> None:
    server.models, server.unlisted, server.has_list = (), ("/models/own",), has_list
    engine = engine_at(settings, server.url, model="/models/own")
    assert written(engine, 1)[0].text == TEXT
    assert engine.revision == f"/models/own at {server.url}"


def test_a_server_with_several_models_or_none_listed_needs_a_name(settings: Settings, server: Script) -> None:
    for models, said in [(("large", "tiny"), "large, tiny"), ((), "lists none")]:
        server.models = models
        with pytest.raises(EngineUnavailable, match=rf"Set INFERENCE_MODEL.*{said}"):
            written(engine_at(settings, server.url), 1)
    assert server.asked == []


def test_a_text_ends_before_the_words_to_stop_at_even_where_the_server_goes_on(
    settings: Settings, server: Script
) -> None:
    [(_index, result)] = engine_at(settings, server.url).write([request(stop=("never", "m sc", "scarf"))])
    assert (result.text, result.finished, result.new_tokens) == ("A war", True, 4)


def test_a_wrong_key_an_address_of_something_else_and_silence_are_told_apart(
    settings: Settings, server: Script
) -> None:
    server.key = "right"
    for url, key, said in [
        (server.url, "wrong", "INFERENCE_KEY"),
        (f"{server.url}/other", "right", "INFERENCE_URL"),
        ("http://127.0.0.1:9/v1", "", "does not answer"),
        ("", "", "Set INFERENCE_URL"),
    ]:
        for model in ("", "small"):
            with pytest.raises(EngineUnavailable, match=said):
                written(engine_at(settings, url, key=key, model=model), 1)
    assert written(engine_at(settings, server.url, key="right"), 1)[0].text == TEXT


def test_after_a_failure_the_engine_starts_again(settings: Settings, server: Script) -> None:
    models, server.models = server.models, ()
    engine = engine_at(settings, server.url, model="small")
    with pytest.raises(EngineUnavailable):
        written(engine, 1)
    server.models = models
    assert written(engine, 1)[0].text == TEXT


def test_nothing_is_followed_to_another_address(settings: Settings, server: Script) -> None:
    server.moods = ["307"]
    with pytest.raises(EngineUnavailable, match="answers 307"):
        written(engine_at(settings, server.url), 1)


def test_a_server_that_never_ends_is_cut_off(settings: Settings, server: Script) -> None:
    server.moods = ["endless"]
    (result,) = written(engine_at(settings, server.url), 1)
    assert not result.finished
    assert len(result.text) < 16 * remote.MOST_CHARACTERS_PER_TOKEN + 1000


def test_silence_within_an_answer_counts_as_a_failure(settings: Settings, server: Script) -> None:
    server.moods = ["held"]
    engine = engine_at(settings, server.url, timeout_seconds=0.3)
    assert written(engine, 1)[0].text == TEXT
    assert len(server.asked) == 2


def test_lasting_silence_is_told_with_what_can_be_changed(settings: Settings, server: Script) -> None:
    server.moods = ["held"] * 4
    with pytest.raises(EngineUnavailable, match=r"silent for 0\.1 s.*ENGINE_BATCH.*INFERENCE_TIMEOUT"):
        written(engine_at(settings, server.url, timeout_seconds=0.1), 1)


def test_an_ended_call_does_not_wait_for_a_silent_server(settings: Settings, server: Script) -> None:
    server.moods = ["held"] * 3
    engine = engine_at(settings, server.url)
    assert not list(engine.write([request()] * 3, cancelled=lambda: server.at_once == 3))
    readers = [thread for thread in threading.enumerate() if thread.name.startswith("server_")]
    for thread in readers:
        thread.join(5)  # the server stays silent for 20 s, and may for 30
    assert not any(thread.is_alive() for thread in readers)


def test_a_killed_call_is_a_death_and_the_next_call_works(settings: Settings, server: Script) -> None:
    server.moods = ["held"]
    engine = engine_at(settings, server.url)
    call = engine.write([request()], lambda _pieces: engine.kill())
    with pytest.raises(EngineDied):
        next(call)
    assert written(engine, 1)[0].text == TEXT
