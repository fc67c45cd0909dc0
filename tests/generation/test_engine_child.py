"""The engine child: apart from the worker, without its secrets, killable, and gone when the worker is."""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from django.conf import settings

from generation.engine import EngineDied, EngineOptions, EngineUnavailable, Phase, TextRequest, options
from generation.engine.child import ChildEngine
from generation.engine.serve import request_from
from generation.prompts import parse, prompt_for
from generation.texts.kinds import Kind
from tests.generation.briefs import brief

SHARED = (("system", "Write."), ("user", "x"), ("assistant", "One line."))


class QuickChild(ChildEngine):
    """The real pipes with the fake's texts, so that a child starts in a second."""

    module = "tests.chaos.fake_child"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[ChildEngine]:
    engine = QuickChild(EngineOptions("", tmp_path, batch=8, threads=1))
    yield engine
    engine.kill()


def requests(count: int) -> list[TextRequest]:
    return [TextRequest(SHARED, f"Product: {n}. Category: Lamps. Facts: oak {n}.", 20) for n in range(count)]


def process_id(engine: ChildEngine) -> int:
    assert engine._child
    return engine._child.process.pid


def gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


def wait_for(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_texts_come_back_under_the_number_of_their_request(child: ChildEngine) -> None:
    ticks: list[int] = []
    results = dict(child.write(requests(5), ticks.append))
    assert sorted(results) == [0, 1, 2, 3, 4]
    assert all(f"oak {number}" in result.text for number, result in results.items())
    assert ticks
    assert child.ready_state().phase == Phase.READY
    assert child.revision == "fake"


def test_a_killed_child_raises_and_the_next_call_starts_another(child: ChildEngine) -> None:
    written = child.write(requests(2000))
    next(written)
    first = process_id(child)
    child.kill()
    with pytest.raises(EngineDied, match="SIGKILL"):
        list(written)
    assert child.ready_state().phase == Phase.STOPPED
    assert len(list(child.write(requests(2)))) == 2
    assert process_id(child) != first


def test_the_child_ends_when_its_worker_lets_go_of_the_pipe(child: ChildEngine) -> None:
    next(child.write(requests(2000)))
    process = process_id(child)
    assert child._child
    child._child.outgoing.close()
    wait_for(lambda: gone(process))


def test_a_cancelled_or_abandoned_call_ends_soon_and_does_not_disturb_the_next(child: ChildEngine) -> None:
    seen: list[int] = []
    for index, _ in child.write(requests(2000), cancelled=lambda: len(seen) > 2):
        seen.append(index)
    assert len(seen) == 3
    next(child.write(requests(2000)))  # and leave
    assert sorted(dict(child.write(requests(3)))) == [0, 1, 2]


def test_the_child_has_none_of_the_workers_environment(
    child: ChildEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("SECRET_KEY", "canary")
    list(child.write(requests(1)))
    told = (
        Path(f"/proc/{process_id(child)}/environ").read_bytes()
        + Path(f"/proc/{process_id(child)}/cmdline").read_bytes()
    )
    assert not [word for word in (b"secret", b"canary", b"DJANGO", b"DATABASE", b"CELERY") if word in told]
    assert b"HF_HUB_OFFLINE=1" in told
    # A session of its own, so that Ctrl-C reaches the worker only.
    assert os.getsid(process_id(child)) == process_id(child)


def test_a_missing_model_is_a_state_and_a_message(tmp_path: Path) -> None:
    engine = ChildEngine(EngineOptions("/nowhere", tmp_path, batch=8, threads=1))
    with pytest.raises(EngineUnavailable, match="GENERATION_MODEL=/nowhere"):
        list(engine.write(requests(1)))
    assert engine.ready_state().phase == Phase.FAILED
    assert "GENERATION_MODEL" in engine.ready_state().message


def test_a_request_travels_whole(child: ChildEngine) -> None:
    prompt = prompt_for(brief(Kind.EMAIL))
    request = TextRequest(prompt.shared, prompt.own, 20, 1, 0.5, 0.9, prompt.stop, prompt.wording)
    assert request_from(asdict(request)) == request


@pytest.mark.model
@pytest.mark.xdist_group("model")
def test_the_real_model_writes_in_a_child(model_folder: Path) -> None:
    engine = ChildEngine(options())
    assert settings.TEXT_ENGINE
    engine.start()
    assert engine.ready_state().phase in (Phase.LOADING, Phase.CONVERTING)
    asked = brief(Kind.SMS)
    prompt = prompt_for(asked)
    request = TextRequest(prompt.shared, prompt.own, prompt.max_tokens, wording=prompt.wording)
    try:
        ((index, result),) = engine.write([request])
        assert (index, result.finished) == (0, True)
        assert "{name}" in parse(asked, result.text)["text"]
        assert len(engine.revision) == 16
    finally:
        engine.kill()
