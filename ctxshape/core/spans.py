"""Sentences of shaped documents, each with its spans in the originals: cutting up, and putting together again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ctxshape.core.types import Context, Document, Span
from ctxshape.text.listing import LIST_MARK
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK

# Chinese text has no blank after a sentence: none is put after a full-width mark or before a CJK character.
_WIDE_JOINT = re.compile(f"[。！？；：，」』）】》].|[{CJK}”’…][{CJK}]", re.DOTALL)

_OWN_LINE = re.compile(rf"\||#{{1,6}}\s|{LIST_MARK.pattern}")


class Piece(NamedTuple):
    """A sentence of a document: its text, where that stands in `base`, and its spans in original documents."""

    text: str
    start: int
    end: int
    base: str
    spans: tuple[Span, ...]


def pieces(context: Context, document: Document) -> list[Piece]:
    """The sentences of a document in their order.

    A quote's sentences are cut from the originals, so each has exactly one span and is that span's text. A
    rewrite's sentences are cut from its own text, and each has all of the document's spans.
    """
    if not is_quote(context, document):
        cuts = sentences(document.text)
        return [Piece(document.text[a:b], a, b, document.text, document.spans) for a, b in cuts]
    places = [place for span in context.spans_of(document) for place in sentence_spans(span, context.sources)]
    return [Piece(p.text_in(context.sources), p.start, p.end, context.sources[p.document].text, (p,)) for p in places]


def sentence_spans(span: Span, sources: Mapping[str, Document]) -> list[Span]:
    """The sentences inside a span of an original, each as a span of it."""
    cuts = sentences(span.text_in(sources))
    return [Span(document=span.document, start=span.start + start, end=span.start + end) for start, end in cuts]


def is_quote(context: Context, document: Document) -> bool:
    """Whether the text is its spans verbatim, but for white space between them."""
    if document.kind != "quote" or not all(span.document in context.sources for span in context.spans_of(document)):
        return False
    if not document.spans:
        return document.id in context.sources and context.sources[document.id].text == document.text
    return "".join(document.text.split()) == "".join("".join(context.quotes(document)).split())


def assemble(document: Document, kept: Sequence[Piece], *, verbatim: bool) -> Document:
    """Returns the document with only the kept pieces, in the given order; one that is `verbatim` gets their spans."""
    if not verbatim:
        return document.model_copy(update={"text": join(kept), "kind": "rewrite"})
    return document.model_copy(update={"text": join(kept), "spans": tuple(p.spans[0] for p in kept)})


def join(kept: Sequence[Piece]) -> str:
    """The pieces as one text: white space between neighbours as it was, else a blank, or nothing beside a CJK character.

    Where something was left out, a heading, a list item and a table row keep a line of their own.
    """
    parts: list[str] = []
    for before, piece in zip([None, *kept], kept, strict=False):
        if before is not None:
            parts.append(_between(before, piece))
        parts.append(piece.text)
    return "".join(parts)


def _between(before: Piece, after: Piece) -> str:
    gap = before.base[before.end : after.start]
    if before.base is after.base and before.end <= after.start:
        if not gap.strip():
            return gap
        if "\n" in gap and (_OWN_LINE.match(after.text) or _OWN_LINE.match(before.text)):
            return "\n"
    return "" if _WIDE_JOINT.fullmatch(before.text[-1] + after.text[0]) else " "
