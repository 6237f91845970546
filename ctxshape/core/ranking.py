"""Ranks: the order "best first", rank fusion, and the text under which a document is scored. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.core.protocols import Scores
from ctxshape.core.types import Document


def titled(document: Document, text: str) -> str:
    """A text of a document under its title: what is scored, since a title often names what its text calls "it".

    >>> titled(Document(id="a", text="It is old. It is big.", title="Rome"), "It is old.")
    'Rome It is old.'
    """
    return f"{document.title or ''} {text}"


def ranks(scores: Sequence[float] | Scores) -> list[int]:
    """Indices by score, best first, equal ones as they came.

    >>> ranks([0.1, 0.9, 0.9])
    [1, 2, 0]
    """
    return sorted(range(len(scores)), key=lambda i: -scores[i])


def best_first(documents: Sequence[Document]) -> list[int]:
    """Indices of the documents, most relevant first: by score where every document has one, else as they stand.

    >>> best_first([Document(id="a", text="", score=0.2), Document(id="b", text="", score=0.7)])
    [1, 0]
    >>> best_first([Document(id="a", text=""), Document(id="b", text="", score=0.7)])
    [0, 1]
    """
    scores = [document.score for document in documents if document.score is not None]
    return ranks(scores) if len(scores) == len(documents) else list(range(len(documents)))


def fuse(rankings: Sequence[Sequence[int]], k: int = 60) -> list[float]:
    """Reciprocal rank fusion: score of each of n items from several rankings of all n, each best first.

    Cormack, Clarke and Buettcher 2009.

    >>> [round(score, 4) for score in fuse([[0, 1, 2], [0, 2, 1]])]
    [0.0328, 0.032, 0.032]
    """
    scores = [0.0] * (len(rankings[0]) if rankings else 0)
    for ranking in rankings:
        for place, item in enumerate(ranking, 1):
            scores[item] += 1 / (k + place)
    return scores
