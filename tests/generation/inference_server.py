"""A small server with OpenAI's chat completions on loopback, which misbehaves as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = ("A", " warm", " scarf", ".")


@dataclass
class Script:
    """What the server does: `moods` are used up one by one, after them every answer is right."""

    moods: list[str] = field(default_factory=list)
    models: tuple[str, ...] = ("small",)
    unlisted: tuple[str, ...] = ()  # models that it has too, but does not name
    has_list: bool = True
    key: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    hold: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def serving(script: Script) -> Iterator[Script]:
    """Serve until the end of the block."""
    handler = type("Handler", (Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    script.url = f"http://127.0.0.1:{server.server_port}/v1"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield script
    finally:
        script.hold.set()
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    script: Script
    protocol_version = "HTTP/1.1"  # real servers stream in chunks

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:  # the library's name
        if self.path != "/v1/models":
            self.send_error(404)
        elif not self.script.has_list:
            self.send_error(500)
        elif not self._may_ask():
            self.send_error(401)
        else:
            self._send_json({"data": [{"id": name} for name in self.script.models]})

    def _may_ask(self) -> bool:
        return self.script.key in ("", self.headers.get("Authorization", "").removeprefix("Bearer "))

    def do_POST(self) -> None:  # the library's name
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions" or not self._may_ask():
            self.send_error(404 if self._may_ask() else 401)
            return
        with self.script.lock:
            self.script.asked.append(asked)
            mood = self.script.moods.pop(0) if self.script.moods else "right"
            self.script.at_once += 1
            self.script.most_at_once = max(self.script.most_at_once, self.script.at_once)
        try:
            self._answer(mood, asked)
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            with self.script.lock:
                self.script.at_once -= 1

    def _answer(self, mood: str, asked: dict[str, Any]) -> None:
        if asked["model"] not in (*self.script.models, *self.script.unlisted):
            self._send_json({"error": {"message": f"No model {asked['model']}."}}, 404)
        elif mood.isdecimal():
            self.send_response(int(mood))
            self.send_header("Retry-After", "0")
            self.send_header("Location", "http://127.0.0.1:9/v1/chat/completions")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            self._stream(mood)

    def _stream(self, mood: str) -> None:
        if mood == "held":
            self._event({"choices": [{"delta": {"content": "A"}}]})
            self.script.hold.wait(20)
            return
        if mood == "endless":
            while True:
                self._event({"choices": [{"delta": {"content": "word " * 50}}]})
        for word in WORDS:
            chance = {"content": [{"token": word, "logprob": -0.5}]}
            self._event({"choices": [{"delta": {"content": word}, "logprobs": chance}]})
            if mood == "cut":
                return
            if mood == "garbled":
                self._send(b'data: {"choices": [{"del\n\n')
                return
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self._event({"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": len(WORDS)}})
        self._send(b"data: [DONE]\n\n")
        self._send(b"")

    def _event(self, event: dict[str, Any]) -> None:
        self._send(f"data: {json.dumps(event)}\n\n".encode())

    def _send(self, chunk: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.flush()

    def _send_json(self, value: object, status: int = 200) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
