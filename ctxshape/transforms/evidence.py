"""Evidence selection: the sentences that answer, until enough of the evidence is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores, TokenCounter
from ctxshape.core.types import Context
from ctxshape.evidence.features import Place, Relevance
from ctxshape.evidence.packing import Packing
from ctxshape.evidence.probability import EvidenceWeights, credit_dependents, sentence_shares
from ctxshape.evidence.selection import Shares, select
from ctxshape.evidence.subquestions import facets
from ctxshape.scorers.bm25 import Bm25

READ = 20  # documents that an embedder reads
_Count = Annotated[int, Field(ge=1)]


class KeepEvidence(Component):
    """Keeps the sentences that most likely answer, until `mass` of the evidence is kept, best document first.

    Each sentence gets a probability that it is the one that answers, from the `scorers` of it and of its document, and
    from whether it has a value of the kind that is asked for (see `ctxshape.evidence`). They are taken by what they add
    until their probabilities reach `mass`, so an easy question keeps little and a hard one more; `tokens` is a limit on
    top, exact as the reader shows them, counted by `counter` (a backend, or the default); with `at_least_one` the best
    sentence stays even where it alone takes more, and nothing else then. A question of several parts keeps evidence for
    each. What says again what is kept counts less by `variety`. A sentence brings the heading, table head or opening line
    it belongs to, which hands it its own probability; none is ever cut. A document's score is its part of the evidence;
    `prior` lets the scores that the documents come with have a say, as one scorer of documents more; `rerank_depth` is how
    many documents, the best for the scorers before it, a scorer reads that reads by sentence, as Similarity does; several
    numbers are for several such scorers: `scorers=(Bm25(), Similarity(embedder=light), Similarity(embedder=costly))` with
    `rerank_depth=(20, 4)`.
    `order="given"` leaves the documents where they stand. Where nothing tells one sentence from another all stay.

    Raises BudgetTooSmall when not one sentence fits `tokens`, ModelError for scores that are not finite.

    >>> documents = ["The harbour is deep. It was built in 1923.", "The lighthouse is white. The lighthouse was built in 1884."]
    >>> shaped = KeepEvidence(mass=0.5)(Context.of("When was the lighthouse built?", documents))
    >>> [(d.id, d.text) for d in shaped.documents]
    [('d2', 'The lighthouse was built in 1884.')]
    """

    renamed_fields: ClassVar[Mapping[str, str]] = {"among": "rerank_depth"}

    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)
    mass: Annotated[float, Field(gt=0, le=1)] = 0.8
    tokens: Annotated[int, Field(ge=1)] | None = None
    counter: TokenCounter | None = None
    at_least_one: bool = False
    variety: Annotated[float, Field(ge=0, le=1)] = 0.5
    order: Literal["evidence", "given"] = "evidence"
    prior: bool = False
    rerank_depth: _Count | Annotated[tuple[_Count, ...], Field(min_length=1)] = READ
    weights: EvidenceWeights = EvidenceWeights()

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with its evidence."""
        packing = Packing(context, self.tokens, self.counter)
        relevance = Relevance(context, self.scorers, self.rerank_depth)
        standing = relevance.document_odds(context.query, self._prior(context)) if relevance.places else None
        own = [sentence_shares(relevance, part, self.weights, standing=standing) for part in facets(context.query)]
        analysis = analysis_of(context)
        dependencies = [analysis.dependencies(document) for document in context.documents]
        shares = [credit_dependents(share, dependencies) for share in own]
        informative = any(len(set(share.values())) > 1 for share in own)
        if not informative and packing.fits_whole():
            return context.keep(context.documents, notes={d.id: _NOTHING_TOLD for d in context.documents})

        @cache
        def terms(place: Place) -> frozenset[str]:
            return frozenset(analysis.terms(analysis.sentences(context.documents[place[0]])[place[1]].text).main)

        select(
            shares,
            terms,
            lambda place: packing.add_sentence(*place, widen=self.at_least_one and packing.is_empty),
            mass=self.mass if informative else 1.0,
            variety=self.variety,
        )
        evidence = _by_document(shares, len(context.documents))
        order: Sequence[int] = range(len(evidence))
        if self.order == "evidence":
            order = sorted(order, key=lambda index: -evidence[index])
        return packing.finish(order, self._reasons(evidence), evidence)

    def _prior(self, context: Context) -> Scores | None:
        scores = [document.score for document in context.documents if document.score is not None]
        return np.array(scores) if self.prior and len(scores) == len(context.documents) else None

    def _reasons(self, evidence: Sequence[float]) -> dict[int, str]:
        return {
            i: f"it has {share:.2%} of the evidence; {self.mass:.0%} is reached without it" for i, share in enumerate(evidence)
        }


def _by_document(shares: Shares, count: int) -> list[float]:
    """Returns each document's part of the evidence, the mean over the parts of the question."""
    evidence = [0.0] * count
    for share in shares:
        for (document, _), value in share.items():
            evidence[document] += value / len(shares)
    return evidence


_NOTHING_TOLD = "kept whole: no scorer tells one sentence from another"
