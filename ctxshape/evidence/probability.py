"""Estimates the probability of each sentence of a context that it answers the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ctxshape.claims.questions import parse_question
from ctxshape.core.protocols import Scores
from ctxshape.core.spans import Piece
from ctxshape.core.types import Frozen
from ctxshape.evidence.relevance import Relevance, SentenceIndex

_LONG = 400  # characters; what is longer gets no more credit for its length
_FAR = 8.0  # log-odds behind the best sentence: a probability 3,000 times lower


class EvidenceWeights(Frozen):
    """The weights of a sentence's features, in log-odds.

    - `document`, `sentence`: for one standard deviation of a scorer's score, or one unit of a calibrated score. The sum of
      n scorers is divided by sqrt(n) first, because they agree.
    - `asked`: for a value of the kind that the question asks for, such as a date for "when".
    - `length`: for a length that is e times the usual one, up to 400 characters.

    The defaults are the rounded weights of a conditional logit model, fitted to 100 questions each from Natural
    Questions, XQuAD in English and Chinese, and CMRC. These questions are held out of every reported number.
    """

    document: float = 1.4
    sentence: float = 0.6
    asked: float = 1.0
    length: float = 0.5


def softmax(odds: Scores) -> Scores:
    """Returns log-odds as probabilities that sum to 1.

    >>> import math
    >>> softmax(np.array([0.0, math.log(3)])).round(2).tolist()
    [0.25, 0.75]
    """
    powers = np.exp(odds - odds.max()) if odds.size else odds
    return powers / powers.sum() if powers.size else powers


def sentence_probabilities(
    relevance: Relevance,
    query: str,
    weights: EvidenceWeights = EvidenceWeights(),  # noqa: B008  a value
    *,
    standing: Scores | None = None,
) -> dict[SentenceIndex, float]:
    """Returns for each sentence the probability that it is the one that answers. They sum to 1.

    A sentence is scored under its document's title, and together with its document. `standing` holds the documents' odds
    for the whole question if `query` is only a part of it; by default they are computed for `query`.

    The weights were fitted to real questions, so the probabilities are calibrated: sentences with 0.95 together hold the
    answer in about 95 of 100 cases.
    """
    sentences = relevance.sentences
    if not sentences:
        return {}
    documents = relevance.document_odds(query) if standing is None else standing
    odds = weights.document * documents[[d for d, _ in sentences]] + weights.sentence * relevance.sentence_odds(query)
    if not odds.any():  # no scorer distinguishes the sentences, so neither length nor kind may
        return dict.fromkeys(sentences, 1 / len(sentences))
    lengths = np.log([min(max(length, 1), _LONG) for length in relevance.lengths])
    odds += weights.length * (lengths - lengths.mean())
    # Finding values takes time, and a sentence this far behind stays behind.
    likely = np.flatnonzero(odds > odds.max() - weights.asked - _FAR)
    odds[likely] += weights.asked * _has_asked_value(query, [relevance.texts[index] for index in likely])
    return dict(zip(sentences, softmax(odds).tolist(), strict=True))


def credit_dependents(
    probabilities: Mapping[SentenceIndex, float], dependencies: Sequence[Sequence[Sequence[int]]]
) -> dict[SentenceIndex, float]:
    """Moves the probability of headings, table heads and opening lines to the sentences that depend on them.

    Such a line names the topic of the question but seldom answers it. The answer stands below the line and brings it
    along. Each sentence below gets a part in proportion to its own probability; a line without sentences below keeps its
    own. Two sentences that depend on each other, such as a question and its answer, keep theirs, too. `dependencies` has,
    for each sentence of each document, the indices of the sentences it depends on.

    >>> probabilities = {(0, 0): 0.6, (0, 1): 0.1, (0, 2): 0.2, (1, 0): 0.1}
    >>> [round(value, 2) for value in credit_dependents(probabilities, [[(), (0,), (0,)], [()]]).values()]
    [0.0, 0.3, 0.6, 0.1]
    """
    credited = dict(probabilities)
    for document, needed in enumerate(dependencies):
        dependents: dict[int, list[int]] = {}
        for sentence, lines in enumerate(needed):
            for line in lines:
                if sentence not in needed[line]:
                    dependents.setdefault(line, []).append(sentence)
        for line, below in dependents.items():
            heirs = [(document, sentence) for sentence in below if sentence not in dependents]
            if not heirs:
                continue
            own = sum(probabilities[heir] for heir in heirs)
            for heir in heirs:
                part = probabilities[heir] / own if own > 0 else 1 / len(heirs)
                credited[heir] += probabilities[document, line] * part
            credited[document, line] = 0.0
    return credited


def topic_needs(pieces: Sequence[Piece]) -> list[Sequence[int]]:
    """Returns the needs of each piece that name its topic but seldom answer; the line with an error answers itself.

    Such a line and the first one of its entry need each other.
    """
    errors = {
        n
        for number, piece in enumerate(pieces)
        for n in (piece.needs if piece.kind == "line" else ())
        if pieces[n].kind == "line" and number in pieces[n].needs
    }
    if not errors:
        return [piece.needs for piece in pieces]
    return [[n for n in piece.needs if n not in errors or piece.kind != "line"] for piece in pieces]


def _has_asked_value(query: str, texts: Sequence[str]) -> Scores:
    """Returns 1 for each text with a value of the kind that the question asks for, otherwise 0."""
    kind = parse_question(query)
    return np.zeros(len(texts)) if kind is None else np.array([float(bool(kind.values(text))) for text in texts])
