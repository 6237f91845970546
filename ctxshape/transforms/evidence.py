"""Evidence selection: the sentences that answer, until enough of the evidence is kept."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, Scores, TokenCounter
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.core.types import Context
from ctxshape.evidence.packing import Fitting
from ctxshape.evidence.probability import EvidenceWeights, Place, Reading, credit_dependents, sentence_shares
from ctxshape.evidence.subquestions import facets
from ctxshape.scorers.bm25 import Bm25
from ctxshape.text.terms import index_terms

READ = 20  # documents that an embedder reads
_Count = Annotated[int, Field(ge=1)]
Shares = Sequence[Mapping[Place, float]]  # for each part of the question, the probability of each sentence


def select(
    shares: Shares,
    terms: Callable[[Place], frozenset[str]],
    take: Callable[[Place], bool],
    *,
    mass: float = 1.0,
    variety: float = 0.0,
) -> None:
    """Take sentences in the order of their gain, until for each part of the question the taken ones have `mass` together.

    The gain of a sentence is the probability it adds, up to `mass` for each part, less `variety` times the share of its
    terms that the taken ones have already: what says the same again adds less. `take` says whether it could be taken.
    What cannot be taken cannot be missing either: `mass` is then of what is left. Greedy choice is within 1 - 1/e of the
    best one where the gain is submodular; gains only shrink, so one is computed anew only when it comes up (Minoux 1978,
    "Accelerated greedy algorithms for maximizing submodular set functions").

    >>> def chosen(share, terms, **how):
    ...     places = []
    ...     select([share], terms.__getitem__, lambda place: places.append(place) or True, **how)
    ...     return places
    >>> share = {(0, 0): 0.5, (1, 0): 0.28, (2, 0): 0.22}
    >>> chosen(share, dict.fromkeys(share, frozenset()), mass=0.75)
    [(0, 0), (1, 0)]
    >>> same = {(0, 0): frozenset(["tower", "1884"]), (1, 0): frozenset(["tower", "1884"]), (2, 0): frozenset(["lamp"])}
    >>> chosen(share, same, variety=0.5)
    [(0, 0), (2, 0), (1, 0)]
    """
    missing = [mass - 1e-9] * len(shares)
    known: set[str] = set()

    def gain(place: Place) -> float:
        adds = sum(min(share[place], left) for share, left in zip(shares, missing, strict=True) if left > 0)
        words = terms(place) if known and variety else ()
        return adds * (1 - variety * len(known.intersection(words)) / len(words)) if words else adds

    def rank(place: Place) -> tuple[float, float, Place]:  # where a little mass is missing many gains are equal
        return -gain(place), -sum(share[place] for share in shares), place

    queue = [rank(place) for place in shares[0]]
    heapq.heapify(queue)
    found = False
    while queue and (any(left > 0 for left in missing) or not found):  # something is better than nothing
        place = heapq.heappop(queue)[2]
        now = rank(place)
        if queue and queue[0] < now:
            heapq.heappush(queue, now)
        else:
            taken = take(place)
            found |= taken
            known |= terms(place) if taken else frozenset()
            part = 1.0 if taken else mass
            missing = [left - part * share[place] for share, left in zip(shares, missing, strict=True)]


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
        """The context with its evidence."""
        fitting = Fitting(context, self.tokens, CountOnce(self.counter or default_counter()))
        cut = [fitting.sentences(index) for index in range(len(context.documents))]
        reading = Reading(context.documents, cut, self.scorers, self.rerank_depth)
        standing = reading.document_odds(context.query, self._prior(context)) if any(cut) else None
        own = [sentence_shares(reading, part, self.weights, standing=standing) for part in facets(context.query)]
        needs = [fitting.needs(index) for index in range(len(cut))]
        shares = [credit_dependents(share, needs) for share in own]
        told = any(len(set(share.values())) > 1 for share in own)
        if not told and fitting.all_fit():
            return context.keep(context.documents, notes={d.id: _NOTHING_TOLD for d in context.documents})

        @cache
        def terms(place: Place) -> frozenset[str]:
            return frozenset(index_terms(cut[place[0]][place[1]].text).main)

        select(
            shares,
            terms,
            lambda place: fitting.add(*place, widen=self.at_least_one and not fitting.part),
            mass=self.mass if told else 1.0,
            variety=self.variety,
        )
        return self._result(fitting, shares)

    def _prior(self, context: Context) -> Scores | None:
        scores = [document.score for document in context.documents if document.score is not None]
        return np.array(scores) if self.prior and len(scores) == len(context.documents) else None

    def _result(self, fitting: Fitting, shares: Shares) -> Context:
        evidence = [0.0] * len(fitting.context.documents)
        for share in shares:
            for (document, _), value in share.items():
                evidence[document] += value / len(shares)
        order = range(len(evidence))
        ranked = sorted(order, key=lambda index: -evidence[index]) if self.order == "evidence" else order
        fitting.settle(ranked)
        for index in fitting.taken:
            fitting.taken[index] = fitting.taken[index].model_copy(update={"score": evidence[index]})
        return fitting.result(ranked, self._reasons(evidence))

    def _reasons(self, evidence: Sequence[float]) -> dict[int, str]:
        return {
            i: f"it has {share:.2%} of the evidence; {self.mass:.0%} is reached without it" for i, share in enumerate(evidence)
        }


_NOTHING_TOLD = "kept whole: no scorer tells one sentence from another"
