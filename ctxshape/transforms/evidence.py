"""Selects evidence: the sentences that answer, until enough of the evidence is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores, TokenCounter
from ctxshape.core.reach import Reach
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.evidence.packing import Packing
from ctxshape.evidence.probability import EvidenceWeights, credit_dependents, sentence_probabilities, topic_needs
from ctxshape.evidence.relevance import Relevance, SentenceIndex
from ctxshape.evidence.selection import select
from ctxshape.evidence.subquestions import subquestions
from ctxshape.scorers.bm25 import Bm25

EMBEDDER_DEPTH = 20  # documents that an embedder reads
_UNINFORMATIVE = "kept whole: no scorer tells one sentence from another"
_Count = Annotated[WholeNumber, Field(ge=1)]


class KeepEvidence(Component):
    """Keeps the sentences that most likely answer the question, verbatim, with the best document first.

    Each sentence gets a calibrated probability that it is the one that answers. The probability depends on the relevance
    of the sentence and its document, and on whether the sentence has a value of the kind asked for. The sentences that add
    most are kept until their probabilities reach `mass`, so an easy question keeps little and a hard one more. A question
    of several parts keeps evidence for each part. A kept sentence brings along its heading, table head or opening line, at
    most 5 lines and 400 characters, and fewer if `tokens` cannot hold them; no sentence is ever cut. The score of a
    document is its share of the evidence.

    - `scorers`: how relevance is measured; several are combined.
    - `mass`: how much of the evidence is kept, from 0 to 1.
    - `tokens`: a limit on top, exact as the prompt shows the documents. `counter` counts it: a backend, or the default.
    - `at_least_one`: keeps the best sentence even if it alone takes more than `tokens`, and then nothing else.
    - `variety`: how much repetition of kept sentences is penalized, from 0 to 1.
    - `order`: "evidence" puts the best document first, "given" leaves the order unchanged.
    - `prior`: uses the documents' incoming scores like one more scorer of documents.
    - `rerank_depth`: how many documents a sentence-level scorer such as Similarity reads. These are the best by the
      scorers before it. For several such scorers, give several numbers, for example `rerank_depth=(20, 4)` with
      `scorers=(Bm25(), Similarity(embedder=fast), Similarity(embedder=precise))`.
    - `weights`: the weights of a sentence's features.

    If no scorer distinguishes the sentences, all documents stay. Raises BudgetTooSmall if not one sentence fits `tokens`,
    and ModelError for scores that are not finite.

    >>> documents = ["The harbour is deep. It was built in 1923.", "The lighthouse is white. The lighthouse was built in 1884."]
    >>> shaped = KeepEvidence(mass=0.5)(Context.of("When was the lighthouse built?", documents))
    >>> [(d.id, d.text) for d in shaped.documents]
    [('d2', 'The lighthouse was built in 1884.')]
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    renamed_fields: ClassVar[Mapping[str, str]] = {"among": "rerank_depth"}

    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)
    mass: Annotated[float, Field(gt=0, le=1)] = 0.8
    tokens: Annotated[WholeNumber, Field(ge=1)] | None = None
    counter: TokenCounter | None = None
    at_least_one: bool = False
    variety: Annotated[float, Field(ge=0, le=1)] = 0.5
    order: Literal["evidence", "given"] = "evidence"
    prior: bool = False
    rerank_depth: _Count | Annotated[tuple[_Count, ...], Field(min_length=1)] = EMBEDDER_DEPTH
    weights: EvidenceWeights = EvidenceWeights()

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with only its evidence."""
        packing = Packing(context, self.tokens, self.counter, divide=not self.at_least_one)
        probabilities = self._probabilities(context, packing.cut)
        informative = any(len(set(part.values())) > 1 for part in probabilities)
        if not informative and packing.fits_whole():
            return context.keep(context.documents, notes={d.id: _UNINFORMATIVE for d in context.documents})
        analysis = analysis_of(context)

        @cache
        def terms(sentence: SentenceIndex) -> frozenset[str]:
            document, index = sentence
            return frozenset(analysis.terms(packing.cut[document][index].text).main)

        select(
            probabilities,
            terms,
            lambda sentence: packing.add_sentence(*sentence, widen=self.at_least_one and packing.is_empty),
            mass=self.mass if informative else 1.0,
            variety=self.variety,
        )
        evidence = _evidence_of_documents(probabilities, len(context.documents))
        order: Sequence[int] = range(len(evidence))
        if self.order == "evidence":
            order = sorted(order, key=lambda index: -evidence[index])
        return packing.finish(order, self._reasons(evidence), evidence)

    def _probabilities(self, context: Context, cut: Sequence[Sequence[Piece]]) -> list[dict[SentenceIndex, float]]:
        """Returns the probability of each sentence, for each part of the question."""
        relevance = Relevance(context, self.scorers, self.rerank_depth, cut)
        standing = relevance.document_odds(context.query, self._prior(context)) if relevance.sentences else None
        dependencies = [topic_needs(pieces) for pieces in cut]
        return [
            credit_dependents(sentence_probabilities(relevance, part, self.weights, standing=standing), dependencies)
            for part in subquestions(context.query)
        ]

    def _prior(self, context: Context) -> Scores | None:
        scores = [document.score for document in context.documents if document.score is not None]
        return np.array(scores) if self.prior and len(scores) == len(context.documents) else None

    def _reasons(self, evidence: Sequence[float]) -> dict[int, str]:
        return {
            i: f"it has {share:.2%} of the evidence; {self.mass:.0%} is reached without it" for i, share in enumerate(evidence)
        }


def _evidence_of_documents(probabilities: Sequence[Mapping[SentenceIndex, float]], count: int) -> list[float]:
    """Returns each document's share of the evidence, the mean over the parts of the question."""
    evidence = [0.0] * count
    for part in probabilities:
        for (document, _), value in part.items():
            evidence[document] += value / len(probabilities)
    return evidence
