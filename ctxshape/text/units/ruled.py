"""Tables with rules of dashes or box characters: psql, MySQL, Unicode boxes, reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ctxshape.text.units.lines import LONGEST, add_line, has_blank_line, line_spans
from ctxshape.text.units.model import Unit, nearest

_RULE = re.compile(r"\s*+(?=.*[-=~\u2500\u2501\u2550])[-=+|~\u2500-\u257f\s]{3,}")
_COLUMNS = re.compile(r"[-=~]{2,}[^\S\n]+[-=~]{2,}|[-=~]\+[-=~]|\s*\+[-=]{2,}\+\s*$|[\u2500\u2501\u2550]{2}")
_CROSSES = re.compile(r"\s*\+\s+\+[\s+]*")  # between lines of a row that spans several
_MARKS = ("--", "==", "~~", "\u2500", "\u2501", "\u2550")
_BAR = re.compile(r"[|\u2502\u2503\u2551]")
_GROUP = re.compile(r"[-=~]+")
_MOST_AROUND = 3  # lines above the table, and below it, such as its caption and the number of its rows


class _Table(NamedTuple):
    """A table: the indices of its first line, of the last line of its head, and of its last line."""

    start: int
    head: int
    end: int
    rules: tuple[int, ...]
    barred: bool  # bars part the columns


def ruled_units(text: str) -> list[Unit] | None:
    r"""Returns the rows of a table with a rule below its head, and perhaps others; None if the text is anything else.

    The head with its rules comes along with each row, and so does the rule at the bottom. Markdown tables are not meant.

    >>> text = " id | city\n----+------\n  1 | Jena\n  2 | Gera\n(2 rows)"
    >>> [(text[unit.start : unit.end], unit.needs) for unit in ruled_units(text)]
    [(' id | city\n----+------', ()), ('  1 | Jena', (0,)), ('  2 | Gera', (0,)), ('(2 rows)', (0,))]
    """
    if "\n" not in text or not any(map(text.__contains__, _MARKS)) or not _COLUMNS.search(text):
        return None
    spans = line_spans(text)
    lines = [text[start:end] for start, end in spans]
    rules = tuple(
        n for n, line in enumerate(lines) if (_RULE.fullmatch(line) and _COLUMNS.search(line)) or _CROSSES.fullmatch(line)
    )
    table = _find(lines, rules)
    if table is None or has_blank_line(text, spans[table.start :]):
        return None
    return _units(text, spans, lines, table)


def _find(lines: Sequence[str], rules: Sequence[int]) -> _Table | None:
    if not rules or any("|" in lines[n] and "+" not in lines[n] for n in rules):
        return None
    first = rules[0]
    beside = [line for line in lines[max(first - 1, 0) : first + 2] if not _RULE.fullmatch(line)]
    barred = any(map(_BAR.search, beside))
    double = next((n for n in rules if "=" in lines[n] and lines[n].lstrip()[0] == "+"), None)  # below the head of a grid
    above = first > 0 and (_BAR.search(lines[first - 1]) is not None if barred else len(rules) < 3)
    if above:
        start, head = first - 1, first
    elif double is not None and double > first:
        start, head = first, double
    else:
        start, head = first, rules[1] if len(rules) > 2 and rules[1] - first < 5 else first
    end = rules[-1] if rules[-1] > head else len(lines) - 1
    found = _Table(start, head, end, tuple(rules), barred)
    if rules[-1] <= head:
        end = next((n - 1 for n in range(head + 1, len(lines)) if not _fits(lines, found, n)), end)
    is_rule = set(rules)
    body = [n for n in range(head + 1, end + 1) if n not in is_rule]
    fitting = sum(_fits(lines, found, n) for n in body)
    if not body or start > _MOST_AROUND or len(lines) - 1 - end > _MOST_AROUND or fitting < 0.9 * len(body):
        return None
    return found._replace(end=end)


def _fits(lines: Sequence[str], table: _Table, number: int) -> bool:
    """Returns whether a line has bars, or blanks where the rule has them."""
    if table.barred:
        return _BAR.search(lines[number]) is not None
    groups = [match.span() for match in _GROUP.finditer(lines[table.head])]
    line = lines[number]
    if not line.isascii():
        return True  # a terminal shows wide characters in two cells
    return all(not line[b - 1 : b].strip() for _, (b, _) in pairwise(groups))


def _units(text: str, spans: Sequence[tuple[int, int]], lines: Sequence[str], table: _Table) -> list[Unit]:
    made: list[Unit] = [Unit(*span, "row") for span in spans[: table.start]]
    head = len(made)
    made.append(Unit(spans[table.start][0], spans[table.head][1], "row", nearest(made, range(table.start))))
    brought = nearest(made, [head, *range(table.start)])
    rows = _rows(lines, table)
    for first, last in rows:
        if spans[last][1] - spans[first][0] <= LONGEST:
            made.append(Unit(spans[first][0], spans[last][1], "row", brought))
        else:
            owner = add_line(made, text, spans[first], "row", brought)
            for span in spans[first + 1 : last + 1]:
                add_line(made, text, span, "row", (*brought, owner))
    bottom = len(made)
    behind = rows[-1][1] + 1
    made += [Unit(*span, "row", brought) for span in spans[behind:]]
    if behind <= table.end and spans[behind][1] - spans[behind][0] < LONGEST / 2:
        made = [unit._replace(needs=(*unit.needs, bottom)) if head < n != bottom else unit for n, unit in enumerate(made)]
    return made


def _rows(lines: Sequence[str], table: _Table) -> list[tuple[int, int]]:
    """Returns the first and last line of each row, with the rule below it where rules part the rows.

    A line without a first value goes on with the row above. In a grid all lines up to the next rule are one row.
    """
    is_rule = set(table.rules)
    inner = [n for n in table.rules if table.head < n < table.end]
    grid = bool(inner) and lines[table.start].lstrip().startswith("+") and "=" in lines[table.head]
    found: list[tuple[int, int]] = []
    for number in range(table.head + 1, table.end + 1):
        if number in is_rule:
            if inner and found:
                found[-1] = (found[-1][0], number)
            continue
        goes_on = found and found[-1][1] not in is_rule and (grid or not _first_value(lines, table, number))
        if goes_on:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _first_value(lines: Sequence[str], table: _Table, number: int) -> str:
    line = lines[number]
    if table.barred:
        cells = _BAR.split(line.strip(), maxsplit=2)
        return (cells[0] or (cells[1] if len(cells) > 1 else "")).strip()
    group = _GROUP.search(lines[table.head])
    return line[: group.end() if group else 0].strip()
