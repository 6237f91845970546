"""Key-sentence extraction: the sentences that speak to the query, verbatim, with their places in the originals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import TokenCounter
from ctxshape.core.ranking import ranks, titled
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context
from ctxshape.errors import BudgetTooSmall
from ctxshape.scorers.bm25 import bm25, bm25_of

Place = tuple[int, int]  # index of a document, index of a sentence in it


class KeepKeySentences(Component):
    """Keeps the sentences with the best BM25 score for the query; every kept one has its span in the original.

    A sentence is scored together with its document's title, and its document's own BM25 score is added, both relative to
    the best one and the latter times `document_weight`: a sentence is the more likely to answer, the more its document
    is about the query. How many stay is one of `top_k` (sentences), `ratio`
    (share of the sentences, rounded up; 0.3 if nothing is given) or `tokens` (counted by `counter`: a backend, or the
    default), over the whole context or, with `scope="document"`, for each document by itself. With scope `context`
    only sentences that score above 0 stay, and a document without one is dropped. `neighbours` keeps
    that many sentences on both sides of each key sentence, so that a pronoun has what it refers to. Sentences stay
    in their document's order. A query that shares no word with any sentence drops nothing.

    >>> text = "Mary Smith was a chemist. She won a prize in 1903. The weather was mild."
    >>> context = Context.of("Who won the prize?", [text])
    >>> [d.text for d in KeepKeySentences(top_k=1, neighbours=1)(context).documents]
    ['Mary Smith was a chemist. She won a prize in 1903. The weather was mild.']
    >>> shaped = KeepKeySentences(top_k=1)(context)
    >>> shaped.documents[0].text, shaped.documents[0].spans
    ('She won a prize in 1903.', (Span(document='d1', start=26, end=50),))
    """

    top_k: Annotated[int, Field(ge=1)] | None = None
    ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    tokens: Annotated[int, Field(ge=1)] | None = None
    scope: Literal["context", "document"] = "context"
    neighbours: Annotated[int, Field(ge=0)] = 0
    document_weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    counter: TokenCounter | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> KeepKeySentences:
        if sum(value is not None for value in (self.top_k, self.ratio, self.tokens)) > 1:
            raise ValueError("give one of top_k, ratio and tokens")
        return self

    def __call__(self, context: Context, /) -> Context:
        """The context with each document cut down to its key sentences. Raises BudgetTooSmall if none fits `tokens`."""
        cut = [analysis_of(context).sentences(document) for document in context.documents]
        scores = self._scores(context, cut)
        if not any(scores.values()):
            return context.keep(context.documents, notes={d.id: _NOTHING_SHARED for d in context.documents})
        chosen: dict[int, set[int]] = defaultdict(set)
        for group in self._groups(scores):
            for document, sentence in self._choose(context, group, scores, cut):
                chosen[document].add(sentence)
        return self._kept(context, cut, chosen)

    def _scores(self, context: Context, cut: Sequence[Sequence[Piece]]) -> dict[Place, float]:
        places = [(d, s) for d, found in enumerate(cut) for s in range(len(found))]
        terms = analysis_of(context).terms
        own = _relative(bm25(context.query, [titled(context.documents[d], cut[d][s].text) for d, s in places], terms))
        whole = _relative(bm25_of(context.query, context.documents, terms))
        return {place: float(own[i] + self.document_weight * whole[place[0]]) for i, place in enumerate(places)}

    def _groups(self, scores: dict[Place, float]) -> Iterable[list[Place]]:
        """The places that compete with each other, best first; in scope `context` those of score 0 do not."""
        groups: dict[int, list[Place]] = defaultdict(list)
        for place in scores:
            groups[0 if self.scope == "context" else place[0]].append(place)
        for group in groups.values():
            ranked = [group[i] for i in ranks([scores[place] for place in group])]
            yield [p for p in ranked if scores[p] > 0] if self.scope == "context" else ranked

    def _choose(
        self, context: Context, group: list[Place], scores: dict[Place, float], cut: Sequence[Sequence[Piece]]
    ) -> set[Place]:
        """Key sentences of a group with their neighbours."""
        if self.tokens is not None:
            return self._within(context, group, cut, self.tokens)
        size = len(scores) if self.scope == "context" else len(cut[group[0][0]])
        count = self.top_k or math.ceil((0.3 if self.ratio is None else self.ratio) * size)
        return {near for place in group[:count] for near in self._near(place, cut)}

    def _near(self, place: Place, cut: Sequence[Sequence[Piece]]) -> list[Place]:
        document, sentence = place
        last = min(sentence + self.neighbours, len(cut[document]) - 1)
        return [(document, near) for near in range(max(sentence - self.neighbours, 0), last + 1)]

    def _within(self, context: Context, group: list[Place], cut: Sequence[Sequence[Piece]], tokens: int) -> set[Place]:
        """Best first, each that still fits with its neighbours; tokens are the sentences' own, without titles."""
        counter = analysis_of(context).counter(self.counter)
        taken: set[Place] = set()
        left, smallest = tokens, math.inf
        for place in group:
            new = [near for near in self._near(place, cut) if near not in taken]
            cost = counter.total([cut[d][s].text for d, s in new])
            smallest = min(smallest, cost)
            if cost <= left:
                taken.update(new)
                left -= cost
        if not taken:
            raise BudgetTooSmall(
                f"a budget of {tokens} tokens holds no key sentence; the smallest takes {smallest}; give at least that"
            )
        return taken

    def _kept(self, context: Context, cut: Sequence[Sequence[Piece]], chosen: dict[int, set[int]]) -> Context:
        documents, dropped, notes = [], {}, {}
        for index, document in enumerate(context.documents):
            keep = sorted(chosen.get(index, ()))
            if not keep:
                dropped[document.id] = f"none of its {len(cut[index])} sentences is a key sentence"
            elif len(keep) == len(cut[index]):
                documents.append(document)
            else:
                documents.append(analysis_of(context).with_only(document, [cut[index][s] for s in keep]))
                notes[document.id] = f"kept {len(keep)} of {len(cut[index])} sentences"
        return context.keep(documents, dropped=dropped, notes=notes)


def _relative(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores / scores.max() if scores.size and scores.max() > 0 else scores


_NOTHING_SHARED = "kept whole: no sentence shares a word with the query"
