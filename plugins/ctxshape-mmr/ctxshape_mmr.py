"""Maximal marginal relevance: each next document is the most relevant that says the least twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ctxshape import Context, Embedder
from ctxshape.core.component import Component
from ctxshape.core.reach import Reach
from ctxshape.scorers.bm25 import bm25_of
from ctxshape.text.similarity import jaccard
from ctxshape.text.words import tokens


def mmr_order(relevance: Sequence[float], similarity: NDArray[np.float64], trade_off: float) -> list[int]:
    """Indices in the order of choice; relevance has shape (n,), similarity (n, n), both within 0 and 1.

    Carbonell and Goldstein 1998, "The Use of MMR, Diversity-Based Reranking".

    >>> mmr_order([1.0, 0.9, 0.5], np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]]), trade_off=0.5)
    [0, 2, 1]
    """
    left = list(range(len(relevance)))
    chosen: list[int] = []
    while left:
        repeats = similarity[np.ix_(left, chosen)].max(axis=1) if chosen else np.zeros(len(left))
        gains = trade_off * np.asarray(relevance)[left] - (1 - trade_off) * repeats
        chosen.append(left.pop(int(np.argmax(gains))))
    return chosen


class Diversify(Component):
    """Orders documents by maximal marginal relevance and keeps the first `keep`, or all.

    `trade_off` 1 is relevance alone, 0 is diversity alone. Relevance is the documents' score, or BM25 where one has
    none; similarity is the Jaccard similarity of their words, or the cosine of an `embedder`.

    >>> context = Context.of("tea", ["Tea from Assam.", "Tea from Assam!", "Hot tea."])
    >>> [document.id for document in Diversify(keep=2)(context).documents]
    ['d3', 'd1']
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    trade_off: Annotated[float, Field(ge=0, le=1)] = 0.5
    keep: Annotated[int, Field(ge=1)] | None = None
    embedder: Embedder | None = None

    def __call__(self, context: Context, /) -> Context:
        """The context in its new order."""
        documents = context.documents
        order = mmr_order(self._relevance(context), self._similarity(context), self.trade_off)
        cut = len(order) if self.keep is None else self.keep
        reason = f"place {{}} by marginal relevance, {cut} are kept"
        gone = {documents[i].id: reason.format(place) for place, i in enumerate(order[cut:], cut + 1)}
        return context.keep([documents[i] for i in order[:cut]], dropped=gone)

    def _relevance(self, context: Context) -> list[float]:
        given = [document.score for document in context.documents if document.score is not None]
        if len(given) < len(context.documents):
            given = bm25_of(context.query, context.documents).tolist()
        low, high = min(given, default=0.0), max(given, default=0.0)
        return [(score - low) / (high - low) if high > low else 1.0 for score in given]

    def _similarity(self, context: Context) -> NDArray[np.float64]:
        texts = [document.text for document in context.documents]
        if self.embedder is not None and texts:
            vectors = self.embedder.embed(texts).astype(np.float64)
            return np.clip(vectors @ vectors.T, 0.0, 1.0)
        sets = [frozenset(tokens(text)) for text in texts]
        return np.array([[jaccard(a, b) for b in sets] for a in sets]).reshape(len(sets), len(sets))
