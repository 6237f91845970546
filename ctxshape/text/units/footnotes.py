"""Footnotes of Markdown: a footnote comes with what refers to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from ctxshape.text.units.model import MOST_CHARACTERS, MOST_LINES, Unit

FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,40})\]:")
_REFERENCE = re.compile(r"\[\^([^\]\s]{1,40})\]")


def bind_footnotes(text: str, units: Sequence[Unit], wanted: Sequence[list[int]], notes: Mapping[str, Sequence[int]]) -> None:
    """Adds to what units want: the footnotes that they refer to, and to a footnote what alone refers to it.

    `notes` are the units of each footnote by its name, the first one with its label.
    """
    own = {place for places in notes.values() for place in places}
    starts = [unit.start for unit in units]
    referring: dict[str, list[int]] = {}
    for match in _REFERENCE.finditer(text):
        place = bisect_right(starts, match.start()) - 1
        if match[1] in notes and place >= 0 and match.end() <= units[place].end and place not in own:
            referring.setdefault(match[1], []).append(place)
    for name, places in referring.items():
        for place in dict.fromkeys(places):
            wanted[place] += notes[name]
        if len(set(places)) == 1:
            _add_referring(units, wanted, notes[name], places[0])


def _add_referring(units: Sequence[Unit], wanted: Sequence[list[int]], note: Sequence[int], place: int) -> None:
    """Makes a footnote want what refers to it, with all that this needs, or nothing if it is too much."""
    more = list(dict.fromkeys([place, *(other for other in wanted[place] if other not in note)]))
    for one in note:
        members = {*more, *wanted[one]}
        if len(members) <= MOST_LINES and sum(units[other].end - units[other].start for other in members) <= MOST_CHARACTERS:
            wanted[one] += [other for other in more if other != one]
