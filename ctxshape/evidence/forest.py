"""Gradient-boosted regression trees, evaluated in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.protocols import Scores
from ctxshape.evidence.features.units import Table

# Of a split: the index of a feature, a threshold, the nodes below it and above it; of a leaf: its value.
TreeNode = Sequence[float]


class Forest(NamedTuple):
    """Trees whose leaves add up to log-odds. Friedman 2001, "Greedy function approximation: a gradient boosting machine".

    - `features`: the names of the columns. `base`: the log-odds before any tree.
    - `feature`, `threshold`, `low`, `high`, `value`: shape (trees, nodes); a leaf leads to itself.
    - `depth`: of the deepest tree.
    """

    features: tuple[str, ...]
    base: float
    feature: NDArray[np.intp]
    threshold: Scores
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    value: Scores
    depth: int

    @classmethod
    def of(cls, features: Sequence[str], base: float, trees: Sequence[Sequence[TreeNode]]) -> Forest:
        """Makes a forest of trees; a tree is a list of nodes with its root first and each node before those it leads to.

        >>> forest = Forest.of(["x"], 0.5, [[[0, 2.0, 1, 2], [-1.0], [1.0]]])
        >>> forest.log_odds(np.array([[2.0], [2.5]])).tolist()
        [-0.5, 1.5]
        """
        size = max((len(tree) for tree in trees), default=1)
        shape = (len(trees), size)
        feature, low, high = (np.zeros(shape, dtype=np.intp) for _ in range(3))
        threshold, value = np.zeros(shape), np.zeros(shape)
        deepest = 0
        for number, tree in enumerate(trees):
            depths = [0] * len(tree)
            for place, node in enumerate(tree):
                low[number, place] = high[number, place] = place
                if len(node) == 1:
                    value[number, place] = node[0]
                    deepest = max(deepest, depths[place])
                    continue
                feature[number, place], threshold[number, place] = int(node[0]), node[1]
                low[number, place], high[number, place] = int(node[2]), int(node[3])
                for below in (int(node[2]), int(node[3])):
                    if not place < below < len(tree):
                        raise ValueError(f"node {place} of tree {number} leads to node {below} of {len(tree)}")
                    depths[below] = depths[place] + 1
        if shape[0] and not 0 <= int(feature.max()) < len(features):
            raise ValueError(f"a tree asks for feature {int(feature.max())} of {len(features)}")
        return cls(tuple(features), base, feature, threshold, low, high, value, deepest)

    def log_odds(self, rows: Table) -> Scores:
        """Returns the log-odds of each row, shape (n,), for features of shape (n, features)."""
        trees, size = self.feature.shape
        node = np.broadcast_to(np.arange(trees) * size, (len(rows), trees))
        first = np.arange(len(rows))[:, None] * rows.shape[1]  # of each row, among all values
        values, offset = rows.ravel(), np.arange(trees) * size
        low, high = (self.low + offset[:, None]).ravel(), (self.high + offset[:, None]).ravel()
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        for _ in range(self.depth):
            is_low = values.take(first + feature.take(node)) <= threshold.take(node)
            node = np.where(is_low, low.take(node), high.take(node))
        total: Scores = self.base + self.value.ravel().take(node).sum(axis=1)
        return total
