"""Servers that misbehave: each call ends within its bounds, with a right answer or a BackendError, and shows no key."""

from __future__ import annotations

import asyncio
import logging
import pickle
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Prompt, Segment
from ctxshape.core.registry import config_of
from ctxshape.errors import BackendError, CtxshapeError, ModelError
from ctxshape.testing.answer_behaviours import BROKEN_ANSWERS, ODD_ANSWERS, TOO_LONG
from ctxshape.testing.behaviours import ECHOES, HARMLESS, WIRE
from ctxshape.testing.hostile import Behaviour, at, exposures, hostile_server
from ctxshape.testing.random_behaviour import random_behaviour

KEY = "sk-hostile-0123456789abcdef"
PROMPT = Prompt(lead=(), documents=(Segment(text="x"),), tail=())
GUARD = 60  # seconds after which a call counts as one that never ends

SILENT, NO_HTTP, HALF = "did not finish within|said nothing in time", "broke off, or sent no HTTP", "broke off in the middle"
LARGE, PACKED, NO_JSON, FORM = "sent more than 327,682 bytes", "compressed", "sent no JSON", "malformed reply"

# What each behaviour comes to: the words of the BackendError, and its status.
EXPECTED: dict[str, tuple[str, int | None]] = {
    "closes at once": (NO_HTTP, None),
    "resets at once": (NO_HTTP, None),
    "says nothing": (SILENT, None),
    "one byte now and then": (SILENT, None),
    "good reply, byte by byte": (SILENT, None),
    "resets within the head": (NO_HTTP, None),
    "resets behind the head": (HALF, 200),
    "hangs within the head": (SILENT, None),
    "hangs behind the head": (SILENT, 200),
    "garbage for HTTP": (NO_HTTP, None),
    "an old protocol": (NO_HTTP, None),
    "endless status line": (NO_HTTP, None),
    "endless headers": (NO_HTTP, None),
    "endless header, slowly": (SILENT, None),
    "flood of 100 Continue": (SILENT, None),
    "slow flood of 103": (SILENT, None),
    "switches protocols": (f"{NO_HTTP}|answered 101", None),
    "body of 500 MB": (LARGE, 200),
    "body without end": (LARGE, 200),
    "chunks without end": (LARGE, 200),
    "chunk size without end": (HALF, 200),
    "chunk that is no number": (HALF, 200),
    "trailers without end": (HALF, 200),
    "body shorter than said": (HALF, 200),
    "two lengths": (NO_HTTP, None),
    "negative length": (NO_HTTP, None),
    "unknown transfer encoding": (NO_HTTP, None),
    "gzip bomb": (PACKED, 200),
    "deflate bomb": (PACKED, 200),
    "brotli": (PACKED, 200),
    "zstd": (PACKED, 200),
    "gzip bomb as an error": ("answered 500;", 500),
    "bomb by charset": ("answered 400", 400),
    "error without end": ("answered 400: xxx", 400),
    "redirects to itself": ("answered 302.*base_url", 302),
    "redirects to another host": ("answered 307.*key is not sent", 307),
    "redirects to a file": ("answered 301", 301),
    "wait of 10^9 s": ("answered 429: busy .*1000000000", 429),
    "wait till 2999": ("answered 503: busy .*2999", 503),
    "wait of garbage": (r"answered 429: busy .*\\x1b\[2Jsoon", 429),
    "asks for tries": ("answered 401: busy", 401),
    "error as a page": (r"answered 502: <html><h1>502 \\x1b", 502),
    "error nested deeply": ("answered 400", 400),
    "error of another form": ("answered 400.*'message': 3", 400),
    "status 999": ("answered 999: busy", 999),
    "page for people": (f"{NO_JSON}.*nginx", 200),
    "empty body": (NO_JSON, 200),
    "no content": (NO_JSON, 204),
    "JSON nested deeply": (f"{NO_JSON}.*Recursion", 200),
    "JSON in UTF-16": (NO_JSON, 200),
    "number of 5,000 digits": (NO_JSON, 200),
    "bytes that are no UTF-8": (f"{NO_JSON}.*Unicode", 200),
    # The key comes back.
    "key in an error": (r"answered 401: no \*\*\*!", 401),
    "key in plain text": (r"answered 403: no \*\*\*!", 403),
    "key across the end of an excerpt": (r"answered 400: \.+\*\*\*", 400),
    "key cut short": (r"answered 401: no \*\*\*…", 401),
    "key in capitals": (r"answered 401: \*\*\*", 401),
    "key in the phrase": ("answered 401", 401),
    "key in a header": (r"answered 429 .*\*\*\*", 429),
    "key in a bad header": (r"illegal header.*\*\*\*", None),
    "key for HTTP": (r"illegal status line.*\*\*\*", None),
    "key in a redirect": ("answered 302", 302),
    "key in a page": (rf"{NO_JSON}.*Bearer \*\*\*", 200),
    "key for JSON": (rf"{FORM}.*\*\*\*", 200),
    "key in a wrong field": (rf"{FORM}.*'choices': '\*\*\*'", 200),
    "key as a name": ("after 0 characters without a finish reason", 200),
    "key in a stream's error": (r"failed while it answered: no \*\*\*", 200),
    "key in an error event": (r"failed while it answered: \*\*\*", 200),
    "key in a stream": (rf"{NO_JSON}.*\*\*\*", 200),
    "key as a finish reason": (rf"{FORM}.*finish_reason.*\*\*\*", 200),
    # Streams that break the form.
    "endless line": (LARGE, 200),
    "endless comments": (LARGE, 200),
    "slow comments": (SILENT, 200),
    "endless empty deltas": (LARGE, 200),
    "slow empty deltas": (SILENT, 200),
    "endless blank lines": (LARGE, 200),
    "endless event of lines": (LARGE, 200),
    "resets in the middle": (HALF, 200),
    "closes in the middle": ("after 2 characters without a finish reason", 200),
    "hangs in the middle": (SILENT, 200),
    "done too early": ("after 2 characters without a finish reason", 200),
    "only comments": ("after 0 characters without a finish reason", 200),
    "no blank line at the end": ("after 2 characters without a finish reason", 200),
    "JSON cut off": (NO_JSON, 200),
    "JSON without its field": ("after 0 characters without a finish reason", 200),
    "list for the event": (FORM, 200),
    "number for the event": (FORM, 200),
    "null for the event": (FORM, 200),
    "event nested deeply": (NO_JSON, 200),
    "no UTF-8": (NO_JSON, 200),
    "object for the choices": (f"{FORM}.*'choices'", 200),
    "text for a choice": (f"{FORM}.*'choice'", 200),
    "text for the delta": (f"{FORM}.*'delta'", 200),
    "list for the content": (f"{FORM}.*'content'", 200),
    "number for the content": (f"{FORM}.*'content'", 200),
    "true for the content": (f"{FORM}.*'content'", 200),
    "number for the reason": (f"{FORM}.*'finish_reason'", 200),
    "text for the index": (f"{FORM}.*'index'", 200),
    "negative index": (f"{FORM}.*'index'", 200),
    "another index": ("after 0 characters without a finish reason", 200),
    "text for the log-probabilities": (f"{FORM}.*'logprobs'", 200),
    "log-probability NaN": (f"{FORM}.*'logprob'", 200),
    "log-probability true": (f"{FORM}.*'logprob'", 200),
    "number for a token": (f"{FORM}.*'token'", 200),
    "negative usage": (f"{FORM}.*'prompt_tokens'", 200),
    "huge usage": (f"{FORM}.*'prompt_tokens'", 200),
    "usage of infinity": (f"{FORM}.*'prompt_tokens'", 200),
    "text for the usage": (f"{FORM}.*'usage'", 200),
    "timings without numbers": (f"{FORM}.*'prompt_ms'", 200),
    "call of a tool": ("call of a tool", 200),
    "error in the stream": ("slot lost", 200),
    "error of an event": ("slot lost", 200),
    "error of vLLM": ("slot lost", 200),
    "error behind 200": ("slot lost", 200),
    "wrong content type": (NO_JSON, 200),
}


