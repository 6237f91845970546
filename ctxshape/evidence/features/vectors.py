"""Features from the similarity of embeddings, on a scale that means the same for every embedder."""

from __future__ import annotations

import numpy as np

from ctxshape.core.protocols import Scores
from ctxshape.evidence.features.titles import TitleNames, top_units
from ctxshape.evidence.features.units import Indices, Table, UnitTable, below_best, rank_of
from ctxshape.evidence.relevance import standard

_WORST_RANK = 30.0


def vector_features(
    table: UnitTable, titles: TitleNames, similarity: Scores, vectors: Table, read: Indices, words: dict[str, Scores]
) -> dict[str, Scores]:
    """Returns the features by name, each of shape (units,).

    - `similarity`: of each unit, on the embedder's scale (see `Similarity.scaled`). `vectors`: of the units `read`.
    - `words`: the features of words, which decide together with the similarity what is most likely.
    """
    own = table.document_of
    best = table.best_of_documents(similarity)
    mean = np.bincount(own, similarity, minlength=len(table.documents)) / np.maximum(table.sizes, 1)
    standing, spread = standard(similarity), standard(best)[own]
    likely = 0.6 * standing + spread + 0.4 * words["bm25_document_standard"] + 0.3 * words["bm25_standard"]
    return {
        "similarity": similarity,
        "similarity_document": best[own],
        "similarity_mean": mean[own],
        "similarity_standard": standing,
        "similarity_document_standard": spread,
        "similarity_below_best": below_best(similarity, 3),
        "similarity_rank": np.minimum(rank_of(similarity), _WORST_RANK),
        "similarity_document_rank": rank_of(best)[own],
        "similarity_document_below_best": below_best(best, 2)[own],
        "similarity_below_document": similarity - best[own],
        "similarity_beside": table.best_beside(similarity),
        "similarity_of_needs": table.best_of_needs(similarity),
        "similar_to_likely": _similar_to_likely(table, vectors, read, top_units(likely)),
        "bridged_by_likely": titles.bridged(likely),
        "best_similarity": np.full(len(own), similarity.max(initial=0.0)),
        "similarity_of_list": np.full(len(own), similarity.mean() if similarity.size else 0.0),
        "similarity_spread": np.full(len(own), similarity.std() if similarity.size else 0.0),
    }


def _similar_to_likely(table: UnitTable, vectors: Table, read: Indices, top: list[int]) -> Scores:
    """Returns the largest cosine of each unit with the most likely units of other documents, at least 0, shape (units,)."""
    similar = np.zeros(len(table))
    row_of = {int(number): row for row, number in enumerate(read)}
    rows = [(number, row_of[number]) for number in top if number in row_of]
    if not rows:
        return similar
    cosines = vectors @ vectors[[row for _, row in rows]].T
    others = table.document_of[read][:, None] != table.document_of[[number for number, _ in rows]][None, :]
    similar[read] = np.where(others, cosines, 0.0).max(axis=1).clip(min=0.0)
    return similar
