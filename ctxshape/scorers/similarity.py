"""Relevance by the cosine similarity of embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ctxshape.core.component import Component
from ctxshape.core.protocols import Embedder, QueryEmbedder, Scores
from ctxshape.core.reach import Reach
from ctxshape.errors import ModelError


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
        if not texts:
            return np.zeros(0)
        embedded = (
            self.embedder.embed_query(query) if isinstance(self.embedder, QueryEmbedder) else self.embedder.embed([query])
        )
        question = np.asarray(embedded, dtype=np.float64).reshape(-1)
        vectors = np.asarray(self.embedder.embed(texts), dtype=np.float64)
        scores: Scores = vectors @ question if vectors.shape == (len(texts), len(question)) else np.full(len(texts), np.nan)
        if not np.isfinite(scores).all():
            raise ModelError(
                f"{self.embedder!r:.100} gave a vector of shape {question.shape} for the query and {vectors.shape} for "
                f"{len(texts)} texts, or non-finite ones; an embedder returns one finite row for each text"
            )
        return scores
