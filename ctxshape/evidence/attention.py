"""Documents by the attention that a question pays them. Pure functions over attention maps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.attention import AttentionMap, Head, Mass
from ctxshape.errors import InvalidInput

Floats = NDArray[np.float32] | NDArray[np.float64]
LOW = 2.0  # standard deviations below the mean of a document, from which on a token's score counts as an outlier


def calibrated(asked: Floats, empty: Floats, spans: Sequence[tuple[int, int]]) -> Mass:
    """What a question adds to each document's attention: shape (…, documents) of masses of shape (…, cells).

    The mass of each cell less its mass under a question without content, summed over each document's cells; cells more
    than two standard deviations below their document's mean are left out, since they are artefacts of the other question.
    Chen et al. 2024, "Attention in Large Language Models Yields Efficient Zero-Shot Re-Rankers" (in-context re-ranking).

    >>> calibrated(np.array([0.5, 0.2, 0.3]), np.array([0.6, 0.3, 0.1]), [(1, 2), (2, 3)]).round(1).tolist()
    [-0.1, 0.2]
    """
    stop = max((stop for _, stop in spans), default=0)
    added = asked[..., :stop].astype(np.float64) - empty[..., :stop]
    sums = []
    for start, end in spans:
        cells = added[..., start:end]
        if end > start:
            low = cells.mean(axis=-1, keepdims=True) - LOW * cells.std(axis=-1, keepdims=True)
            cells = np.where(cells < low - 1e-12, 0.0, cells)
        sums.append(cells.sum(axis=-1))
    return np.stack(sums, axis=-1) if sums else np.zeros((*added.shape[:-1], 0))


def document_scores(asked: AttentionMap, empty: AttentionMap | None, heads: Collection[Head] | None = None) -> Mass:
    """A score for each document, shape (documents,): its mass, or what the question adds to that of the empty one.

    Over the given heads, or all. Raises InvalidInput for maps of different documents.
    """
    if empty is None:
        return asked.by_document(heads)
    return calibrated(asked.by_cell(heads), empty.by_cell(heads), _spans(asked, empty))


def head_scores(asked: AttentionMap, empty: AttentionMap) -> Mass:
    """The same for each head by itself, shape (layers, heads, documents)."""
    return calibrated(asked.weights, empty.weights, _spans(asked, empty))


def best_heads(scores: Sequence[Mass], gold: Sequence[int], keep: int) -> list[tuple[int, int]]:
    """The `keep` heads that tell a gold document from the rest best, as indices (layer, head), best first.

    `scores` has an array of shape (layers, heads, documents) for each case, and `gold` the index of its gold document. A
    head counts by how far the gold document stands above its case's mean, in standard deviations, mean over the cases:
    heads differ a hundredfold in mass, and a loud one is not a good one. After Zhang et al. 2025, "Query-Focused Retrieval
    Heads", who take the mass itself.

    >>> good, bad = [0.1, 0.5, 0.1], [0.4, 0.3, 0.2]
    >>> best_heads([np.array([[bad, good]]), np.array([[bad, good[::-1]]])], [1, 1], keep=1)
    [(0, 1)]
    """
    total = np.zeros(scores[0].shape[:2])
    for found, index in zip(scores, gold, strict=True):
        spread = found.std(axis=-1)
        total += np.where(spread > 0, found[..., index] - found.mean(axis=-1), 0) / np.where(spread > 0, spread, 1)
    order = np.argsort(-total, axis=None, kind="stable")[:keep]
    return [(int(layer), int(head)) for layer, head in zip(*np.unravel_index(order, total.shape), strict=True)]


def _spans(asked: AttentionMap, empty: AttentionMap) -> list[tuple[int, int]]:
    if asked.documents != empty.documents or asked.layers != empty.layers:
        raise InvalidInput("two attention maps of different documents or layers; the same prompt with two questions is needed")
    return [(part.start, part.stop) for part in asked.documents]
