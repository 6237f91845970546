from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ctxshape import InvalidInput
from ctxshape.evaluation.metrics.statistics import Estimate, difference, estimate


def width(value: Estimate) -> float:
    return value.high - value.low


def test_means_by_hand() -> None:
    assert estimate([[1.0], [2.0], [6.0]]).mean == 3.0
    assert estimate([[1.0, 1.0, 1.0], [5.0]]).mean == 2.0  # over values, not over groups
    assert estimate([[1.0, 1.0, 1.0], [5.0]]).n == 2
    assert difference([[3.0], [5.0]], [[1.0], [1.0, 4.0]]).mean == 2.0


def test_an_interval_by_hand() -> None:
    # Two groups: a draw is both low (1/4), mixed (1/2) or both high (1/4), so the interval spans all.
    assert estimate([[2.0], [4.0]]) == (3.0, 2.0, 4.0, 2)
    # Two groups of three values and one: the ends are the groups' own means.
    assert estimate([[2.0, 2.0, 2.0], [4.0]]) == (2.5, 2.0, 4.0, 2)


def test_equal_values_have_no_width() -> None:
    assert estimate([[0.1]] * 7) == (0.1, 0.1, 0.1, 7)
    assert estimate([[0.3], [0.3, 0.3]]) == (0.3, 0.3, 0.3, 2)
    assert estimate([[0.0], [0.0]], proportion=False) == (0.0, 0.0, 0.0, 2)
    assert difference([[0.0]] * 5, [[1.0]] * 5) == (-1.0, -1.0, -1.0, 5)
    groups = [[0.1, 0.7], [0.3], [0.9]]
    assert difference(groups, groups) == (0.0, 0.0, 0.0, 3)


def test_all_or_none_has_the_bound_of_wilson() -> None:
    # z² / (n + z²) with z = 1.959964: 3.8414588 / 103.8414588
    assert estimate([[0.0]] * 100) == pytest.approx((0.0, 0.0, 0.0369935, 100), abs=1e-7)
    assert estimate([[1.0]] * 100) == pytest.approx((1.0, 0.9630065, 1.0, 100), abs=1e-7)
    assert estimate([[0.0, 0.0, 0.0]] * 100).high == estimate([[0.0]] * 100).high  # n is of questions
    assert estimate([[True], [True]]) == pytest.approx((1.0, 2 / (2 + 3.8414588), 1.0, 2), abs=1e-7)


def test_the_same_seed_gives_the_same() -> None:
    groups = [[float(i % 3)] for i in range(50)]
    assert estimate(groups, seed=1) == estimate(groups, seed=1)
    assert estimate(groups, seed=1) != estimate(groups, seed=2)
    assert difference(groups, groups[::-1], seed=3) == difference(groups, groups[::-1], seed=3)


def test_many_draws_in_parts_are_the_same_kind() -> None:
    groups = [[float(i % 2)] for i in range(3000)]  # too many to hold all draws at once
    value = estimate(groups)
    assert value.mean == 0.5
    assert width(value) == pytest.approx(2 * 1.96 * 0.5 / 3000**0.5, rel=0.1)


def simulated(generator: np.random.Generator, n: int, rate: float) -> Sequence[Sequence[float]]:
    return [[float(value)] for value in generator.random(n) < rate]


def test_coverage_of_the_interval() -> None:
    generator = np.random.default_rng(0)
    hits = 0
    for run in range(200):
        value = estimate(simulated(generator, 100, 0.4), seed=run, samples=1000)
        hits += value.low <= 0.4 <= value.high
    assert 0.90 <= hits / 200 <= 0.99


def test_coverage_with_several_values_a_question() -> None:
    generator = np.random.default_rng(1)
    hits = naive = 0
    for run in range(200):
        ease = generator.random(60)  # a question is as hard at each of its five positions
        values = (generator.random((60, 5)) < ease[:, None]).astype(float)
        value = estimate(values.tolist(), seed=run, samples=1000)
        hits += value.low <= 0.5 <= value.high
        single = estimate(values.reshape(-1, 1).tolist(), seed=run, samples=1000)
        naive += single.low <= 0.5 <= single.high
    assert 0.90 <= hits / 200 <= 0.99
    assert naive < hits  # drawing values by themselves claims too much


def test_pairing_is_narrower_for_like_questions() -> None:
    generator = np.random.default_rng(0)
    ease = generator.normal(size=200)
    baseline = [[value] for value in (ease + 0.1 * generator.normal(size=200)).tolist()]
    better = [[value] for value in (ease + 0.1 + 0.1 * generator.normal(size=200)).tolist()]
    paired = difference(better, baseline)
    unpaired = difference(better, generator.permutation(np.asarray(baseline)).tolist())
    assert paired.mean == pytest.approx(unpaired.mean)
    assert width(paired) < 0.3 * width(unpaired)
    assert paired.low > 0 > unpaired.low


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([], "groups is empty"),
        ([[1.0], []], r"groups\[1\]"),
        ([[1.0, 2.0], [3.0, float("nan")], [1.0]], r"groups\[1\] .*nan"),
        ([[float("inf")]], r"groups\[0\] .*inf"),
    ],
)
def test_what_has_no_mean(groups: list[list[float]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        estimate(groups)
    with pytest.raises(InvalidInput, match=message):
        difference(groups, [[1.0]] * len(groups))


def test_what_has_no_difference() -> None:
    with pytest.raises(InvalidInput, match="groups .*2.*baseline .*1"):
        difference([[1.0], [2.0]], [[1.0]])
    with pytest.raises(InvalidInput, match=r"baseline\[0\]"):
        difference([[1.0]], [[]])
    with pytest.raises(InvalidInput, match="samples is 0"):
        estimate([[1.0], [2.0]], samples=0)
