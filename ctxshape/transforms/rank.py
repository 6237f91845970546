"""Ranks documents by their relevance to the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import best_first, fuse, keep_best, ranks, titled
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.evidence.probability import softmax
from ctxshape.evidence.relevance import checked_scores, text_odds
from ctxshape.scorers.bm25 import Bm25


class RankByRelevance(Component):
    """Scores each document under its title and puts the best first.

    - `top`: how many documents stay; by default all.
    - `scorers`: one or more scorers. The scores of a single one become the documents' scores.
    - `fusion`: how several scorers are combined. "standard" adds their standard scores and gives the documents
      probabilities that sum to 1. "reciprocal_rank" is reciprocal rank fusion (Cormack, Clarke and Buettcher 2009).
    - `rerank_depth`: how many documents a costly scorer reads: the best by their incoming scores or order. They are
      scored and sorted; the rest stay behind them.

    Equal scores keep their order, so nothing moves if no document shares a word with the query. Raises ModelError for
    scores that are not finite.

    >>> context = Context.of("capital of France", ["Berlin is in Germany.", "Paris is the capital of France."])
    >>> [document.id for document in RankByRelevance(top=1)(context).documents]
    ['d2']
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    renamed_fields: ClassVar[Mapping[str, str]] = {"among": "rerank_depth"}

    top: Annotated[WholeNumber, Field(ge=1)] | None = None
    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)
    fusion: Literal["standard", "reciprocal_rank"] = "standard"
    rerank_depth: Annotated[WholeNumber, Field(ge=1)] | None = None

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with its documents scored and sorted."""
        documents = context.documents
        if self.rerank_depth:
            documents = tuple(documents[index] for index in best_first(documents))
        scores = _extended(self._scores(context, documents[: self.rerank_depth]), len(documents))
        return keep_best(context, documents, scores, self.top)

    def _scores(self, context: Context, documents: Sequence[Document]) -> Scores:
        texts = [titled(document, document.text) for document in documents]
        if len(self.scorers) > 1 and self.fusion == "standard":
            return softmax(text_odds(context, texts, self.scorers))
        columns = [checked_scores(context, scorer, context.query, texts) for scorer in self.scorers]
        return columns[0] if len(columns) == 1 else np.array(fuse([ranks(column) for column in columns]))


def _extended(scores: Scores, count: int) -> Scores:
    """Returns the scores extended to `count`, each new one below the last, for documents that were not scored."""
    if not scores.size:
        return scores
    step = max(float(np.abs(scores).max()), 1.0) * 1e-6
    return np.concatenate([scores, scores.min() - step * np.arange(1, count - len(scores) + 1)])