def backend_at(url: str, seconds: float = 20.0, retries: int = 0) -> OpenAICompatible:
    return OpenAICompatible(url, api_key=KEY, timeout=seconds / 2, total_timeout=seconds, retries=retries)


def seconds_for(name: str) -> float:
    """Returns the bound for a behaviour: a short one if only the bound can end it."""
    return 1.0 if EXPECTED[name][0] == SILENT else 20.0


def ended(call: Callable[[], object]) -> object:
    try:
        return call()
    except CtxshapeError as error:
        return error


def outcomes(behaviour: Behaviour, seconds: float = 20.0, retries: int = 0) -> list[object]:
    """The results of `generate`, `stream` and `agenerate`, or the errors that they raise."""
    with (
        hostile_server(at(["/completions"], behaviour)) as url,
        backend_at(url, seconds, retries) as backend,
        ThreadPoolExecutor(3) as pool,
    ):
        calls = [
            lambda: backend.generate([PROMPT])[0].text,
            lambda: "".join(backend.stream(PROMPT)),
            lambda: asyncio.run(backend.agenerate([PROMPT]))[0].text,
        ]
        running = [pool.submit(ended, call) for call in calls]
        found = [call.result(GUARD) for call in running]
        shown = f"{backend!r} {backend.parameters()} {config_of(backend, 'backends')} {pickle.dumps(backend)!r}"
    assert KEY not in shown
    return found


