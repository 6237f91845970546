"""Cuts pieces that a budget could not hold."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from textwrap import dedent

from ctxshape.core.spans import Piece
from ctxshape.text.units.model import Kind
from ctxshape.text.units.size import windows

_TORN: frozenset[Kind] = frozenset({"sentence", "field"})  # a part of one is shown between marks
_BY_LINES: frozenset[Kind] = frozenset({"code", "line"})  # cut at the ends of lines, below their first line
_LINE = re.compile(r"[^\S\n]*\S(?:[^\n]*\S)?")
_NAME = re.compile(r"[^\n:：]{1,60}[:：](?:\*\*)?")  # of a speaker
_LEAST = 8  # tokens of a part; less says nothing
_MOST_PARTS = 3  # of a piece that come along with another
_NARROWEST = 16  # columns of a part


def divided(pieces: Sequence[Piece], room: int, count: Callable[[str], int]) -> list[Piece]:
    """Returns the pieces of a document, with those of more than `room` tokens cut into parts of about half of it.

    A part ends where a line, a sentence, a clause or at least a word ends, so that something can be chosen at any budget.
    Lines of a statement need its first line, and parts of a turn need the speaker. A row, a record and a statement of
    Python stay whole. What needed a piece needs
    its first parts. `count` returns the tokens of a text.

    >>> from ctxshape import Context
    >>> from ctxshape.core.spans import pieces
    >>> context = Context.of("q", ["It is old, nobody knows how old, for the books are lost, and it stands there."])
    >>> cut = divided(pieces(context, context.documents[0]), 12, lambda text: len(text.split()))
    >>> [part.text for part in cut]
    ['It is old,', 'nobody knows how old,', 'for the books are lost,', 'and it stands there.']
    """
    # No text has more tokens than bytes, and few have more than characters.
    sizes = [count(piece.text) if 2 * len(piece.text) > room else 0 for piece in pieces]
    if room < _LEAST or max(sizes, default=0) <= room:
        return list(pieces)
    parts = [_parts(piece, size, room) if size > room else [piece] for piece, size in zip(pieces, sizes, strict=True)]
    first = [0]
    for own in parts:
        first.append(first[-1] + len(own))
    made: list[Piece] = []
    for number, own in enumerate(parts):
        for place, part in enumerate(own):
            needs = {other for need in part.needs for other in range(first[need], first[need + 1])[:_MOST_PARTS]}
            if place and pieces[number].kind not in _TORN:
                needs = {other for other in needs if pieces[_owner(first, other)].kind not in ("open", "close")}
                needs.add(first[number])
            made.append(part._replace(needs=tuple(sorted(needs))))
    return made


def _owner(first: Sequence[int], part: int) -> int:
    """Returns the number of the piece that a part belongs to; `first` holds the first part of each piece."""
    return bisect_right(first, part) - 1


def _parts(piece: Piece, size: int, room: int) -> list[Piece]:
    """Returns the parts of a piece of `size` tokens, or the piece itself if parts of it would say nothing."""
    if piece.kind in _BY_LINES:
        if "\n" not in piece.text:
            return _windows(piece, 0, size, room)
        return [piece] if piece.kind == "code" and _is_one_thing(piece.text) else _lines(piece)
    if piece.kind == "turn":
        name = _NAME.match(piece.text)
        return [piece.part(0, name.end())._replace(kind="label"), *_windows(piece, name.end(), size, room)] if name else [piece]
    return _windows(piece, 0, size, room) if piece.kind in _TORN else [piece]


def _is_one_thing(code: str) -> bool:
    """Returns whether no line of a statement may go: Python would not parse any more, and a fence would not be closed."""
    if code.lstrip().startswith(("```", "~~~")):
        return True
    try:
        ast.parse(dedent(code))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _lines(piece: Piece) -> list[Piece]:
    """Returns the lines of a piece with their indentation."""
    return [piece.part(*line.span()) for line in _LINE.finditer(piece.text)]


def _windows(piece: Piece, start: int, size: int, room: int) -> list[Piece]:
    columns = max(len(piece.text) * room // (2 * size), _NARROWEST)
    places = [_trimmed(piece.text, *place) for place in windows(piece.text, start, len(piece.text), columns)]
    if len(places) < 2 and not start:
        return [piece]
    last = len(places) - 1
    return [
        # A part of a line is none by itself, so the mark stands beside it.
        piece.part(begin, end)._replace(
            kind="sentence",
            goes_on=number > 0 or (piece.goes_on and not start),
            unfinished=number < last or piece.unfinished,
        )
        for number, (begin, end) in enumerate(places)
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return end - len(part.lstrip()), start + len(part.rstrip())
