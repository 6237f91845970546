"""Filling a token budget with whole documents and with sentences, counted as the reader shows them."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.core.prompts import document_text, document_texts, template_for
from ctxshape.core.spans import Piece, assemble, pieces
from ctxshape.core.tokens import CountOnce
from ctxshape.core.types import Context, Document
from ctxshape.errors import BudgetTooSmall
from ctxshape.text.units import carried


class Fitting:
    """One run: what has been taken so far, whole documents and sentences of others, and the tokens left.

    `tokens` None is no limit. `cut` holds the sentences of each document that were asked for.
    """

    def __init__(self, context: Context, tokens: int | None, counter: CountOnce) -> None:
        self.context, self.tokens, self.counter = context, tokens, counter
        self.taken: dict[int, Document] = {}  # index -> the document, whole or in part, in the order of taking
        self.part: dict[int, set[int]] = {}
        self.cut: dict[int, list[Piece]] = {}
        self.refused: set[int] = set()  # documents of which something did not fit
        self.left = tokens or 0
        self._needs: dict[int, list[tuple[int, ...]]] = {}
        self._template = template_for(context.query)
        self._added: list[tuple[int, set[int]]] = []  # what `settle` gives back, last first

    def sentences(self, index: int) -> list[Piece]:
        """The sentences of a document."""
        if index not in self.cut:
            self.cut[index] = pieces(self.context, self.context.documents[index])
        return self.cut[index]

    def needs(self, index: int) -> list[tuple[int, ...]]:
        """For each sentence of a document the earlier ones that come with it."""
        if index not in self._needs:
            self._needs[index] = carried(self.sentences(index))
        return self._needs[index]

    def cost(self, document: Document) -> int:
        """Tokens of a document as shown; the number it gets is never longer than that of the last place."""
        return self.counter.count_tokens(document_text(document, len(self.context.documents), self._template))

    def all_fit(self) -> bool:
        """Whether all documents as they are stay within the limit."""
        if self.tokens is None:
            return True
        return self.counter.total(document_texts(self.context.query, self.context.documents)) <= self.tokens

    def take(self, index: int) -> bool:
        """Take a whole document, if it fits."""
        return self._put(index, self.context.documents[index], set(range(len(self.sentences(index)))))

    def add(self, index: int, sentence: int, *, widen: bool = False) -> bool:
        """Take a sentence of a document and the earlier ones it needs, all or none, beside those it has already.

        With `widen` the limit becomes what that takes, where that is more.
        """
        new = {sentence, *self.needs(index)[sentence]} - self.part.get(index, set())
        if self.tokens is None:
            self.part.setdefault(index, set()).update(new)  # `settle` makes the text, once
            return True
        if widen:
            self._widen(self._of(index, new))
        if new:
            longest = max(self.counter.count_tokens(self.sentences(index)[s].text) for s in new)
            if longest > self.left + 1:
                self.refused.add(index)
                return False  # the same text inside its document can merge with at most one token before it
        return self._put(index, self._of(index, self.part.get(index, set()) | new), new)

    def settle(self, order: Sequence[int]) -> None:
        """Give back what was taken last until the real count holds: the promise is on the final text, order and numbering.

        Raises BudgetTooSmall if nothing was taken although there is a sentence.
        """
        if self.tokens is None:
            self.taken = {index: self._of(index, part) for index, part in self.part.items()}
            return
        while self._added and self.total(order) > self.tokens:
            index, new = self._added.pop()
            self.part[index] -= new
            if self.part[index]:
                self.taken[index] = self._of(index, self.part[index])
            else:
                del self.part[index], self.taken[index]
                self.refused.add(index)
        if not self.taken and any(self.sentences(index) for index in order):
            raise BudgetTooSmall(
                f"a budget of {self.tokens} tokens holds no sentence; the smallest takes {self.smallest()} as the prompt "
                "shows it; give at least that"
            )

    def total(self, order: Sequence[int]) -> int:
        """Tokens of what was taken, by index in `order`, as the reader shows it."""
        return self.counter.total(document_texts(self.context.query, [self.taken[i] for i in order if i in self.taken]))

    def smallest(self) -> int:
        """Tokens of the cheapest sentence, shown with nothing but what it needs."""
        alone = (
            self._of(index, {sentence, *needs})
            for index in range(len(self.context.documents))
            for sentence, needs in enumerate(self.needs(index))
        )
        return min(map(self.cost, alone), default=0)

    def result(self, order: Sequence[int], reasons: dict[int, str]) -> Context:
        """The context of what was taken, by index in `order`; a dropped document did not fit, or has its reason."""
        dropped, notes = {}, {}
        left = 0 if self.tokens is None else self.tokens - self.total(order)
        for index, document in enumerate(self.context.documents):
            if index not in self.taken:
                known = None if index in self.refused else reasons.get(index)
                dropped[document.id] = known or (
                    f"did not fit: it takes {self.cost(document)} tokens, {left} of {self.tokens} are left"
                )
            elif len(self.part[index]) < len(self.sentences(index)):
                notes[document.id] = f"kept {len(self.part[index])} of {len(self.sentences(index))} sentences"
        return self.context.keep([self.taken[i] for i in order if i in self.taken], dropped=dropped, notes=notes)

    def _put(self, index: int, document: Document, new: set[int]) -> bool:
        cost = self.cost(document) - (self.cost(self.taken[index]) if index in self.taken else 0)
        if cost > self.left:
            self.refused.add(index)
            return False
        self.left -= cost
        self.taken[index] = document
        self.part[index] = self.part.get(index, set()) | new
        self._added.append((index, new))
        return True

    def _widen(self, document: Document) -> None:
        assert self.tokens is not None  # without a limit everything fits
        alone = max(self.cost(document), self.counter.total(document_texts(self.context.query, [document])))
        if alone > self.tokens:
            self.tokens = self.left = alone

    def _of(self, index: int, part: set[int]) -> Document:
        found = self.sentences(index)
        if len(part) == len(found):
            return self.context.documents[index]
        return assemble(self.context, self.context.documents[index], [found[s] for s in sorted(part)])
