"""Named misbehaviour of model servers in their answers: event streams of chat completions, and embeddings."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ctxshape.testing.behaviours import BLOCK, DROP, JSON_HEAD, forever, sends, streams
from ctxshape.testing.hostile import GOOD_ANSWER, RESET, Behaviour, event, response, sse, stream_head


def _choice(**fields: object) -> bytes:
    return sse({"choices": [fields]})


_END = event(finish="stop")
_WHOLE = {"choices": [{"message": {"content": "In Paris."}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}

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
    "whole answer as JSON": sends(response(json.dumps(_WHOLE).encode())),
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
