"""Cuts shaped documents into sentences that know their spans in the originals, and joins sentences again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ctxshape.core.types import Context, Document, Span
from ctxshape.text.listing import LIST_MARK
from ctxshape.text.sentences import sentences
from ctxshape.text.words import CJK

# Chinese text has no blank after a sentence, so none is inserted after a full-width mark or before a CJK character.
_WIDE_JOINT = re.compile(f"[。！？；：，」』）】》].|[{CJK}”’…][{CJK}]", re.DOTALL)

_OWN_LINE = re.compile(rf"\||#{{1,6}}\s|{LIST_MARK.pattern}")


class Piece(NamedTuple):
    """A sentence of a document: its text, its place in the text `base`, and its spans in original documents."""

    text: str
    start: int
    end: int
    base: str
    spans: tuple[Span, ...]


def pieces(context: Context, document: Document) -> list[Piece]:
    """Returns the sentences of a document in their order.

    A quote's sentences are cut from the originals, so each has exactly one span and equals the text of that span. A
    rewrite's sentences are cut from its own text, and each has all of the document's spans.
    """
    if not is_quote(context, document):
        cuts = sentences(document.text)
        return [Piece(document.text[a:b], a, b, document.text, document.spans) for a, b in cuts]
    spans = [sentence for span in context.spans_of(document) for sentence in sentence_spans(span, context.sources)]
    return [Piece(s.text_in(context.sources), s.start, s.end, context.sources[s.document].text, (s,)) for s in spans]


def sentence_spans(span: Span, sources: Mapping[str, Document]) -> list[Span]:
    """Returns the spans of the sentences inside a span of an original document."""
    cuts = sentences(span.text_in(sources))
    return [Span(document=span.document, start=span.start + start, end=span.start + end) for start, end in cuts]


def is_quote(context: Context, document: Document) -> bool:
    """Returns whether the document's text is its spans verbatim, apart from white space between them."""
    if document.kind != "quote" or not all(span.document in context.sources for span in context.spans_of(document)):
        return False
    if not document.spans:
        return document.id in context.sources and context.sources[document.id].text == document.text
    return "".join(document.text.split()) == "".join("".join(context.quotes(document)).split())


def assemble(document: Document, kept: Sequence[Piece], *, verbatim: bool) -> Document:
    """Returns the document with only the kept pieces, in the given order. A `verbatim` document gets their spans."""
    if not verbatim:
        return document.model_copy(update={"text": join(kept), "kind": "rewrite"})
    return document.model_copy(update={"text": join(kept), "spans": tuple(p.spans[0] for p in kept)})


def join(kept: Sequence[Piece]) -> str:
    """Returns the pieces as one text.

    White space between neighbours stays as it was. Other pieces are joined by a blank, in CJK text by nothing; headings,
    list items and table rows keep a line of their own.
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
