"""A unit of text, its kind, and the rules of joining that follow from the kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal[
    "sentence",  # of a paragraph
    "clause",  # of a contract or a list of conditions
    "heading",
    "item",  # of a list
    "row",  # of a table; also its head, rule and caption
    "record",  # of JSON or YAML
    "open",  # opens a structure, such as "{" or "<table>"
    "close",  # closes one
    "line",  # of a log, of grep output, of a poem
    "field",  # key: value
    "code",  # a statement or line of code, with its indentation
    "turn",  # of a transcript
    "label",  # begins a line whose sentences are units of their own: a speaker's name, the number of a clause
]
# How two units of one block are joined if something between them was left out:
# - prose: by the omission mark;
# - rows: by the separator that the block has behind the first, so that the structure still parses; the mark follows the block;
# - lines: by a blank line.
Joint = Literal["prose", "rows", "lines"]
_JOINTS: Mapping[Kind, Joint] = MappingProxyType(
    {
        "row": "rows",
        "record": "rows",
        "open": "rows",
        "close": "rows",
        "line": "lines",
        "field": "lines",
        "code": "lines",
        "turn": "lines",
    }
)
MOST_LINES, MOST_CHARACTERS = 5, 400  # that come along with a unit
_LOOKED_AT = 60  # units that are wanted, the most important first: a chain of openings may be as long as the text


class Unit(NamedTuple):
    """A part of a text that is kept or left out as a whole: the characters `start` to `end`.

    - `needs`: the indices, among the units of the text, of those that have to come along, sorted.
    - `block`: the number of its block: the paragraph, list, table or other structure that it is a part of.
    - `goes_on`: it continues the unit before it, which was too long for one.
    """

    start: int
    end: int
    kind: Kind = "sentence"
    needs: tuple[int, ...] = ()
    block: int = 0
    goes_on: bool = False


Cutter = Callable[[str], list[Unit] | None]
"""Cuts a text of one form into its units, in order and without overlap; returns None if the text has another form."""


def joint_of(kind: Kind) -> Joint:
    """Returns how a unit is joined to another one of its block."""
    return _JOINTS.get(kind, "prose")


def begins_line(kind: Kind) -> bool:
    """Returns whether a unit begins a line, rather than running on in a paragraph."""
    return kind != "sentence"


def ends_line(kind: Kind) -> bool:
    """Returns whether a unit ends its line, so that nothing runs on behind it."""
    return kind not in ("sentence", "label")


def nearest(
    units: Sequence[Unit], wanted: Sequence[int], most: int = MOST_LINES, characters: int = MOST_CHARACTERS
) -> tuple[int, ...]:
    """Returns those of the wanted units that fit the limits of 5 units and 400 characters together, or others, sorted.

    `wanted` is in the order of importance.

    >>> units = [Unit(0, 10), Unit(10, 500), Unit(500, 520)]
    >>> nearest(units, [2, 1, 0])
    (0, 2)
    """
    found: list[int] = []
    left = characters
    for place in dict.fromkeys(wanted[:_LOOKED_AT]):
        if len(found) == most:
            break
        length = units[place].end - units[place].start
        if length <= left:
            found.append(place)
            left -= length
    return tuple(sorted(found))


def shifted(units: Sequence[Unit], characters: int, count: int, block: int) -> list[Unit]:
    """Returns the units of a part of a text as units of the whole text.

    `characters`, `count` and `block` are the characters, units and blocks before the part.
    """
    return [
        u._replace(
            start=u.start + characters,
            end=u.end + characters,
            needs=tuple(need + count for need in u.needs),
            block=u.block + block,
        )
        for u in units
    ]
