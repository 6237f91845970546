"""Tables: Markdown, HTML, delimited values, aligned columns."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence

from ctxshape.testing.documents.writing import TextWriter, amount, name, sentence_list, thing, town

_NEW_LINE = "\n"  # in a quoted cell
_HEADS = ("Station", "Line", "Opened", "Owner", "Passengers", "Fee")


def _cells(rng: random.Random, columns: int) -> list[str]:
    line, year, fee = f"U{rng.randint(1, 9)}", str(rng.randint(1880, 2020)), f"{amount(rng)} €"
    return [town(rng), line, year, name(rng), amount(rng), fee][:columns]


def _table(rng: random.Random) -> tuple[list[str], list[list[str]]]:
    columns = rng.randint(2, len(_HEADS))
    heads = [f"{head} {rng.choice(('', 'A', 'B', '2023'))}".strip() for head in _HEADS[:columns]]
    return heads, [_cells(rng, columns) for _ in range(rng.randint(2, 9))]


def markdown_table(writer: TextWriter) -> None:
    """Writes one or two Markdown tables, with or without outer bars, each below a sentence."""
    rng = writer.rng
    for _ in range(rng.randint(1, 2)):
        heads, rows = _table(rng)
        if rng.random() < 0.6:
            writer.sentences([f"The table shows the {thing(rng)}s of {town(rng)}."])
            writer.put("\n\n")
        outer = rng.random() < 0.7
        lines = [_bars(row, outer) for row in (heads, [rng.choice(("---", ":--", "--:")) for _ in heads], *rows)]
        _rows(writer, lines, ruled=True)
        writer.blank_line()
        if rng.random() < 0.5:
            writer.sentences(sentence_list(rng, 1, 2))
            writer.blank_line()


def _bars(cells: Sequence[str], outer: bool) -> str:
    return f"| {' | '.join(cells)} |" if outer else " | ".join(cells)


def _rows(writer: TextWriter, lines: Sequence[str], *, ruled: bool) -> None:
    """Writes the head, with `ruled` the line below it, and the rows of a table."""
    table = writer.table()
    head = writer.part(lines[0], "row", form="line", role="head", level=0, table=table)
    owners: tuple[int, ...] = (head,)
    for number, line in enumerate(lines[1:]):
        writer.put("\n")
        if ruled and number == 0:
            owners = (head, writer.part(line, "row", form="line", role="rule", level=0, table=table, owners=owners))
        else:
            writer.part(line, "row", form="line", table=table, owners=owners)
    writer.put("\n")


def html_table(writer: TextWriter) -> None:
    """Writes an HTML table, its rows on one line or with a line for each cell."""
    rng = writer.rng
    heads, rows = _table(rng)
    gap = rng.choice(("", "\n  "))
    writer.put(rng.choice(("<table>\n", '<table class="wide">\n<tbody>\n')))
    head = writer.part(_html_row(heads, "th", gap), "tr", form="line", role="head", level=0)
    for row in rows:
        writer.put("\n")
        writer.part(_html_row(row, "td", gap), "tr", form="line", owners=(head,))
    writer.put("\n</table>\n")
    writer.blank_line()


def _html_row(cells: Sequence[str], tag: str, gap: str) -> str:
    return f"<tr>{gap}{gap.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}{gap.rstrip(' ')}</tr>"


def delimited(writer: TextWriter) -> None:
    """Writes values between commas, semicolons, tabs or bars, some of them quoted."""
    rng = writer.rng
    heads, rows = _table(rng)
    while len(heads) < 3:
        heads, rows = _table(rng)
    delimiter = rng.choice(",;\t|")
    if rng.random() < 0.3:
        for row in rows:
            row[0] = f"{row[0]}{rng.choice((delimiter, delimiter, _NEW_LINE))} {town(rng)}"
    _rows(writer, [_delimited(row, delimiter) for row in (heads, *rows)], ruled=False)


def _delimited(row: Sequence[str], delimiter: str) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter, lineterminator="\n").writerow(row)
    return made.getvalue().removesuffix("\n")


def aligned(writer: TextWriter) -> None:
    """Writes columns that are aligned by blanks, with or without a line below the head."""
    rng = writer.rng
    heads, rows = _table(rng)
    while len(heads) < 3:
        heads, rows = _table(rng)
    ruled = rng.random() < 0.5
    lines = [heads, *([["-" * len(head) for head in heads]] if ruled else []), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    _rows(writer, shown, ruled=ruled)
    writer.blank_line()
