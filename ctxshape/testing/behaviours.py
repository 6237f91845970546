"""Named misbehaviour of model servers, for every backend over HTTP: `hostile_server(BEHAVIOURS["endless line"])`.

Behaviours of the wire suit any request. Those of answers are event streams of chat completions.
"""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping

from ctxshape.testing.hostile import (
    GOOD_ANSWER,
    RESET,
    Behaviour,
    Request,
    Step,
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


def sends(*steps: Step) -> Behaviour:
    """Returns the behaviour that sends the steps, whatever is asked."""
    return lambda request: iter(steps)


def streams(*events: bytes) -> Behaviour:
    """Returns the behaviour that answers with an event stream."""
    return sends(stream_head() + b"".join(events))


def forever(start: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """Returns the behaviour that sends `start`, and then `piece` without end."""

    def behave(request: Request) -> Iterator[Step]:
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


def _drips(request: Request) -> Iterator[Step]:
    for step in well_behaved(request):
        for place in range(len(step) if isinstance(step, bytes) else 0):
            yield step[place : place + 1]  # type: ignore[index]
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
    "no content": sends(b"HTTP/1.1 204 No Content\r\n\r\n"),
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


def _choice(**fields: object) -> bytes:
    return sse({"choices": [fields]})


_END = event(finish="stop")
_USAGE = {"prompt_tokens": 3, "completion_tokens": 2}

# Streams of answers that break the form.
BROKEN_ANSWERS: Mapping[str, Behaviour] = {
    "endless line": forever(stream_head() + b'data: {"choices": "', BLOCK),
    "endless comments": forever(stream_head(), b": ping\n\n" * 5000),
    "slow comments": forever(stream_head(), b": ping\n\n", DROP),
    "endless empty deltas": forever(stream_head(), event() * 500),
    "slow empty deltas": forever(stream_head(), event(), DROP),
    "endless blank lines": forever(stream_head(), b"\r\n" * 30_000),
    "endless event of lines": forever(stream_head(), b"data: 1\n" * 5000),
    "resets in the middle": sends(stream_head() + event("In"), 0.02, RESET),
    "closes in the middle": streams(event("In")),
    "hangs in the middle": sends(stream_head() + event("In"), 60.0),
    "done too early": streams(event("In"), b"data: [DONE]\n\n", event(" Paris."), _END),
    "only comments": streams(b": nothing\n\n" * 9),
    "no blank line at the end": streams(event("In"), b'data: {"choices": []}'),
    "JSON cut off": streams(event("In"), b'data: {"choices": [{"del\n\n'),
    "JSON without its field": streams(b'{"choices": [{"delta": {"content": "In"}, "finish_reason": "stop"}]}\n\n'),
    "list for the event": streams(b"data: [1]\n\n"),
    "number for the event": streams(b"data: 3\n\n"),
    "null for the event": streams(b"data: null\n\n"),
    "event nested deeply": streams(b"data: " + b"[" * 100_000 + b"\n\n"),
    "no UTF-8": streams(b"data: \xff\n\n"),
    "object for the choices": streams(sse({"choices": {"0": 1}})),
    "text for a choice": streams(sse({"choices": ["In"]})),
    "text for the delta": streams(_choice(delta="In")),
    "list for the content": streams(_choice(delta={"content": ["In"]})),
    "number for the content": streams(_choice(delta={"content": 7})),
    "true for the content": streams(_choice(delta={"content": True})),
    "number for the reason": streams(_choice(delta={"content": "In"}, finish_reason=1)),
    "text for the index": streams(_choice(index="0", delta={"content": "In"})),
    "negative index": streams(_choice(index=-1, delta={"content": "In"}, finish_reason="stop")),
    "another index": streams(_choice(index=7, delta={"content": "In"}, finish_reason="stop")),
    "text for the log-probabilities": streams(_choice(delta={"content": "In"}, logprobs="x")),
    "log-probability NaN": streams(b'data: {"choices": [{"logprobs": {"content": [{"token": "a", "logprob": NaN}]}}]}\n\n'),
    "log-probability true": streams(_choice(logprobs={"content": [{"token": "a", "logprob": True}]})),
    "number for a token": streams(_choice(logprobs={"tokens": [3], "token_logprobs": [-1.0]})),
    "negative usage": streams(sse({"choices": [], "usage": {"prompt_tokens": -5}})),
    "huge usage": streams(sse({"choices": [], "usage": {"prompt_tokens": 10**400}})),
    "usage of infinity": streams(b'data: {"choices": [], "usage": {"prompt_tokens": Infinity}}\n\n'),
    "text for the usage": streams(sse({"choices": [], "usage": "3"})),
    "timings without numbers": streams(sse({"choices": [], "timings": {"prompt_n": 3, "prompt_ms": "x", "predicted_ms": 1}})),
    "call of a tool": streams(_choice(delta={"content": None, "tool_calls": [{"id": "1"}]}, finish_reason="tool_calls")),
    "error in the stream": streams(event("In"), sse({"error": {"message": "slot lost", "code": 500}})),
    "error of an event": streams(event("In"), b'event: error\ndata: {"message": "slot lost"}\n\n'),
    "error of vLLM": streams(sse({"object": "error", "message": "slot lost"})),
    "error behind 200": sends(response(b'{"error": "slot lost"}')),
    "wrong content type": sends(response(b"".join(GOOD_ANSWER), kind="text/plain")),
}

# Streams that are odd, and say "In Paris." nevertheless.
ODD_ANSWERS: Mapping[str, Behaviour] = {
    "no blank behind the colon": streams(*(piece.replace(b"data: ", b"data:") for piece in GOOD_ANSWER)),
    "lines end with CR": streams(*(piece.replace(b"\n", b"\r") for piece in GOOD_ANSWER)),
    "lines end with CR LF": streams(*(piece.replace(b"\n", b"\r\n") for piece in GOOD_ANSWER)),
    "byte by byte": lambda request: iter([stream_head(), *(bytes([byte]) for byte in b"".join(GOOD_ANSWER))]),
    "data of several lines": streams(*(piece.replace(b'{"index"', b'\ndata: {"index"') for piece in GOOD_ANSWER)),
    "byte order mark": streams(b"\xef\xbb\xbf", *GOOD_ANSWER),
    "comments and other fields": streams(b": hi\nid: 7\nretry: 1\nevent: message\n", *GOOD_ANSWER),
    "capitals in the content type": sends(stream_head().replace(b"text/event-stream", b"TEXT/Event-Stream; x"), *GOOD_ANSWER),
    "no [DONE]": streams(*GOOD_ANSWER[:-1]),
    "resets behind the end": sends(stream_head() + b"".join(GOOD_ANSWER[:-1]), 0.02, RESET),
    "garbage behind the end": streams(*GOOD_ANSWER[:-1], b"data: {{{\n\n"),
    "usage wrong behind the end": streams(*GOOD_ANSWER[:-1], sse({"choices": [], "usage": {"prompt_tokens": "many"}})),
    "unknown reason": streams(event("In Paris."), event(finish="because")),
    "duplicate keys": streams(b'data: {"choices": 3, "choices": [{"delta": {"content": "In Paris."}}]}\n\n', _END),
    "several choices": streams(
        sse({"choices": [{"index": 1, "delta": {"content": "On"}}, {"index": 0, "delta": {"content": "In Paris."}}]}), _END
    ),
    "no index": streams(_choice(delta={"content": "In Paris."}), _END),
    "role and nulls first": streams(_choice(delta={"role": "assistant", "content": None}, logprobs=None), *GOOD_ANSWER),
    "refusal": streams(_choice(delta={"content": None, "refusal": "In Paris."}), _END),
    "more log-probabilities than tokens": streams(
        _choice(delta={"content": "In Paris."}, logprobs={"content": [{"token": "", "logprob": 5}] * 500}), _END
    ),
    "whole answer as JSON": sends(
        response(
            json.dumps({"choices": [{"message": {"content": "In Paris."}, "finish_reason": "stop"}], "usage": _USAGE}).encode()
        )
    ),
}

# Streams that say "a" again and again, more often than max_tokens allows.
TOO_LONG: Mapping[str, Behaviour] = {
    "endless answer": forever(stream_head(), event("a" * 50)),
    "endless answer in one event": streams(event("a" * 100_000), _END),
    "too many tokens": streams(
        *[_choice(delta={"content": "a"}, logprobs={"content": [{"token": "a", "logprob": -1}]})] * 300, _END
    ),
}


def _vectors(*rows: object, indices: list[object] | None = None) -> Behaviour:
    entries = [{"index": index, "embedding": row} for index, row in zip(indices or range(len(rows)), rows, strict=True)]
    return sends(response(json.dumps({"data": entries}).encode()))


# Replies with embeddings, where two are asked for.
BROKEN_VECTORS: Mapping[str, Behaviour] = {
    "too few": _vectors([1.0]),
    "too many": _vectors([1.0], [1.0], [1.0]),
    "no data": sends(response(b"{}")),
    "object for the data": sends(response(b'{"data": {"0": 1}}')),
    "list for the reply": sends(response(b"[[1.0], [1.0]]")),
    "numbers for the entries": sends(response(b'{"data": [1, 2]}')),
    "different widths": _vectors([1.0, 2.0], [1.0]),
    "empty vectors": _vectors([], []),
    "text for a vector": _vectors("AAAA", "AAAA"),
    "text in a vector": _vectors(["1"], ["2"]),
    "true in a vector": _vectors([True], [1.0]),
    "null in a vector": _vectors([None], [1.0]),
    "NaN": _vectors([float("nan")], [1.0]),
    "infinity": _vectors([float("inf")], [1.0]),
    "too large": _vectors([1e300], [1.0]),
    "number of 400 digits": _vectors([10**400], [1.0]),
    "nested": _vectors([[1.0]], [[1.0]]),
    "index twice": _vectors([1.0], [2.0], indices=[0, 0]),
    "index missing": _vectors([1.0], [2.0], indices=[1, None]),
    "index of text": _vectors([1.0], [2.0], indices=["0", "1"]),
    "negative index": _vectors([1.0], [2.0], indices=[-1, 0]),
    "several megabytes": forever(JSON_HEAD + b'\r\n{"data": [', b"1.0, " * 10_000),
}

BEHAVIOURS: Mapping[str, Behaviour] = {**WIRE, **HARMLESS, **ECHOES, **BROKEN_ANSWERS, **ODD_ANSWERS, **TOO_LONG}
