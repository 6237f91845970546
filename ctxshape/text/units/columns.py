"""Tables whose columns are aligned by blanks, as `ps` and `kubectl get` print them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from unicodedata import east_asian_width

from ctxshape.text.units.delimited import has_head
from ctxshape.text.units.groups import LONGEST_HEAD, row_owners
from ctxshape.text.units.lines import add_line, has_blank_line, line_spans
from ctxshape.text.units.model import Unit

_WIDEST = 1000  # characters of a line in which columns are looked for
_GAP = re.compile(r"\S(?: {2,}|\t+)\S")
_INDENTED = re.compile(r"(?: {4}|\t)")  # the first column has no value
_MARK = re.compile(r"\s*(?:[-*•]|\(?[\dA-Za-z]{1,3}[.)])$")
_SENTENCE_END = tuple(".!?。！？")
_CODE_ENDS = tuple(";{},")


def columns_units(text: str) -> list[Unit] | None:
    r"""Returns the rows of a table with aligned columns; None if the text is anything else.

    The head comes along with each row.

    >>> text = "NAME    READY  STATUS\nweb-1   1/1    Running\ncache   0/1    Pending"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in columns_units(text)][1:]
    [('web-1   1/1    Running', (0,)), ('cache   0/1    Pending', (0,))]
    """
    if "\n" not in text or "  " not in text:
        return None
    spans = line_spans(text)
    if len(spans) < 3 or has_blank_line(text, spans):
        return None
    lines = [text[start:end] for start, end in spans]
    gaps = sum(_GAP.search(line) is not None for line in lines)
    indented = sum(_INDENTED.match(line) is not None and _GAP.search(line) is None for line in lines)
    if gaps < 0.5 * len(lines) or gaps + indented < 0.8 * len(lines):
        return None
    columns = _columns(lines)
    if len(columns) < 2 or sum(line.endswith(_CODE_ENDS) for line in lines) > 0.3 * len(lines):
        return None
    rows = [_cells(line, columns) for line in lines]
    filled = sum(bool(cell) for cell in rows[0])
    headed = filled > len(columns) / 2 and (has_head(rows) or _is_upper(lines[0]))
    if (not headed and (_is_list(rows) or _are_sentences(lines))) or (len(columns) == 2 and _is_prose(rows)):
        return None
    return _units(text, spans, rows, headed)


def _columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the places of columns, between which nearly all lines have two blanks or more; none if a gap is too narrow."""
    used = [0] * (_WIDEST + 2)
    for line in lines:
        for match in re.finditer(r"\S+", _in_cells(line)):
            used[min(match.start(), _WIDEST)] += 1
            used[min(match.end(), _WIDEST + 1)] -= 1
    most = len(lines) // 25  # lines in which a value may be longer than its column
    taken = [count > most for count in accumulate(used)]
    edges = [n for n, (a, b) in enumerate(pairwise([False, *taken])) if a != b]
    runs = list(zip(edges[::2], [*edges[1::2], *([_WIDEST] * (len(edges) % 2))], strict=True))
    least = 1 if len(lines) > 4 and len(runs) > 3 else 2
    found: list[tuple[int, int]] = []
    for start, end in runs:
        if found and start - found[-1][1] < least:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _in_cells(line: str) -> str:
    """Returns a line with a second character for each wide one, which takes two cells of a terminal."""
    if line.isascii():
        return line
    return "".join(char + "\0" if east_asian_width(char) in "WF" else char for char in line)


def _cells(line: str, columns: Sequence[tuple[int, int]]) -> list[str]:
    shown = _in_cells(line)
    starts = [0, *(start for start, _ in columns[1:])]
    return [shown[a:b].replace("\0", "").strip() for a, b in pairwise([*starts, len(shown) + 1])]


def _is_list(rows: Sequence[Sequence[str]]) -> bool:
    return sum(_MARK.match(row[0]) is not None for row in rows) > 0.5 * len(rows)


def _are_sentences(lines: Sequence[str]) -> bool:
    return sum(line.endswith(_SENTENCE_END) for line in lines) > 0.3 * len(lines)


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Returns whether both columns hold running text, as pages in two columns do."""
    return all(sum(len(row[column].split()) for row in rows) > 4 * len(rows) for column in (0, 1))


def _is_upper(line: str) -> bool:
    return line.upper() == line and any(map(str.isalpha, line))


def _units(text: str, spans: Sequence[tuple[int, int]], rows: Sequence[Sequence[str]], headed: bool) -> list[Unit]:
    """Returns a unit for each row. A row without a first value needs the rows that name its group."""
    made: list[Unit] = []
    head = [0] if headed and spans[0][1] - spans[0][0] <= LONGEST_HEAD else []
    firsts: list[int] = []
    for span, owners in zip(spans, [*[()] * headed, *row_owners(rows[headed:])], strict=True):
        groups = sorted({firsts[owner + headed] for owner in owners})
        firsts.append(add_line(made, text, span, "row", [*head, *groups] if firsts or not headed else []))
    return made
