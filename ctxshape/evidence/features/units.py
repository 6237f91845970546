"""The units of a context as scorers read them: under their title, in their place, without echoes of the question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ctxshape.core.protocols import Scores
from ctxshape.core.ranking import titled
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Document
from ctxshape.evidence.relevance import SentenceIndex, in_place
from ctxshape.text.answered import empty_echoes
from ctxshape.text.echoes import echo_of, without_echoes
from ctxshape.text.units.model import joint_of

Indices = NDArray[np.intp]
Table = NDArray[np.float64]  # one row for each text or unit, one column for each feature or dimension


class UnitTable:
    """The units of all documents of a context, in order; every array over units has this order.

    - `query`: the question. `documents`: the documents. `pieces`: the units of each document.
    - `places`: the index of the document and of the unit in it, for each unit.
    - `texts`: what each unit says, behind the lines without which it says nothing, such as the head of its table. Where it
      repeats the question, that is left out, since it tells nothing about the answer, unless the text is from a FAQ.
    - `echoing`: the units that repeat the question.
    """

    def __init__(self, context: Context, query: str, pieces: Sequence[Sequence[Piece]]) -> None:
        self.query = query
        self.documents: Sequence[Document] = context.documents
        self.pieces = pieces
        self.places: list[SentenceIndex] = [(d, s) for d, own in enumerate(pieces) for s in range(len(own))]
        self.whole = [in_place(pieces[d], s) for d, s in self.places]
        titles = [document.title or "" for document in context.documents]
        empty = empty_echoes(query, [document.text for document in context.documents], titles)
        self.echoing = [n for n, (document, _) in enumerate(self.places) if document in empty and echo_of(query, self.whole[n])]
        self.texts = list(self.whole)
        for number in self.echoing:
            self.texts[number] = without_echoes(query, self.whole[number])

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def document_of(self) -> Indices:
        """The index of the document of each unit."""
        return np.array([document for document, _ in self.places], dtype=np.intp)

    @cached_property
    def sizes(self) -> Indices:
        """The number of units of each document."""
        return np.bincount(self.document_of, minlength=len(self.documents))

    @cached_property
    def titled(self) -> list[str]:
        """The text of each unit under its document's title."""
        return [titled(self.documents[d], text) for (d, _), text in zip(self.places, self.texts, strict=True)]

    @cached_property
    def lengths(self) -> Scores:
        """The characters of each unit, those of a row with the head of its table."""
        return np.array(
            [
                len(text if joint_of(self.pieces[d][s].kind) != "prose" else self.pieces[d][s].text)
                for (d, s), text in zip(self.places, self.texts, strict=True)
            ],
            dtype=np.float64,
        )

    @cached_property
    def number_of(self) -> dict[SentenceIndex, int]:
        """The number of each unit, by its indices."""
        return {place: number for number, place in enumerate(self.places)}

    @cached_property
    def needs(self) -> list[list[int]]:
        """The numbers of the units that come along with each unit."""
        number_of = self.number_of
        return [[number_of[d, need] for need in self.pieces[d][s].needs] for d, s in self.places]

    def best_of_documents(self, scores: Scores) -> Scores:
        """Returns the best score among each document's units, shape (documents,); the lowest score if it has none."""
        best = np.full(len(self.documents), scores.min(initial=0.0))
        np.maximum.at(best, self.document_of, scores)
        return best

    def units_of_best(self, standing: Scores, depth: int) -> Indices:
        """Returns the numbers of the units of the `depth` best documents by `standing`, shape (documents,)."""
        return np.flatnonzero(np.isin(self.document_of, np.argsort(-standing, kind="stable")[:depth]))

    def with_unread(self, scores: Scores, read: Indices) -> Scores:
        """Returns the scores of the units `read` as scores of all, shape (units,); the others get the lowest, at most 0."""
        every = np.full(len(self), scores.min(initial=0.0))
        every[read] = scores
        return every

    def best_beside(self, scores: Scores) -> Scores:
        """Returns the better score of each unit's two neighbours in its document, at least 0, shape (units,)."""
        own = self.document_of
        same = own[1:] == own[:-1]
        best = np.zeros(len(scores))
        best[1:] = np.where(same, np.maximum(scores[:-1], 0.0), 0.0)
        best[:-1] = np.maximum(best[:-1], np.where(same, scores[1:], 0.0))
        return best

    def best_of_needs(self, scores: Scores) -> Scores:
        """Returns the best score among the lines that come along with each unit, at least 0, shape (units,)."""
        best = np.zeros(len(scores))
        for number, needs in enumerate(self.needs):
            if needs:
                best[number] = max(0.0, *(scores[need] for need in needs))
        return best


def rank_of(scores: Scores) -> Scores:
    """Returns the rank of each score, 0 for the best; equal scores keep their order."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return ranks


def below_best(scores: Scores, count: int) -> Scores:
    """Returns how far each score is above the mean of the `count` best ones; mostly negative."""
    return scores - np.sort(scores)[-count:].mean() if scores.size else scores
