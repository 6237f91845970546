"""Cuts a list of documents into blocks that fit a model's context. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ctxshape.core.analysis import analysis_of
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Document, Span


def pack_groups(lengths: Sequence[int], size: int, room: int) -> list[list[int]]:
    """Groups consecutive indices, at most `size` each, whose lengths sum to at most `room`. A longer one stands alone.

    >>> pack_groups([3, 3, 3, 9, 1], size=2, room=6)
    [[0, 1], [2], [3], [4]]
    """
    groups: list[list[int]] = []
    used = 0
    for index, length in enumerate(lengths):
        if not groups or len(groups[-1]) == size or used + length > room:
            groups.append([])
            used = 0
        groups[-1].append(index)
        used += length
    return groups


def split_document(context: Context, document: Document, room: int, count: Callable[[str], int]) -> list[Document]:
    """Splits a document at sentence ends into parts of at most `room` tokens. A longer sentence is split at blanks.

    The parts are in order, hold every sentence, and have their own spans.

    >>> context = Context.of("q", ["One two. Three four. Five."])
    >>> [part.text for part in split_document(context, context.documents[0], 6, lambda text: len(text.split()))]
    ['One two. Three four.', 'Five.']
    """
    analysis = analysis_of(context)
    short = [part for piece in analysis.pieces(document) for part in _short(piece, room - 1, count)]
    # One token more for each: the separator of two sentences is at most one token.
    groups = pack_groups([count(piece.text) + 1 for piece in short], size=len(short), room=room)
    parts = [analysis.with_only(document, group, short) for group in groups]
    return [part.model_copy(update={"spans": merge_spans(part.spans, context)}) for part in parts]


def merge_spans(spans: Sequence[Span], context: Context) -> tuple[Span, ...]:
    """Returns each span once, in order. Spans with only white space between them become one.

    >>> context = Context.of("q", ["One. Two. Three."])
    >>> merge_spans([Span(document="d1", start=0, end=4), Span(document="d1", start=5, end=9)], context)
    (Span(document='d1', start=0, end=9),)
    """
    merged: list[Span] = []
    for span in dict.fromkeys(spans):
        last = merged[-1] if merged else None
        if last and last.document == span.document and last.end <= span.start and span.document in context.sources:
            if not context.sources[span.document].text[last.end : span.start].strip():
                merged[-1] = Span(document=span.document, start=last.start, end=span.end)
                continue
        merged.append(span)
    return tuple(merged)


def _short(piece: Piece, room: int, count: Callable[[str], int]) -> list[Piece]:
    """Halves a piece until each part has at most `room` tokens or is a single character."""
    if count(piece.text) <= room or len(piece.text) < 2:
        return [piece]
    middle = len(piece.text) // 2
    blank = piece.text.rfind(" ", 1, middle + 1)
    cut = blank if blank > 0 else middle
    halves = _trimmed(piece, 0, cut), _trimmed(piece, cut, len(piece.text))
    return [part for half in halves for part in _short(half, room, count)]


def _trimmed(piece: Piece, start: int, end: int) -> Piece:
    """Returns characters `start` to `end` of a piece without outer white space."""
    text = piece.text[start:end]
    return piece.part(end - len(text.lstrip()), end - len(text) + len(text.rstrip()))
