"""Measures how far documents and sentences stand out for a question, by one scorer or several."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.analysis import analysis_of
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context
from ctxshape.errors import ModelError
from ctxshape.text.units.model import Kind, joint_of

# Units that say something without the lines above them; a row of a table says little without its head.
_COMPLETE: frozenset[Kind] = frozenset({"sentence", "heading"})
SentenceIndex = tuple[int, int]  # index of a document, index of a sentence in it


def standard(scores: Scores) -> Scores:
    """Returns the scores in standard deviations from their mean; all 0 if they are all equal.

    >>> standard(np.array([1.0, 3.0])).tolist(), standard(np.array([2.0, 2.0])).tolist()
    ([-1.0, 1.0], [0.0, 0.0])
    """
    largest = float(np.abs(scores).max(initial=0.0))
    if largest > 1e100:  # for example the lowest float for "irrelevant": its square would overflow
        scores, largest = scores / largest, 1.0
    spread = float(scores.std()) if scores.size else 0.0
    all_equal = spread <= 1e-9 * max(1.0, largest)
    return np.zeros(len(scores)) if all_equal else (scores - scores.mean()) / spread


def text_odds(context: Context, texts: Sequence[str], scorers: Sequence[Scorer]) -> Scores:
    """Returns how far each text stands out for the context's question, shape (n,).

    Each scorer contributes a text's distance from the mean, in standard deviations. The sum is divided by the square root
    of the number of scorers, because scorers agree. Among several scorers, one with a `calibrated` method is measured in
    its own units, so it has more weight for questions with informative words.
    """
    odds = _summed(context, context.query, texts, scorers, fused=len(scorers) > 1)
    return odds / math.sqrt(max(len(scorers), 1))


class Relevance:
    """Measures how far the documents of a context, and their sentences, stand out for a question.

    - `sentences`: the index of each sentence, in the order of all arrays over sentences. `texts`: their texts. `lengths`:
      their characters, those of a row with the head of its table.
    - `cut`: the pieces of each document, if they are finer than those of the analysis.
    - `scorers`: a scorer whose `by_sentence` is true reads only sentences, each under its document's title. The score of
      its best sentence is the document's score, since an embedding represents a long text less well.
    - `rerank_depth`: such a scorer may be slow, so it reads only the documents that stand out most for the scorers before
      it. Several numbers apply to several such scorers in turn, the last to all others. This is a cascade: a costly
      scorer reads what a cheap one found. A sentence that was not read gets the worst score of those that were.
    """

    def __init__(
        self,
        context: Context,
        scorers: Sequence[Scorer],
        rerank_depth: int | Sequence[int] | None = None,
        cut: Sequence[Sequence[Piece]] | None = None,
    ) -> None:
        self.scorers = scorers
        self._context = context
        self._depths = (rerank_depth,) if rerank_depth is None or isinstance(rerank_depth, int) else tuple(rerank_depth)
        pieces = cut if cut is not None else [analysis_of(context).pieces(document) for document in context.documents]
        self.sentences: list[SentenceIndex] = [(d, s) for d, own in enumerate(pieces) for s in range(len(own))]
        self.texts = [pieces[d][s].text for d, s in self.sentences]
        self._document_of = np.array([d for d, _ in self.sentences], dtype=np.intp)
        placed = [in_place(pieces[d], s) for d, s in self.sentences]
        self._titled = [titled(context.documents[d], text) for (d, _), text in zip(self.sentences, placed, strict=True)]
        # A row says as much as it does below its head; an item of a list says what it says.
        self.lengths = [
            len(whole if joint_of(pieces[d][s].kind) != "prose" else text)
            for (d, s), whole, text in zip(self.sentences, placed, self.texts, strict=True)
        ]
        self._quick = [scorer for scorer in scorers if not getattr(scorer, "by_sentence", False)]
        self._slow = [scorer for scorer in scorers if getattr(scorer, "by_sentence", False)]
        self._scored: dict[str, tuple[Scores, list[Scores]]] = {}

    def document_odds(self, query: str, prior: Scores | None = None) -> Scores:
        """Returns how far each document stands out, shape (documents,). `prior` scores count like one more scorer."""
        total, _ = self._document_and_sentence_scores(query)
        if prior is not None:
            total = total + standard(prior)
        return total / math.sqrt(len(self.scorers) + (prior is not None))

    def sentence_odds(self, query: str) -> Scores:
        """Returns how far each sentence stands out among all of them, shape (sentences,)."""
        slow = sum((standard(scores) for scores in self._document_and_sentence_scores(query)[1]), np.zeros(len(self.texts)))
        quick = self._summed(query, self._titled)
        return (slow + quick) / math.sqrt(len(self.scorers))

    def _document_and_sentence_scores(self, query: str) -> tuple[Scores, list[Scores]]:
        """Returns the sum of all scorers for the documents, and the sentence scores of each slow scorer."""
        if query not in self._scored:
            total = self._summed(query, [titled(document, document.text) for document in self._context.documents])
            slow: list[Scores] = []
            for number, scorer in enumerate(self._slow):
                depth = self._depths[min(number, len(self._depths) - 1)]
                slow.append(self._read_by(scorer, query, self._nearest(total, depth if self._quick or slow else None)))
                total = total + standard(self._best_of_documents(slow[-1]))
            self._scored[query] = total, slow
        return self._scored[query]

    def _summed(self, query: str, texts: Sequence[str]) -> Scores:
        return _summed(self._context, query, texts, self._quick, fused=len(self.scorers) > 1)

    def _nearest(self, odds: Scores, depth: int | None) -> NDArray[np.intp]:
        """Returns the numbers of the sentences in the `depth` documents that stand out most, or of all sentences."""
        if depth is None or depth >= len(self._context.documents):
            return np.arange(len(self.texts))
        return np.flatnonzero(np.isin(self._document_of, np.argsort(-odds, kind="stable")[:depth]))

    def _read_by(self, scorer: Scorer, query: str, near: NDArray[np.intp]) -> Scores:
        if not near.size:
            return np.zeros(len(self.texts))
        read = checked_scores(self._context, scorer, query, [self._titled[i] for i in near])
        scores = np.full(len(self.texts), read.min())
        scores[near] = read
        return scores

    def _best_of_documents(self, scores: Scores) -> Scores:
        """Returns the best score among each document's sentences, shape (documents,)."""
        best = np.full(len(self._context.documents), scores.min() if scores.size else 0.0)
        np.maximum.at(best, self._document_of, scores)
        return best


