"""Finds the rows of an HTML table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_LONGEST = 1200  # characters of a row; a longer one lays out a page


def table_rows(text: str, tags: Sequence[tuple[int, int, str, bool]]) -> tuple[list[tuple[int, int]], int] | None:
    """Returns the parts of a table and the number of its head rows: the tags before its rows, the rows, the tags behind them.

    `tags` are those of the table, each with its start, its end, its name and whether it closes. Tags between two rows belong to
    the row before. Returns None if the table has no two rows or lays out a page.
    """
    starts = [number for number, (_, _, name, closes) in enumerate(tags) if name == "tr" and not closes]
    if len(starts) < 2:
        return None
    closing = next(n for n in range(len(tags) - 1, -1, -1) if tags[n][2] in ("tr", "td", "th") or n == starts[-1])
    end = tags[closing][1] if tags[closing][3] else _text_end(text, tags[closing][1], tags[closing + 1][0])
    bounds = [tags[number][0] for number in starts]
    rows = [(a, _text_end(text, a, b)) for a, b in pairwise(bounds)]
    rows.append((bounds[-1], max(end, tags[starts[-1]][1])))
    if max(b - a for a, b in rows) > _LONGEST:
        return None
    cells = [{name for _, _, name, _ in tags[a:b]} for a, b in zip(starts, [*starts[1:], closing + 1], strict=True)]
    heads = 0
    while heads < len(cells) - 1 and "th" in cells[heads] and "td" not in cells[heads]:
        heads += 1
    if not any("th" in names for names in cells):
        heads = 1
    opening = tags[0][0], _text_end(text, tags[0][0], bounds[0])
    tail = text[rows[-1][1] : tags[-1][1]]
    return [opening, *rows, (rows[-1][1] + len(tail) - len(tail.lstrip()), tags[-1][1])], heads


def _text_end(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())
