"""Completions from events, without a server."""

from __future__ import annotations

from typing import Any

import pytest

from ctxshape.backends.openai._answer import IncomingAnswer
from ctxshape.core.messages import Completion, Generation
from ctxshape.errors import ModelError
from ctxshape.remote.decoding import Malformed


def incoming(*, one_line: bool = False, **options: Any) -> IncomingAnswer:  # noqa: ANN401
    return IncomingAnswer("http://x", Generation(**options), one_line=one_line)


def received(texts: list[str], finish: str = "stop", **options: Any) -> Completion:  # noqa: ANN401
    """The completion of a stream; each text is a token whose log-probability is minus its length."""
    made = incoming(**options)
    for text in texts:
        logprobs = {"content": [{"token": text, "logprob": -float(len(text))}]}
        made.push({"choices": [{"delta": {"content": text}, "logprobs": logprobs}]})
        if made.generated.ended:
            break
    else:
        made.push({"choices": [{"delta": {}, "finish_reason": finish}]})
    made.end()
    return made.completion(9)


def test_stops_mean_the_same_as_for_a_local_model() -> None:
    whole = received(["\n", "Answer:", "\n", "Pa", "ris"], stop=("\n",), opening="Answer:")
    assert (whole.text, whole.finish) == ("\nAnswer:\nParis", "end")  # a newline before the answer is no stop
    cut = received(["Paris", " Qu", "est", "ion: x"], stop=("Question",))
    assert (cut.text, cut.finish, cut.logprobs) == ("Paris ", "stop", (-5.0, -3.0))
    line = received(["Paris", "\n", "Lyon"], one_line=True)
    assert (line.text, line.finish, line.logprobs) == ("Paris", "end", (-5.0,))
    long = received(["a", "b"], "length", max_tokens=2)
    assert (long.text, long.finish, long.prompt_tokens, long.computed_tokens) == ("ab", "length", 9, 9.0)


def test_the_measurements_of_llama_server_are_taken() -> None:
    made = incoming()
    made.push({"choices": [{"text": "a", "finish_reason": "stop"}], "usage": {"prompt_tokens": 30}})
    made.push({"choices": [], "timings": {"cache_n": 20, "prompt_n": 10, "prompt_ms": 1500.0, "predicted_ms": 250.0}})
    done = made.completion(0)
    assert (done.prompt_tokens, done.computed_tokens, done.prefill_seconds, done.decode_seconds) == (30, 10.0, 1.5, 0.25)


def test_cached_tokens_are_not_computed() -> None:
    made = incoming()
    usage = {"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 12}}
    made.push({"choices": [{"message": {"content": "\ud800a"}, "finish_reason": "length"}], "usage": usage})
    done = made.completion(0)
    assert (done.text, done.computed_tokens, done.finish) == ("?a", 18.0, "length")  # a lone surrogate is no text


def test_log_probabilities_of_the_legacy_form() -> None:
    made = incoming()
    logprobs = {"tokens": ["a", "b"], "token_logprobs": [None, -0.5]}
    made.push({"choices": [{"text": "ab", "logprobs": logprobs, "finish_reason": "stop"}]})
    assert made.completion(0).logprobs == (-0.5,)


def test_an_answer_without_an_end_is_an_error() -> None:
    made = incoming()
    made.push({"choices": [{"delta": {"content": "In"}}]})
    with pytest.raises(ModelError, match="http://x .*after 2 characters.*--interrupt_requests false"):
        made.end()


@pytest.mark.parametrize(
    "event",
    [
        None,
        "text",
        [1],
        {"choices": 3},
        {"choices": ["text"]},
        {"choices": [{"delta": "text"}]},
        {"choices": [{"delta": {"content": ["text"]}}]},
        {"choices": [{"logprobs": {"content": [{"token": "a"}]}}]},
        {"choices": [{"logprobs": {"content": [{"token": "a", "logprob": "x"}]}}]},
        {"choices": [{"logprobs": {"tokens": [3], "token_logprobs": [-1.0]}}]},
        {"choices": [], "usage": "text"},
        {"choices": [], "usage": {"prompt_tokens": "many"}},
        {"choices": [], "timings": {"prompt_n": 3}},
        {"choices": [], "timings": {"prompt_n": 3, "prompt_ms": "x", "predicted_ms": 1.0}},
    ],
)
def test_a_malformed_event_is_an_error(event: object) -> None:
    with pytest.raises(Malformed):
        incoming().push(event)
