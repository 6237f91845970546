"""A model server that misbehaves as told, down to the bytes on the wire, and seeded random misbehaviour.

A behaviour is a function from a request to steps: bytes to send, seconds to wait, or RESET. The connection is closed
behind the last step.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, Literal, NamedTuple

RESET: Final = "reset"
Step = bytes | float | Literal["reset"]


class Request(NamedTuple):
    """A request as it arrived: the path, the head with all headers, and the body."""

    path: str
    head: str
    body: bytes

    @property
    def key(self) -> str:
        """The API key that came with the request."""
        names = (line.partition(": ") for line in self.head.splitlines())
        return next((value.removeprefix("Bearer ") for name, _, value in names if name.lower() == "authorization"), "")


Behaviour = Callable[[Request], Iterator[Step]]


def response(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    """Returns a whole HTTP response.

    >>> response(b"{}", "X-A: b").split(b"\\r\\n")
    [b'HTTP/1.1 200 OK', b'Content-Type: application/json', b'Content-Length: 2', b'X-A: b', b'', b'{}']
    """
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def stream_head(*headers: str) -> bytes:
    """Returns the head of an event stream that ends with its connection."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def event(text: object = "", finish: object = None, **more: object) -> bytes:
    """Returns an event of a chat completion.

    >>> event("Hi")
    b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": null}]}\\n\\n'
    """
    return sse({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **more})


def sse(value: object) -> bytes:
    """Returns an event of any JSON."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


GOOD_ANSWER = [event("In"), event(" Paris."), event(finish="stop"), b"data: [DONE]\n\n"]


def well_behaved(request: Request) -> Iterator[Step]:
    """Serves one model, `m`: the answer is "In Paris.", and a text's vector is [3, 4]. There is no tokenizer."""
    if request.path == "/v1/models":
        yield response(b'{"data": [{"id": "m"}]}')
    elif request.path == "/v1/embeddings":
        count = len(json.loads(request.body)["input"])
        rows = [{"index": place, "embedding": [3.0, 4.0]} for place in range(count)]
        yield response(json.dumps({"data": rows}).encode())
    elif request.path.endswith("/completions"):
        yield stream_head() + b"".join(GOOD_ANSWER)
    else:
        yield response(b'{"detail": "Not Found"}', status="404 Not Found")


def at(paths: Sequence[str], behaviour: Behaviour, otherwise: Behaviour = well_behaved) -> Behaviour:
    """Returns the behaviour for requests whose path ends in one of `paths`, and another one for the rest."""
    return lambda request: (behaviour if request.path.endswith(tuple(paths)) else otherwise)(request)


@contextmanager
def hostile_server(behaviour: Behaviour) -> Iterator[str]:
    """Runs a server that behaves like this until the end of the block. Yields its URL.

    >>> from urllib.request import urlopen
    >>> with hostile_server(lambda request: iter([response(b"hello")])) as url, urlopen(url) as reply:
    ...     reply.read()
    b'hello'
    """
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        thread = threading.Thread(target=_accept, args=(listener, behaviour, stopping), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopping.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which closing alone does not
            thread.join()


def _accept(listener: socket.socket, behaviour: Behaviour, stopping: threading.Event) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, behaviour, stopping), daemon=True).start()


def _serve(connection: socket.socket, behaviour: Behaviour, stopping: threading.Event) -> None:
    with connection, suppress(OSError, ValueError):  # the other side may close at any time
        connection.settimeout(0.5)
        for step in behaviour(_received(connection)):
            if stopping.is_set():
                return
            if isinstance(step, bytes):
                _send(connection, step, stopping)
            elif isinstance(step, float):
                if stopping.wait(step):
                    return
            else:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)


def _received(connection: socket.socket) -> Request:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65_536)):
            raise ConnectionError("closed before a request")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    lengths = (line.partition(":")[2] for line in text.splitlines() if line.lower().startswith("content-length:"))
    length = int(next(lengths, "0"))
    while len(body) < length and (more := connection.recv(65_536)):
        body += more
    return Request(text.split()[1], text, body)


def _send(connection: socket.socket, data: bytes, stopping: threading.Event) -> None:
    """Sends all of the data, also to a side that reads slowly or not at all, until the server stops."""
    rest = memoryview(data)
    while rest and not stopping.is_set():
        with suppress(TimeoutError):
            rest = rest[connection.send(rest) :]


