"""Finds the rows of a table that a row goes on with: an empty first cell, or one that spans rows, repeats a cell above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_CELL = re.compile(r"<t[dh]\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>", re.IGNORECASE)
_ROW_SPAN = re.compile(r"\browspan\s*=\s*[\"']?\s*(\d{1,5})", re.IGNORECASE)
_TAG_OR_BLANK = re.compile(r"(?:<[^<>]*>|&nbsp;|&#160;|\s)+")
_BAR = re.compile(r"(?<!\\)\|")
LONGEST_HEAD = 1200  # characters of the head of a table that comes along with its rows
_MOST_OWNERS = 4  # of a row
_FEWEST = 3  # columns of a table in which a row with nothing but a first cell is the title of those below


class _Level(NamedTuple):
    """A row that others go on with, and the number of its empty cells before the first filled one."""

    empty: int
    row: int


class _Reach(NamedTuple):
    """A row with a cell that spans it and others up to the `last` one."""

    row: int
    last: int


def row_owners(rows: Sequence[Sequence[str]]) -> list[tuple[int, ...]]:
    """Returns for each row of cells the rows above that name its group, the nearest first.

    A row whose first cells are empty belongs to the nearest row above with one of these filled. Where the first row has
    nothing but a first cell, it is the title of the rows below, up to the next such row.

    >>> row_owners([["Norway", "standard", "8"], ["", "express", "3"], ["Sweden", "standard", "6"], ["", "express", "1"]])
    [(), (0,), (), (2,)]
    """
    titled = len(rows) > 1 and _is_title(rows[0]) and not _is_title(rows[1])
    title: int | None = None
    levels: list[_Level] = []
    owners: list[tuple[int, ...]] = []
    for number, row in enumerate(rows):
        empty = next((n for n, cell in enumerate(row) if cell.strip()), len(row))
        if titled and _is_title(row):
            levels, title = [], number
            owners.append(())
            continue
        if empty < len(row):
            while levels and levels[-1].empty >= empty:
                levels.pop()
        above = [level.row for level in reversed(levels)]
        owners.append(tuple(above if title is None else [*above, title]))
        if empty < len(row):
            levels.append(_Level(empty, number))
    return owners


def _is_title(row: Sequence[str]) -> bool:
    return len(row) >= _FEWEST and bool(row[0].strip()) and not any(cell.strip() for cell in row[1:])


def markdown_owners(rows: Iterable[str]) -> list[tuple[int, ...]]:
    r"""Returns for each line of a Markdown table's body the rows that name its group.

    >>> markdown_owners(["| North | 1 | 20 |", "|  | 2 | 22 |"])
    [(), (0,)]
    """
    return row_owners([_bar_cells(row) for row in rows])


def _bar_cells(row: str) -> list[str]:
    bare = row.strip()
    cells = _BAR.split(bare)
    return cells[bare.startswith("|") : len(cells) - (len(cells) > 1 and not cells[-1].strip() and bare.endswith("|"))]


def html_owners(rows: Sequence[str]) -> list[tuple[int, ...]]:
    """Returns for each row of an HTML table's body the rows that name its group, the nearest first.

    They are those with a cell that spans the row, too, and those that an empty first cell stands for.

    >>> html_owners(['<tr><td rowspan="2">North</td><td>1</td></tr>', "<tr><td>2</td></tr>", "<tr><td>South</td></tr>"])
    [(), (0,), ()]
    """
    reach: list[_Reach] = []
    read: list[list[str]] = []
    spanned: list[list[int]] = []
    for number, row in enumerate(rows):
        reach = [one for one in reach if one.last >= number][-_MOST_OWNERS:]
        spanned.append([one.row for one in reversed(reach)])
        cells, longest = _html_cells(row)
        read.append(["-", *cells] if reach else cells)  # the spanning cell is not empty
        if longest != 1:
            reach.append(_Reach(number, number + longest - 1 if longest else len(rows)))
    width = max(map(len, read), default=0)
    empty = row_owners([[*cells, *[""] * max(width - 1, 2)] if len(cells) == 1 < width else cells for cells in read])
    owners: list[tuple[int, ...]] = []
    for places, others in zip(spanned, empty, strict=True):
        direct = [*places, *others]
        further = [above for one in direct[:_MOST_OWNERS] for above in owners[one]]
        owners.append(tuple(dict.fromkeys([*direct, *further]))[:_MOST_OWNERS])
    return owners


def _html_cells(row: str) -> tuple[list[str], int]:
    """Returns the text of each cell of a row, and the most rows that a cell spans; 0 for all that follow."""
    cells = list(_CELL.finditer(row))
    ends = [*(cell.start() for cell in cells[1:]), len(row)]
    shown = [_TAG_OR_BLANK.sub(" ", row[cell.end() : end]) for cell, end in zip(cells, ends, strict=True)]
    spans = [int(found.group(1)) for cell in cells if (found := _ROW_SPAN.search(cell.group(1)))]
    return shown, 0 if 0 in spans else max(spans, default=1)
