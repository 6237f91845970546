"""Compares settings question by question, and drops those that are shown to lose. Pure arithmetic: no model, no clock."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ctxshape.errors import InvalidInput

ERROR = 0.05
_STEPS = 800  # of the grid of means, from -1 to 1: bounds are rounded outward by at most 0.0025
_CLIP = 0.75  # the largest share of the capital that is bet


class Difference(NamedTuple):
    """The mean of a paired difference over `n` questions, and its interval from `low` to `high`."""

    mean: float
    low: float
    high: float
    n: int


class ConfidenceSequence:
    """An interval for the mean of values from -1 to 1 that holds at every number of values at once.

    With probability 1 - `error`, the mean is in all intervals of the sequence. So one may look after each value, stop
    whenever one likes, and go on later. The values need to be independent and identically distributed; nothing else is
    assumed. It is the hedged capital process with predictable plug-in bets of Waudby-Smith and Ramdas 2024, "Estimating
    Means of Bounded Random Variables by Betting", section 4: a mean is excluded when bets against it have multiplied
    the capital by 2 / `error`.

    >>> sequence = ConfidenceSequence(0.05)
    >>> for _ in range(10):
    ...     sequence.add(1.0)
    >>> sequence.mean, round(sequence.low, 2), sequence.high
    (1.0, 0.25, 1.0)
    """

    def __init__(self, error: float = ERROR) -> None:
        self.low, self.high, self.n = -1.0, 1.0, 0
        self._threshold = math.log(2 / error)
        self._grid: NDArray[np.float64] = np.linspace(0, 1, _STEPS + 1)[1:-1]  # of means of values scaled to 0 … 1
        self._above = np.zeros_like(self._grid)  # log capital of the bets that the mean is larger
        self._below = np.zeros_like(self._grid)
        self._sum, self._squares, self._variance = 0.0, 0.0, 0.25

    @property
    def mean(self) -> float:
        """The mean of the values; 0 without any."""
        return 2 * self._sum / self.n - 1 if self.n else 0.0

    @property
    def difference(self) -> Difference:
        """The mean with its interval."""
        return Difference(self.mean, self.low, self.high, self.n)

    def add(self, value: float) -> None:
        """Narrows the interval by one value. Raises InvalidInput for a value outside -1 to 1."""
        if not -1 <= value <= 1:
            raise InvalidInput(f"value is {value}; give a difference of two scores, from -1 to 1")
        scaled, self.n = (value + 1) / 2, self.n + 1
        bet = math.sqrt(2 * self._threshold / (self._variance * self.n * math.log(self.n + 1)))
        self._above += np.log1p(np.minimum(bet, _CLIP / self._grid) * (scaled - self._grid))
        self._below += np.log1p(-np.minimum(bet, _CLIP / (1 - self._grid)) * (scaled - self._grid))
        self._sum += scaled
        centre = (0.5 + self._sum) / (self.n + 1)
        self._squares += (scaled - centre) ** 2
        self._variance = (0.25 + self._squares) / (self.n + 1)
        # `above` falls and `below` rises along the grid, so what is not excluded is an interval.
        low = int(np.count_nonzero(self._above >= self._threshold))
        high = int(np.count_nonzero(self._below >= self._threshold))
        self.low = max(self.low, 2 * (low / _STEPS) - 1)
        self.high = min(self.high, 1 - 2 * (high / _STEPS))


class Race:
    """The scores of settings on the same questions, and what they show.

    `settings` are all that may ever take part, by name, the preferred first; the first is the `baseline`. `error` is the
    probability that any interval of any pair, after any question, misses its true difference (Boole's inequality: half of
    it is shared by the comparisons with the baseline, half by the others). Settings are dropped as in successive
    elimination (Even-Dar, Mannor and Mansour 2006, "Action Elimination and Stopping Conditions for the Multi-Armed Bandit
    and Reinforcement Learning Problems"), with the confidence sequences above as intervals of paired differences, since
    questions differ far more than settings do (racing: Maron and Moore 1994, "Hoeffding Races").

    Scores are from 0 to 1. `margin` is the loss that counts as none: the cheapest of the settings within `margin` of the
    best is chosen.
    """

    def __init__(self, settings: Sequence[str], *, error: float = ERROR, margin: float = 0.02) -> None:
        self.settings, self.baseline, self.margin = tuple(settings), settings[0], margin
        others = len(self.settings) - 1
        self._error_with_baseline = error / 2 / max(others, 1)
        self._error_of_others = error / 2 / max(others * (others - 1) // 2, 1)
        self._scores: dict[str, dict[str, float]] = {name: {} for name in self.settings}
        self._costs: dict[str, dict[str, float]] = {name: {} for name in self.settings}
        self._sequences: dict[tuple[str, str], ConfidenceSequence] = {}

    def add(self, question: str, scores: Mapping[str, float], costs: Mapping[str, float]) -> None:
        """Adds the scores and the costs of some settings on a question; other settings may follow for the same question."""
        for name, score in scores.items():
            self._scores[name][question], self._costs[name][question] = score, costs[name]
        for first, second in combinations(self.settings, 2):
            pair = self._scores[first], self._scores[second]
            if (first in scores or second in scores) and all(question in known for known in pair):
                error = self._error_with_baseline if first == self.baseline else self._error_of_others
                sequence = self._sequences.setdefault((first, second), ConfidenceSequence(error))
                sequence.add(pair[1][question] - pair[0][question])

    def n(self, name: str) -> int:
        """Returns the number of questions that a setting has answered."""
        return len(self._scores[name])

    def score(self, name: str) -> float:
        """Returns the mean score of a setting; 0 before its first question."""
        return _mean(self._scores[name])

    def cost(self, name: str) -> float:
        """Returns the mean cost of a setting; 0 before its first question."""
        return _mean(self._costs[name])

    def difference(self, name: str, other: str) -> Difference:
        """Returns how much better a setting is than another, on the questions that both have answered."""
        forward, backward = self._sequences.get((other, name)), self._sequences.get((name, other))
        if forward is not None:
            return forward.difference
        if backward is None:
            return Difference(0.0, -1.0, 1.0, 0)
        mean, low, high, n = backward.difference
        return Difference(-mean, -high, -low, n)

    def losers(self, active: Sequence[str]) -> dict[str, str]:
        """Returns the settings to drop, each with the setting it loses to.

        A setting loses to one that is shown to be better, or that costs no more while the loser is shown to be at most
        `margin` better. The baseline stays until every other active setting is shown to be better, since all are compared
        with it.
        """
        lost: dict[str, str] = {}
        rivals = [name for name in active if name != self.baseline]
        for name in sorted(rivals, key=lambda name: (-self.cost(name), -self.settings.index(name))):
            for other in rivals:
                if other not in lost and other != name and self._loses(name, other):
                    lost[name] = other
                    break
        left = [name for name in rivals if name not in lost]
        if self.baseline in active and left and all(self.difference(name, self.baseline).low > 0 for name in left):
            lost[self.baseline] = max(left, key=self.score)
        return lost

    def _loses(self, name: str, other: str) -> bool:
        found = self.difference(name, other)
        return found.high < 0 or (found.high <= self.margin and self.cost(other) <= self.cost(name))

    def is_settled(self, active: Sequence[str]) -> bool:
        """Returns whether more questions cannot change the choice, but for the error.

        That is so if the baseline is shown to be better than all others, or if one other setting is left that is shown to
        be better than the baseline, or at most `margin` worse.
        """
        rivals = [name for name in active if name != self.baseline]
        found = [self.difference(name, self.baseline) for name in rivals]
        if self.baseline in active and all(difference.high < 0 for difference in found):
            return True
        return len(rivals) == 1 and (self.baseline not in active or found[0].low >= -self.margin)

    def choice(self, candidates: Sequence[str], *, by_cost: bool = True) -> str:
        """Returns the cheapest of the candidates within `margin` of the best score; the first of equals.

        The candidates need to have answered the same questions. Without `by_cost`, the first such candidate is returned.
        """
        best = max(map(self.score, candidates))
        good = [name for name in candidates if self.score(name) >= best - self.margin - 1e-9]
        return min(good, key=self.cost) if by_cost else good[0]


def _mean(values: Mapping[str, float]) -> float:
    return math.fsum(values.values()) / len(values) if values else 0.0
