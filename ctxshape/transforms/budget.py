"""An exact token budget."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, TokenCounter, Transform
from ctxshape.core.ranking import best_first
from ctxshape.core.types import Context
from ctxshape.evidence.features import Relevance
from ctxshape.evidence.packing import Packing
from ctxshape.evidence.probability import credit_dependents, sentence_shares
from ctxshape.scorers.bm25 import Bm25


class FitBudget(Component):
    """Keeps the documents within `tokens`, counted as the reader shows them.

    `counter` is the backend that will answer, for an exact budget, or any other counter (default: tiktoken). Whole
    documents are taken best first until one does not fit; the room that is left goes to the sentences of the rest that
    most likely answer, by `scorers`, with the heading, table head or opening line they belong to. No sentence is ever
    cut. The order stays. What did not fit is in the trace. Apply it last: numbering is counted as it stands. Raises
    BudgetTooSmall when not one sentence fits.

    >>> from ctxshape.core.tokens import EstimateCounter
    >>> context = Context.of("Where is Paris?", ["Paris is in France. It is old.", "Lyon is in France."])
    >>> [d.text for d in FitBudget(tokens=12, counter=EstimateCounter())(context).documents]
    ['Paris is in France.']
    """

    tokens: Annotated[int, Field(ge=1)]
    counter: TokenCounter | None = None
    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)

    def __call__(self, context: Context, /) -> Context:
        """Returns the context within the budget."""
        packing = Packing(context, self.tokens, self.counter)
        if packing.fits_whole():
            return context.keep(context.documents)
        order = best_first(context.documents)
        rest = next((place for place, index in enumerate(order) if not packing.take_document(index)), len(order))
        self._take_sentences(packing, context, sorted(order[rest:]))
        return packing.finish(range(len(context.documents)))

    def _take_sentences(self, packing: Packing, context: Context, rest: list[int]) -> None:
        part = context.keep([context.documents[index] for index in rest])
        own = sentence_shares(Relevance(part, self.scorers), context.query)
        share = credit_dependents(own, [analysis_of(part).dependencies(document) for document in part.documents])
        for document, sentence in sorted(share, key=lambda place: (-share[place], place)):
            packing.add_sentence(rest[document], sentence)


def limit(tokens: int | None, counter: TokenCounter | None = None) -> tuple[Transform, ...]:
    """What keeps a pipeline's end within so many tokens: FitBudget, and nothing where there is no limit.

    >>> limit(None), [step.tokens for step in limit(100)]
    ((), [100])
    """
    return () if tokens is None else (FitBudget(tokens=tokens, counter=counter),)