def assert_unexposed(errors: Iterable[object], caplog: pytest.LogCaptureFixture) -> None:
    assert [place for error in errors if isinstance(error, Exception) for place in exposures(KEY[:12], error)] == []
    assert KEY[:12] not in caplog.text.lower()


@pytest.mark.parametrize("name", [*WIRE, *ECHOES, *BROKEN_ANSWERS])
def test_misbehaviour_becomes_an_error(name: str, caplog: pytest.LogCaptureFixture) -> None:
    behaviour, (words, status) = {**WIRE, **ECHOES, **BROKEN_ANSWERS}[name], EXPECTED[name]
    caplog.set_level(logging.DEBUG)
    errors = outcomes(behaviour, seconds_for(name))
    for error in errors:
        assert isinstance(error, BackendError) and re.search(words, str(error))
        assert error.status == status or (error.status is None and words == SILENT)  # a busy machine is late
        assert len(str(error)) < 1000 and pickle.loads(pickle.dumps(error)).status == error.status
    assert_unexposed(errors, caplog)


@pytest.mark.parametrize("name", [*HARMLESS, *ODD_ANSWERS])
def test_odd_answers_are_understood(name: str) -> None:
    assert outcomes({**HARMLESS, **ODD_ANSWERS}[name]) == ["In Paris."] * 3


@pytest.mark.parametrize("name", TOO_LONG)
def test_an_answer_is_cut_at_max_tokens(name: str) -> None:
    for text in outcomes(TOO_LONG[name]):
        assert isinstance(text, str) and set(text) == {"a"}
        assert len(text) <= (67 if name == "too many tokens" else 128 + 32 * 64)
    with hostile_server(at(["/completions"], TOO_LONG[name])) as url, backend_at(url) as backend:
        answer = backend.generate([PROMPT])[0]
        assert answer.finish == "length" and len(answer.logprobs) <= 64


@pytest.mark.parametrize("name", [*WIRE, *ECHOES])
def test_the_first_use_of_a_misbehaving_server_ends(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with hostile_server({**WIRE, **ECHOES}[name]) as url, backend_at(url, seconds_for(name)) as backend:
        found = ended(backend.counter_name)
    status = EXPECTED[name][1]
    has_no_paths = status in (200, 204, 400, 401, 403) and not re.match("broke|said|did|sent more|compr", EXPECTED[name][0])
    if has_no_paths and name != "key in a wrong field":
        assert isinstance(found, str)  # as of a server that has no such paths: other tokenizers count
    else:
        assert isinstance(found, ModelError)
    assert_unexposed([found], caplog)


@pytest.mark.parametrize("name", ["closes at once", "error as a page", "wait of garbage", "says nothing", "key in a header"])
def test_tries_end_with_the_time_of_the_whole(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors = outcomes({**WIRE, **ECHOES}[name], 1.0, retries=20)
    assert all(isinstance(error, BackendError) and re.search(EXPECTED[name][0], str(error)) for error in errors)
    assert_unexposed(errors, caplog)


@pytest.mark.parametrize("block", range(4))
def test_random_misbehaviour_ends_well(block: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def outcome(seed: int) -> object:
        with hostile_server(random_behaviour(seed)) as url, backend_at(url, 0.5) as backend:
            return ended(lambda: backend.generate([PROMPT])[0].text)

    with ThreadPoolExecutor(8) as pool:
        found = [call.result(GUARD) for call in [pool.submit(outcome, seed) for seed in range(block * 50, block * 50 + 50)]]
    assert all(isinstance(one, str | CtxshapeError) for one in found)
    assert_unexposed(found, caplog)
