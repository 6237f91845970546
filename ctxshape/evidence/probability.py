"""How likely each sentence of a context is the one that answers. Pure functions over scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ctxshape.claims.questions import asked
from ctxshape.core.protocols import Scorer, Scores
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece
from ctxshape.core.types import Document, Frozen
from ctxshape.errors import ModelError

_FAR = 8.0  # log-odds behind the best: one sentence in 3,000
Place = tuple[int, int]  # index of a document, index of a sentence in it


class EvidenceWeights(Frozen):
    """What speaks for a sentence, in units of log-odds.

    `document` and `sentence` are for a standard deviation of a scorer's score, or a calibrated unit of it (each scorer's
    of n for 1 / sqrt(n) of it, since they agree), `asked` is for a value of the kind that the question asks for, `length`
    for a length that is e times the usual one. They are the rounded weights of a conditional logit model, fitted to 100
    questions each of four sets (Natural Questions, XQuAD in English and Chinese, CMRC) that no figure of ours is reported on.
    """

    document: float = 1.4
    sentence: float = 0.6
    asked: float = 1.0
    length: float = 0.5


def standard(scores: Scores) -> Scores:
    """The scores in standard deviations from their mean; all 0 where they are all the same.

    >>> standard(np.array([1.0, 3.0])).tolist(), standard(np.array([2.0, 2.0])).tolist()
    ([-1.0, 1.0], [0.0, 0.0])
    """
    largest = float(np.abs(scores).max(initial=0.0))
    if largest > 1e100:  # such as the least float for "not at all": its square would overflow
        scores, largest = scores / largest, 1.0
    spread = float(scores.std()) if scores.size else 0.0
    same = spread <= 1e-9 * max(1.0, largest)
    return np.zeros(len(scores)) if same else (scores - scores.mean()) / spread


def shares(odds: Scores) -> Scores:
    """Log-odds as probabilities that add up to 1 (softmax).

    >>> shares(np.array([0.0, math.log(3)])).round(2).tolist()
    [0.25, 0.75]
    """
    powers = np.exp(odds - odds.max()) if odds.size else odds
    return powers / powers.sum() if powers.size else powers


def summed(query: str, texts: Sequence[str], scorers: Sequence[Scorer], *, fused: bool) -> Scores:
    """How far each text stands out for the scorers together, shape (n,): the sum of its distances from their means.

    Distances are in standard deviations; in the scorer's own `calibrated` units if it has such and what it says is to be
    `fused` with what others say. Words that tell little then do not speak as loud as words that tell much.
    """
    return sum((_distances(query, texts, scorer, fused) for scorer in scorers), np.zeros(len(texts)))


def text_odds(query: str, texts: Sequence[str], scorers: Sequence[Scorer]) -> Scores:
    """How far each text stands out, shape (n,): see `summed`, with each scorer's word for 1 / sqrt(scorers) of it."""
    return summed(query, texts, scorers, fused=len(scorers) > 1) / math.sqrt(max(len(scorers), 1))


class Reading:
    """One context as the scorers see it: how far its documents and its sentences stand out for a question.

    A scorer whose `by_sentence` is true reads sentences alone, each under its document's title, and its best sentence
    speaks for a document: an embedding says less of a long text, and none is read twice. It may be slow, so it reads only
    the sentences of the `rerank_depth` documents that stand out most for the scorers before it and those that read whole
    documents; what it has not read is as good to it as the worst it has. Of several numbers each is for one such scorer,
    the last for the rest: a cascade, in which a costly one reads what a light one has found.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        sentences: Sequence[Sequence[Piece]],
        scorers: Sequence[Scorer],
        rerank_depth: int | Sequence[int] | None = None,
    ) -> None:
        self.documents, self.scorers = documents, scorers
        self._depths = (rerank_depth,) if rerank_depth is None or isinstance(rerank_depth, int) else tuple(rerank_depth)
        self.places: list[Place] = [(d, s) for d, found in enumerate(sentences) for s in range(len(found))]
        self.texts = [sentences[d][s].text for d, s in self.places]
        self._owner = np.array([d for d, _ in self.places], dtype=np.intp)
        self._titled = [titled(documents[d], text) for (d, _), text in zip(self.places, self.texts, strict=True)]
        self._quick = [scorer for scorer in scorers if not getattr(scorer, "by_sentence", False)]
        self._slow = [scorer for scorer in scorers if getattr(scorer, "by_sentence", False)]
        self._read: dict[str, tuple[Scores, list[Scores]]] = {}

    def document_odds(self, query: str, prior: Scores | None = None) -> Scores:
        """How far each document stands out, shape (documents,); `prior` scores count as one scorer more."""
        total, _ = self._seen(query)
        if prior is not None:
            total = total + standard(prior)
        return total / math.sqrt(len(self.scorers) + (prior is not None))

    def sentence_odds(self, query: str) -> Scores:
        """How far each sentence stands out among all, shape (sentences,)."""
        slow = sum((standard(scores) for scores in self._seen(query)[1]), np.zeros(len(self.texts)))
        quick = summed(query, self._titled, self._quick, fused=len(self.scorers) > 1)
        return (slow + quick) / math.sqrt(len(self.scorers))

    def _seen(self, query: str) -> tuple[Scores, list[Scores]]:
        """All scorers' sum over documents, and each slow one's scores of the sentences."""
        if query not in self._read:
            texts = [titled(document, document.text) for document in self.documents]
            total = summed(query, texts, self._quick, fused=len(self.scorers) > 1)
            slow: list[Scores] = []
            for number, scorer in enumerate(self._slow):
                depth = self._depths[min(number, len(self._depths) - 1)]
                slow.append(self._read_by(scorer, query, self._nearest(total, depth if self._quick or slow else None)))
                total = total + standard(self._of_documents(slow[-1]))
            self._read[query] = total, slow
        return self._read[query]

    def _nearest(self, odds: Scores, depth: int | None) -> NDArray[np.intp]:
        """The sentences of the documents that stand out most; all without a number."""
        if depth is None or depth >= len(self.documents):
            return np.arange(len(self.texts))
        return np.flatnonzero(np.isin(self._owner, np.argsort(-odds, kind="stable")[:depth]))

    def _read_by(self, scorer: Scorer, query: str, near: NDArray[np.intp]) -> Scores:
        if not near.size:
            return np.zeros(len(self.texts))
        found = checked(scorer, scorer.score(query, [self._titled[i] for i in near]), len(near))
        scores = np.full(len(self.texts), found.min())
        scores[near] = found
        return scores

    def _of_documents(self, scores: Scores) -> Scores:
        """The best of each document's sentences, shape (documents,)."""
        best = np.full(len(self.documents), scores.min() if scores.size else 0.0)
        np.maximum.at(best, self._owner, scores)
        return best


