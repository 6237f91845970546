"""Cuts units that are too long to choose, and takes payloads out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ctxshape.text.payloads import payloads
from ctxshape.text.units.cuts import best_cut
from ctxshape.text.units.model import Kind, Unit, joint_of

LONGEST_UNIT = 600  # columns of a unit, two for a CJK character
_MOST_PARTS = 3  # of a unit that come along with another
_LONGEST_ROW = 1200  # of a row, a record or code, whose parts say little
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U00020000-\U0003ffff]")
_FEW = 20  # characters that may follow a window, if none is a letter or digit
_HAS_TEXT = re.compile(r"[^\W_]")


def with_limited_size(text: str, units: list[Unit]) -> list[Unit]:
    """Returns the units without payloads, and with those cut that are longer than 600 columns.

    The parts of a unit have its needs and its block. Short parts beside a payload need each other.
    """
    hidden = [(found.start, found.end) for found in payloads(text)]
    limits = [
        _LONGEST_ROW if joint_of(unit.kind) != "prose" or unit.kind in ("open", "close") else LONGEST_UNIT for unit in units
    ]
    if not hidden and all(2 * (unit.end - unit.start) <= limit for unit, limit in zip(units, limits, strict=True)):
        return units
    parts: list[list[tuple[int, int]]] = []
    number = 0
    for unit, limit in zip(units, limits, strict=True):
        while number < len(hidden) and hidden[number][1] <= unit.start:
            number += 1
        shown = list(_around(text, unit, hidden[number:] if number < len(hidden) and hidden[number][0] < unit.end else ()))
        parts.append([window for start, end in shown for window in windows(text, start, end, limit)])
    if all(part == [(unit.start, unit.end)] for part, unit in zip(parts, units, strict=True)):
        return units
    return list(_renumbered(units, parts))


def _around(text: str, unit: Unit, hidden: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yields the parts of a unit around payloads that have a letter or digit."""
    start = unit.start
    for begin, stop in hidden:
        if begin >= unit.end:
            break
        yield from _trimmed(text, start, begin)
        start = max(stop, start)
    if start == unit.start:
        yield unit.start, unit.end
    elif start < unit.end:
        yield from _trimmed(text, start, unit.end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if start < end and _HAS_TEXT.search(text, start, end):
        part = text[start:end]
        yield start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())


def windows(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yields the part of a text, cut into windows of at most so many columns."""
    while end - start > limit // 2:
        window = text[start : min(start + limit, end)]
        wide = len(_WIDE.findall(window))
        size = len(window)
        if start + size == end and size + wide <= limit:
            break
        if size + wide > limit:  # at most half of the characters too many
            size = _fitting(window, limit)
        if start + size >= end:
            break
        cut = best_cut(text, start, start + size)
        if end - cut <= _FEW and not _HAS_TEXT.search(text, cut, end):
            break  # no end mark stands alone
        yield start, cut - len(text[start:cut]) + len(text[start:cut].rstrip())
        start = cut + len(text[cut:end][:200]) - len(text[cut:end][:200].lstrip())
    if start < end:
        yield start, end


def _fitting(window: str, limit: int) -> int:
    columns = 0
    for size, char in enumerate(window):
        columns += 2 if _WIDE.match(char) else 1
        if columns > limit:
            return size
    return len(window)


def first_parts(needs: Sequence[int], first: Sequence[int]) -> list[int]:
    """Returns the first three parts of each needed unit; `first` holds the number of the first part of each unit, and an end.

    >>> first_parts([1], [0, 1, 6])
    [1, 2, 3]
    """
    return [part for need in needs for part in range(first[need], first[need + 1])[:_MOST_PARTS]]


def _renumbered(units: Sequence[Unit], parts: Sequence[Sequence[tuple[int, int]]]) -> Iterator[Unit]:
    """Yields the parts as units. What needed a unit needs its first parts."""
    first = [0]
    for part in parts:
        first.append(first[-1] + len(part))
    for unit, places, start in zip(units, parts, first, strict=False):
        needs = first_parts(unit.needs, first)
        # A part of a row or line is none by itself, so the mark stands beside it.
        kind: Kind = unit.kind if len(places) == 1 or joint_of(unit.kind) == "prose" else "sentence"
        for number, (begin, stop) in enumerate(places):
            partners = [start + number - 1] * (number > 0) + [start + number + 1] * (number + 1 < len(places))
            short = [other for other in partners if places[other - start][1] - places[other - start][0] <= 100]
            yield Unit(begin, stop, kind, tuple(sorted({*needs, *short})), unit.block, goes_on=number > 0 or unit.goes_on)
