"""Seeded random misbehaviour of a model server: its good replies, damaged."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from ctxshape.testing.hostile import RESET, Behaviour, HttpRequest, WireStep, well_behaved

_ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 10**30, -(10**400), 1e308, float("nan"), float("inf")),
    *("", "x", "\ud800", "\x1b[2J\u202e", "text " * 500, [], {}, [[]], [None], ["x"] * 300, {"": None}, [1, "a", {}]),
    *({"error": "odd"}, {"content": {}}),
]
_HEADERS = (
    *("Content-Encoding: gzip", "Content-Length: 5", "Content-Length: -1", "Transfer-Encoding: chunked", "bad header"),
    *("Retry-After: 1000000000", "Location: http://127.0.0.1:9/", "Set-Cookie: a=b", "X: " + "y" * 3000),
    *("Content-Type: text/html; charset=bz2_codec", "X-Should-Retry: true", "Connection: keep-alive"),
)
_STATUSES = (
    *("200 OK", "100 Continue", "101 Switching", "204 No Content", "302 Found", "400 Bad", "401 No", "429 Slow"),
    *("503 Busy", "999 ?"),
)


def random_behaviour(seed: int) -> Behaviour:
    """Returns a server's random misbehaviour, always the same one for a seed.

    It damages good replies: JSON with a value replaced by an odd one, bytes that are lost, repeated or changed, another
    status, further headers, a silence, or a connection that is reset or closed in the middle.
    """

    def behave(request: HttpRequest) -> Iterator[WireStep]:
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


def _cut(rng: random.Random, data: bytes) -> Iterator[WireStep]:
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
