"""What is decided about a server's answers without any server: pauses, addresses, events, stop strings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ctxshape.backends.openai._events import Decoder, Received
from ctxshape.backends.openai._retrying import backoff, retry_after
from ctxshape.backends.openai._sending import checked_url
from ctxshape.backends.openai.backend import OpenAICompatible
from ctxshape.core.messages import Completion, Generation
from ctxshape.errors import ConfigError, ModelError


def test_pauses_grow_to_a_bound_and_wait_as_asked() -> None:
    for seed in range(50):
        for attempt, whole in enumerate((0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0)):
            assert whole / 2 <= backoff(attempt, seed) <= whole
    assert backoff(3, 7) == backoff(3, 7) != backoff(3, 8)
    assert backoff(0, 0, asked=9.0) == 9.0
    assert backoff(8, 0, asked=1.0) >= 30.0


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)
    assert retry_after("Wed, 21 Oct 2026 07:28:30 GMT", now) == 30.0
    assert retry_after("Wed, 21 Oct 2026 07:27:30 -0000", now) == 0.0
    assert [retry_after(value, now) for value in ("0", "2.5", "-3", "inf", "nan", "", None, "later")] == [
        0.0, 2.5, 0.0, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "http://x:99999", "http://x/v1?a=b", None, 3])
def test_a_wrong_address_is_named(url: Any) -> None:  # noqa: ANN401
    with pytest.raises(ConfigError, match="base_url"):
        OpenAICompatible(url)


def test_addresses() -> None:
    assert checked_url("http://h:1/v1/") == "http://h:1/v1"
    assert checked_url("http://[::1]:8080") == "http://[::1]:8080/v1"
    with pytest.raises(ConfigError, match="would be shown") as raised:
        OpenAICompatible("http://me:hunter2@host/v1")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(("field", "value"), [("timeout", 0), ("retries", -1), ("concurrency", 0), ("n_ctx", 3)])
def test_a_wrong_field_is_named(field: str, value: int) -> None:
    with pytest.raises(ConfigError, match=f"field '{field}'"):
        OpenAICompatible(**{field: value})  # type: ignore[arg-type]


def test_events_from_any_cut_of_the_bytes() -> None:
    data = 'event: x\r\ndata: {"a": "\u2028é\\n"}\r\n\r\n: ping\ndata:{"b":\ndata: 2}\n\ndata: [DONE]\n\n'.encode()
    for size in range(1, len(data) + 1):
        decoder = Decoder("text/event-stream; charset=utf-8")
        found = [e for at in range(0, len(data), size) for e in decoder.feed(data[at : at + size])]
        found += decoder.end()
        assert found == [{"a": "\u2028é\n"}, {"b": 2}]


def test_events_of_one_body_and_of_no_body() -> None:
    decoder = Decoder("application/json")
    assert [*decoder.feed(b'{"a"'), *decoder.feed(b": 1}"), *decoder.end()] == [{"a": 1}]
    for body in (b"", b"<html>", b"[1]", b'{"a"'):
        decoder = Decoder("application/json", "http://x")
        assert list(decoder.feed(body)) == []
        with pytest.raises(ModelError, match="http://x sent what is no JSON object"):
            list(decoder.end())
    with pytest.raises(ModelError, match="failed while it answered: .*out of memory"):
        list(Decoder("text/event-stream").feed(b'data: {"error": {"message": "out of memory"}}\n\n'))


def received(texts: list[str], finish: str = "stop", *, one_line: bool = False, **options: Any) -> Completion:  # noqa: ANN401
    made = Received(Generation(**options), "http://x", one_line=one_line)
    for text in texts:
        logprobs = {"content": [{"token": text, "logprob": -float(len(text))}]}
        made.push({"choices": [{"delta": {"content": text}, "logprobs": logprobs}]})
        if made.over:
            break
    else:
        made.push({"choices": [{"delta": {}, "finish_reason": finish}]})
    made.end()
    return made.completion(9)


def test_stops_mean_what_they_mean_for_a_local_model() -> None:
    whole = received(["\n", "Answer:", "\n", "Pa", "ris"], stop=("\n",), opening="Answer:")
    assert (whole.text, whole.finish) == ("\nAnswer:\nParis", "end")  # a newline before the answer is no stop
    cut = received(["Paris", " Qu", "est", "ion: x"], stop=("Question",))
    assert (cut.text, cut.finish, cut.logprobs) == ("Paris ", "stop", (-5.0, -3.0))
    line = received(["Paris", "\n", "Lyon"], one_line=True)
    assert (line.text, line.finish, line.logprobs) == ("Paris", "end", (-5.0,))
    long = received(["a", "b"], "length", max_tokens=2)
    assert (long.text, long.finish, long.prompt_tokens, long.computed_tokens) == ("ab", "length", 9, 9.0)


def test_what_a_server_measured_is_taken() -> None:
    made = Received(Generation(), "http://x", one_line=False)
    made.push({"choices": [{"text": "a", "finish_reason": "stop"}], "usage": {"prompt_tokens": 30}})
    made.push({"choices": [], "timings": {"cache_n": 20, "prompt_n": 10, "prompt_ms": 1500.0, "predicted_ms": 250.0}})
    done = made.completion(0)
    assert (done.prompt_tokens, done.computed_tokens, done.prefill_seconds, done.decode_seconds) == (30, 10.0, 1.5, 0.25)
    made = Received(Generation(), "http://x", one_line=False)
    usage = {"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 12}}
    made.push({"choices": [{"message": {"content": "\ud800a"}, "finish_reason": "length"}], "usage": usage})
    assert (made.completion(0).text, made.completion(0).computed_tokens) == ("?a", 18.0)
    assert made.completion(0).finish == "length"


def test_an_answer_without_an_end_is_an_error() -> None:
    made = Received(Generation(), "http://x", one_line=False)
    made.push({"choices": [{"delta": {"content": "In"}}]})
    with pytest.raises(ModelError, match="after 2 characters without a finish reason; ask again .*--interrupt_requests false"):
        made.end()