def in_place(pieces: Sequence[Piece], index: int) -> str:
    """Returns the text of a piece behind the lines that it needs to be understood; a sentence is understood by itself."""
    piece = pieces[index]
    if piece.kind in _COMPLETE:
        return piece.text
    return "\n".join([*(pieces[above].text for above in piece.needs if above < index), piece.text])


def checked_scores(context: Context, scorer: Scorer, query: str, texts: Sequence[str], *, calibrated: bool = False) -> Scores:
    """Returns a scorer's scores as float64, shape (n,). Raises ModelError unless each text has a finite one."""
    scores = analysis_of(context).scores(scorer, query, texts, calibrated=calibrated)
    try:
        array = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{_shown(scorer)} gave no scores for {len(texts)} texts but {scores!r:.100}: {error}") from None
    if array.shape != (len(texts),) or not np.isfinite(array).all():
        bad = "" if array.shape != (len(texts),) else f", {int((~np.isfinite(array)).sum())} of them not finite"
        raise ModelError(
            f"{_shown(scorer)} gave scores of shape {array.shape}{bad} for {len(texts)} texts; "
            "a scorer gives one finite number each"
        )
    return array


def _shown(scorer: Scorer) -> str:
    return " ".join(repr(scorer).split())[:200]


def _summed(context: Context, query: str, texts: Sequence[str], scorers: Sequence[Scorer], *, fused: bool) -> Scores:
    """Returns the sum over the scorers of each text's distance from their mean, shape (n,)."""
    return sum((_distances(context, query, texts, scorer, fused) for scorer in scorers), np.zeros(len(texts)))


def _distances(context: Context, query: str, texts: Sequence[str], scorer: Scorer, fused: bool) -> Scores:
    if not fused or getattr(scorer, "calibrated", None) is None:
        return standard(checked_scores(context, scorer, query, texts))
    scores = checked_scores(context, scorer, query, texts, calibrated=True)
    return scores - scores.mean() if scores.size else scores
