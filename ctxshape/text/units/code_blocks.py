"""Cuts blocks of code and runs of lines by the cutters of their language or form."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from ctxshape.text.units.blocks import Block, lines_of
from ctxshape.text.units.forms import BY_LANGUAGE, FORMS
from ctxshape.text.units.model import Unit, joint_of

_CODE_LINE = re.compile(
    r"[{};]$|^[$>#%]\s|^(?:def|class|import|from|if|for|while|return|function|const|let|var|public|private)\b.*[:({;)]"
    r"|\w\(.*\)|\w+\s?[:+-]?=|^</?\w|^--?\w|->|=>|::"
)


def region_units(text: str, start: int, end: int) -> list[Unit] | None:
    """Returns the units of a part of a text if it has one of the forms, with places in the text."""
    part = text[start:end]
    if "\n" not in part and "\r" not in part:
        return None
    for cut in FORMS:
        found = cut(part)
        if found:
            return [unit._replace(start=unit.start + start, end=unit.end + start) for unit in found]
    return None


def fence_units(text: str, block: Block) -> list[Unit] | None:
    """Returns the units of a block of code: the line that opens it, its statements or lines, the line that closes it.

    Each brings the first and the last one. Returns None for indented lines that are no code.
    """
    opening, (start, end), closing = block.parts
    inner = _inner_units(text, start, end, block.language)
    fenced = opening[0] < opening[1]
    if inner is None:
        lines = lines_of(text, start, end)
        if not fenced and sum(_CODE_LINE.search(line.text) is not None for line in lines) * 2 < len(lines):
            return None
        inner = [Unit(line.start, line.end, "code") for line in lines]
    if not fenced:
        return inner
    rows = any(joint_of(unit.kind) == "rows" for unit in inner)
    last = len(inner) + 1
    made = [Unit(*opening, "open" if rows else "code", (last,))]
    made += [unit._replace(needs=(0, last, *(need + 1 for need in unit.needs)), block=0) for unit in inner]
    return [*made, Unit(*closing, "close" if rows else "code", (0,))]


def _inner_units(text: str, start: int, end: int, language: str) -> list[Unit] | None:
    cutter = BY_LANGUAGE.get(language)
    cutters = (cutter,) if cutter else () if language else FORMS
    if not cutters or start == end:
        return None
    part, places = _dedented(text, start, end)
    for cut in cutters:
        found = cut(part)
        if found:
            return [unit._replace(start=_original(unit.start, places, 0), end=_original(unit.end, places, 1)) for unit in found]
    return None


def _dedented(text: str, start: int, end: int) -> tuple[str, list[tuple[int, int, int]]]:
    """Returns lines without their common indentation; for each line its place there and in the text, and the indentation."""
    lines = lines_of(text, start, end)
    margin = min((line.body - line.start for line in lines), default=0)
    parts: list[str] = []
    places: list[tuple[int, int, int]] = []
    size, before = 0, start
    for line in lines:
        gap = text[before : line.start]
        parts += (gap, text[line.start + margin : line.end])
        places.append((size + len(gap), line.start + margin, margin))
        size += len(gap) + len(parts[-1])
        before = line.end
    return "".join(parts), places


def _original(place: int, places: Sequence[tuple[int, int, int]], end: int) -> int:
    """Returns the place in the text of a start (`end` is 0) or an end (1) in lines without their common indentation."""
    number = max(bisect_right(places, place - end, key=itemgetter(0)) - 1, 0)
    line, original, margin = places[number]
    return original - margin if place == line and not end else original + place - line
