"""Transforms that score documents for the query."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ctxshape.component import Component
from ctxshape.scoring import bm25_of, ranks
from ctxshape.types import Context


class RankByRelevance(Component):
    """Scores documents by BM25 over title and text, and puts the best first; `top` keeps only so many.

    Equal scores keep their order, so a query that shares no word with any document changes nothing.

    >>> context = Context.of("capital of France", ["Berlin is in Germany.", "Paris is the capital of France."])
    >>> [document.id for document in RankByRelevance(top=1)(context).documents]
    ['d2']
    """

    top: Annotated[int, Field(ge=1)] | None = None

    def __call__(self, context: Context, /) -> Context:
        """The context with its documents scored and sorted."""
        scores = bm25_of(context.query, context.documents)
        scored = [d.model_copy(update={"score": float(s)}) for d, s in zip(context.documents, scores, strict=True)]
        ranked = [scored[index] for index in ranks(scores)]
        cut = len(ranked) if self.top is None else self.top
        gone = {d.id: f"rank {place} of {len(ranked)}, below the best {cut}" for place, d in enumerate(ranked[cut:], cut + 1)}
        return context.keep(ranked[:cut], dropped=gone)
