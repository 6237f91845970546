"""Cutting a list of documents into blocks that fit a model's context. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ctxshape.core.analysis import analysis_of
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Document, Span


def groups(lengths: Sequence[int], size: int, room: int) -> list[list[int]]:
    """Consecutive indices in groups of at most `size` whose lengths sum to at most `room`; a longer one stands alone.

    >>> groups([3, 3, 3, 9, 1], size=2, room=6)
    [[0, 1], [2], [3], [4]]
    """
    made: list[list[int]] = []
    used = 0
    for index, length in enumerate(lengths):
        if not made or len(made[-1]) == size or used + length > room:
            made.append([])
            used = 0
        made[-1].append(index)
        used += length
    return made


def parts(context: Context, document: Document, room: int, count: Callable[[str], int]) -> list[Document]:
    """A document cut at sentence ends into parts of at most `room` tokens, in order; a longer sentence is cut at blanks.

    Nothing is lost: the parts hold every sentence, and each part its own spans.

    >>> context = Context.of("q", ["One two. Three four. Five."])
    >>> [part.text for part in parts(context, context.documents[0], 6, lambda text: len(text.split()))]
    ['One two. Three four.', 'Five.']
    """
    analysis = analysis_of(context)
    short = [part for piece in analysis.sentences(document) for part in _short(piece, room - 1, count)]
    # One more for each: what stands between two sentences is a token at most.
    cut = groups([count(piece.text) + 1 for piece in short], size=len(short), room=room)
    made = [analysis.with_only(document, [short[i] for i in group]) for group in cut]
    return [part.model_copy(update={"spans": merged(part.spans, context)}) for part in made]


def merged(spans: Sequence[Span], context: Context) -> tuple[Span, ...]:
    """Each span once, in order; neighbours with only white space between them as one.

    >>> context = Context.of("q", ["One. Two. Three."])
    >>> merged([Span(document="d1", start=0, end=4), Span(document="d1", start=5, end=9)], context)
    (Span(document='d1', start=0, end=9),)
    """
    made: list[Span] = []
    for span in dict.fromkeys(spans):
        last = made[-1] if made else None
        if last and last.document == span.document and last.end <= span.start and span.document in context.sources:
            if not context.sources[span.document].text[last.end : span.start].strip():
                made[-1] = Span(document=span.document, start=last.start, end=span.end)
                continue
        made.append(span)
    return tuple(made)


def _short(piece: Piece, room: int, count: Callable[[str], int]) -> list[Piece]:
    """The piece, halved until each part has at most `room` tokens or is a single character."""
    if count(piece.text) <= room or len(piece.text) < 2:
        return [piece]
    middle = len(piece.text) // 2
    blank = piece.text.rfind(" ", 1, middle + 1)
    place = blank if blank > 0 else middle
    halves = _slice(piece, 0, place), _slice(piece, place, len(piece.text))
    return [part for half in halves for part in _short(half, room, count)]


def _slice(piece: Piece, start: int, end: int) -> Piece:
    """Characters `start` to `end` of a piece, without outer white space; its spans follow where they are the piece itself."""
    text = piece.text[start:end]
    start += len(text) - len(text.lstrip())
    end -= len(text) - len(text.rstrip())
    spans = piece.spans
    if len(spans) == 1 and spans[0].end - spans[0].start == len(piece.text):
        spans = (Span(document=spans[0].document, start=spans[0].start + start, end=spans[0].start + end),)
    return Piece(piece.text[start:end], piece.start + start, piece.start + end, piece.base, spans)
