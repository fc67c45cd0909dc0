"""A real server with OpenAI's interface: transformers' own, on loopback, with the default model."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

# Importing torch and reading the weights, on a busy machine.
PATIENCE = 300.0
# The form that the local engine writes by its own constants: a server takes it from the model's folder.
TEMPLATE = (
    "{% for turn in messages %}{{ '<|im_start|>' + turn.role + '\n' + turn.content + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Served:
    """Where the server is, and what it calls its model."""

    url: str
    model: str
    log: Path


def servable(model_folder: Path, folder: Path) -> Path:
    """Make a folder of the converted model that says what a server wants to know besides."""
    folder.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).symlink_to(model_folder / name)
    config = json.loads((model_folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["LlamaForCausalLM"]}))
    # Without this it writes greedily, whatever temperature it is asked for.
    (folder / "generation_config.json").write_text(json.dumps({"do_sample": True, "eos_token_id": 2}))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return folder


@contextmanager
def transformers_server(model_folder: Path, folder: Path) -> Iterator[Served]:
    """Run `transformers serve` until the end of the block, whatever happens in it."""
    model, port = servable(model_folder, folder / "model"), free_port()
    served = Served(f"http://127.0.0.1:{port}/v1", str(model), folder / "server.log")
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", served.model]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    told = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    with served.log.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | told)
    try:
        wait_until_it_answers(process, served, port)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_answers(process: "subprocess.Popen[bytes]", served: Served, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"http://127.0.0.1:{port}/health", timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"the server does not start: {served.log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
