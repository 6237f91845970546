"""Selects evidence: the sentences that answer, until enough of the evidence is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.claims.aims import AimKind, aim_of
from ctxshape.core.analysis import Analysis, analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores, TokenCounter
from ctxshape.core.ranking import ranks
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.evidence.estimation import Estimator, EvidenceEstimate
from ctxshape.evidence.packing import Packing
from ctxshape.evidence.probability import EvidenceWeights
from ctxshape.evidence.relevance import SentenceIndex
from ctxshape.evidence.selection import select
from ctxshape.scorers.bm25 import Bm25

EMBEDDER_DEPTH = 20  # documents that an embedder reads
_LONG_ANSWERS: frozenset[AimKind] = frozenset({"definition", "explanation", "list", "procedure", "summary", "unknown"})
_WHOLE = 3  # documents that stay whole where no sentence stands out
_UNINFORMATIVE = "kept whole: no scorer tells one sentence from another"
_Count = Annotated[WholeNumber, Field(ge=1)]


class KeepEvidence(Component):
    """Keeps the sentences that most likely answer the question, verbatim, with the best document first.

    Each sentence gets a calibrated probability of its own that it is evidence. It depends on the words it shares with the
    question, its similarity, its document, its place and kind, and on what other likely sentences name. The sentences that
    add most are kept until `mass` of the expected evidence is reached, so an easy question keeps little and a hard one
    more. A question of several parts keeps evidence for each part. A kept sentence brings along its heading, table head or
    opening line, at most 5 lines and 400 characters, and fewer if `tokens` cannot hold them; no sentence is ever cut. The
    score of a document is the probability that it holds evidence. The context's `sufficiency` tells whether the list has
    the evidence that the question needs.

    - `scorers`: how relevance is measured. The evidence model reads words if `Bm25` is among them, and similarity if
      `Similarity` is, too; further scorers, such as a reranker, add to it. Without `Bm25`, the scores tell only which
      sentence of this list is more likely than another: probabilities add up to 1, and there is no sufficiency.
    - `mass`: how much of the expected evidence is kept, from 0 to 1.
    - `least`: a sentence less likely than this is left out, whatever is missing; half of it where the question asks for
      more than a value, such as an explanation or a list.
    - `tokens`: a limit on top, exact as the prompt shows the documents. `counter` counts it: a backend, or the default.
    - `at_least_one`: keeps the best sentence even if it alone takes more than `tokens`, and then nothing else.
    - `variety`: how much repetition of kept sentences is penalized, from 0 to 1.
    - `order`: "evidence" puts the best document first, "given" leaves the order unchanged.
    - `prior`: uses the documents' incoming scores like one more scorer of documents.
    - `rerank_depth`: how many documents a sentence-level scorer such as Similarity reads. These are the best by the
      scorers before it. For several such scorers, give several numbers, for example `rerank_depth=(20, 4)` with
      `scorers=(Bm25(), Similarity(embedder=fast), Similarity(embedder=precise))`.
    - `weights`: the weights of a sentence's features if `Bm25` is not among the scorers.
    - `model`: a file with another evidence model, as `examples/measure/train_evidence.py` writes it.

    Where no sentence stands out, the three best documents stay whole. If no scorer distinguishes the sentences, all documents
    stay. Raises BudgetTooSmall if not one sentence fits `tokens`, ModelError for scores that are not finite, and ConfigError
    for a file that is no evidence model.

    >>> documents = ["The harbour is deep. It was built in 1923.", "The lighthouse is white. The lighthouse was built in 1884."]
    >>> shaped = KeepEvidence(mass=0.5)(Context.of("When was the lighthouse built?", documents))
    >>> [(d.id, d.text) for d in shaped.documents]
    [('d2', 'The lighthouse was built in 1884.')]
    """

    @classmethod
    def reaches(cls, fields: Mapping[str, Any]) -> tuple[Reach, ...]:
        """Returns what the fields reach: a model's file is read."""
        return () if fields.get("model") is None else ("reads",)

    renamed_fields: ClassVar[Mapping[str, str]] = {"among": "rerank_depth"}

    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)
    mass: Annotated[float, Field(gt=0, le=1)] = 0.95
    tokens: Annotated[WholeNumber, Field(ge=1)] | None = None
    counter: TokenCounter | None = None
    at_least_one: bool = False
    variety: Annotated[float, Field(ge=0, le=1)] = 0.5
    order: Literal["evidence", "given"] = "evidence"
    prior: bool = False
    rerank_depth: _Count | Annotated[tuple[_Count, ...], Field(min_length=1)] = EMBEDDER_DEPTH
    weights: EvidenceWeights = EvidenceWeights()
    model: Path | None = None
    least: Annotated[float, Field(ge=0, lt=1)] = 0.02

    def __call__(self, context: Context, /) -> Context:
        """Returns the context with only its evidence."""
        packing = Packing(context, self.tokens, self.counter, divide=not self.at_least_one)
        estimator = Estimator(self.scorers, self.rerank_depth, self.weights, self.model)
        estimate = estimator(context, packing.cut, self._prior(context))
        kept = self._kept(context, packing, estimate)
        return kept.model_copy(update={"sufficiency": estimate.sufficiency})

    def _kept(self, context: Context, packing: Packing, estimate: EvidenceEstimate) -> Context:
        if not estimate.informative and packing.fits_whole():
            return context.keep(context.documents, notes={d.id: _UNINFORMATIVE for d in context.documents})
        evidence = estimate.of_documents(len(context.documents))
        best_first = ranks(evidence)
        self._select(packing, estimate, analysis_of(context), best_first)
        order: Sequence[int] = best_first if self.order == "evidence" else range(len(evidence))
        return packing.finish(order, self._reasons(evidence, estimate.absolute), evidence)

    def _select(self, packing: Packing, estimate: EvidenceEstimate, analysis: Analysis, best_first: Sequence[int]) -> None:
        if estimate.is_vague():
            for index in best_first[:_WHOLE]:
                if not packing.add_all_sentences(index):
                    break  # the best sentences of this passage come before all of the next one

        @cache
        def terms(sentence: SentenceIndex) -> frozenset[str]:
            document, index = sentence
            return frozenset(analysis.terms(packing.cut[document][index].text).main)

        select(
            estimate.parts,
            terms,
            lambda sentence: packing.add_sentence(*sentence, widen=self.at_least_one and packing.is_empty),
            mass=self.mass if estimate.informative else 1.0,
            variety=self.variety,
            least=self._least(packing.context.query) if estimate.absolute and estimate.informative else 0.0,
        )

    def _least(self, query: str) -> float:
        return self.least / 2 if aim_of(query).kind in _LONG_ANSWERS else self.least

    def _prior(self, context: Context) -> Scores | None:
        scores = [document.score for document in context.documents if document.score is not None]
        return np.array(scores) if self.prior and len(scores) == len(context.documents) else None

    def _reasons(self, evidence: Sequence[float], absolute: bool) -> dict[int, str]:
        if absolute:
            return {i: f"it holds evidence with probability {value:.1%}; the rest suffices" for i, value in enumerate(evidence)}
        return {
            i: f"it has {share:.2%} of the evidence; {self.mass:.0%} is reached without it" for i, share in enumerate(evidence)
        }
