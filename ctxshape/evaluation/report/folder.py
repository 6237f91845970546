"""What a run leaves in its folder: results.json, records.jsonl, report.md and its plots."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from ctxshape.core.types import Frozen
from ctxshape.errors import InvalidInput, MissingExtra
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Record, Results, Timing
from ctxshape.evaluation.report.markdown import (
    FURTHER,
    MAIN,
    SEED,
    by_documents,
    escape,
    filled,
    lines,
    one_line,
    position_columns,
    ranking_columns,
)
from ctxshape.evaluation.report.plots import draw
from ctxshape.evaluation.report.summary import Row, rows

RESULTS, RECORDS, REPORT = "results.json", "records.jsonl", "report.md"

_Value = TypeVar("_Value", bound=Frozen)


def write(results: Results, folder: str | Path, table: Sequence[Row] | None = None) -> Path:
    """Write records.jsonl, results.json, the plots and report.md into `folder`, which is made; gives the report's path.

    results.json holds the settings, the timings and a row for each number of documents and method, every figure as
    {mean, low, high, n}. `table` are these rows, if they have been made before. Each file is there whole or as it was
    before. Without matplotlib the report has no plots and says so.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = rows(results) if table is None else table
    _put(folder / RECORDS, "".join(_json(record.model_dump()) + "\n" for record in results.records))
    _put(folder / RESULTS, _json(as_plain(results, table), indent=1) + "\n")
    try:
        plots, note = draw(results, folder, table), ""
    except MissingExtra as missing:
        plots, note = [], str(missing)
    return _put(folder / REPORT, report(results, table, [path.name for path in plots], note))


def as_plain(results: Results, table: Sequence[Row]) -> dict[str, object]:
    """What results.json holds: settings, rows and timings as plain values."""
    return {
        "settings": results.settings,
        "rows": [_plain(row) for row in table],
        "timings": [timing.model_dump() for timing in results.timings],
    }


def read(folder: str | Path) -> Results:
    """What `write` wrote. Raises InvalidInput naming file, line and field of what is not as it was written."""
    folder = Path(folder)
    found = _parsed(_text(folder / RESULTS), str(folder / RESULTS))
    if not isinstance(found, dict) or "settings" not in found or not isinstance(found.get("timings"), list):
        _refuse(str(folder / RESULTS), "needs the field 'settings', and a list in the field 'timings'")
    records = [
        _made(Record, _parsed(line, place), place)
        for number, line in enumerate(_text(folder / RECORDS).split("\n"), 1)
        if line.strip()
        for place in [f"{folder / RECORDS}, line {number}"]
    ]
    timings = [_made(Timing, item, f"{folder / RESULTS}, timing {n}") for n, item in enumerate(found["timings"], 1)]
    whole = {"settings": found["settings"], "records": records, "timings": timings}
    return _made(Results, whole, str(folder / RESULTS))


def report(results: Results, table: Sequence[Row], plots: Iterable[str] = (), note: str = "") -> str:
    """The report as Markdown: what was run, a table for each number of documents, the plots by file name, the meanings."""
    settings = {name: _shown(value) for name, value in results.settings.items() if value not in (None, "", [])}
    names = [escape(settings[name]) for name in ("data", "model") if name in settings]
    text = ["# ctxshape bench" + (": " + ", ".join(names) if names else ""), ""]
    text += [f"- {escape(name)}: {escape(value)}" for name, value in settings.items() if name != "command"]
    if "command" in settings:
        text += ["", f"    {one_line(settings['command'])}"]  # an indented block needs no escapes
    shown: dict[str, dict[str, None]] = {}
    for documents, found in by_documents(table).items():
        main = filled(found, [*position_columns(found), *MAIN])
        further = filled(found, [*FURTHER, *ranking_columns(found)])
        for column in [*main, *further]:
            shown.setdefault(column.meaning, {})[column.heading] = None
        text += ["", f"## {documents} documents", "", *lines(found, main)]
        text += ["", *lines(found, further, errors=False)] if further else []
    if not table:
        text += ["", "No question has been answered yet."]
    text += [line for name in plots for line in ("", f"![{name.partition('.')[0]}]({name})")]
    text += ["", f"No plots: {escape(note)}"] if note else []
    return "\n".join([*text, "", *_meanings(shown)]) + "\n"


def seed_table(results: Results, table: Sequence[Row] | None = None) -> str:
    """The table of the README, one row a method: middle recall, hallucination rate, coverage, tokens and seconds.

    Where several numbers of documents were run, a table for each, under a line that says so.
    """
    found = by_documents(rows(results) if table is None else table)
    tables = {documents: "\n".join(lines(part, SEED, counted=False)) + "\n" for documents, part in found.items()}
    if len(tables) == 1:
        return next(iter(tables.values()))
    return "\n".join(f"{documents} documents:\n\n{text}" for documents, text in tables.items())


def _meanings(shown: Mapping[str, Iterable[str]]) -> list[str]:
    if not shown:
        return []
    return [
        "## What the figures mean",
        "",
        "Numbers in brackets are 95 % intervals, by bootstrap over questions. n is the number of questions that a figure",
        "stands on. An error, such as a prompt longer than the model's context, counts as a wrong answer.",
        "",
        *(f"- {escape(', '.join(headings))}: {meaning}" for meaning, headings in shown.items()),
    ]


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, Row | Estimate):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _put(path: Path, text: str) -> Path:
    """Write a file beside its place and move it there: a reader never sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # A lone surrogate is written as its escape, which JSON reads back.
        beside.write_bytes(text.encode("utf-8", "backslashreplace"))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InvalidInput(f"{path} does not exist; give the folder that a run was written to") from None
    except UnicodeDecodeError as error:
        _refuse(str(path), f"is not UTF-8 at byte {error.start}")


def _parsed(text: str, place: str) -> Any:  # noqa: ANN401  whatever the file holds
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(place, f"is not JSON: {error.msg} at character {error.pos}")


def _made(kind: type[_Value], item: object, place: str) -> _Value:
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        _refuse(place, f"field {'.'.join(map(str, problem['loc']))!r}: {problem['msg']}")


def _refuse(place: str, what: str) -> NoReturn:
    raise InvalidInput(f"{place}: {what}; run the benchmark again, what was answered is not asked twice")
