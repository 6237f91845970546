"""Fits the evidence model's trees and its logistic models of sufficiency, with scikit-learn. Used by `train_evidence.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from ctxshape.core.protocols import Matrix, Scores
from ctxshape.evidence.features.names import RISING
from ctxshape.evidence.forest import Forest
from ctxshape.evidence.model import FORMAT, VERSION, Linear

_BINS = 64  # of a feature
_TREES: Mapping[str, Any] = {
    "max_iter": 200,
    "max_leaf_nodes": 12,
    "max_depth": 6,
    "learning_rate": 0.045,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
}
# Beside `RISING`; more of the latter never makes a unit more likely: 0 is the best rank.
_ALSO_RISING = frozenset({"similarity_document", "similarity_standard", "similarity_document_standard"})
_FALLING = frozenset({"bm25_document_rank", "similarity_rank", "similarity_document_rank"})
_STRENGTH = 0.1  # inverse of the penalty on the weights of standardised features


class Trees(NamedTuple):
    """Trees as the file has them: their features, the log-odds before any tree, and the nodes of each."""

    features: tuple[str, ...]
    base: float
    trees: list[list[list[float]]]

    def forest(self) -> Forest:
        """Returns the trees as the library evaluates them."""
        return Forest.of(self.features, self.base, self.trees)


def fit_trees(features: Sequence[str], rows: Matrix, outcomes: Scores, weights: Scores) -> Trees:
    """Returns boosted trees, Friedman 2001; more words or similarity never lower their log-odds, nor does a better rank.

    Features are cut into bins before, at numbers of four digits halfway between two values. So a threshold that the file
    rounds divides the data as it did in the fit.
    """
    exact = np.asarray(rows, dtype=np.float64)
    edges = [_edges(exact[:, column]) for column in range(len(features))]
    binned = np.stack([np.searchsorted(edges[c], exact[:, c], side="left") for c in range(len(features))], axis=1)
    directions = [int(name in RISING | _ALSO_RISING) - int(name in _FALLING) for name in features]
    options = {**_TREES, "monotonic_cst": directions, "max_bins": 2 * _BINS, "early_stopping": False, "random_state": 0}
    model = HistGradientBoostingClassifier(**options)
    model.fit(binned, outcomes, sample_weight=weights)
    base = rounded(float(np.ravel(model._baseline_prediction)[0]))
    return Trees(tuple(features), base, [_nodes(one[0].nodes, edges) for one in model._predictors])


def _edges(values: Scores) -> Scores:
    distinct = np.unique(values)
    below = np.arange(len(distinct) - 1)
    if len(distinct) > _BINS:
        quantiles = np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower")
        below = np.unique(np.searchsorted(distinct, quantiles))
        below = below[below < len(distinct) - 1]
    return np.unique([rounded(float(value)) for value in (distinct[below] + distinct[below + 1]) / 2])


def _nodes(nodes: Any, edges: Sequence[Scores]) -> list[list[float]]:  # noqa: ANN401  scikit-learn's structured array
    """Returns a tree's nodes from the root on, each before those it leads to."""
    order = [0]
    for number in order:  # grows while it is read
        if not nodes[number]["is_leaf"]:
            order += [int(nodes[number]["left"]), int(nodes[number]["right"])]
    place_of = {number: place for place, number in enumerate(order)}
    tree: list[list[float]] = []
    for number in order:
        node = nodes[number]
        if node["is_leaf"]:
            tree.append([rounded(float(node["value"]))])
        else:
            feature = int(node["feature_idx"])
            threshold = float(edges[feature][int(node["num_threshold"])])
            tree.append([feature, threshold, place_of[int(node["left"])], place_of[int(node["right"])]])
    return tree


def fit_logistic(names: Sequence[str], values: Sequence[Mapping[str, float]], outcomes: Scores, weights: Scores) -> Linear:
    """Returns a logistic model with a penalty on the weights of standardised features."""
    rows = np.array([[value[name] for name in names] for value in values])
    centre, spread = rows.mean(axis=0), rows.std(axis=0)
    spread[spread < 1e-9] = 1.0
    model = LogisticRegression(C=_STRENGTH, max_iter=5000).fit((rows - centre) / spread, outcomes, sample_weight=weights)
    own = [rounded(float(weight)) for weight in model.coef_[0] / spread]
    return Linear(tuple(names), tuple(own), rounded(float(model.intercept_[0] - np.dot(own, centre))))


def rounded(value: float) -> float:
    """Returns a number with four significant digits."""
    return float(f"{value:.4g}")


def file_text(models: Mapping[str, Trees], sufficiency: Mapping[str, Linear], calibration: Mapping[str, Any]) -> str:
    """Returns the text of the weights file: JSON with one tree in a line."""
    groups = []
    for group, model in models.items():
        trees = ",\n".join("   " + json.dumps(tree, separators=(",", ":")) for tree in model.trees)
        head = f'  {json.dumps(group)}: {{\n   "features": {json.dumps(model.features)},\n   "base": {model.base},\n'
        groups.append(f'{head}   "trees": [\n{trees}\n   ]\n  }}')
    linear = {group: {"features": one.features, "weights": one.weights, "bias": one.bias} for group, one in sufficiency.items()}
    return (
        f'{{\n "format": {json.dumps(FORMAT)},\n "version": {VERSION},\n "models": {{\n'
        + ",\n".join(groups)
        + "\n },\n"
        + _table("sufficiency", linear)
        + ",\n"
        + _table("calibration", calibration)
        + "\n}\n"
    )


def _table(name: str, rows: Mapping[str, Any]) -> str:
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in rows.items())
    return f" {json.dumps(name)}: {{\n{lines}\n }}"
