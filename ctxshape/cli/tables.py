"""The tables of a benchmark in the terminal, one for each number of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ctxshape.cli.screen import count, one_line, put
from ctxshape.cli.show import heading
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Results
from ctxshape.evaluation.report.markdown import NOTHING, by_documents, shown_positions
from ctxshape.evaluation.report.summary import RAW, ResultRow, rows

INDENT = 2
GAP = 2  # blanks between columns
LEAST = 12  # cells that a method's name has at least, if it needs them


class Column(NamedTuple):
    """A heading and a cell for each row."""

    heading: str
    cells: list[Text]

    @property
    def width(self) -> int:
        """Its longest line, in cells of the terminal, and the gap before it."""
        return GAP + max(cell_len(line) for text in (self.heading, *(c.plain for c in self.cells)) for line in text.split("\n"))


def show_results(console: Console, results: Results, table: Sequence[ResultRow] | None = None) -> None:
    """A table for each number of documents; in two parts, answers and their cost, where one is wider than the console.

    A difference to raw is green or red where its interval leaves out 0. `table` are the results' rows, if they have
    been made before.
    """
    table = rows(results) if table is None else table
    if not table:
        heading(console, "Results", "none: no question has been answered yet")
    for documents, found in by_documents(table).items():
        heading(console, f"{documents} documents", "accuracy by position of the gold passage, [95 % interval]")
        costs = _costs(found)
        whole = [*_answers(found), *costs]
        if _room(console, whole) >= _longest(found):
            _put(console, found, whole)
        else:
            _put(console, found, _fitting(console, found))
            console.print()
            _put(console, found, costs)
        for note in _notes(found):
            put(console, Text(note, style="dim"), INDENT)


def _fitting(console: Console, table: Sequence[ResultRow]) -> list[Column]:
    """The answers with each interval beside its mean, or else under it, or else without the positions."""
    ways = [_answers(table), _answers(table, between="\n"), _answers(table, between="\n", positions=False)]
    return next((way for way in ways if _room(console, way) >= min(LEAST, _longest(table))), ways[-1])


def _room(console: Console, columns: Sequence[Column]) -> int:
    return console.width - INDENT - sum(column.width for column in columns)


def _longest(table: Sequence[ResultRow]) -> int:
    return max(cell_len(text) for text in ("method", *(one_line(row.method) for row in table)))


def _put(console: Console, table: Sequence[ResultRow], columns: Sequence[Column]) -> None:
    drawn = Table(box=None, pad_edge=False, padding=(0, 0, 0, 0), header_style="dim")
    drawn.add_column("method", overflow="fold", style="cyan", width=max(min(_longest(table), _room(console, columns)), 4))
    for column in columns:
        drawn.add_column(Text(column.heading), justify="right", width=column.width)
    for row, *cells in zip(table, *(column.cells for column in columns), strict=True):
        drawn.add_row(Text(one_line(row.method)), *cells)
    put(console, drawn, INDENT)


def _answers(table: Sequence[ResultRow], between: str = " ", *, positions: bool = True) -> list[Column]:
    names = shown_positions(table) if positions else []
    columns = [
        Column(f"at {name}" if name.isdecimal() else one_line(name), [_mean(row.positions.get(name)) for row in table])
        for name in names
    ]
    if any(row.middle_recall and "middle" not in row.positions for row in table):
        columns.append(Column("middle\nrecall", [_mean(row.middle_recall) for row in table]))
    columns.append(Column("accuracy", [_with_interval(row.accuracy, between) for row in table]))
    if any(row.accuracy_difference for row in table):
        columns.append(Column(f"vs {RAW}", [_difference(row.accuracy_difference, between) for row in table]))
    return [*columns, Column("n", [Text(count(row.n)) for row in table])]


def _costs(table: Sequence[ResultRow]) -> list[Column]:
    columns = [
        Column("halluc.", [_mean(row.hallucination) for row in table]),
        Column("abstained", [_mean(row.abstention) for row in table]),
        Column("evidence", [_mean(row.evidence) for row in table]),
        Column("tokens", [Text(count(round(e.mean)) if (e := row.prompt_tokens) else NOTHING) for row in table]),
        Column("seconds", [_mean(row.seconds) for row in table]),
        Column("errors", [Text(count(row.errors) if row.errors else NOTHING, style="yellow") for row in table]),
    ]
    return [column for column in columns if any(cell.plain != NOTHING for cell in column.cells)]


def _mean(estimate: Estimate | None) -> Text:
    return Text(f"{estimate.mean:z.2f}" if estimate else NOTHING)


def _with_interval(estimate: Estimate | None, between: str, form: str = "z.2f", style: str = "") -> Text:
    if estimate is None:
        return Text(NOTHING)
    return Text.assemble(
        (f"{estimate.mean:{form}}", style), between, (f"[{estimate.low:{form}},{estimate.high:{form}}]", "dim")
    )


def _difference(estimate: Estimate | None, between: str) -> Text:
    style = ""
    if estimate and estimate.low > 0:
        style = "bold green"
    elif estimate and estimate.high < 0:
        style = "bold red"
    return _with_interval(estimate, between, "+z.2f", style)


def _notes(table: Sequence[ResultRow]) -> list[str]:
    """The n of what does not stand on all questions of its row."""
    figures = {
        "accuracy": [row.accuracy for row in table],
        f"vs {RAW}": [row.accuracy_difference for row in table],
        "seconds": [row.seconds for row in table],
    }
    notes = []
    for name, values in figures.items():
        if any(value and value.n != row.n for value, row in zip(values, table, strict=True)):
            counts = sorted({value.n for value in values if value})
            notes.append(f"{name}: n = {' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))}")
    return notes
