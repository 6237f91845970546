"""Relevance by the cosine similarity of embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder, Scores
from ctxshape.core.reach import Reach
from ctxshape.errors import ModelError
from ctxshape.scorers.scale import query_vectors, scale_of
from ctxshape.text.words import is_cjk


class Similarity(Component):
    """Cosine similarity of the query and each text, -1 to 1. Of documents it prefers to score single sentences.

    An embedder with `embed_query`, such as one whose model puts a prompt before queries, embeds the query with it. Other
    embedders treat the query as a text. Texts are embedded without the query, so a cache finds them for every query.

    >>> class Lengths(Component):
    ...     def embed(self, texts, /):
    ...         return np.array([[len(text), 10] for text in texts]) / 10.0
    >>> Similarity(embedder=Lengths()).score("Rome?", ["Rome.", "It is far away from here."]).tolist()
    [1.25, 2.25]
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    by_sentence: ClassVar[bool] = True

    embedder: Embedder

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Returns the scores of the texts, shape (n,). Raises ModelError unless the embedder returns finite rows."""
        return self._read(query, texts)[0] if texts else np.zeros(0)

    def scaled(self, query: str, texts: Sequence[str], /) -> tuple[Scores, NDArray[np.float64]]:
        """Returns the scores on the embedder's scale, shape (n,), and the vectors of the texts, shape (n, d).

        0 is the similarity of unrelated texts, 1 that of a typical answer (see `ctxshape.scorers.scale`). Raises what `score`
        raises.
        """
        if not texts:
            return np.zeros(0), np.zeros((0, 0))
        scores, vectors = self._read(query, texts)
        return scale_of(self.embedder, is_cjk(query)).apply(scores), vectors

    def _read(self, query: str, texts: Sequence[str]) -> tuple[Scores, NDArray[np.float64]]:
        question = query_vectors(self.embedder, [query]).reshape(-1)
        vectors = np.asarray(self.embedder.embed(texts), dtype=np.float64)
        scores: Scores = vectors @ question if vectors.shape == (len(texts), len(question)) else np.full(len(texts), np.nan)
        if not np.isfinite(scores).all():
            raise ModelError(
                f"{self.embedder!r:.100} gave a vector of shape {question.shape} for the query and {vectors.shape} for "
                f"{len(texts)} texts, or non-finite ones; an embedder returns one finite row for each text"
            )
        return scores, vectors
