"""A small HTTP server that answers from a list, for behaviour that no model shows on purpose."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Prompt, Segment

Answer = tuple[int, dict[str, str], list[bytes] | bytes]  # status, headers, body
SSE = {"Content-Type": "text/event-stream"}


class CannedServer(ThreadingHTTPServer):
    """Answers completions from `answers`, the last one again and again, and other paths from `replies`.

    A reply is JSON, or a function from the JSON of the request to JSON. `requests` counts all paths.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = [self.answer("In", " Paris.")]
        self.replies: dict[str, Any] = {"/v1/models": {"data": [{"id": "m"}]}}
        self.requests: Counter[str] = Counter()
        self.asked: list[dict[str, Any]] = []  # the bodies of the completions
        self.keys: list[str | None] = []
        self.pause = 0.0
        self.busy = self.most = 0
        self.broken = threading.Event()  # set when the other side has closed a connection
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()

    @staticmethod
    def event(text: str = "", finish: str | None = None, **more: object) -> bytes:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        return f"data: {json.dumps({'choices': [choice], **more})}\n\n".encode()

    @classmethod
    def answer(cls, *texts: str) -> Answer:
        """A stream that ends well."""
        return cls.stream(*map(cls.event, texts), cls.event(finish="stop"), b"data: [DONE]\n\n")

    @staticmethod
    def stream(*pieces: bytes, **headers: str) -> Answer:
        """A stream of `pieces`: `b"CUT"` closes the connection, `b"WAIT"` waits until the other side closes it."""
        return 200, SSE | headers, list(pieces)

    @staticmethod
    def prompt(text: str) -> Prompt:
        return Prompt(lead=(), documents=(Segment(text=text),), tail=())

    def backend(self, **settings: Any) -> OpenAICompatible:  # noqa: ANN401
        return OpenAICompatible(self.url, **settings)

    def handle_error(self, request: object, client_address: object) -> None:
        """Prints nothing: the other side may close a connection at any time."""

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or the kernel delays the second one
    server: CannedServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.respond(None)

    def do_POST(self) -> None:
        self.respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def respond(self, body: Any) -> None:  # noqa: ANN401
        with self.server.lock:
            self.server.requests[self.path] += 1
        if self.path in ("/v1/chat/completions", "/v1/completions"):
            self.send(*self.next_answer(body))
        elif self.path in self.server.replies:
            reply = self.server.replies[self.path]
            made = reply(body) if isinstance(reply, Callable) else reply  # type: ignore[arg-type]
            self.send(200, {}, made if isinstance(made, bytes) else json.dumps(made).encode())
        else:
            self.send(404, {}, b'{"detail": "Not Found"}')

    def next_answer(self, body: dict[str, Any]) -> Answer:
        server = self.server
        with server.lock:
            server.asked.append(body)
            server.keys.append(self.headers.get("Authorization"))
            server.busy += 1
            server.most = max(server.most, server.busy)
            answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        time.sleep(server.pause)
        with server.lock:
            server.busy -= 1
        return answer

    def send(self, status: int, headers: dict[str, str], body: list[bytes] | bytes) -> None:
        length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {"Connection": "close"}
        self.send_response(status)
        for name, value in {**length, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for piece in [body] if isinstance(body, bytes) else body:
                if piece == b"CUT":
                    break
                self.wait() if piece == b"WAIT" else self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            self.server.broken.set()
        self.close_connection = self.close_connection or not isinstance(body, bytes)

    def wait(self) -> None:
        for _ in range(1000):
            self.wfile.write(b": ping\n\n")
            self.wfile.flush()
            time.sleep(0.02)


@pytest.fixture
def canned() -> Iterator[CannedServer]:
    made = CannedServer()
    yield made
    made.close()
