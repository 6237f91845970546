"""A model server that misbehaves as told, down to the bytes on the wire.

A behaviour is a function from a request to steps: bytes to send, seconds to wait, or RESET. The connection is closed
behind the last step.
"""

from __future__ import annotations

import json
import pickle
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, Literal, NamedTuple

RESET: Final = "reset"
WireStep = bytes | float | Literal["reset"]


class HttpRequest(NamedTuple):
    """A request as it arrived: the path, the head with all headers, and the body."""

    path: str
    head: str
    body: bytes

    @property
    def key(self) -> str:
        """The API key that came with the request."""
        names = (line.partition(": ") for line in self.head.splitlines())
        return next((value.removeprefix("Bearer ") for name, _, value in names if name.lower() == "authorization"), "")


Behaviour = Callable[[HttpRequest], Iterator[WireStep]]


def response(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    r"""Returns a whole HTTP response.

    >>> response(b"{}", "X-A: b").split(b"\r\n")
    [b'HTTP/1.1 200 OK', b'Content-Type: application/json', b'Content-Length: 2', b'Connection: close', b'X-A: b', b'', b'{}']
    """
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def stream_head(*headers: str) -> bytes:
    """Returns the head of an event stream that ends with its connection."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def event(text: object = "", finish: object = None, **more: object) -> bytes:
    r"""Returns an event of a chat completion.

    >>> event("Hi")
    b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": null}]}\n\n'
    """
    return sse({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **more})


def sse(value: object) -> bytes:
    """Returns an event of any JSON."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


GOOD_ANSWER = [event("In"), event(" Paris."), event(finish="stop"), b"data: [DONE]\n\n"]


def well_behaved(request: HttpRequest) -> Iterator[WireStep]:
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


def exposures(secret: str, error: BaseException) -> list[str]:
    """Returns where an error shows a secret: in its text, repr, attributes or pickle, or in those of its causes.

    >>> exposures("k-1", ValueError("the key is k-1"))
    ['str of ValueError', 'repr of ValueError', 'pickle of ValueError']
    >>> exposures("k-1", ValueError("the key is ***"))
    []
    """
    found, todo, seen = list[str](), [error], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        shown = {
            "str": str(one),
            "repr": repr(one),
            "attributes": repr(vars(one)),
            "notes": repr(getattr(one, "__notes__", "")),
        }
        shown["pickle"] = pickle.dumps(one).decode("latin-1")
        found += [f"{place} of {type(one).__name__}" for place, text in shown.items() if secret.lower() in text.lower()]
        todo += [other for other in (one.__cause__, one.__context__) if other is not None]
    return found


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


def _received(connection: socket.socket) -> HttpRequest:
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
    return HttpRequest(text.split()[1], text, body)


def _send(connection: socket.socket, data: bytes, stopping: threading.Event) -> None:
    """Sends all of the data, also to a side that reads slowly or not at all, until the server stops."""
    rest = memoryview(data)
    while rest and not stopping.is_set():
        with suppress(TimeoutError):
            rest = rest[connection.send(rest) :]
