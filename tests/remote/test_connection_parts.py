"""The parts of a bounded connection, without a server."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from ctxshape.core.addresses import excerpt
from ctxshape.remote.bounds import Masking, close
from ctxshape.remote.decoding import EventParser, Malformed, count_of, logprob_of, parsed
from ctxshape.remote.failures import pause_before, words_in


def test_closing_goes_on_when_its_task_is_cancelled() -> None:
    class Stream:
        closed = False

        async def aclose(self) -> None:
            await asyncio.sleep(0.05)
            self.closed = True

    async def cancelled_while_closing() -> bool:
        stream = Stream()
        task = asyncio.create_task(close(stream))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return stream.closed

    assert asyncio.run(cancelled_while_closing())


def test_the_key_is_masked_in_log_records(caplog: pytest.LogCaptureFixture) -> None:
    key, logger = "9f86d081884c7d659a2f", logging.getLogger("httpcore")
    caplog.set_level(logging.DEBUG)
    masking = Masking(key)
    logger.addFilter(masking)
    try:
        logger.debug("headers %r", {"X-Key": key})
        try:
            raise ValueError(f"illegal header {key}")
        except ValueError:
            logger.debug("failed", exc_info=True)
    finally:
        logger.removeFilter(masking)
    assert key[:8] not in caplog.text and "***" in caplog.text and "ValueError: illegal header" in caplog.text


STREAM = b"\xef\xbb\xbfdata: 1\r\n\r\n: c\rdata:2\r\revent: error\ndata: 3\ndata: 4\n\nid: 9\n\ndata: 5"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_events_do_not_depend_on_the_pieces(size: int) -> None:
    parser = EventParser()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    found = [event for piece in pieces for event in parser.feed(piece)]
    assert found == [("", b"1"), ("", b"2"), ("error", b"3\n4")]


@pytest.mark.parametrize("value", [True, -1, float("nan"), float("inf"), 10**400, "3", [], {}])
def test_what_is_no_count(value: object) -> None:
    with pytest.raises(Malformed, match="'n'"):
        count_of(value, "n")


def test_log_probabilities_are_bounded() -> None:
    assert [logprob_of(value) for value in (0.5, -1, -(10**400))] == [0.0, -1.0, -9999.0]
    for value in (None, True, "x", float("nan")):
        with pytest.raises(Malformed):
            logprob_of(value)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 10**6, b"9" * 5000, b'"\x00"', '{"a": 1}'.encode("utf-16")])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        parsed(data)
    assert raised.value.__context__ is None  # which would hold the data


def refusal(status: int, words: str = "busy", **headers: str) -> Any:  # noqa: ANN401
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(status_code=status, body={"error": words}, response=SimpleNamespace(headers=named))


def test_pauses_before_another_try() -> None:
    assert [pause_before(attempt, OSError()) for attempt in (0, 1, 4, 9, 2000)] == [0.5, 1.0, 8.0, 8.0, 8.0]
    assert pause_before(0, refusal(503)) == 0.5 and pause_before(0, refusal(404)) is None
    assert pause_before(0, refusal(500, "exceeds the available context size")) is None
    assert pause_before(0, refusal(429, retry_after="7")) == 7.0 and pause_before(0, refusal(429, retry_after_ms="70")) == 0.07
    for vain in ("121", "1e9", "1e400", "Fri, 31 Dec 2999 23:59:59 GMT"):
        assert pause_before(0, refusal(429, retry_after=vain)) is None
    for ignored in ("-5", "nan", "soon", "", "Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 99999 23:59:59 GMT"):
        assert pause_before(0, refusal(429, retry_after=ignored)) == 0.5


def test_words_of_a_deeply_nested_error() -> None:
    nested: Any = "deep"
    for _ in range(5000):
        nested = [nested]
    assert excerpt(words_in({"error": nested}), "") == "…"
