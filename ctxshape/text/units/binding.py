"""Keeps what belongs together: items with their list, headings with their section, conditions, versions, answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ctxshape.text.units.groups import LONGEST_HEAD
from ctxshape.text.units.headings import is_question, is_version
from ctxshape.text.units.lists import is_enumeration
from ctxshape.text.units.model import MOST_CHARACTERS, MOST_LINES, Kind, Unit, nearest

_ENTRY = 12, 1000  # units and characters that the heading of a version brings along: what has changed in it
_BOUND = MOST_LINES + 3, MOST_CHARACTERS + 200  # of a member of an enumeration, with the headings above it
_NEAR = 8  # units around a place
_MOST_WANTED = 60  # units that a unit wants; a chain of openings may be as long as the text


class ItemList(NamedTuple):
    """An open list: the style of its marks, the unit that opens it, and for each item its first unit."""

    style: str
    opening: int | None
    items: list[int]


class Section(NamedTuple):
    """A heading whose section is being read."""

    level: int
    unit: int


class Binder:
    """Collects units, and for each the units that it wants, the most important first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.block = -1
        self.made: list[Unit] = []
        self.wanted: list[list[int]] = []
        self.sections: list[Section] = []
        self.limits: dict[int, tuple[int, int]] = {}  # of the units that bring more than others
        self.items: list[tuple[int, int]] = []  # the items around the place: their depth and their first unit
        self.lists: list[ItemList] = []

    def finished(self) -> list[Unit]:
        """Returns the units with their needs."""
        self.close_lists(0)
        self.close_sections(0)
        return [
            unit._replace(needs=nearest(self.made, wanted, *self._limits(number)) if wanted else ())
            for number, (unit, wanted) in enumerate(zip(self.made, self.wanted, strict=True))
        ]

    def _limits(self, number: int) -> tuple[int, int] | tuple[()]:
        """Returns the limits of what a unit brings. The head of a table comes with its rows, however long it is."""
        if self.made[number].kind != "row":
            return self.limits.get(number, ())
        heads = [one for one in self.wanted[number] if self.made[one].kind == "row"]
        return MOST_LINES, MOST_CHARACTERS + min(self._length(heads), LONGEST_HEAD)

    def add(self, start: int, end: int, kind: Kind, wanted: Iterable[int]) -> int:
        """Adds a unit with those that it wants; returns its number."""
        self.made.append(Unit(start, end, kind, (), self.block))
        self.wanted.append(list(islice(wanted, _MOST_WANTED)))
        return len(self.made) - 1

    def shown(self, unit: int) -> str:
        """Returns the text of a unit."""
        return self.text[self.made[unit].start : self.made[unit].end]

    def around(self) -> list[int]:
        """Returns the units that everything at this place needs: items, openings of lists, headings, the nearest first."""
        openings = [one.opening for one in self.lists[:1] if one.opening is not None]
        sections = [section.unit for section in self.sections[: -_NEAR - 1 : -1]]
        return [*(unit for _, unit in self.items[: -_NEAR - 1 : -1]), *openings, *sections]

    def leave_items(self, depth: int) -> None:
        """Leaves the items below a depth."""
        while self.items and self.items[-1][0] > depth:
            self.items.pop()

    def close_lists(self, depth: int) -> None:
        """Closes the lists below a depth. The items of an enumeration need each other."""
        while len(self.lists) > depth:
            closed = self.lists.pop()
            opening = closed.opening
            if opening is None:
                opening = next((unit for depth, unit in self.items if depth == len(self.lists)), None)
            if closed.items and is_enumeration(
                self.shown(opening) if opening is not None else "", [self.shown(i) for i in closed.items]
            ):
                for item in closed.items:
                    if self.made[item].kind == "item":
                        self.made[item] = self.made[item]._replace(kind="clause")
                self._bind([*([] if opening is None else [opening]), *closed.items], MOST_LINES, MOST_CHARACTERS)

    def _bind(self, members: Sequence[int], most: int, characters: int) -> None:
        """Makes each of the members need all others, if they are few and short."""
        if len(members) - 1 <= most and self._length(members) - min(self._length([one]) for one in members) <= characters:
            for one in members:
                self.limits[one] = _BOUND
                own = self.wanted[one]
                place = next((n + 1 for n, other in enumerate(own) if self.made[other].kind == "heading"), 0)
                own[place:place] = [other for other in members if other != one]

    def _length(self, members: Iterable[int]) -> int:
        return sum(self.made[one].end - self.made[one].start for one in members)

    def close_sections(self, level: int) -> None:
        """Closes the sections at or below a level. A version's changes belong together, and a question and its answer."""
        while self.sections and self.sections[-1].level >= level:
            section = self.sections.pop()
            shown = self.shown(section.unit)
            inside = range(section.unit + 1, len(self.made))
            if is_version(shown):
                self._bind([section.unit, *inside], MOST_LINES, MOST_CHARACTERS)
                self.limits[section.unit] = _ENTRY
                self.wanted[section.unit] += inside[: _ENTRY[0]]
            elif is_question(shown) and len(inside) <= MOST_LINES and self._length(inside) <= MOST_CHARACTERS:
                self.wanted[section.unit][:0] = inside
