"""Source code as a tree of lines, and its units: small blocks whole, longer ones statement by statement."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ctxshape.text.units.model import MOST_CHARACTERS, MOST_LINES, Unit

WHOLE = 500  # characters of a block that is one unit
_WHOLE_DATA = 350  # of a literal that is one unit
_MERGED = 1000  # of a block that would bring too much along with each of its statements, and so is one unit
_LONGEST = 800  # of a comment; a longer one is cut into its paragraphs
_PARAGRAPH = 400
_FIRST = 300  # of the first statement of a block that stays with its head
_BRANCHES = 6  # units of the branches before that come along with a branch
_LEAST_ITEMS = 4  # of a literal
_COMMA = re.compile(r",\s*(?:(?:#|//).*)?$")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Node:
    """A statement, or a block: lines `first` to `stop` (excluded) of its head, and the statements in it.

    - `tail`: the lines that close the block, such as "}"; equal if there are none.
    - `continues`: it says something only together with the sibling before it, as `else` does.
    - `fills`: it needs at least one statement, as a block of Python does.
    - `awaits`: it needs the sibling behind it, as `try` does.
    - `empty`: it is no statement but a comment.
    """

    first: int
    stop: int
    body: list[Node] = field(default_factory=list)
    tail: tuple[int, int] = (0, 0)
    continues: bool = False
    fills: bool = False
    awaits: bool = False
    empty: bool = False

    @property
    def end(self) -> int:
        """The line behind its last."""
        return max(self.stop, self.tail[1], self.body[-1].end if self.body else 0)


@dataclass(slots=True)
class _Draft:
    """A unit whose needs are not yet complete."""

    first: int
    stop: int
    size: int
    empty: bool = False
    needs: list[int] = field(default_factory=list)


class Lines:
    """The lines of a text and their places."""

    def __init__(self, text: str) -> None:
        self.text = text
        ends = [match.span() for match in _LINE_END.finditer(text)]
        self.starts = [0, *(end for _, end in ends)]
        self.ends = [*(start for start, _ in ends), len(text)]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> str:
        return self.text[self.starts[number] : self.ends[number]]

    def at(self, place: int) -> int:
        """Returns the number of the line that holds a character."""
        return bisect_right(self.starts, place) - 1

    def size(self, first: int, stop: int) -> int:
        """Returns the number of characters of the lines `first` to `stop` (excluded)."""
        return self.ends[stop - 1] - self.starts[first] if stop > first else 0


def nested_units(lines: Lines, nodes: Sequence[Node], whole: int = WHOLE) -> list[Unit]:
    """Returns the units of source code.

    A block of up to `whole` characters is one unit, a literal of up to 350. Each statement of a longer one is a unit that
    needs the heads of the blocks around it, and what else these need to be complete: their last line, or a statement for
    each branch before.
    """
    if not lines.text.strip():
        return []
    cutter = _Cutter(lines, whole)
    cutter.cut(nodes, 0, 0)
    return list(_covering(lines, cutter.drafts))


class _Cutter:
    def __init__(self, lines: Lines, whole: int) -> None:
        self.lines = lines
        self.whole = whole
        self.merged = _MERGED if whole == WHOLE else 0
        self.drafts: list[_Draft] = []

    def cut(self, nodes: Sequence[Node], count: int, size: int) -> None:
        """Adds the units of siblings. `count` and `size` are what the blocks around them bring along."""
        for group in _groups(nodes):
            first, stop = group[0].first, group[-1].end
            data = len(group) == 1 and self._is_literal(group[0])
            if not any(node.body or node.tail[1] for node in group):
                self._add_plain(group)
            elif self.lines.size(first, stop) <= (min(_WHOLE_DATA, self.whole) if data else self.whole):
                self._add(first, stop)
            else:
                begin = len(self.drafts)
                self._cut_group(group, count, size)
                heavy = any(self._is_heavy(draft, count, size) for draft in self.drafts[begin:])
                if heavy and not data and self.lines.size(first, stop) <= self.merged:
                    del self.drafts[begin:]
                    self._add(first, stop)

    def _is_literal(self, node: Node) -> bool:
        """Returns whether a block is made of items with a comma behind each but the last."""
        return len(node.body) >= _LEAST_ITEMS and all(
            _COMMA.search(self.lines[item.end - 1]) for item in node.body[:-1] if not item.empty
        )

    def _add(self, first: int, stop: int, *, empty: bool = False) -> int:
        self.drafts.append(_Draft(first, stop, self.lines.size(first, stop), empty))
        return len(self.drafts) - 1

    def _add_plain(self, group: Sequence[Node]) -> None:
        first, stop = group[0].first, group[-1].end
        if group[0].empty and self.lines.size(first, stop) > _LONGEST:
            for line in range(first, stop):
                bare = not any(map(str.isalnum, self.lines[line]))
                long = self.lines.size(first, line + 1) > _PARAGRAPH
                if (bare or long) and self._has_text(first, line):
                    self._add(first, line, empty=True)
                    first = line
            if self.lines.text[self.lines.starts[first] : self.lines.ends[stop - 1]].strip():
                self._add(first, stop, empty=True)
        else:
            self._add(first, stop, empty=all(node.empty for node in group))

    def _has_text(self, first: int, stop: int) -> bool:
        return stop > first and any(map(str.isalnum, self.lines.text[self.lines.starts[first] : self.lines.ends[stop - 1]]))

    def _is_heavy(self, draft: _Draft, count: int, size: int) -> bool:
        needs = set(draft.needs)
        return len(needs) + count > MOST_LINES or sum(self.drafts[n].size for n in needs) + size > MOST_CHARACTERS

    def _cut_group(self, group: Sequence[Node], count: int, size: int) -> None:
        heads: list[int] = []
        tails: list[int | None] = []
        ranges: list[tuple[int, int]] = []
        for node in group:
            kept = self._first_statement(node)
            heads.append(self._add(node.first, node.body[kept - 1].end if kept else node.stop))
            count, size = count + 1, size + self.drafts[-1].size
            self.cut(node.body[kept:], count, size)
            tails.append(self._add(*node.tail) if node.tail[1] else None)
            ranges.append((heads[-1], len(self.drafts)))
        self._connect(group, heads, tails, ranges)

    def _connect(
        self, group: Sequence[Node], heads: Sequence[int], tails: Sequence[int | None], ranges: Sequence[tuple[int, int]]
    ) -> None:
        """Adds to the needs of each unit of a block what makes the block complete."""
        fillers = [
            self._filler(*span) if node.fills and node.body and not self._first_statement(node) else []
            for node, span in zip(group, ranges, strict=True)
        ]
        before: list[int] = []  # the heads of the branches so far, with what completes them
        for number, (node, (begin, end)) in enumerate(zip(group, ranges, strict=True)):
            tail = tails[number] if tails[number] is not None else tails[-1]
            around = [heads[number], *before, *([] if tail is None else [tail])]
            if node.awaits and number + 1 < len(group):
                around += [heads[number + 1], *fillers[number + 1]]
            for index in range(begin, end):
                draft = self.drafts[index]
                bare = index == heads[number] or draft.empty
                draft.needs += [n for n in (*around, *(fillers[number] if bare else ())) if n != index]
            if len(before) < _BRANCHES:
                own = tails[number]
                before += [heads[number], *fillers[number], *([] if own is None else [own])]

    def _first_statement(self, node: Node) -> int:
        """Returns how many of the nodes in a block that needs a statement are its first one, if that stays with the head."""
        if not node.fills:
            return 0
        count = 1
        while count < len(node.body) and (node.body[count].continues or node.body[count - 1].empty):
            count += 1
        first = node.body[:count]
        whole = bool(first) and not first[-1].empty and self.lines.size(first[0].first, first[-1].end) <= _FIRST
        return count if whole else 0

    def _filler(self, begin: int, end: int) -> list[int]:
        """Returns the shortest statement of a block, with what it needs inside the block."""
        best: list[int] = []
        smallest = -1
        for index in range(begin + 1, end):
            if self.drafts[index].empty:
                continue
            wanted = {index, *(n for n in self.drafts[index].needs if begin < n < end)}
            size = sum(self.drafts[n].size for n in wanted)
            if smallest < 0 or size < smallest:
                best, smallest = sorted(wanted), size
        return best


def _groups(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    group: list[Node] = []
    for node in nodes:
        if group and not node.continues:
            yield group
            group = []
        group.append(node)
    if group:
        yield group


def _covering(lines: Lines, drafts: Sequence[_Draft]) -> Iterator[Unit]:
    """Yields the units, each up to the last line with text before the next one."""
    text = lines.text
    for number, draft in enumerate(drafts):
        start = lines.starts[draft.first] if number else _first_line(text)
        stop = lines.starts[drafts[number + 1].first] if number + 1 < len(drafts) else len(text)
        end = start + len(text[start:stop].rstrip())
        yield Unit(start, end, "code", tuple(sorted(set(draft.needs))))


def _first_line(text: str) -> int:
    """Returns the start of the first line with text."""
    before = text[: len(text) - len(text.lstrip())]
    return max(before.rfind("\n"), before.rfind("\r")) + 1
