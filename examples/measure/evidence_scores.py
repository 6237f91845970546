"""Measures of probabilities: calibration, ranking, and what a budget keeps. Used by the scripts on the evidence model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from evidence_lists import Units

from ctxshape.core.protocols import Scores

BINS = 10


class Bin(NamedTuple):
    """The predictions between two bounds: how many, their mean, and the share that came true."""

    number: int
    predicted: float
    observed: float

    def wilson(self, z: float = 1.96) -> tuple[float, float]:
        """Returns the 95 % Wilson score interval of the observed share.

        >>> [round(side, 3) for side in Bin(10, 0.8, 0.9).wilson()]
        [0.596, 0.982]
        """
        spread = z * z / self.number
        middle = (self.observed + spread / 2) / (1 + spread)
        half = z * math.sqrt(self.observed * (1 - self.observed) / self.number + spread / 4 / self.number) / (1 + spread)
        return min(middle - half, self.observed), max(middle + half, self.observed)


def reliability(probabilities: Scores, outcomes: Scores) -> list[Bin]:
    """Returns ten bins of equal width, without the empty ones.

    >>> reliability(np.array([0.1, 0.12, 0.9]), np.array([0.0, 1.0, 1.0]))[0].observed
    0.5
    """
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return [
        Bin(int(own.sum()), float(probabilities[own].mean()), float(outcomes[own].mean()))
        for number in range(BINS)
        if (own := place == number).any()
    ]


def calibration_error(probabilities: Scores, outcomes: Scores) -> float:
    """Returns the expected calibration error: the mean distance of the bins, weighted by their counts.

    Guo et al. 2017, "On Calibration of Modern Neural Networks".

    >>> round(calibration_error(np.array([0.1, 0.1, 0.9]), np.array([0.0, 1.0, 1.0])), 3)
    0.3
    """
    bins = reliability(probabilities, outcomes)
    return sum(one.number * abs(one.predicted - one.observed) for one in bins) / max(len(probabilities), 1)


def auroc(probabilities: Scores, outcomes: Scores) -> float | None:
    """Returns the probability that a true case has the higher prediction than a false one; None without either of them.

    >>> auroc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 0, 1, 1]))
    0.875
    """
    true, false = probabilities[outcomes > 0.5], probabilities[outcomes <= 0.5]
    if not len(true) or not len(false):
        return None
    ordered = np.sort(false)
    below, upto = np.searchsorted(ordered, true, "left"), np.searchsorted(ordered, true, "right")
    return float((below + upto).sum() / 2 / len(true) / len(false))


def average_precision(probabilities: Scores, outcomes: Scores) -> float | None:
    """Returns the mean precision at each true case, best prediction first; None without true cases.

    >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1]))
    0.8333333333333333
    """
    hits = outcomes[np.argsort(-probabilities, kind="stable")] > 0.5
    if not hits.any():
        return None
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def kept(one: Units, probabilities: Scores, budget: int) -> float | None:
    """Returns the share of excerpts, or else of facts, that the most likely units show within a budget of tokens.

    None for a list without either. Units are taken with their needs, best first; the lines above documents count.
    """
    taken, documents, used = set[int](), set[int](), 0.0
    for number in np.argsort(-probabilities, kind="stable").tolist():
        document = int(one.document_of[number])
        new = {number, *one.needs[number]} - taken
        cost = float(one.costs[list(new)].sum()) + (0.0 if document in documents else float(one.heads[document]))
        if new and used + cost <= budget:
            used, taken = used + cost, taken | new
            documents.add(document)
    if one.supporting:
        return sum(units <= taken for units in one.supporting) / len(one.supporting)
    return sum(bool(units & taken) for units in one.facts) / len(one.facts) if one.facts else None


def mean(values: Sequence[float | None]) -> float | None:
    """Returns the mean of the values that are not None; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
