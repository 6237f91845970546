from __future__ import annotations

from math import inf

import pytest

from ctxshape.core.messages import Completion, Generation, Usage


@pytest.mark.parametrize(
    ("opening", "text", "begin"),
    [
        ("", "Paris", 0),
        ("", " \n Paris", 3),
        ("", "  ", 2),
        ("Answer:", "Paris", 0),
        ("Answer:", "Answer: Paris", 8),
        ("Answer:", "\nAns", 4),  # may still become the opening
        ("Answer:", "Answer:\n", 8),
        ("Answer:", "Answers are many", 0),
    ],
)
def test_an_answer_begins_behind_white_space_and_its_opening(opening: str, text: str, begin: int) -> None:
    assert Generation(opening=opening).begin(text) == begin


def test_the_mean_of_log_probabilities() -> None:
    assert Completion(text="a b", logprobs=(-1.0, -2.0)).mean_logprob == -1.5
    assert Completion(text="").mean_logprob == -inf


def test_usage_is_summed() -> None:
    one = Completion(text="a", logprobs=(-1.0, -1.0), prompt_tokens=10, computed_tokens=10.0, prefill_seconds=0.5)
    other = Completion(text="b", logprobs=(-1.0,), prompt_tokens=10, computed_tokens=2.5, decode_seconds=0.25)
    assert Usage.of([one, other]) == Usage(
        prompt_tokens=20, computed_tokens=12.5, completion_tokens=3, prefill_seconds=0.5, decode_seconds=0.25
    )
