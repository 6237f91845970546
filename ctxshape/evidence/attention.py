"""Scores documents and heads by the attention of a question. Pure functions over attention maps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.attention import AttentionMap, Head, Mass
from ctxshape.errors import InvalidInput

Floats = NDArray[np.float32] | NDArray[np.float64]
_OUTLIER = 2.0  # standard deviations below the mean of its document


def added_mass(asked: Floats, empty: Floats, spans: Sequence[tuple[int, int]]) -> Mass:
    """Returns what a question adds to the attention of each document, shape (…, documents).

    `asked` and `empty` are the masses under the question and under one without content, shape (…, cells). Their
    difference is summed over the cells of each document. Cells more than two standard deviations below the mean of their
    document are left out, since they are artefacts of the empty question. Chen et al. 2024, "Attention in Large Language
    Models Yields Efficient Zero-Shot Re-Rankers" (in-context re-ranking).

    >>> added_mass(np.array([0.5, 0.2, 0.3]), np.array([0.6, 0.3, 0.1]), [(1, 2), (2, 3)]).round(1).tolist()
    [-0.1, 0.2]
    """
    stop = max((stop for _, stop in spans), default=0)
    added = asked[..., :stop].astype(np.float64) - empty[..., :stop]
    sums = []
    for start, end in spans:
        cells = added[..., start:end]
        if end > start:
            low = cells.mean(axis=-1, keepdims=True) - _OUTLIER * cells.std(axis=-1, keepdims=True)
            cells = np.where(cells < low - 1e-12, 0.0, cells)
        sums.append(cells.sum(axis=-1))
    return np.stack(sums, axis=-1) if sums else np.zeros((*added.shape[:-1], 0))


def document_scores(asked: AttentionMap, empty: AttentionMap, heads: Collection[Head] | None = None) -> Mass:
    """Returns the score of each document, shape (documents,): the mass that the question adds, over some heads or all.

    Raises InvalidInput for maps of different documents.
    """
    return added_mass(asked.by_cell(heads), empty.by_cell(heads), _spans(asked, empty))


def head_scores(asked: AttentionMap, empty: AttentionMap) -> Mass:
    """Returns the score of each document in each head, shape (layers, heads, documents)."""
    return added_mass(asked.weights, empty.weights, _spans(asked, empty))


def best_heads(scores: Sequence[Mass], gold: Sequence[int], keep: int) -> list[tuple[int, int]]:
    """Returns the `keep` heads that distinguish gold documents best, as indices (layer, head), best first.

    `scores` has an array of shape (layers, heads, documents) for each case, and `gold` the index of its gold document. A
    head's value is the standard score of the gold document among the documents of its case, averaged over the cases. The
    mass itself would not do, since heads differ a hundredfold in it. After Zhang et al. 2025, "Query-Focused Retrieval
    Heads", who use the mass.

    >>> good, bad = [0.1, 0.5, 0.1], [0.4, 0.3, 0.2]
    >>> best_heads([np.array([[bad, good]]), np.array([[bad, good[::-1]]])], [1, 1], keep=1)
    [(0, 1)]
    """
    total = np.zeros(scores[0].shape[:2])
    for case, index in zip(scores, gold, strict=True):
        spread = case.std(axis=-1)
        total += np.where(spread > 0, case[..., index] - case.mean(axis=-1), 0) / np.where(spread > 0, spread, 1)
    order = np.argsort(-total, axis=None, kind="stable")[:keep]
    return [(int(layer), int(head)) for layer, head in zip(*np.unravel_index(order, total.shape), strict=True)]


def _spans(asked: AttentionMap, empty: AttentionMap) -> list[tuple[int, int]]:
    if asked.documents != empty.documents or asked.layers != empty.layers:
        raise InvalidInput("two attention maps have different documents or layers; give maps of one prompt with two questions")
    return [(document.start, document.stop) for document in asked.documents]
