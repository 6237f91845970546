"""Means with bootstrap confidence intervals over questions. Pure functions of numbers and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ctxshape.errors import InvalidInput

_Z = 1.959963984540054  # the normal quantile of a two-sided 95 % interval
_AT_ONCE = 2_000_000  # drawn indices held in memory


class Estimate(NamedTuple):
    """A mean, its 95 % confidence interval from `low` to `high`, and its number of questions."""

    mean: float
    low: float
    high: float
    n: int


class _Sums(NamedTuple):
    """The sum and the count of the values of each group, shape (n,); `shift` is subtracted from each value first.

    `shift` is one of the values, so that equal values give an interval of width exactly 0.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]
    shift: float

    @property
    def mean(self) -> float:
        return self.shift + float(self.sums.sum() / self.counts.sum())


def estimate(groups: Sequence[Sequence[float]], *, seed: int = 0, samples: int = 2000, proportion: bool = True) -> Estimate:
    """Returns the mean over all values, with a 95 % percentile bootstrap interval that resamples whole groups.

    A group holds the values of one question, such as one for each position. They are not independent, so a question is
    drawn with all its values (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 8 and 13). If all
    values are 0, or all are 1, every draw is the same and the bootstrap would claim certainty. The bound is then that of
    Wilson 1927 ("Probable Inference, the Law of Succession, and Statistical Inference") for n questions;
    `proportion=False` turns this off, for quantities such as tokens. Raises InvalidInput without groups, for an empty
    group, and for a value that is not finite.

    >>> estimate([[1, 0], [1, 1], [0, 1]]).mean.__round__(3), [round(x, 3) for x in estimate([[0]] * 100)]
    (0.667, [0.0, 0.0, 0.037, 100])
    """
    values = _summed(groups, "groups")
    n = len(values.sums)
    mean = values.mean
    if proportion and mean in (0.0, 1.0) and not values.sums.any():
        bound = _Z**2 / (n + _Z**2)
        return Estimate(0.0, 0.0, bound, n) if mean == 0.0 else Estimate(1.0, 1.0 - bound, 1.0, n)
    drawn = values.shift + _drawn_means([values], seed, samples)[0]
    return Estimate(mean, *_interval(drawn), n)


def difference(
    groups: Sequence[Sequence[float]], baseline: Sequence[Sequence[float]], *, seed: int = 0, samples: int = 2000
) -> Estimate:
    """Returns the mean of `groups` minus that of `baseline`, with a 95 % paired percentile bootstrap interval.

    Index i is the same question in both, and each draw takes the same questions from both. Raises InvalidInput as
    `estimate` does, and if the numbers of groups differ.

    >>> difference([[1.0], [0.5]], [[0.5], [0.0]])
    Estimate(mean=0.5, low=0.5, high=0.5, n=2)
    """
    if len(groups) != len(baseline):
        raise InvalidInput(
            f"groups has {len(groups)} questions and baseline has {len(baseline)}; give the same questions in both"
        )
    pair = [_summed(groups, "groups"), _summed(baseline, "baseline")]
    drawn = _drawn_means(pair, seed, samples)
    shift = pair[0].shift - pair[1].shift
    return Estimate(pair[0].mean - pair[1].mean, *_interval(shift + drawn[0] - drawn[1]), len(groups))


def _summed(groups: Sequence[Sequence[float]], name: str) -> _Sums:
    if not len(groups):
        raise InvalidInput(f"{name} is empty; give the values of at least one question")
    counts = np.array([len(group) for group in groups])
    if not counts.all():
        raise InvalidInput(f"{name}[{int(counts.argmin())}] has no values; leave that question out")
    values = np.array([value for group in groups for value in group], dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        group = int(np.searchsorted(counts.cumsum(), wrong[0], side="right"))
        raise InvalidInput(f"{name}[{group}] contains {values[wrong[0]]}; leave out values that are not finite")
    shift = float(values[0])
    starts = np.concatenate(([0], counts.cumsum()[:-1]))
    return _Sums(np.add.reduceat(values - shift, starts), counts.astype(np.float64), shift)


def _drawn_means(columns: Sequence[_Sums], seed: int, samples: int) -> NDArray[np.float64]:
    """Returns the means of the draws without the shift, shape (columns, samples); all columns share the same draws."""
    if samples < 1:
        raise InvalidInput(f"samples is {samples}; give at least 1, and about 2000 for a 95 % interval")
    n = len(columns[0].sums)
    generator = np.random.default_rng(seed)
    means = np.empty((len(columns), samples))
    rows = max(_AT_ONCE // n, 1)
    for start in range(0, samples, rows):
        stop = min(start + rows, samples)
        drawn = generator.integers(0, n, size=(stop - start, n))
        for column, values in enumerate(columns):
            means[column, start:stop] = values.sums[drawn].sum(axis=1) / values.counts[drawn].sum(axis=1)
    return means


def _interval(drawn: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
