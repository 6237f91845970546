"""Transforms that score documents for the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import best_first, fuse, ranks, titled
from ctxshape.core.types import Context, Document
from ctxshape.evidence.features import checked_scores, text_odds
from ctxshape.evidence.probability import shares
from ctxshape.scorers.bm25 import Bm25


class RankByRelevance(Component):
    """Scores documents, each under its title, and puts the best first; `top` keeps only so many.

    One scorer's scores are the documents' scores. Several are fused: by `standard` scores, the sum of each one's
    distance from its mean in standard deviations, given as shares that add up to 1, or by `reciprocal_rank` (Cormack,
    Clarke and Buettcher 2009). `rerank_depth` is for a costly scorer: only so many documents, the best as they come, are scored
    and put in order, and the rest stay behind them. Equal scores keep their order, so a query that shares no word
    with any document changes nothing. Raises ModelError for scores that are not finite.

    >>> context = Context.of("capital of France", ["Berlin is in Germany.", "Paris is the capital of France."])
    >>> [document.id for document in RankByRelevance(top=1)(context).documents]
    ['d2']
    """

    renamed_fields: ClassVar[Mapping[str, str]] = {"among": "rerank_depth"}

    top: Annotated[int, Field(ge=1)] | None = None
    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)
    fusion: Literal["standard", "reciprocal_rank"] = "standard"
    rerank_depth: Annotated[int, Field(ge=1)] | None = None

    def __call__(self, context: Context, /) -> Context:
        """The context with its documents scored and sorted."""
        given = context.documents
        if self.rerank_depth:
            given = tuple(given[index] for index in best_first(given))
        scores = _behind(self._scores(context, given[: self.rerank_depth]), len(given))
        scored = [d.model_copy(update={"score": float(s)}) for d, s in zip(given, scores, strict=True)]
        ranked = [scored[index] for index in ranks(scores)]
        cut = len(ranked) if self.top is None else self.top
        gone = {d.id: f"rank {place} of {len(ranked)}, below the best {cut}" for place, d in enumerate(ranked[cut:], cut + 1)}
        return context.keep(ranked[:cut], dropped=gone)

    def _scores(self, context: Context, documents: Sequence[Document]) -> Scores:
        texts = [titled(document, document.text) for document in documents]
        if len(self.scorers) > 1 and self.fusion == "standard":
            return shares(text_odds(context, texts, self.scorers))
        columns = [checked_scores(context, scorer, context.query, texts) for scorer in self.scorers]
        return columns[0] if len(columns) == 1 else np.array(fuse([ranks(column) for column in columns]))


def _behind(scores: Scores, count: int) -> Scores:
    """The scores with more of them, one below the other, for those that were not scored."""
    if not scores.size:
        return scores
    step = max(float(np.abs(scores).max()), 1.0) * 1e-6
    return np.concatenate([scores, scores.min() - step * np.arange(1, count - len(scores) + 1)])
