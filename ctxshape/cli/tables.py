"""Prints the tables of a benchmark in the terminal, one for each number of documents."""

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

_INDENT = 2
_GAP = 2  # spaces between columns
_LEAST = 12  # cells that a long method name gets at least


class _Column(NamedTuple):
    """A heading, and a cell for each row."""

    heading: str
    cells: list[Text]

    @property
    def width(self) -> int:
        """The length of its longest line in terminal cells, plus the gap before it."""
        texts = (self.heading, *(cell.plain for cell in self.cells))
        return _GAP + max(cell_len(line) for text in texts for line in text.split("\n"))


def show_results(console: Console, results: Results, table: Sequence[ResultRow] | None = None) -> None:
    """Prints a table for each number of documents, split into answers and costs if it is wider than the console.

    A difference from raw is green or red if its interval excludes 0. `table` are the rows of the results, if they are
    already computed.
    """
    table = rows(results) if table is None else table
    if not table:
        heading(console, "Results", "none: no question has been answered yet")
    for documents, found in by_documents(table).items():
        heading(console, f"{documents} documents", "accuracy by gold position [95 % confidence interval]")
        costs = _costs(found)
        whole = [*_answers(found), *costs]
        if _room(console, whole) >= _longest(found):
            _put(console, found, whole)
        else:
            _put(console, found, _fitting(console, found))
            console.print()
            _put(console, found, costs)
        for note in _notes(found):
            put(console, Text(note, style="dim"), _INDENT)


def _fitting(console: Console, table: Sequence[ResultRow]) -> list[_Column]:
    """Returns the answers with each interval beside its mean, else below it, else below it and without the positions."""
    options = [_answers(table), _answers(table, between="\n"), _answers(table, between="\n", positions=False)]
    return next((columns for columns in options if _room(console, columns) >= min(_LEAST, _longest(table))), options[-1])


def _room(console: Console, columns: Sequence[_Column]) -> int:
    return console.width - _INDENT - sum(column.width for column in columns)


def _longest(table: Sequence[ResultRow]) -> int:
    return max(cell_len(text) for text in ("method", *(one_line(row.method) for row in table)))


def _put(console: Console, table: Sequence[ResultRow], columns: Sequence[_Column]) -> None:
    drawn = Table(box=None, pad_edge=False, padding=(0, 0, 0, 0), header_style="dim")
    drawn.add_column("method", overflow="fold", style="cyan", width=max(min(_longest(table), _room(console, columns)), 4))
    for column in columns:
        drawn.add_column(Text(column.heading), justify="right", width=column.width)
    for row, *cells in zip(table, *(column.cells for column in columns), strict=True):
        drawn.add_row(Text(one_line(row.method)), *cells)
    put(console, drawn, _INDENT)


def _answers(table: Sequence[ResultRow], between: str = " ", *, positions: bool = True) -> list[_Column]:
    names = shown_positions(table) if positions else []
    columns = [
        _Column(f"at {name}" if name.isdecimal() else one_line(name), [_mean(row.positions.get(name)) for row in table])
        for name in names
    ]
    if any(row.middle_recall and "middle" not in row.positions for row in table):
        columns.append(_Column("middle\nrecall", [_mean(row.middle_recall) for row in table]))
    columns.append(_Column("accuracy", [_with_interval(row.accuracy, between) for row in table]))
    if any(row.accuracy_difference for row in table):
        columns.append(_Column(f"vs {RAW}", [_difference(row.accuracy_difference, between) for row in table]))
    return [*columns, _Column("n", [Text(count(row.n)) for row in table])]


def _costs(table: Sequence[ResultRow]) -> list[_Column]:
    columns = [
        _Column("halluc.", [_mean(row.hallucination) for row in table]),
        _Column("abstained", [_mean(row.abstention) for row in table]),
        _Column("evidence", [_mean(row.evidence) for row in table]),
        _Column("tokens", [Text(count(round(e.mean)) if (e := row.prompt_tokens) else NOTHING) for row in table]),
        _Column("seconds", [_mean(row.seconds) for row in table]),
        _Column("errors", [Text(count(row.errors) if row.errors else NOTHING, style="yellow") for row in table]),
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
    """Returns a note for each metric that covers fewer questions than its row."""
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
