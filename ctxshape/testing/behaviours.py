"""Named misbehaviour of servers, for any request over HTTP: `hostile_server(WIRE["endless headers"])`."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping

from ctxshape.testing.hostile import (
    RESET,
    Behaviour,
    HttpRequest,
    WireStep,
    event,
    response,
    sse,
    stream_head,
    well_behaved,
)

DROP, BLOCK = 0.05, b"x" * 65_536  # seconds between the drops of a slow server; a piece of a large body
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"\0" * 8_000_000)


def sends(*steps: WireStep) -> Behaviour:
    """Returns the behaviour that sends the steps, whatever is asked."""
    return lambda request: iter(steps)


def streams(*events: bytes) -> Behaviour:
    """Returns the behaviour that answers with an event stream."""
    return sends(stream_head() + b"".join(events))


def forever(start: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """Returns the behaviour that sends `start`, and then `piece` without end."""

    def behave(request: HttpRequest) -> Iterator[WireStep]:
        yield start
        for _ in itertools.count():
            yield piece
            if pause:
                yield pause

    return behave


def echoes(reply: Callable[[str], bytes]) -> Behaviour:
    """Returns the behaviour that repeats the API key of the request in its reply."""
    return lambda request: iter([reply(request.key)])


def _well_but(head: bytes) -> Behaviour:
    """Returns the behaviour that sends a good reply behind `head`."""
    return lambda request: iter([head, *well_behaved(request)])


def _drips(request: HttpRequest) -> Iterator[WireStep]:
    for byte in b"".join(step for step in well_behaved(request) if isinstance(step, bytes)):
        yield bytes([byte])
        yield DROP


def _error(status: str, *headers: str, body: bytes = b'{"error": {"message": "busy"}}') -> Behaviour:
    return sends(response(body, *headers, status=status))


# Behaviours of the wire: no reply can come of these.
WIRE: Mapping[str, Behaviour] = {
    "closes at once": sends(),
    "resets at once": sends(RESET),
    "says nothing": sends(60.0),
    "one byte now and then": forever(b"", b"H", DROP),
    "good reply, byte by byte": _drips,
    "resets within the head": sends(b"HTTP/1.1 200 OK\r\nContent-", 0.02, RESET),
    "resets behind the head": sends(JSON_HEAD + b"Content-Length: 90\r\n\r\n", 0.02, RESET),
    "hangs within the head": sends(b"HTTP/1.1 200 OK\r\nContent-Type", 60.0),
    "hangs behind the head": sends(JSON_HEAD + b"Content-Length: 90\r\n\r\n", 60.0),
    "garbage for HTTP": sends(b"\x16\x03\x01 SSH-2.0 hello\r\n\r\n"),
    "an old protocol": sends(b"ICY 200 OK\r\n\r\n"),
    "endless status line": forever(b"HTTP/1.1 200 ", BLOCK),
    "endless headers": forever(b"HTTP/1.1 200 OK\r\n", b"X-A: bbbbbbbbbbbbbbbb\r\n" * 1000),
    "endless header, slowly": forever(b"HTTP/1.1 200 OK\r\nX-A: ", b"b", DROP),
    "flood of 100 Continue": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "slow flood of 103": forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", DROP),
    "switches protocols": sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "body of 500 MB": forever(JSON_HEAD + b"Content-Length: 500000000\r\n\r\n", BLOCK),
    "body without end": forever(JSON_HEAD + b"\r\n", BLOCK),
    "chunks without end": forever(CHUNKED, b"10000\r\n" + BLOCK + b"\r\n"),
    "chunk size without end": forever(CHUNKED, b"0" * 1000),
    "chunk that is no number": sends(CHUNKED + b"zz\r\n{}\r\n"),
    "trailers without end": forever(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-A: bbbbbbbbbbbbbbbb\r\n" * 1000),
    "body shorter than said": sends(JSON_HEAD + b'Content-Length: 500\r\n\r\n{"data"'),
    "two lengths": sends(JSON_HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "negative length": sends(JSON_HEAD + b"Content-Length: -2\r\n\r\n{}"),
    "unknown transfer encoding": sends(JSON_HEAD + b"Transfer-Encoding: brotli\r\n\r\n{}"),
    "gzip bomb": sends(response(BOMB, "Content-Encoding: gzip")),
    "deflate bomb": sends(response(zlib.compress(b"\0" * 8_000_000), "Content-Encoding: deflate")),
    "brotli": sends(response(b"\x8b\x00\x80{}\x03", "Content-Encoding: br")),
    "zstd": sends(response(b"\x28\xb5\x2f\xfd\x04\x00", "Content-Encoding: zstd")),
    "gzip bomb as an error": sends(response(BOMB, "Content-Encoding: gzip", status="500 Oops")),
    "bomb by charset": sends(response(BOMB, status="400 No", kind="text/plain; charset=zlib_codec")),
    "error without end": forever(b"HTTP/1.1 400 Bad\r\n\r\n", BLOCK),
    "redirects to itself": lambda request: iter([response(b"", f"Location: {request.path}", status="302 Found")]),
    "redirects to another host": _error("307 Temporary Redirect", "Location: http://127.0.0.1:9/v1", body=b""),
    "redirects to a file": _error("301 Moved", "Location: file:///etc/passwd", body=b""),
    "wait of 10^9 s": _error("429 Too Many Requests", "Retry-After: 1000000000"),
    "wait till 2999": _error("503 Busy", "Retry-After: Fri, 31 Dec 2999 23:59:59 GMT"),
    "wait of garbage": _error("429 Too Many Requests", "Retry-After: \x1b[2Jsoon, nan, -1"),
    "asks for tries": _error("401 Unauthorized", "x-should-retry: true", "retry-after-ms: 1"),
    "error as a page": _error("502 Bad Gateway", body=b"<html><h1>502 \x1b[31m</h1>" + b"<p>" * 9999),
    "error nested deeply": _error("400 Bad", body=b'{"error":' * 50_000),
    "error of another form": _error("400 Bad", body=b'{"error": [{"message": 3}, null]}'),
    "status 999": _error("999 ???"),
    "page for people": sends(response(b"<html>Welcome to nginx!</html>", kind="text/html")),
    "empty body": sends(response(b"")),
    "no content": sends(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "JSON nested deeply": sends(response(b"[" * 300_000)),
    "JSON in UTF-16": sends(response('{"data": []}'.encode("utf-16"))),
    "number of 5,000 digits": sends(response(b'{"data": ' + b"9" * 5000 + b"}")),
    "bytes that are no UTF-8": sends(response(b'{"data": "\xff\xfe"}')),
}

# A good reply comes of these.
HARMLESS: Mapping[str, Behaviour] = {
    "some 100 Continue": _well_but(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "bytes behind the reply": lambda request: iter([*well_behaved(request), b"HTTP/1.1 200 OK\r\n\r\nmore" * 9]),
}

# The key comes back, at every place.
ECHOES: Mapping[str, Behaviour] = {
    "key in an error": echoes(lambda key: response(json.dumps({"error": {"message": f"no {key}!"}}).encode(), status="401 No")),
    "key in plain text": echoes(lambda key: response(f"no {key}!".encode(), status="403 No", kind="text/plain")),
    "key across the end of an excerpt": echoes(lambda key: response(b"." * 290 + key.encode(), status="400 No")),
    "key cut short": echoes(lambda key: response(f"no {key[:-3]}…".encode(), status="401 No")),
    "key in capitals": echoes(lambda key: response(key.upper().encode(), status="401 No")),
    "key in the phrase": echoes(lambda key: response(b"{}", status=f"401 No {key}")),
    "key in a header": echoes(lambda key: response(b"{}", f"X-Key: {key}", f"Retry-After: {key}", status="429 No")),
    "key in a bad header": echoes(lambda key: f"HTTP/1.1 200 OK\r\n{key} : {key}\r\n{key}\r\n\r\n".encode()),
    "key for HTTP": echoes(lambda key: f"{key}\r\n\r\n".encode()),
    "key in a redirect": echoes(lambda key: response(b"", f"Location: http://127.0.0.1:9/?key={key}", status="302 Found")),
    "key in a page": echoes(lambda key: response(f"<html>Bearer {key}".encode(), kind="text/html")),
    "key for JSON": echoes(lambda key: response(json.dumps(key).encode())),
    "key in a wrong field": echoes(lambda key: response(json.dumps({"choices": key, "data": [{"id": key}] * 2}).encode())),
    "key as a name": echoes(lambda key: response(json.dumps({key: {key: [key]}, "data": key}).encode())),
    "key in a stream's error": echoes(lambda key: stream_head() + event("In") + sse({"error": {"message": f"no {key}"}})),
    "key in an error event": echoes(lambda key: stream_head() + f"event: error\ndata: {json.dumps(key)}\n\n".encode()),
    "key in a stream": echoes(lambda key: stream_head() + f"data: {key}\n\n".encode()),
    "key as a finish reason": echoes(lambda key: stream_head() + sse({"choices": [{"delta": {}, "finish_reason": [key]}]})),
}
