"""Extracts key sentences: those most relevant to the query, verbatim, with their spans in the originals."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import TokenCounter
from ctxshape.core.ranking import ranks, titled
from ctxshape.core.reach import Reach
from ctxshape.core.spans import Piece, kept_note
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.errors import BudgetTooSmall
from ctxshape.evidence.relevance import SentenceIndex
from ctxshape.scorers.bm25 import bm25, bm25_of

_SHARE = 0.3  # of the sentences, kept by default


class KeepKeySentences(Component):
    """Keeps the sentences with the best BM25 score for the query, verbatim and in their document's order.

    A sentence is scored under its document's title. The BM25 score of the whole document is added, since a sentence more
    likely answers if its document is about the query. Both scores are relative to the best one.

    - `top_k`, `ratio` or `tokens`: how much stays. Give a number of sentences, a share of them (rounded up), or a budget
      of tokens; by default the `ratio` is 0.3.
    - `scope`: "context" compares all sentences with each other; those without a score are dropped, and documents without
      any, too. "document" cuts each document by itself.
    - `neighbours`: how many sentences stay on both sides of each key sentence, so that a pronoun keeps its referent.
      What they say nothing without comes along, such as the head of a table.
    - `counter`: counts `tokens`: a backend, or the default.

    If no sentence shares a word with the query, nothing is dropped.

    >>> text = "Mary Smith was a chemist. She won a prize in 1903. The weather was mild."
    >>> context = Context.of("Who won the prize?", [text])
    >>> [d.text for d in KeepKeySentences(top_k=1, neighbours=1)(context).documents]
    ['Mary Smith was a chemist. She won a prize in 1903. The weather was mild.']
    >>> shaped = KeepKeySentences(top_k=1)(context)
    >>> shaped.documents[0].text, shaped.documents[0].spans
    ('She won a prize in 1903.', (Span(document='d1', start=26, end=50),))
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    top_k: Annotated[WholeNumber, Field(ge=1)] | None = None
    ratio: Annotated[float, Field(gt=0, le=1)] | None = None
    tokens: Annotated[WholeNumber, Field(ge=1)] | None = None
    scope: Literal["context", "document"] = "context"
    neighbours: Annotated[WholeNumber, Field(ge=0)] = 0
    counter: TokenCounter | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> KeepKeySentences:
        if sum(value is not None for value in (self.top_k, self.ratio, self.tokens)) > 1:
            raise ValueError(f"top_k is {self.top_k}, ratio is {self.ratio} and tokens is {self.tokens}; give one of them")
        return self

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with only its key sentences. Raises BudgetTooSmall if none fits into `tokens`."""
        cut = [analysis_of(context).pieces(document) for document in context.documents]
        scores = self._scores(context, cut)
        if not any(scores.values()):
            return context.keep(context.documents, notes={d.id: _NOTHING_SHARED for d in context.documents})
        chosen: dict[int, set[int]] = defaultdict(set)
        for group in self._groups(scores):
            for document, sentence in self._choose(context, group, scores, cut):
                chosen[document].add(sentence)
        return self._kept(context, cut, chosen)

    def _scores(self, context: Context, cut: Sequence[Sequence[Piece]]) -> dict[SentenceIndex, float]:
        sentences = [(d, s) for d, pieces in enumerate(cut) for s in range(len(pieces))]
        terms = analysis_of(context).terms
        own = _relative(bm25(context.query, [titled(context.documents[d], cut[d][s].text) for d, s in sentences], terms))
        whole = _relative(bm25_of(context.query, context.documents, terms))
        return {sentence: float(own[i] + whole[sentence[0]]) for i, sentence in enumerate(sentences)}

    def _groups(self, scores: dict[SentenceIndex, float]) -> Iterable[list[SentenceIndex]]:
        """Yields the sentences that are compared with each other, best first; in scope `context` those that score."""
        groups: dict[int, list[SentenceIndex]] = defaultdict(list)
        for index in scores:
            groups[0 if self.scope == "context" else index[0]].append(index)
        for group in groups.values():
            ranked = [group[rank] for rank in ranks([scores[index] for index in group])]
            yield [index for index in ranked if scores[index] > 0] if self.scope == "context" else ranked

    def _choose(
        self, context: Context, group: list[SentenceIndex], scores: dict[SentenceIndex, float], cut: Sequence[Sequence[Piece]]
    ) -> set[SentenceIndex]:
        """Returns the key sentences of a group with their neighbours."""
        if self.tokens is not None:
            return self._within(context, group, cut, self.tokens)
        size = len(scores) if self.scope == "context" else len(cut[group[0][0]])
        count = self.top_k or math.ceil((_SHARE if self.ratio is None else self.ratio) * size)
        return {near for index in group[:count] for near in self._near(index, cut)}

    def _near(self, index: SentenceIndex, cut: Sequence[Sequence[Piece]]) -> list[SentenceIndex]:
        """Returns a sentence with its neighbours, and the pieces that they say nothing without, such as a table's head."""
        document, sentence = index
        last = min(sentence + self.neighbours, len(cut[document]) - 1)
        near = range(max(sentence - self.neighbours, 0), last + 1)
        needed = {need for place in near for need in cut[document][place].needs}
        return [(document, place) for place in sorted({*near, *needed})]

    def _within(
        self, context: Context, group: list[SentenceIndex], cut: Sequence[Sequence[Piece]], tokens: int
    ) -> set[SentenceIndex]:
        """Returns the best sentences that fit with their neighbours. Tokens are those of the sentences, without titles."""
        counter = analysis_of(context).counter(self.counter)
        taken: set[SentenceIndex] = set()
        left, smallest = tokens, math.inf
        for index in group:
            new = [near for near in self._near(index, cut) if near not in taken]
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
                many = f"none of its {len(cut[index])} sentences is a key sentence"
                dropped[document.id] = many if len(cut[index]) > 1 else "its only sentence is not a key sentence"
            elif len(keep) == len(cut[index]):
                documents.append(document)
            else:
                documents.append(analysis_of(context).with_only(document, keep))
                notes[document.id] = kept_note(cut[index], len(keep))
        return context.keep(documents, dropped=dropped, notes=notes)


def _relative(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return scores / scores.max() if scores.size and scores.max() > 0 else scores


_NOTHING_SHARED = "kept whole: no sentence shares a word with the query"
