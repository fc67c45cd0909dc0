"""What is said to a server with OpenAI's chat completions, and what its answers mean."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import ReadTimeoutError

from generation.engine import EngineUnavailable, TextRequest, TextResult

CONNECT_SECONDS = 5.0
# A refusal in the server's words is shown this far.
LONGEST_WORDS = 200


class NoList(EngineUnavailable):
    """A server that answers, and does not list its models."""


class TryAgain(Exception):
    """A try that failed for a reason that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass
class Answer:
    """One text as it streams in."""

    text: str = ""
    chunks: int = 0
    logprobs: list[float] = field(default_factory=list)
    usage: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    def take(self, event: Mapping[str, Any]) -> None:
        """Add one event of the stream."""
        self.usage = event.get("usage") or self.usage
        for choice in event.get("choices") or []:
            self.text += (choice.get("delta") or {}).get("content") or ""
            self.reason = choice.get("finish_reason") or self.reason
            told = (choice.get("logprobs") or {}).get("content") or []
            self.logprobs += [float(token["logprob"]) for token in told]
        self.chunks += 1

    def result(self, request: TextRequest, seconds: float) -> TextResult:
        """Return the text with its cost; tokens are counted by the server, else one for each piece.

        Some servers send the words to stop at too, and some do not stop there: the text ends before them.
        """
        text = request.cut(self.text)
        finished = self.reason == "stop" or text != self.text
        new = int(self.usage.get("completion_tokens") or self.chunks)
        mean = sum(self.logprobs) / len(self.logprobs) if self.logprobs else 0.0
        prompt = int(self.usage.get("prompt_tokens") or 0)
        return TextResult(text, prompt, new, seconds, mean, finished)


def listed_models(address: str, timeout: float) -> list[str]:
    """Return the models, and adapters, that a server has; raises EngineUnavailable, or NoList."""
    if not address:
        raise EngineUnavailable(
            "Set INFERENCE_URL to the address of the server, such as http://host:8000/v1."
        )
    try:
        with session() as http:
            told = http.get(f"{address}/models", timeout=timeout, allow_redirects=False)
            refuse(told, address)
            return [str(one["id"]) for one in told.json()["data"]]
    except TryAgain as error:
        raise NoList(f"The server at {address} does not list its models: {error}.") from error
    except requests.RequestException as error:
        raise EngineUnavailable(f"The server at {address} does not answer: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            f"What is at {address} is no server with OpenAI's interface: look at INFERENCE_URL, "
            "which ends with /v1 as a rule."
        ) from error


def answered(told: requests.Response) -> str:
    """Say what a server answers: its status, and its words where it says something that can be read."""
    try:
        said = told.json()
    except ValueError:
        said = None
    for name in ("detail", "error", "message"):
        said = said.get(name, said) if isinstance(said, dict) else said
    words = f", saying: {said[:LONGEST_WORDS]}" if isinstance(said, str) else "."
    return f"answers {told.status_code}{words}"


def reason(error: Exception) -> str:
    """Return what a person can do about a failed try, or else what the library says about it."""
    if error.args and isinstance(error.args[0], ReadTimeoutError):
        return (
            f"it was silent for {settings.INFERENCE_TIMEOUT_SECONDS:g} s. One that writes text after text "
            "needs a smaller ENGINE_BATCH, a slow one a larger INFERENCE_TIMEOUT_SECONDS."
        )
    return str(error)


def hang_up(told: requests.Response) -> None:
    """End an answer from another thread than the one that waits for its next piece."""
    with contextlib.suppress(ValueError, RuntimeError, OSError):  # it has ended already
        told.raw.shutdown()


def ask(http: requests.Session, address: str, asked: Mapping[str, Any]) -> requests.Response:
    """Ask for a text, to be read as it comes."""
    return http.post(
        f"{address}/chat/completions",
        json=asked,
        stream=True,
        timeout=(CONNECT_SECONDS, settings.INFERENCE_TIMEOUT_SECONDS),
        allow_redirects=False,
    )


def body(model: str, request: TextRequest) -> dict[str, Any]:
    """Return what a server is asked for one text; a wording binds only the local engine."""
    turns = [*request.shared, ("user", request.own)]
    return {
        "model": model,
        "messages": [{"role": role, "content": words} for role, words in turns],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "stop": list(request.stop) or None,
        "logprobs": True,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def session() -> requests.Session:
    """Return a session that goes to the configured address and nowhere else."""
    http = requests.Session()
    http.trust_env = False  # no proxy and no password file of the machine
    if settings.INFERENCE_KEY:
        http.headers["Authorization"] = f"Bearer {settings.INFERENCE_KEY}"
    return http


def refuse(told: requests.Response, address: str) -> None:
    """Raise TryAgain for what may pass, EngineUnavailable for what a person has to change."""
    status = told.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TryAgain(f"status {status}", seconds_of(told.headers.get("Retry-After", "")))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise EngineUnavailable(f"The server at {address} refuses the key: set INFERENCE_KEY.")
    if status != HTTPStatus.OK:
        raise EngineUnavailable(
            f"The server at {address} answers {status}: look at INFERENCE_URL and INFERENCE_MODEL."
        )


def seconds_of(text: str) -> float:
    """Return the seconds of a Retry-After header; a date counts as none."""
    return float(text) if text.isdecimal() else 0.0


def events(told: requests.Response) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a stream up to its end mark; raises TryAgain where one cannot be read."""
    for line in told.iter_lines():
        if not line.startswith(b"data:"):
            continue  # comments, and the empty lines between events
        content = line.removeprefix(b"data:").strip()
        if content == b"[DONE]":
            return
        try:
            event = json.loads(content)
        except ValueError as error:
            raise TryAgain("its answer cannot be read") from error
        if not isinstance(event, dict) or "error" in event:
            raise TryAgain("it reported an error in its answer")
        yield event