# Seeded random misbehaviour.

_ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 10**30, -(10**400), 1e308, float("nan"), float("inf"), "", "x", "\ud800", "\x1b[2J\u202e",
    "text " * 500, [], {}, [[]], [None], {"": None}, [1, "a", {}], {"error": "odd"}, {"content": {}}, ["x"] * 300,
]  # fmt: skip
_HEADERS = (
    "Content-Encoding: gzip", "Content-Length: 5", "Content-Length: -1", "Transfer-Encoding: chunked", "Retry-After: 1000000000",
    "Location: http://127.0.0.1:9/", "Set-Cookie: a=b", "Content-Type: text/html; charset=bz2_codec", "X: " + "y" * 3000, "bad header",
    "X-Should-Retry: true", "Connection: keep-alive",
)  # fmt: skip
_STATUSES = (
    "200 OK",
    "100 Continue",
    "101 Switching",
    "204 No Content",
    "302 Found",
    "400 Bad",
    "401 No",
    "429 Slow",
    "503 Busy",
    "999 ?",
)


def random_behaviour(seed: int) -> Behaviour:
    """Returns a server's random misbehaviour, always the same one for a seed.

    It damages good replies: JSON with a value replaced by an odd one, bytes that are lost, repeated or changed, another
    status, further headers, a silence, or a connection that is reset or closed in the middle.
    """

    def behave(request: Request) -> Iterator[Step]:
        rng = random.Random(f"{seed} {request.path}")
        data = b"".join(step for step in well_behaved(request) if isinstance(step, bytes))
        if rng.random() < (0.2 if request.path.endswith(("/completions", "/embeddings")) else 0.85):
            yield data
            return
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        body = _damaged(rng, body)
        if rng.random() < 0.2:
            lines[0] = b"HTTP/1.1 " + rng.choice(_STATUSES).encode()
        lines = [f"Content-Length: {len(body)}".encode() if line.startswith(b"Content-Length") else line for line in lines]
        if rng.random() < 0.2:
            lines.insert(rng.randint(1, len(lines)), rng.choice(_HEADERS).encode())
        yield from _cut(rng, b"\r\n".join([*lines, b"", b""]) + body)

    return behave


def _damaged(rng: random.Random, body: bytes) -> bytes:
    pieces = body.split(b"\n\n")
    for _ in range(rng.randint(1, 2)):
        place = rng.randrange(len(pieces))
        piece = pieces[place]
        prefix, found, content = piece.partition(b"data: ") if piece.startswith(b"data: ") else (b"", b"", piece)
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            value = None
        kind = rng.random()
        if value is not None and kind < 0.7:
            pieces[place] = prefix + found + json.dumps(_with_oddity(rng, value)).encode()
        elif piece:
            start = rng.randrange(len(piece))
            end = min(len(piece), start + rng.randint(0, 9))
            new = rng.choice((b"", piece[start:end] * 3, rng.randbytes(4), b"\r", b"\n\n", b"\xef\xbb\xbf", b"[" * 5000))
            pieces[place] = piece[:start] + new + piece[end:]
        if rng.random() < 0.2:
            pieces.insert(rng.randrange(len(pieces) + 1), rng.choice(pieces))
    return b"\n\n".join(pieces)


def _with_oddity(rng: random.Random, value: Any) -> Any:  # noqa: ANN401  JSON
    if rng.random() < 0.25 or not value or not isinstance(value, dict | list):
        return rng.choice(_ODD)
    if isinstance(value, list):
        place = rng.randrange(len(value))
        return [*value[:place], _with_oddity(rng, value[place]), *value[place + 1 :]]
    name = rng.choice([*value, "logprobs", "usage", "timings", "error"])
    return {**value, name: _with_oddity(rng, value.get(name))}


def _cut(rng: random.Random, data: bytes) -> Iterator[Step]:
    kind, end = rng.random(), rng.randrange(len(data))
    if kind < 0.6:
        yield data
    else:
        yield data[:end]
        if kind < 0.75:
            yield RESET
        elif kind < 0.85:
            yield 60.0
        elif kind < 0.92:
            yield from (piece for place in range(end, len(data)) for piece in (data[place : place + 1], 0.05))
