"""Relevance by the words that query and text share."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.component import Component
from ctxshape.protocols import Scores
from ctxshape.scoring import bm25, calibrated_bm25


class Bm25(Component):
    """BM25 over the texts of one call; see `ctxshape.scoring.bm25`.

    >>> Bm25().score("apple pie", ["an apple pie", "a pie", "a car"]).round(2).tolist()
    [1.54, 0.5, 0.0]
    """

    def score(self, query: str, texts: Sequence[str], /) -> Scores:
        """Scores of the texts, shape (n,), 0 where no word is shared."""
        return bm25(query, texts)

    def calibrated(self, query: str, texts: Sequence[str], /) -> Scores:
        """The same, so that a difference means as much for one question as for another; see `calibrated_bm25`."""
        return calibrated_bm25(query, texts)
