"""Fits a context into an exact token budget."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ctxshape.core.component import Component
from ctxshape.core.protocols import Scorer, TokenCounter, Transform
from ctxshape.core.ranking import best_first
from ctxshape.core.reach import Reach
from ctxshape.core.types import Context
from ctxshape.core.validation import WholeNumber
from ctxshape.evidence.estimation import Estimator
from ctxshape.evidence.packing import Packing
from ctxshape.scorers.bm25 import Bm25


class FitBudget(Component):
    """Keeps the documents within a budget of tokens, counted as the prompt shows them.

    Whole documents are taken, best first, until one does not fit. The remaining tokens go to the sentences of the other
    documents that most likely answer, with their heading, table head or opening line. No sentence is ever cut, and the
    order of the documents stays. The trace names the documents that did not fit. Use it as the last step, because the
    documents' numbers in the prompt are counted, too.

    - `tokens`: the budget.
    - `counter`: the backend that will answer, for an exact budget, or any other counter; by default tiktoken.
    - `scorers`: how the relevance of sentences is measured.

    Raises BudgetTooSmall if not one sentence fits.

    >>> from ctxshape.core.tokens import EstimateCounter
    >>> context = Context.of("Where is Paris?", ["Paris is in France. It is old.", "Lyon is in France."])
    >>> [d.text for d in FitBudget(tokens=12, counter=EstimateCounter())(context).documents]
    ['Paris is in France.']
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    tokens: Annotated[WholeNumber, Field(ge=1)]
    counter: TokenCounter | None = None
    scorers: Annotated[tuple[Scorer, ...], Field(min_length=1)] = (Bm25(),)

    def __call__(self, context: Context, /) -> Context:
        """Returns the context within the budget."""
        packing = Packing(context, self.tokens, self.counter)
        if packing.fits_whole():
            return context.keep(context.documents)
        order = best_first(context.documents)
        whole = next((rank for rank, index in enumerate(order) if not packing.take_document(index)), len(order))
        self._take_sentences(packing, context, sorted(order[whole:]))
        return packing.finish(range(len(context.documents)))

    def _take_sentences(self, packing: Packing, context: Context, rest: list[int]) -> None:
        partial = context.keep([context.documents[index] for index in rest])
        cut = [packing.cut[index] for index in rest]
        probability = Estimator(self.scorers)(partial, cut).best()
        for document, sentence in sorted(probability, key=lambda index: (-probability[index], index)):
            packing.add_sentence(rest[document], sentence)


def budget_steps(tokens: int | None, counter: TokenCounter | None = None) -> tuple[Transform, ...]:
    """Returns the steps that end a pipeline within a budget: FitBudget, or none without a budget.

    >>> budget_steps(None), [step.tokens for step in budget_steps(100)]
    ((), [100])
    """
    return () if tokens is None else (FitBudget(tokens=tokens, counter=counter),)