def sentence_shares(
    reading: Reading,
    query: str,
    weights: EvidenceWeights = EvidenceWeights(),  # noqa: B008  a value
    *,
    standing: Scores | None = None,
) -> dict[Place, float]:
    """The probability of each sentence that it is the one that answers, by its place; they add up to 1.

    A sentence is scored under its document's title, and with its document. `standing` is the documents' odds for the whole
    question where `query` is a part of it; left out, they are those for `query`. Fitted to real questions, the
    probabilities mean what they say: sentences that have 0.95 together hold the answer in about 95 of 100 cases.
    """
    places = reading.places
    if not places:
        return {}
    whole = reading.document_odds(query) if standing is None else standing
    odds = weights.document * whole[[d for d, _ in places]] + weights.sentence * reading.sentence_odds(query)
    if not odds.any():  # no scorer tells one from another, so neither length nor kind may
        return dict.fromkeys(places, 1 / len(places))
    lengths = np.log([max(len(text), 1) for text in reading.texts])
    odds += weights.length * (lengths - lengths.mean())
    # Looking for values takes time, and what is this far behind stays behind.
    likely = np.flatnonzero(odds > odds.max() - weights.asked - _FAR)
    odds[likely] += weights.asked * _has_asked(query, [reading.texts[i] for i in likely])
    return dict(zip(places, shares(odds).tolist(), strict=True))


def credit_dependents(share: Mapping[Place, float], needs: Sequence[Sequence[Sequence[int]]]) -> dict[Place, float]:
    """The probabilities with those of headings, table heads and opening lines given to the sentences that need them.

    Such a line says what is asked about and seldom the answer, which stands below it and brings it along. `needs` has for
    each sentence of each document the earlier ones that come with it (see `ctxshape.text.units`). Each sentence below gets a
    part in proportion to its own probability; a line with nothing below keeps what it has.

    >>> share = {(0, 0): 0.6, (0, 1): 0.1, (0, 2): 0.2, (1, 0): 0.1}
    >>> [round(value, 2) for value in credit_dependents(share, [[(), (0,), (0,)], [()]]).values()]
    [0.0, 0.3, 0.6, 0.1]
    """
    given = dict(share)
    for document, needed in enumerate(needs):
        below: dict[int, list[int]] = {}
        for sentence, lines in enumerate(needed):
            for line in lines:
                below.setdefault(line, []).append(sentence)
        for line, under in below.items():
            places = [(document, sentence) for sentence in under if sentence not in below]
            own = sum(share[place] for place in places)
            if not places:
                continue
            for place in places:
                given[place] += share[document, line] * (share[place] / own if own > 0 else 1 / len(places))
            given[document, line] = 0.0
    return given


def checked(scorer: Scorer, scores: Scores, count: int) -> Scores:
    """The scores as float64. Raises ModelError unless there is a finite one for each of `count` texts."""
    name = " ".join(repr(scorer).split())[:200]
    try:
        given = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{name} gave no scores for {count} texts but {scores!r:.100}: {error}") from None
    if given.shape != (count,) or not np.isfinite(given).all():
        bad = "" if given.shape != (count,) else f", {int((~np.isfinite(given)).sum())} of them not finite"
        raise ModelError(
            f"{name} gave scores of shape {given.shape}{bad} for {count} texts; a scorer gives one finite number each"
        )
    return given


def _distances(query: str, texts: Sequence[str], scorer: Scorer, fused: bool) -> Scores:
    calibrated = getattr(scorer, "calibrated", None) if fused else None
    if calibrated is None:
        return standard(checked(scorer, scorer.score(query, texts), len(texts)))
    scores = checked(scorer, calibrated(query, texts), len(texts))
    return scores - scores.mean() if scores.size else scores


def _has_asked(query: str, texts: Sequence[str]) -> Scores:
    kind = asked(query)
    return np.zeros(len(texts)) if kind is None else np.array([float(bool(kind.values(text))) for text in texts])
