"""Ranks documents by their scores, fuses rankings, and gives the text that is scored. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.core.protocols import Scores
from ctxshape.core.types import Context, Document

LONGEST_TITLE = 500  # characters; each sentence is scored under its title, and both may be long


def titled(document: Document, text: str) -> str:
    """Returns a text of a document under its title. Scorers read this, since a title often names what its text calls "it".

    Of a title of more than 500 characters, the first 500 count.

    >>> titled(Document(id="a", text="It is old. It is big.", title="Rome"), "It is old.")
    'Rome It is old.'
    """
    return f"{(document.title or '')[:LONGEST_TITLE]} {text}"


def ranks(scores: Sequence[float] | Scores) -> list[int]:
    """Returns the indices of the scores, best first. Equal scores keep their order.

    >>> ranks([0.1, 0.9, 0.9])
    [1, 2, 0]
    """
    return sorted(range(len(scores)), key=lambda i: -scores[i])


def best_first(documents: Sequence[Document]) -> list[int]:
    """Returns the indices of the documents, most relevant first: by score if every document has one, else as given.

    >>> best_first([Document(id="a", text="", score=0.2), Document(id="b", text="", score=0.7)])
    [1, 0]
    >>> best_first([Document(id="a", text=""), Document(id="b", text="", score=0.7)])
    [0, 1]
    """
    scores = [document.score for document in documents if document.score is not None]
    return ranks(scores) if len(scores) == len(documents) else list(range(len(documents)))


def keep_best(context: Context, documents: Sequence[Document], scores: Sequence[float] | Scores, top: int | None) -> Context:
    """Returns the context with the documents scored, best first, at most `top` of them, and reasons for the others.

    >>> context = Context.of("q", ["a", "b", "c"])
    >>> kept = keep_best(context, context.documents, [0.1, 0.9, 0.5], top=2)
    >>> [(document.id, document.score) for document in kept.documents], kept.dropped
    ([('d2', 0.9), ('d3', 0.5)], {'d1': 'rank 3 of 3, below the best 2'})
    """
    scored = [d.model_copy(update={"score": float(s)}) for d, s in zip(documents, scores, strict=True)]
    ranked = [scored[index] for index in ranks(scores)]
    cut = len(ranked) if top is None else top
    dropped = {d.id: f"rank {rank} of {len(ranked)}, below the best {cut}" for rank, d in enumerate(ranked[cut:], cut + 1)}
    return context.keep(ranked[:cut], dropped=dropped)


def fuse(rankings: Sequence[Sequence[int]], k: int = 60) -> list[float]:
    """Returns the score of each of n items by reciprocal rank fusion of several rankings of all n, each best first.

    Cormack, Clarke and Buettcher 2009, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning
    Methods".

    >>> [round(score, 4) for score in fuse([[0, 1, 2], [0, 2, 1]])]
    [0.0328, 0.032, 0.032]
    """
    scores = [0.0] * (len(rankings[0]) if rankings else 0)
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] += 1 / (k + rank)
    return scores
