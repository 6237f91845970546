"""Cuts pieces that a budget could not hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ctxshape.core.spans import Piece
from ctxshape.text.units.model import Kind
from ctxshape.text.units.size import windows

# The others, such as a row or a statement, say nothing in part.
_DIVISIBLE: frozenset[Kind] = frozenset({"sentence", "line", "field"})
_LEAST = 8  # tokens of a part; less says nothing
_MOST_PARTS = 3  # of a piece that come along with another
_NARROWEST = 16  # columns of a part


def divided(pieces: Sequence[Piece], room: int, count: Callable[[str], int]) -> list[Piece]:
    """Returns the pieces of a document, with those of more than `room` tokens cut into parts of about half of it.

    A part ends where a line, a sentence, a clause or at least a word ends, so that something can be chosen at any budget.
    What needed a piece needs its first parts. `count` returns the tokens of a text.

    >>> from ctxshape import Context
    >>> from ctxshape.core.spans import pieces
    >>> context = Context.of("q", ["It is old, nobody knows how old, for the books are lost, and it stands there."])
    >>> cut = divided(pieces(context, context.documents[0]), 12, lambda text: len(text.split()))
    >>> [part.text for part in cut]
    ['It is old,', 'nobody knows how old,', 'for the books are lost,', 'and it stands there.']
    """
    # No text has more tokens than bytes, and few have more than characters.
    sizes = [count(piece.text) if piece.kind in _DIVISIBLE and 2 * len(piece.text) > room else 0 for piece in pieces]
    if room < _LEAST or max(sizes, default=0) <= room:
        return list(pieces)
    parts = [_parts(piece, size, room) if size > room else [piece] for piece, size in zip(pieces, sizes, strict=True)]
    first = [0]
    for own in parts:
        first.append(first[-1] + len(own))
    made: list[Piece] = []
    for own in parts:
        for part in own:
            needs = [other for need in part.needs for other in range(first[need], first[need + 1])[:_MOST_PARTS]]
            made.append(part._replace(needs=tuple(needs)))
    return made


def _parts(piece: Piece, size: int, room: int) -> list[Piece]:
    columns = max(len(piece.text) * room // (2 * size), _NARROWEST)
    places = list(windows(piece.text, 0, len(piece.text), columns))
    if len(places) < 2:
        return [piece]
    last = len(places) - 1
    return [
        # A part of a line is none by itself, so the mark stands beside it.
        piece.part(start, end)._replace(
            kind="sentence", goes_on=number > 0 or piece.goes_on, unfinished=number < last or piece.unfinished
        )
        for number, (start, end) in enumerate(places)
    ]
