"""Writes and reads the files of a run: results.json, records.jsonl, report.md and its plots."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from ctxshape.core.types import Frozen
from ctxshape.core.validation import message_of
from ctxshape.errors import InvalidInput, MissingExtra
from ctxshape.evaluation.metrics.statistics import Estimate
from ctxshape.evaluation.records import Record, Results, Timing
from ctxshape.evaluation.report._plots import draw
from ctxshape.evaluation.report.markdown import (
    FURTHER,
    MAIN,
    by_documents,
    escape,
    filled,
    position_columns,
    ranking_columns,
    single_line,
    table_lines,
)
from ctxshape.evaluation.report.summary import ResultRow, rows

RESULTS, RECORDS, REPORT = "results.json", "records.jsonl", "report.md"

_Value = TypeVar("_Value", bound=Frozen)


def write_report(results: Results, folder: str | Path, table: Sequence[ResultRow] | None = None) -> Path:
    """Writes records.jsonl, results.json, the plots and report.md into `folder`; returns the path of the report.

    The folder is made if it does not exist. results.json has the settings, the timings and one row for each number of
    documents and method, with each metric as {mean, low, high, n}. `table` are these rows, if they are already computed.
    Each file is replaced as a whole or not at all. Without matplotlib, the report says that it has no plots.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = rows(results) if table is None else table
    _put(folder / RECORDS, "".join(_to_json(record.model_dump()) + "\n" for record in results.records))
    _put(folder / RESULTS, _to_json(as_plain(results, table), indent=1) + "\n")
    try:
        plots, note = draw(results, folder, table), ""
    except MissingExtra as missing:
        plots, note = [], str(missing)
    return _put(folder / REPORT, report_markdown(results, table, [path.name for path in plots], note))


def as_plain(results: Results, table: Sequence[ResultRow]) -> dict[str, object]:
    """Returns the content of results.json: settings, rows and timings as plain values."""
    return {
        "settings": results.settings,
        "rows": [_plain(row) for row in table],
        "timings": [timing.model_dump() for timing in results.timings],
    }


def read_results(folder: str | Path) -> Results:
    """Reads what `write_report` wrote. Raises InvalidInput that names the file, line and field of a fault."""
    folder = Path(folder)
    found = _parsed(_text(folder / RESULTS), str(folder / RESULTS))
    if not isinstance(found, dict) or "settings" not in found or not isinstance(found.get("timings"), list):
        _refuse(str(folder / RESULTS), "has no field 'settings', or no list in the field 'timings'")
    records = [
        _validated(Record, _parsed(line, place), place)
        for number, line in enumerate(_text(folder / RECORDS).split("\n"), 1)
        if line.strip()
        for place in [f"{folder / RECORDS}, line {number}"]
    ]
    timings = [_validated(Timing, item, f"{folder / RESULTS}, timing {n}") for n, item in enumerate(found["timings"], 1)]
    whole = {"settings": found["settings"], "records": records, "timings": timings}
    return _validated(Results, whole, str(folder / RESULTS))


def report_markdown(results: Results, table: Sequence[ResultRow], plots: Iterable[str] = (), note: str = "") -> str:
    """Returns the report as Markdown: settings, a table for each number of documents, plots, and the meaning of each metric.

    `plots` are names of image files. `note` says why there are none.
    """
    settings = {name: _shown(value) for name, value in results.settings.items() if value not in (None, "", [])}
    names = [escape(settings[name]) for name in ("data", "model") if name in settings]
    text = ["# ctxshape bench" + (": " + ", ".join(names) if names else ""), ""]
    text += [f"- {escape(name)}: {escape(value)}" for name, value in settings.items() if name != "command"]
    if "command" in settings:
        text += ["", f"    {single_line(settings['command'])}"]  # an indented block needs no escapes
    headings: dict[str, dict[str, None]] = {}  # by meaning
    for documents, found in by_documents(table).items():
        main = filled(found, [*position_columns(found), *MAIN])
        further = filled(found, [*FURTHER, *ranking_columns(found)])
        for column in [*main, *further]:
            headings.setdefault(column.meaning, {})[column.heading] = None
        text += ["", f"## {documents} documents", "", *table_lines(found, main)]
        text += ["", *table_lines(found, further, errors=False)] if further else []
    if not table:
        text += ["", "No question has been answered yet."]
    text += [line for name in plots for line in ("", f"![{name.partition('.')[0]}]({name})")]
    text += ["", f"No plots: {escape(note)}"] if note else []
    return "\n".join([*text, "", *_meanings(headings)]) + "\n"


def _meanings(headings: Mapping[str, Iterable[str]]) -> list[str]:
    if not headings:
        return []
    return [
        "## Metrics",
        "",
        "Brackets contain 95 % confidence intervals, from a bootstrap over questions. n is the number of questions behind a",
        "value. The gold passages are those that contain the answer. An error, such as a prompt that is longer than the",
        "model's context, counts as a wrong answer.",
        "",
        *(f"- {escape(', '.join(names))}: {meaning}" for meaning, names in headings.items()),
    ]


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, ResultRow | Estimate):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _to_json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _put(path: Path, text: str) -> Path:
    """Writes a temporary file beside the target and moves it there, so that no reader sees half a file."""
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
        raise InvalidInput(f"{path} does not exist; give the folder of a run") from None
    except UnicodeDecodeError as error:
        _refuse(str(path), f"is not UTF-8 at byte {error.start}")


def _parsed(text: str, place: str) -> Any:  # noqa: ANN401  any JSON value
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(place, f"is not JSON: {error.msg} at character {error.pos}")


def _validated(kind: type[_Value], item: object, place: str) -> _Value:
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        _refuse(place, f"field {'.'.join(map(str, problem['loc']))!r}: {message_of(problem)}")


def _refuse(place: str, fault: str) -> NoReturn:
    raise InvalidInput(f"{place}: {fault}; run the benchmark again, it reuses the stored answers")
