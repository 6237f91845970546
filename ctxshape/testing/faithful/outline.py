"""The true structure of a text, as its generator wrote it or as simple rules recognise it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

Layout = Literal[
    "prose",  # sentences that run on
    "labelled",  # sentences behind a label: a turn behind its speaker, an item behind its mark, a clause behind its number
    "line",  # a whole line: a row, a log line, a field, a line of code
]
Role = Literal["heading", "head", "rule", "opening", "question", "parent"]
LEAF = 99  # the level of a part that opens nothing


class Part(NamedTuple):
    """A part of a text that says something only together with its owners, shown above it.

    - `label`: the number of characters at its start that are shown with any of it, such as those of a speaker's name.
    - `role`, `level`: makes it an owner of later parts until another one of the role and of the same or a lower level.
    - `owners`: the indices of the parts that own it; `brings`: of those that are shown if it is.
    - `cut`: whether sentences of it may be shown alone; a part that is one sentence has False.
    - `table`: the number of the table that it is a row of.
    """

    start: int
    end: int
    kind: str
    form: Layout = "prose"
    label: int = 0
    role: Role | None = None
    level: int = LEAF
    owners: tuple[int, ...] = ()
    brings: tuple[int, ...] = ()
    cut: bool = False
    table: int = 0


class Outline:
    """The parts of a text in order, without overlap.

    - `language`: of a text that is a whole file of it: "json", "jsonl" or "python".
    - `enumerations`: sets of parts that are shown together, or with a mark that says that some are missing.
    """

    def __init__(self, parts: Sequence[Part] = (), language: str = "", enumerations: Sequence[Sequence[int]] = ()) -> None:
        self.parts = tuple(parts)
        self.language = language
        self.enumerations = tuple(map(tuple, enumerations))
        self._starts = [part.start for part in self.parts]

    def at(self, place: int) -> int | None:
        """Returns the index of the part that holds the character at a place."""
        index = bisect_right(self._starts, place) - 1
        return index if index >= 0 and place < self.parts[index].end else None

    def between(self, start: int, end: int) -> Iterator[int]:
        """Yields the indices of the parts that have a character between two places."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self.parts) and self.parts[index].start < end:
            if self.parts[index].end > start:
                yield index
            index += 1

    def path(self, index: int) -> set[int]:
        """Returns the index of a part and those of its owners of the same role, of theirs, and so on."""
        role, found, todo = self.parts[index].role, {index}, [index]
        while todo:
            owners = [o for o in self.parts[todo.pop()].owners if self.parts[o].role == role and o not in found]
            found.update(owners)
            todo += owners
        return found
