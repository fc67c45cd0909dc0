"""An engine behind an address: any server that speaks OpenAI's chat completions, such as vLLM or llama.cpp.

Texts are asked for side by side, so that the server can batch them, and each begins with the shared part, so
that its prefix cache hits. The address comes from the settings alone, redirects are not followed, and what
the server answers is a text like any other: the checks decide whether it is shown.
"""

import contextlib
import json
import queue
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from urllib3.exceptions import ReadTimeoutError

from generation.engine import (
    Cancelled,
    EngineDied,
    EngineOptions,
    EngineUnavailable,
    Phase,
    ReadyState,
    TextRequest,
    TextResult,
    Tick,
)

TRIES = 4
# Seconds: the wait after a first failure, doubled by each further one, and the longest that a server may ask
# for. A lease is longer, so a job is still ours after the wait.
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0
CONNECT_SECONDS, POLL_SECONDS = 5.0, 0.2
# A server that ignores `max_tokens` is not read for ever.
MOST_CHARACTERS_PER_TOKEN = 32
# A refusal in the server's words is shown this far.
LONGEST_WORDS = 200
# The server is there and says no to this one text, such as to a prompt that is too long for its model.
NOT_THIS_TEXT = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)


class TryAgain(Exception):
    """A try that failed for a reason that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass
class Answer:
    """One text as it streams in."""

    stop: tuple[str, ...] = ()
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

    def result(self, seconds: float) -> TextResult:
        """Return the text with its cost; tokens are counted by the server, else one for each piece.

        Some servers send the words to stop at too, and some do not stop there: the text ends before them.
        """
        text = before(self.text, self.stop)
        finished = self.reason == "stop" or text != self.text
        new = int(self.usage.get("completion_tokens") or self.chunks)
        mean = sum(self.logprobs) / len(self.logprobs) if self.logprobs else 0.0
        prompt = int(self.usage.get("prompt_tokens") or 0)
        return TextResult(text, prompt, new, seconds, mean, finished)


class RemoteEngine:
    """The server at `INFERENCE_URL`; `ENGINE_BATCH` texts are under way at a time."""

    def __init__(self, options: EngineOptions) -> None:
        self.batch, self.in_use = options.batch, options.model
        self.address, self.model = settings.INFERENCE_URL.rstrip("/"), settings.INFERENCE_MODEL
        self.state = ReadyState(Phase.STOPPED)
        self.offered: list[str] = []  # the models, and adapters, that the server has
        self._killed = threading.Event()
        self._starting = threading.Lock()

    @property
    def revision(self) -> str:
        """Return the model's name at the server: its weights are the server's business."""
        return f"{self.model} at {self.address}" if self.state.phase == Phase.READY else ""

    def use(self, model: str) -> None:
        """Ask for the same model as before: only the settings say which one the server shall use."""

    def start(self) -> None:
        """Ask the server for its models, in the background."""
        with self._starting:
            if self.state.phase not in (Phase.LOADING, Phase.READY):
                self.state = ReadyState(Phase.LOADING)
                threading.Thread(target=self._find_model, daemon=True).start()

    def ready_state(self) -> ReadyState:
        """Return whether the server was found to have the model."""
        return self.state

    def kill(self) -> None:
        """End the call in progress; the server notices that nobody listens."""
        self._killed.set()

    def write(
        self, requests: Sequence[TextRequest], tick: Tick | None = None, cancelled: Cancelled | None = None
    ) -> Iterator[tuple[int, TextResult]]:
        """Write the texts side by side; see `TextEngine.write`.

        A text that the server refuses comes back empty, and the others are written all the same.
        """
        self._killed.clear()
        self._wait_until_ready(cancelled)
        self._refuse_foreign_adapters(requests)
        call = Call(self, requests)
        try:
            yield from call.results(tick, cancelled, self._killed)
        except EngineUnavailable as error:
            self.state = ReadyState(Phase.FAILED, message=str(error))
            raise
        finally:
            call.stop()

    def _refuse_foreign_adapters(self, requests: Sequence[TextRequest]) -> None:
        """Servers list adapters beside their models: one that is not there cannot be asked for."""
        wanted = {request.adapter for request in requests if request.adapter}
        if self.state.phase == Phase.READY and (missing := sorted(wanted - set(self.offered))):
            raise EngineUnavailable(
                f"The server at {self.address} does not have the adapter “{missing[0]}”: load it there under "
                "this name, or set GENERATION_ADAPTER to nothing."
            )

    def _wait_until_ready(self, cancelled: Cancelled | None) -> None:
        self.start()
        while self.state.phase == Phase.LOADING and not (cancelled and cancelled()):
            time.sleep(POLL_SECONDS / 10)
        if self.state.phase == Phase.FAILED:
            raise EngineUnavailable(self.state.message)

    def _find_model(self) -> None:
        try:
            self._look_for_model()
        except EngineUnavailable as error:
            self.state = ReadyState(Phase.FAILED, message=str(error))
        else:
            self.state = ReadyState(Phase.READY, 1.0)

    def _look_for_model(self) -> None:
        """Find the model in the server's list, or else have the server write a word with it.

        A server may leave out what it was started with, as transformers does with a folder, or have no list.
        """
        try:
            self.offered = listed_models(self.address, CONNECT_SECONDS)
        except EngineUnavailable as error:
            if self.model and not (said := self._refusal(error)):
                return
            raise EngineUnavailable(f"{error} {said}" if self.model else str(error)) from error
        has = ", ".join(self.offered[:10]) or "it lists none"
        self.model = self.model or (self.offered[0] if len(self.offered) == 1 else "")
        if not self.model:
            raise EngineUnavailable(
                f"Set INFERENCE_MODEL to the model that the server at {self.address} shall use ({has})."
            )
        if self.model not in self.offered and (said := self._refusal()):
            raise EngineUnavailable(
                f"The server at {self.address} does not have the model “{self.model}”: "
                f"set INFERENCE_MODEL to one that it has ({has}). {said}"
            )

    def _refusal(self, trouble: EngineUnavailable | None = None) -> str:
        """Ask for one token; return what the server says against it, or "" where it writes.

        Raises `trouble`, or what the library says, where there is nobody to ask.
        """
        asked = body(self.model, TextRequest((), "Hello", 1))
        try:
            with session() as http, contextlib.closing(self.post(http, asked)) as told:
                return "" if told.status_code == HTTPStatus.OK else words_of(told)
        except requests.RequestException as error:
            raise trouble or EngineUnavailable(
                f"The server at {self.address} failed when it was asked for a word: {reason(error)}"
            ) from error

    def post(self, http: requests.Session, asked: Mapping[str, Any]) -> requests.Response:
        """Ask for a text, to be read as it comes."""
        where, patience = f"{self.address}/chat/completions", settings.INFERENCE_TIMEOUT_SECONDS
        return http.post(
            where, json=asked, stream=True, timeout=(CONNECT_SECONDS, patience), allow_redirects=False
        )


class Call:
    """One call of `write`: its texts are under way in threads, what they tell comes together in a queue."""

    open: set[requests.Response]  # answers that are being read

    def __init__(self, engine: RemoteEngine, requests: Sequence[TextRequest]) -> None:
        self.engine, self.requests = engine, requests
        self.told: queue.Queue[tuple[int, TextResult | Exception | None]] = queue.Queue()
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(engine.batch, "server")
        self.open = set()
        self.under_way = 0

    def results(
        self, tick: Tick | None, cancelled: Cancelled | None, killed: threading.Event
    ) -> Iterator[tuple[int, TextResult]]:
        """Yield the texts as they come; a failure ends the call after those that are there already."""
        for index, request in enumerate(self.requests):
            self.pool.submit(self._run, index, request)
        left, pieces = len(self.requests), 0
        while left and not (cancelled and cancelled()):
            if killed.is_set():
                raise EngineDied("The call to the server was ended.")
            try:
                index, what = self.told.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(what, Exception):
                raise what
            pieces += 1
            if tick:
                tick(pieces)
            if what is not None:
                left -= 1
                yield index, what

    def stop(self) -> None:
        """Read no further, even where the server is silent; texts that have not begun are never asked for."""
        self.stopped.set()
        self.pool.shutdown(wait=False, cancel_futures=True)
        for told in tuple(self.open):
            hang_up(told)

    def _run(self, index: int, request: TextRequest) -> None:
        try:
            result = self._with_tries(index, request)
        except Exception as error:  # told to the caller, who raises it
            self.told.put((index, error))
        else:
            if result:
                self.told.put((index, result))

    def _with_tries(self, index: int, request: TextRequest) -> TextResult | None:
        wait = FIRST_WAIT
        for last in (*[False] * (TRIES - 1), True):
            try:
                return self._written(index, request)
            except (TryAgain, requests.RequestException) as error:
                if last:
                    raise EngineUnavailable(
                        f"The server at {self.engine.address} failed {TRIES} times: {reason(error)}"
                    ) from error
                asked = min(getattr(error, "wait", 0.0), LONGEST_WAIT)
            if self.stopped.wait(max(asked, wait * random.uniform(0.5, 1.5))):  # noqa: S311  # spreads tries
                return None
            wait *= 2
        return None

    def _written(self, index: int, request: TextRequest) -> TextResult | None:
        """Return the text, or None where nobody wants it any more."""
        self.under_way += 1
        began, beside = time.monotonic(), self.under_way
        try:
            answer = self._streamed(index, request)
        finally:
            self.under_way -= 1
        return answer.result((time.monotonic() - began) / beside) if answer else None

    def _streamed(self, index: int, request: TextRequest) -> Answer | None:
        asked = body(request.adapter or self.engine.model, request)
        with session() as http:
            told = self.engine.post(http, asked)
            with contextlib.closing(told), self._kept_open(told):
                if told.status_code in NOT_THIS_TEXT:
                    return Answer()
                refuse(told, self.engine.address)
                return self._read(index, request, told)

    @contextlib.contextmanager
    def _kept_open(self, told: requests.Response) -> Iterator[None]:
        """Let `stop` hang up while the block reads."""
        self.open.add(told)
        try:
            if self.stopped.is_set():  # between the answer and its place in the set
                hang_up(told)
            yield
        finally:
            self.open.discard(told)

    def _read(self, index: int, request: TextRequest, told: requests.Response) -> Answer | None:
        answer, most = Answer(request.stop), request.max_tokens * MOST_CHARACTERS_PER_TOKEN
        for event in events(told):
            if self.stopped.is_set():
                return None
            answer.take(event)
            self.told.put((index, None))
            if len(answer.text) > most:
                answer.reason = "length"
                break
        if not answer.reason:
            raise TryAgain("its answer broke off")
        return answer


def listed_models(address: str, timeout: float) -> list[str]:
    """Return the models, and adapters, that a server has; raises EngineUnavailable."""
    if not address:
        raise EngineUnavailable(
            "Set INFERENCE_URL to the address of the server, such as http://host:8000/v1."
        )
    try:
        with session() as http:
            told = http.get(f"{address}/models", timeout=timeout, allow_redirects=False)
            refuse(told, address)
            return [str(one["id"]) for one in told.json()["data"]]
    except (requests.RequestException, TryAgain) as error:
        raise EngineUnavailable(f"The server at {address} does not answer: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            f"What is at {address} is no server with OpenAI's interface: look at INFERENCE_URL, "
            "which ends with /v1 as a rule."
        ) from error


def words_of(told: requests.Response) -> str:
    """Return what a server says beside its status, where it says something that can be read."""
    try:
        said = told.json()
    except ValueError:
        said = None
    for name in ("detail", "error", "message"):
        said = said.get(name, said) if isinstance(said, dict) else said
    words = f", saying: {said[:LONGEST_WORDS]}" if isinstance(said, str) else "."
    return f"Asked for a word with INFERENCE_MODEL, it answers {told.status_code}{words}"


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


def before(text: str, stop: Sequence[str]) -> str:
    """Return the text up to the first of some words."""
    return min((text.partition(words)[0] for words in stop), key=len, default=text)


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
