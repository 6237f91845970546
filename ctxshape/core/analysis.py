"""Computes each fact about a context's texts once: pieces, their dependencies, token counts, terms, scores."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from ctxshape.core.protocols import Scorer, Scores, TokenCounter
from ctxshape.core.spans import Piece, assemble, is_quote, pieces
from ctxshape.core.tokens import CountOnce, default_counter
from ctxshape.core.types import Context, Document
from ctxshape.text.terms import ENGLISH, Terms, index_terms
from ctxshape.text.units.document import units
from ctxshape.text.units.model import Unit

_T = TypeVar("_T")


class Analysis:
    r"""Remembers what was computed for the documents of a context and of every context made from it.

    Every result is a pure function of its arguments, so a step returns the same context with or without an analysis. A
    context carries its analysis from step to step, and on to the reader and its citations (see `analysis_of`).

    >>> context = Context.of("q", ["# Fees\n\nA child pays 2 euros. Dogs are free."])
    >>> analysis, document = analysis_of(context), context.documents[0]
    >>> [piece.text for piece in analysis.pieces(document)], analysis.dependencies(document)
    (['# Fees', 'A child pays 2 euros.', 'Dogs are free.'], [(), (0,), (0,)])
    """

    def __init__(self, context: Context) -> None:
        self._context = context.model_copy(update={"documents": ()})  # query and sources, which never change
        self._known: dict[Hashable, object] = {}
        self._counters: dict[int, CountOnce] = {}
        self._scorers: dict[int, Scorer] = {}

    def is_quote(self, document: Document) -> bool:
        """Returns whether the document's text is its spans verbatim (see `ctxshape.core.spans.is_quote`)."""
        return self._once(("quote", *_key(document)), lambda: is_quote(self._context, document))

    def pieces(self, document: Document) -> list[Piece]:
        """Returns the pieces of a document in their order (see `ctxshape.core.spans.pieces`)."""
        return self._once(("pieces", *_key(document)), lambda: pieces(self._context, document, self._units))

    def dependencies(self, document: Document) -> list[tuple[int, ...]]:
        """Returns, for each piece of a document, the indices of the pieces that have to come along."""
        return [piece.needs for piece in self.pieces(document)]

    def with_only(self, document: Document, kept: Sequence[int], cut: Sequence[Piece] | None = None) -> Document:
        """Returns the document with only some of its pieces, named by their indices in rising order, and their spans.

        `cut` holds finer pieces than those of `pieces`, if they are meant.
        """
        chosen = self.pieces(document) if cut is None else cut
        return assemble(document, chosen, kept, verbatim=self.is_quote(document))

    def _units(self, text: str) -> list[Unit]:
        return self._once(("units", text), lambda: units(text))

    def counter(self, counter: TokenCounter | None = None) -> CountOnce:
        """Returns the counter, or the default one, wrapped so that it counts each text once."""
        if isinstance(counter, CountOnce):
            return counter
        chosen = counter or default_counter()
        return self._counters.setdefault(id(chosen), CountOnce(chosen))

    def terms(self, text: str, language: str = ENGLISH) -> Terms:
        """Returns the index terms of a text in a list of a language (ISO 639-1)."""
        return self._once(("terms", text, language), lambda: index_terms(text, language))

    def scores(self, scorer: Scorer, query: str, texts: Sequence[str], *, calibrated: bool = False) -> Scores:
        """Returns the scorer's scores of the texts, or its calibrated scores.

        A scorer with a true attribute `reads_terms` gets the index terms of the texts from this analysis.
        """
        self._scorers[id(scorer)] = scorer  # kept, so that no other object gets its id
        score = getattr(scorer, "calibrated") if calibrated else scorer.score  # noqa: B009  optional in the protocol
        options = {"terms": self.terms} if getattr(scorer, "reads_terms", False) else {}
        key = ("scores", id(scorer), calibrated, query, tuple(texts))
        return self._once(key, lambda: score(query, texts, **options))

    def _once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]  # type: ignore[return-value]  # the key determines the type


def analysis_of(context: Context) -> Analysis:
    """Returns the analysis that a context carries. Makes one if it has none yet, or one for other sources.

    >>> context = Context.of("q", ["One. Two."])
    >>> analysis_of(context) is analysis_of(context.keep([]))
    True
    """
    return context.cache.get(context.sources, lambda: Analysis(context))


def _key(document: Document) -> tuple[Hashable, ...]:
    return document.id, document.text, document.kind, document.spans
