"""Packs whole documents and sentences into a token budget, counted as the prompt shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from ctxshape.core.analysis import analysis_of
from ctxshape.core.prompts import document_text, document_texts, template_for
from ctxshape.core.protocols import TokenCounter
from ctxshape.core.spans import Piece, kept_note
from ctxshape.core.types import Context, Document
from ctxshape.errors import BudgetTooSmall
from ctxshape.evidence.division import divided
from ctxshape.text.units.model import Kind

# Kinds that do not parse without what they need.
_STRICT: frozenset[Kind] = frozenset({"code", "record", "open", "close"})


class Packing:
    """Collects whole documents, and sentences of others, within a budget of tokens.

    - `tokens`: the budget; None for no limit.
    - `counter`: counts it; None for the default counter.
    - `divide`: whether sentences that the budget cannot hold are cut.

    Documents and sentences are named by their index. A sentence is taken together with those that it depends on, or not
    at all. If the whole budget cannot hold them together, the nearest that it holds come along. Code and JSON have to be
    complete, so they come without a part of what they need only if nothing else fits.
    """

    def __init__(self, context: Context, tokens: int | None, counter: TokenCounter | None, *, divide: bool = True) -> None:
        self.context = context
        self._divide = divide
        self._tokens, self._left = tokens, tokens or 0
        self._analysis = analysis_of(context)
        self._counter = self._analysis.counter(counter)
        self._template = template_for(context.query)
        self._taken: dict[int, set[int]] = {}  # for each document, its taken sentences
        self._shown: dict[int, Document] = {}  # for each document, its taken part; without a limit made at the end
        self._alone: set[int] = set()  # documents of which one record is taken without its brackets
        self._refused: set[int] = set()  # documents of which something did not fit
        self._added: list[tuple[int, set[int]]] = []  # in the order of taking, so that `_settle` can undo the last first

    @cached_property
    def cut(self) -> list[list[Piece]]:
        """The pieces of each document that can be taken, none too long for the budget unless `divide` is false."""
        if self._tokens is None or not self._divide:
            return [self._analysis.pieces(document) for document in self.context.documents]
        return [
            divided(self._analysis.pieces(document), self._room(document), self._counter.count_tokens)
            for document in self.context.documents
        ]

    def _room(self, document: Document) -> int:
        """Returns the tokens that the budget leaves for the text of a document."""
        return (self._tokens or 0) - self._cost(document.model_copy(update={"text": ""}))

    @property
    def is_empty(self) -> bool:
        """True until something has been taken."""
        return not self._taken

    def fits_whole(self) -> bool:
        """Returns whether all documents together fit into the budget as they are."""
        if self._tokens is None:
            return True
        return self._counter.total(document_texts(self.context.query, self.context.documents)) <= self._tokens

    def take_document(self, index: int) -> bool:
        """Takes a whole document if it fits, and returns whether it did."""
        return self._put(index, self.context.documents[index], set(range(len(self.cut[index]))))

    def add_all_sentences(self, index: int) -> bool:
        """Takes all sentences of a document if they fit together, and returns whether they did."""
        every = set(range(len(self.cut[index])))
        if not every or self._tokens is None:
            self._taken |= {index: every} if every else {}
            return bool(every)
        return self._put(index, self._part(index, every), every)

    def add_sentence(self, index: int, sentence: int, *, widen: bool = False) -> bool:
        """Takes a sentence with the sentences it depends on if they fit, and returns whether they did.

        `widen` raises the budget to their cost if that is higher.
        """
        if index in self._alone:
            return False
        taken = self._taken.get(index, set())
        new = {sentence, *self.cut[index][sentence].needs} - taken
        if self._tokens is None:
            self._taken.setdefault(index, taken).update(new)
            return True
        if widen:
            self._widen(self._part(index, new))
        if sentence in taken or self._put_sentences(index, new):
            return True
        if len(new) < 2 or self._cost(self._part(index, new)) <= self._tokens:
            return False
        if index not in self._taken and self._stands_alone(index, sentence) and self._put_sentences(index, {sentence}):
            self._alone.add(index)
            return True
        core = self._core(index, sentence)
        context = sorted(new - core, key=lambda place: (abs(place - sentence), -place))
        return any(self._put_sentences(index, core - taken | set(context[:count])) for count in range(len(context) - 1, -1, -1))

    def _stands_alone(self, index: int, sentence: int) -> bool:
        """Returns whether a piece is an object of JSON, which parses by itself, but not beside others."""
        piece = self.cut[index][sentence]
        return (
            piece.kind == "record"
            and piece.text.startswith("{")
            and any(self.cut[index][n].kind == "close" for n in piece.needs)
        )

    def _core(self, index: int, sentence: int) -> set[int]:
        """Returns a piece with those it cannot do without; headings, for example, only help to understand it."""
        pieces = self.cut[index]
        kind, needs = pieces[sentence].kind, pieces[sentence].needs
        if kind in _STRICT:
            return {sentence, *needs}
        # The items of a short list need each other, a turn those beside it, a line that of its error; gaps are shown.
        helpful: set[Kind] = {"heading", kind} if kind in ("item", "sentence", "turn", "line") else {"heading"}
        return {sentence, *(n for n in needs if pieces[n].kind not in helpful or _is_parent(pieces, n, sentence))}

    def _put_sentences(self, index: int, new: set[int]) -> bool:
        if new:
            longest = max(self._counter.count_tokens(self.cut[index][s].text) for s in new)
            if longest > self._left + 1:
                self._refused.add(index)
                return False  # inside its document the text can merge with at most one token before it
        return self._put(index, self._part(index, self._taken.get(index, set()) | new), new)

    def finish(
        self, order: Sequence[int], reasons: Mapping[int, str] | None = None, scores: Sequence[float] | None = None
    ) -> Context:
        """Returns the context of everything that was taken, in `order`, with the given `scores` of documents.

        `reasons` says why a document was dropped that was not refused for its size. Raises BudgetTooSmall if nothing fits
        although there is a sentence.
        """
        self._settle(order)
        dropped, notes = {}, {}
        left = 0 if self._tokens is None else self._tokens - self._total(order)
        for index, document in enumerate(self.context.documents):
            if index not in self._shown:
                reason = None if index in self._refused else (reasons or {}).get(index)
                dropped[document.id] = reason or (
                    f"did not fit: it takes {self._cost(document)} tokens, {left} of {self._tokens} are left"
                )
            elif len(self._taken[index]) < len(self.cut[index]):
                notes[document.id] = kept_note(self.cut[index], len(self._taken[index]))
        kept = [(index, self._shown[index]) for index in order if index in self._shown]
        documents = [d if scores is None else d.model_copy(update={"score": scores[i]}) for i, d in kept]
        return self.context.keep(documents, dropped=dropped, notes=notes)

    def _put(self, index: int, document: Document, new: set[int]) -> bool:
        cost = self._cost(document) - (self._cost(self._shown[index]) if index in self._shown else 0)
        if cost > self._left:
            self._refused.add(index)
            return False
        self._left -= cost
        self._shown[index] = document
        self._taken[index] = self._taken.get(index, set()) | new
        self._added.append((index, new))
        return True

    def _settle(self, order: Sequence[int]) -> None:
        """Undoes the last additions until the final text fits the budget, with its order and numbering."""
        if self._tokens is None:
            self._shown = {index: self._part(index, part) for index, part in self._taken.items()}
            return
        while self._added and self._total(order) > self._tokens:
            index, new = self._added.pop()
            self._taken[index] -= new
            if self._taken[index]:
                self._shown[index] = self._part(index, self._taken[index])
            else:
                del self._taken[index], self._shown[index]
                self._refused.add(index)
        if not self._shown and any(self.cut[index] for index in order):
            raise BudgetTooSmall(
                f"a budget of {self._tokens} tokens holds no sentence; the smallest takes {self._smallest()} as the prompt "
                "shows it; give at least that"
            )

    def _widen(self, document: Document) -> None:
        assert self._tokens is not None  # without a limit everything fits
        alone = max(self._cost(document), self._counter.total(document_texts(self.context.query, [document])))
        if alone > self._tokens:
            self._tokens = self._left = alone

    def _cost(self, document: Document) -> int:
        """Returns the tokens of a document in the prompt, under the highest number, which takes the most."""
        return self._counter.count_tokens(document_text(document, len(self.context.documents), self._template))

    def _total(self, order: Sequence[int]) -> int:
        return self._counter.total(document_texts(self.context.query, [self._shown[i] for i in order if i in self._shown]))

    def _smallest(self) -> int:
        """Returns the tokens of the cheapest sentence."""
        alone = (self._part(i, self._core(i, sentence)) for i, own in enumerate(self.cut) for sentence in range(len(own)))
        return min(map(self._cost, alone), default=0)

    def _part(self, index: int, sentences: set[int]) -> Document:
        return self._analysis.with_only(self.context.documents[index], sorted(sentences), self.cut[index])


def _is_parent(pieces: Sequence[Piece], other: int, item: int) -> bool:
    """Returns whether an item needs another one that does not need it: the item above it, in whose list it stands."""
    return pieces[item].kind == "item" and pieces[other].kind == "item" and item not in pieces[other].needs
