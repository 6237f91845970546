"""Parts of a text behind labels: turns behind their speakers, clauses behind their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ctxshape.text.sentences import sentences
from ctxshape.text.units.model import Kind, Unit, nearest, shifted
from ctxshape.text.units.prose import prose_units

_WHOLE_PART = 400  # characters of a part that is one unit
_SHORT = 80  # characters of an answer that says little without its question
_ASKS = re.compile(r"[?？؟][\"'”’»」)*_]*$")


class Labelled(NamedTuple):
    """A part from `start` up to the next one, with its label up to `text`."""

    start: int
    text: int
    name: str


class _Range(NamedTuple):
    """The units of a part: from `first`, its label or the whole, to `stop` (excluded)."""

    first: int
    stop: int


def labelled_units(
    text: str, parts: Sequence[Labelled], kind: Kind, headings: Sequence[tuple[int, int]] = (), *, dialogue: bool = False
) -> list[Unit]:
    """Returns a unit for each short part; a label and sentences that need it for each longer one.

    What stands before the first part is prose. The parts below one of the `headings` need it. In a dialogue, a question
    needs the part behind it, and a short answer the question before it.
    """
    units: list[Unit] = []
    _add_prose(units, text, 0, min([parts[0].start, *(start for start, _ in headings)]))
    block = max((unit.block for unit in units), default=-1) + 1
    ranges: list[_Range] = []
    places: list[tuple[int, int, Labelled | None]] = [(part.start, part.text, part) for part in parts]
    places = sorted([*places, *((start, end, None) for start, end in headings)], key=lambda place: place[0])
    heading: int | None = None
    for (start, text_start, part), end in zip(places, [*(place[0] for place in places[1:]), len(text)], strict=True):
        first = len(units)
        if part is None:
            heading = first
            units.append(Unit(start, text_start, "heading", (), block))
            _add_prose(units, text, text_start, end)
        else:
            units += _units(text, part, start + len(text[start:end].rstrip()), kind, first, block)
            ranges.append(_Range(first, len(units)))
        if heading is not None:
            units[first:] = [_with_need(units, n, heading) for n in range(first, len(units))]
    return _with_answers(text, units, parts, ranges) if dialogue else units


def _add_prose(units: list[Unit], text: str, start: int, end: int) -> None:
    if text[start:end].strip():
        units += shifted(prose_units(text[start:end]), start, len(units), max((unit.block for unit in units), default=-1) + 1)


def _with_need(units: Sequence[Unit], number: int, heading: int) -> Unit:
    unit = units[number]
    return unit if number == heading else unit._replace(needs=nearest(units, [*unit.needs, heading]))


def _units(text: str, part: Labelled, stop: int, kind: Kind, count: int, block: int) -> list[Unit]:
    start = _start(text, part.start)
    if stop - start <= _WHOLE_PART or stop <= part.text:
        return [Unit(start, stop, kind, (), block)]
    label = start + len(text[start : part.text].rstrip())
    inner = [(part.text + a, part.text + b) for a, b in sentences(text[part.text : stop])]
    if label == start or not inner:
        return [Unit(start, stop, kind, (), block)]
    return [
        Unit(start, label, "label", (count + 1,), block),
        *(Unit(a, b, "sentence", (count,), block) for a, b in inner),
    ]


def _start(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _with_answers(text: str, units: list[Unit], parts: Sequence[Labelled], ranges: Sequence[_Range]) -> list[Unit]:
    """Adds to the needs of questions and short answers."""
    for number, (first, stop) in enumerate(ranges[:-1]):
        following = ranges[number + 1]
        last = units[stop - 1]
        if not _ASKS.search(text[max(last.end - 10, last.start) : last.end]) or parts[number + 1].name == parts[number].name:
            continue
        asking = [first] if stop == first + 1 else [first, stop - 1]
        answering = [following.first] if following.stop == following.first + 1 else [following.first, following.first + 1]
        wanted = [*units[stop - 1].needs, *answering]
        units[stop - 1] = last._replace(needs=nearest(units, wanted))
        answer = units[following.first]
        if following.stop == following.first + 1 and answer.end - parts[number + 1].text <= _SHORT:
            units[following.first] = answer._replace(needs=nearest(units, [*answer.needs, *asking]))
    return units
