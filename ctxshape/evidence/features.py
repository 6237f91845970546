"""Measures how far documents and sentences stand out for a question, by one scorer or several."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.analysis import analysis_of
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import titled
from ctxshape.core.types import Context
from ctxshape.errors import ModelError

Place = tuple[int, int]  # index of a document, index of a sentence in it


def standard(scores: Scores) -> Scores:
    """Returns the scores in standard deviations from their mean; all 0 where they are all the same.

    >>> standard(np.array([1.0, 3.0])).tolist(), standard(np.array([2.0, 2.0])).tolist()
    ([-1.0, 1.0], [0.0, 0.0])
    """
    largest = float(np.abs(scores).max(initial=0.0))
    if largest > 1e100:  # such as the least float for "not at all": its square would overflow
        scores, largest = scores / largest, 1.0
    spread = float(scores.std()) if scores.size else 0.0
    same = spread <= 1e-9 * max(1.0, largest)
    return np.zeros(len(scores)) if same else (scores - scores.mean()) / spread


def text_odds(context: Context, texts: Sequence[str], scorers: Sequence[Scorer]) -> Scores:
    """Returns how far each text stands out for the context's question, shape (n,).

    It is the sum over the scorers of the text's distance from the mean, divided by sqrt(scorers) since they agree.
    Distances are in standard deviations. Among several scorers one with a `calibrated` method counts in its own units,
    so that words which tell little do not count as much as words which tell much.
    """
    odds = _summed(context, context.query, texts, scorers, fused=len(scorers) > 1)
    return odds / math.sqrt(max(len(scorers), 1))


class Relevance:
    """Measures how far the documents of a context, and their sentences, stand out for a question.

    A scorer whose `by_sentence` is true reads sentences alone, each under its document's title, and its best sentence
    speaks for the document: an embedding says less of a long text, and no text is read twice. It may be slow, so it
    reads only the sentences of the `rerank_depth` documents that stand out most for the scorers before it; a sentence it
    has not read gets the worst score it gave. Of several depths each is for one such scorer, the last for the rest: a
    cascade, in which a costly scorer reads what a light one has found.
    """

    def __init__(self, context: Context, scorers: Sequence[Scorer], rerank_depth: int | Sequence[int] | None = None) -> None:
        self.scorers = scorers
        self._context = context
        self._depths = (rerank_depth,) if rerank_depth is None or isinstance(rerank_depth, int) else tuple(rerank_depth)
        found = [analysis_of(context).sentences(document) for document in context.documents]
        self.places: list[Place] = [(d, s) for d, pieces in enumerate(found) for s in range(len(pieces))]
        self.texts = [found[d][s].text for d, s in self.places]
        self._owner = np.array([d for d, _ in self.places], dtype=np.intp)
        self._titled = [titled(context.documents[d], text) for (d, _), text in zip(self.places, self.texts, strict=True)]
        self._quick = [scorer for scorer in scorers if not getattr(scorer, "by_sentence", False)]
        self._slow = [scorer for scorer in scorers if getattr(scorer, "by_sentence", False)]
        self._read: dict[str, tuple[Scores, list[Scores]]] = {}

    def document_odds(self, query: str, prior: Scores | None = None) -> Scores:
        """Returns how far each document stands out, shape (documents,); `prior` scores count as one scorer more."""
        total, _ = self._documents_and_slow(query)
        if prior is not None:
            total = total + standard(prior)
        return total / math.sqrt(len(self.scorers) + (prior is not None))

    def sentence_odds(self, query: str) -> Scores:
        """Returns how far each sentence stands out among all, shape (sentences,)."""
        slow = sum((standard(scores) for scores in self._documents_and_slow(query)[1]), np.zeros(len(self.texts)))
        quick = self._summed(query, self._titled)
        return (slow + quick) / math.sqrt(len(self.scorers))

    def _documents_and_slow(self, query: str) -> tuple[Scores, list[Scores]]:
        """Returns all scorers' sum over documents, and each slow scorer's scores of the sentences."""
        if query not in self._read:
            total = self._summed(query, [titled(document, document.text) for document in self._context.documents])
            slow: list[Scores] = []
            for number, scorer in enumerate(self._slow):
                depth = self._depths[min(number, len(self._depths) - 1)]
                slow.append(self._read_by(scorer, query, self._nearest(total, depth if self._quick or slow else None)))
                total = total + standard(self._best_of_documents(slow[-1]))
            self._read[query] = total, slow
        return self._read[query]

    def _summed(self, query: str, texts: Sequence[str]) -> Scores:
        return _summed(self._context, query, texts, self._quick, fused=len(self.scorers) > 1)

    def _nearest(self, odds: Scores, depth: int | None) -> NDArray[np.intp]:
        """Returns the sentences of the `depth` documents that stand out most; all without a number."""
        if depth is None or depth >= len(self._context.documents):
            return np.arange(len(self.texts))
        return np.flatnonzero(np.isin(self._owner, np.argsort(-odds, kind="stable")[:depth]))

    def _read_by(self, scorer: Scorer, query: str, near: NDArray[np.intp]) -> Scores:
        if not near.size:
            return np.zeros(len(self.texts))
        found = checked_scores(self._context, scorer, query, [self._titled[i] for i in near])
        scores = np.full(len(self.texts), found.min())
        scores[near] = found
        return scores

    def _best_of_documents(self, scores: Scores) -> Scores:
        """Returns the best score among each document's sentences, shape (documents,)."""
        best = np.full(len(self._context.documents), scores.min() if scores.size else 0.0)
        np.maximum.at(best, self._owner, scores)
        return best


def checked_scores(context: Context, scorer: Scorer, query: str, texts: Sequence[str], *, calibrated: bool = False) -> Scores:
    """Returns a scorer's scores as float64, shape (n,). Raises ModelError unless there is a finite one for each text."""
    scores = analysis_of(context).scores(scorer, query, texts, calibrated=calibrated)
    name = " ".join(repr(scorer).split())[:200]
    try:
        given = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name} gave no scores for {len(texts)} texts but {scores!r:.100}: {error}") from None
    if given.shape != (len(texts),) or not np.isfinite(given).all():
        bad = "" if given.shape != (len(texts),) else f", {int((~np.isfinite(given)).sum())} of them not finite"
        raise ModelError(
            f"{name} gave scores of shape {given.shape}{bad} for {len(texts)} texts; a scorer gives one finite number each"
        )
    return given


def _summed(context: Context, query: str, texts: Sequence[str], scorers: Sequence[Scorer], *, fused: bool) -> Scores:
    """Returns the sum over the scorers of each text's distance from their mean, shape (n,)."""
    return sum((_distances(context, query, texts, scorer, fused) for scorer in scorers), np.zeros(len(texts)))


def _distances(context: Context, query: str, texts: Sequence[str], scorer: Scorer, fused: bool) -> Scores:
    if not fused or getattr(scorer, "calibrated", None) is None:
        return standard(checked_scores(context, scorer, query, texts))
    scores = checked_scores(context, scorer, query, texts, calibrated=True)
    return scores - scores.mean() if scores.size else scores
