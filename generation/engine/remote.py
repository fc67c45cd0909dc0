"""An engine behind an address: any server that speaks OpenAI's chat completions, such as vLLM or llama.cpp.

Texts are asked for side by side, so that the server can batch them, and each begins with the shared part, so
that its prefix cache hits. The address comes from the settings alone, redirects are not followed, and what
the server answers is a text like any other: the checks decide whether it is shown.
"""

import contextlib
import queue
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import requests
from django.conf import settings

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
from generation.engine.completions import (
    CONNECT_SECONDS,
    Answer,
    TryAgain,
    answered,
    ask,
    body,
    events,
    hang_up,
    listed_models,
    reason,
    refuse,
    session,
)

TRIES = 4
# Seconds: the wait after a first failure, doubled by each further one, and the longest that a server may ask
# for. A lease is longer, so a job is still ours after the wait.
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0
POLL_SECONDS = 0.2
# A server that ignores `max_tokens` is not read for ever.
MOST_CHARACTERS_PER_TOKEN = 32
# The server is there and says no to this one text, such as to a prompt that is too long for its model.
NOT_THIS_TEXT = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
# After so many texts that it said no to, and none that it wrote, it is not the texts.
MOST_REFUSED = 8


class RemoteEngine:
    """The server at `INFERENCE_URL`; `ENGINE_BATCH` texts are under way at a time."""

    def __init__(self, options: EngineOptions) -> None:
        self.batch, self.in_use = options.batch, options.model
        self.address, self.model = settings.INFERENCE_URL.rstrip("/"), settings.INFERENCE_MODEL
        self.state = ReadyState(Phase.STOPPED)
        self.offered: list[str] = []  # the models, and adapters, that the server has
        self.refused: set[str] = set()  # the texts that it refused since it wrote one
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

        A text that the server refuses comes back empty, and the others are written all the same. One that
        refuses text after text ends the call, for a person to look at.
        """
        self._killed.clear()
        self._wait_until_ready(cancelled)
        self._refuse_foreign_adapters(requests)
        call = Call(self, requests)
        try:
            yield from call.results(tick, cancelled, self._killed)
        except EngineUnavailable as error:
            self.state = ReadyState(Phase.FAILED, message=str(error))
            self.refused.clear()
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
            with session() as http, contextlib.closing(ask(http, self.address, asked)) as told:
                if told.status_code == HTTPStatus.OK:
                    return ""
                return f"Asked for a word with INFERENCE_MODEL, it {answered(told)}"
        except requests.RequestException as error:
            raise trouble or EngineUnavailable(
                f"The server at {self.address} failed when it was asked for a word: {reason(error)}"
            ) from error


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
        return answer.result(request, (time.monotonic() - began) / beside) if answer else None

    def _streamed(self, index: int, request: TextRequest) -> Answer | None:
        asked = body(request.adapter or self.engine.model, request)
        with session() as http:
            told = ask(http, self.engine.address, asked)
            with contextlib.closing(told), self._kept_open(told):
                if told.status_code in NOT_THIS_TEXT:
                    return self._not_this_one(request, told)
                refuse(told, self.engine.address)
                return self._read(index, request, told)

    def _not_this_one(self, request: TextRequest, told: requests.Response) -> Answer:
        """Return no text; raises EngineUnavailable where the server refuses whatever it is asked for."""
        self.engine.refused.add(request.own)
        if len(self.engine.refused) < MOST_REFUSED:
            return Answer()
        raise EngineUnavailable(
            f"The server at {self.engine.address} refused {MOST_REFUSED} texts and wrote none. "
            f"Asked for the last one, it {answered(told)}"
        )

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
        answer, most = Answer(), request.max_tokens * MOST_CHARACTERS_PER_TOKEN
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
        self.engine.refused.clear()
        return answer
