from __future__ import annotations

from math import log

import numpy as np
import pytest

from ctxshape.backends.llama._generation.logits import log_probabilities, next_token, nucleus
from ctxshape.core.messages import Generation
from ctxshape.errors import ModelError

# Probabilities 0.5, 0.25, 0.125, 0.125 at the ids 2, 0, 1, 3.
LOGITS = np.log(np.array([0.25, 0.125, 0.5, 0.125], np.float32)) + 7


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_greedy_takes_the_largest_with_its_logprob() -> None:
    token, logprob = next_token(LOGITS, Generation(), rng())
    assert token == 2
    assert logprob == pytest.approx(log(0.5), abs=1e-6)


def test_greedy_takes_the_lowest_id_of_equals() -> None:
    assert next_token(np.array([1, 3, 3], np.float32), Generation(), rng())[0] == 1


def test_large_logits_do_not_overflow() -> None:
    assert next_token(np.array([1000, 0], np.float32), Generation(), rng()) == (0, 0.0)


@pytest.mark.parametrize(
    ("top_k", "top_p", "tokens"),
    [
        (0, 1.0, [2, 0, 1, 3]),
        (2, 1.0, [2, 0]),
        (0, 0.5, [2]),
        (0, 0.6, [2, 0]),
        (0, 0.01, [2]),
        (3, 0.95, [2, 0, 1]),
        (9, 1.0, [2, 0, 1, 3]),
    ],
)
def test_nucleus(top_k: int, top_p: float, tokens: list[int]) -> None:
    kept, probabilities = nucleus(LOGITS, Generation(temperature=1.0, top_k=top_k, top_p=top_p))
    assert kept.tolist() == tokens
    assert probabilities.sum() == pytest.approx(1)


def test_temperature_sharpens_what_is_left() -> None:
    # 0.5 and 0.25 at temperature 0.5 are squared: 4 to 1.
    _, probabilities = nucleus(LOGITS, Generation(temperature=0.5, top_k=2, top_p=1.0))
    assert probabilities.tolist() == pytest.approx([0.8, 0.2], abs=1e-6)


def test_draws_follow_the_probabilities_and_report_the_untempered_logprob() -> None:
    chance, options = rng(1), Generation(temperature=1.0, top_k=0, top_p=1.0)
    drawn = [next_token(LOGITS, options, chance) for _ in range(4000)]
    shares = np.bincount([token for token, _ in drawn], minlength=4) / 4000
    assert shares.tolist() == pytest.approx([0.25, 0.125, 0.5, 0.125], abs=0.03)
    assert {token: round(logprob, 4) for token, logprob in drawn} == {0: -1.3863, 1: -2.0794, 2: -0.6931, 3: -2.0794}


def test_the_same_seed_draws_the_same() -> None:
    options = Generation(temperature=1.0, top_k=0, top_p=1.0)
    first, second = rng(5), rng(5)
    assert [next_token(LOGITS, options, first) for _ in range(20)] == [next_token(LOGITS, options, second) for _ in range(20)]


def test_a_tiny_temperature_is_greedy() -> None:
    assert {next_token(LOGITS, Generation(temperature=1e-6), rng(seed))[0] for seed in range(20)} == {2}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_no_numbers(bad: float) -> None:
    with pytest.raises(ModelError, match="not finite"):
        next_token(np.array([0, bad], np.float32), Generation(), rng())


def test_log_probabilities_by_hand() -> None:
    # Far from zero, where e to the power of a logit overflows; 1, 2 and 5 parts of 8.
    logits = (np.log(np.array([1, 2, 5])) + 1000).astype(np.float32)
    assert log_probabilities(logits, [1, 2, 1]) == pytest.approx(np.log([2 / 8, 5 / 8, 2 / 8]), abs=1e-4)
    with pytest.raises(ModelError, match="not finite"):
        log_probabilities(np.array([0, np.nan], np.float32), [0])
