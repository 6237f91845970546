"""Cuts pieces that a budget could not hold."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from ctxshape.core.spans import Piece
from ctxshape.text.units.commits import commit_line_needs
from ctxshape.text.units.lists import opening_end
from ctxshape.text.units.model import MOST_LINES, Kind, Unit, nearest
from ctxshape.text.units.python import python_units
from ctxshape.text.units.size import first_parts, windows
from ctxshape.text.units.traces import line_needs

_TORN: frozenset[Kind] = frozenset({"sentence", "field"})  # a part of one is shown between marks
_BY_LINES: frozenset[Kind] = frozenset({"code", "line"})  # cut at the ends of lines, below their first line
_LINE = re.compile(r"[^\S\n]*\S(?:[^\n]*\S)?")
_NAME = re.compile(r"[^\n:：]{1,60}[:：](?:\*\*)?")  # of a speaker
_LEAST = 8  # tokens of a part; less says nothing
_NARROWEST = 16  # columns of a part


def divided(pieces: Sequence[Piece], room: int, count: Callable[[str], int]) -> list[Piece]:
    """Returns the pieces of a document, with those of more than `room` tokens cut into parts of about half of it.

    A part ends where a line, a sentence, a clause or at least a word ends, so that something can be chosen at any budget.
    Lines of a statement need its first line, those of a log entry or stack trace the error, and parts of a turn the
    speaker; what is left of Python still parses. A row and a record stay whole. What needed a piece needs its first parts.
    `count` returns the tokens of a text.

    >>> from ctxshape import Context
    >>> from ctxshape.core.spans import pieces
    >>> context = Context.of("q", ["It is old, nobody knows how old, for the books are lost, and it stands there."])
    >>> cut = divided(pieces(context, context.documents[0]), 12, lambda text: len(text.split()))
    >>> [part.text for part in cut]
    ['It is old,', 'nobody knows how old,', 'for the books are lost,', 'and it stands there.']
    """
    pieces = _with_fewer_conditions(pieces, room, count)
    # No text has more tokens than bytes, and few have more than characters.
    sizes = [count(piece.text) if 2 * len(piece.text) > room else 0 for piece in pieces]
    # A statement does not go without the lines that it needs.
    whole = [
        count(piece.text) + sum(count(pieces[need].text) for need in piece.needs) if piece.kind == "code" else size
        for piece, size in zip(pieces, sizes, strict=True)
    ]
    if room < _LEAST or max(whole, default=0) <= room:
        return list(pieces)
    parts = [
        _parts(piece, size or count(piece.text), room) if total > room else [(piece, ())]
        for piece, size, total in zip(pieces, sizes, whole, strict=True)
    ]
    first = [0]
    for own in parts:
        first.append(first[-1] + len(own))
    made: list[Piece] = []
    for number, own in enumerate(parts):
        for part, inside in own:
            needs = {*first_parts(part.needs, first), *(first[number] + place for place in inside)}
            made.append(part._replace(needs=tuple(sorted(needs))))
    return made


def _with_fewer_conditions(pieces: Sequence[Piece], room: int, count: Callable[[str], int]) -> list[Piece]:
    """Returns the pieces. Conditions that do not fit together need only what opens them; a mark shows that some are missing."""
    made = list(pieces)
    for number, piece in enumerate(pieces):
        if any(pieces[need].kind == "clause" for need in piece.needs):
            if sum(count(pieces[one].text) for one in (number, *piece.needs)) > room:
                made[number] = piece._replace(needs=tuple(need for need in piece.needs if pieces[need].kind != "clause"))
    return made


_Part = tuple[Piece, tuple[int, ...]]  # a part of a piece, and the numbers of the parts that it needs


def _parts(piece: Piece, size: int, room: int) -> list[_Part]:
    """Returns the parts of a piece of `size` tokens, or the piece itself if parts of it would say nothing."""
    if piece.kind == "code" and piece.text.lstrip().startswith(("```", "~~~")):
        return [(piece, ())]  # a fence has to be closed
    if piece.kind == "code" and (statements := _statements(piece, len(piece.text) * room // (2 * size))):
        return statements
    if piece.kind == "line" and "\n" in piece.text:
        return _entry(piece)
    if piece.kind in _BY_LINES and "\n" in piece.text:
        return _lines(piece)
    if piece.kind == "turn" and (name := _NAME.match(piece.text)):
        said = _windows(piece, name.end(), size, room)
        return [(piece.part(0, name.end())._replace(kind="label"), ()), *((part, (0,)) for part in said)]
    if piece.kind in ("item", "clause") and not piece.goes_on and (end := opening_end(piece.text)):
        said = _windows(piece, end, size, room)
        opening = piece.part(0, len(piece.text[:end].rstrip()))._replace(kind="label", unfinished=True)
        return [(opening, ()), *((part._replace(goes_on=True), (0,)) for part in said)]
    torn = piece.kind in _TORN or piece.kind in _BY_LINES
    return [(part, ()) for part in _windows(piece, 0, size, room)] if torn else [(piece, ())]


def _entry(piece: Piece) -> list[_Part]:
    """Returns the lines of a log entry or of a stack trace, which need the error, or of a commit, which need its head."""
    lines = [piece.part(*line.span()) for line in _LINE.finditer(piece.text)]
    units = [Unit(line.start, line.end) for line in lines]
    texts = [line.text for line in lines]
    needs = commit_line_needs(texts) or line_needs(texts)
    return [(line, nearest(units, wanted)) for line, wanted in zip(lines, needs, strict=True)]


def _lines(piece: Piece) -> list[_Part]:
    """Returns the lines of a piece; each needs the first one, and those above it that are indented less."""
    made: list[_Part] = []
    above: list[tuple[int, int]] = []  # the lines around the place: their indentation and their number
    for number, line in enumerate(_LINE.finditer(piece.text)):
        indent = len(line.group()) - len(line.group().lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        needs = {0, *(place for _, place in above)} if number else set()
        part = piece.part(*line.span())._replace(kind="item")  # a blank line could hide a lost condition, a mark does not
        made.append((part, tuple(sorted(needs))[:MOST_LINES]))
        above.append((indent, number))
    return made


def _statements(piece: Piece, longest: int) -> list[_Part]:
    """Returns the statements of Python source with blocks of at most `longest` characters; nothing if it does not parse."""
    lines = list(_LINE.finditer(piece.text))
    indent = min(len(line.group()) - len(line.group().lstrip()) for line in lines)
    bare = "\n".join(line.group()[indent:] for line in lines)
    cut = python_units(bare, longest)
    if cut is None:
        return []
    starts = [0, *(place + 1 for place, char in enumerate(bare) if char == "\n")]

    def place_of(place: int) -> int:
        number = bisect_right(starts, place) - 1
        return lines[number].start() + (indent if place > starts[number] else 0) + place - starts[number]

    return [(piece.part(place_of(unit.start), place_of(unit.end)), unit.needs) for unit in cut]


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
