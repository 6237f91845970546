"""An exact token budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ctxshape.component import Component
from ctxshape.errors import BudgetTooSmall
from ctxshape.pieces import Piece, assemble, pieces
from ctxshape.prompts import document_text, document_texts, template_for
from ctxshape.protocols import TokenCounter
from ctxshape.scoring import best_first, bm25, ranks, titled
from ctxshape.tokens import CountOnce, default_counter
from ctxshape.types import Context, Document


class FitBudget(Component):
    """Keeps the documents within `tokens`, counted as the reader shows them.

    `counter` is the backend that will answer, for an exact budget, or any other counter (default: tiktoken). Whole
    documents are taken best first until one does not fit; the room that is left goes to the best sentences (BM25) of
    the rest. No sentence is ever cut. The order stays. What did not fit is in the trace. Apply it last: numbering is
    counted as it stands. Raises BudgetTooSmall when not one sentence fits.

    >>> from ctxshape.tokens import EstimateCounter
    >>> context = Context.of("Where is Paris?", ["Paris is in France. It is old.", "Lyon is in France."])
    >>> [d.text for d in FitBudget(tokens=12, counter=EstimateCounter())(context).documents]
    ['Paris is in France.']
    """

    tokens: Annotated[int, Field(ge=1)]
    counter: TokenCounter | None = None

    def __call__(self, context: Context, /) -> Context:
        """The context within the budget."""
        counter = CountOnce(self.counter or default_counter())
        if counter.total(document_texts(context.query, context.documents)) <= self.tokens:
            return context.keep(context.documents)
        fitting = _Fitting(context, self.tokens, counter)
        fitting.take_documents()
        fitting.take_sentences()
        fitting.settle()
        if not fitting.taken:
            raise BudgetTooSmall(
                f"a budget of {self.tokens} tokens holds no sentence; the smallest takes {fitting.smallest} as the prompt "
                "shows it; give at least that"
            )
        return fitting.result()


class _Fitting:
    """One run: what has been taken so far, whole documents and pieces of others, and the room left."""

    def __init__(self, context: Context, tokens: int, counter: CountOnce) -> None:
        self.context, self.tokens, self.counter = context, tokens, counter
        self.order = best_first(context.documents)
        self.template = template_for(context.query)
        self.taken: dict[int, Document] = {}  # index -> the document, whole or in part, in the order of taking
        self.part: dict[int, dict[int, Piece]] = {}
        self.cut: dict[int, list[Piece]] = {}
        self.left = tokens
        self.smallest = 0

    def cost(self, index: int, document: Document) -> int:
        """Tokens of a document as shown; its number is its place in the full list, never shorter than the final one."""
        return self.counter.count_tokens(document_text(document, index + 1, self.template))

    def take_documents(self) -> None:
        """Whole documents, best first, until one does not fit."""
        for index in self.order:
            cost = self.cost(index, self.context.documents[index])
            if cost > self.left:
                break
            self.taken[index] = self.context.documents[index]
            self.left -= cost

    def take_sentences(self) -> None:
        """Sentences of the documents that are not taken whole, best first, as long as one fits."""
        rest = [index for index in self.order if index not in self.taken]
        self.cut = {index: pieces(self.context, self.context.documents[index]) for index in rest}
        places = [(index, s) for index in rest for s in range(len(self.cut[index]))]
        texts = [titled(self.context.documents[i], self.cut[i][s].text) for i, s in places]
        scores = bm25(self.context.query, texts)
        for place in ranks(scores):
            self._take_sentence(*places[place])
        if not self.taken and places:
            self.smallest = min(self.cost(0, self._of(i, {s: self.cut[i][s]})) for i, s in places)

    def _take_sentence(self, index: int, sentence: int) -> None:
        if self.counter.count_tokens(self.cut[index][sentence].text) > self.left + 1:
            return  # the same text inside its document can merge with at most one token before it
        part = {**self.part.get(index, {}), sentence: self.cut[index][sentence]}
        document = self._of(index, part)
        cost = self.cost(index, document) - (self.cost(index, self.taken[index]) if index in self.taken else 0)
        if cost <= self.left:
            self.part[index], self.taken[index] = part, document
            self.left -= cost

    def _of(self, index: int, part: Mapping[int, Piece]) -> Document:
        document = self.context.documents[index]
        if len(part) == len(self.cut[index]):
            return document
        return assemble(self.context, document, [part[s] for s in sorted(part)])

    def settle(self) -> None:
        """The promise is on the final numbering: give back what was taken last until the real count holds."""
        while self.taken and self._total() > self.tokens:
            index = next(reversed(self.taken))
            part = self.part.get(index, {})
            if len(part) > 1:
                part.popitem()
                self.taken[index] = self._of(index, part)
            else:
                del self.taken[index]

    def _total(self) -> int:
        return self.counter.total(document_texts(self.context.query, [self.taken[i] for i in sorted(self.taken)]))

    def result(self) -> Context:
        """The context of what was taken, with what did not fit."""
        dropped, notes = {}, {}
        left = self.tokens - self._total()
        for index, document in enumerate(self.context.documents):
            if index not in self.taken:
                dropped[document.id] = (
                    f"did not fit: it takes {self.cost(index, document)} tokens, {left} of {self.tokens} are left"
                )
            elif len(self.part.get(index, {})) < len(self.cut.get(index, ())):
                notes[document.id] = f"{len(self.part[index])} of {len(self.cut[index])} sentences fit"
        return self.context.keep([self.taken[i] for i in sorted(self.taken)], dropped=dropped, notes=notes)
