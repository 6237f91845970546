"""Logs: a line with a time or a level, together with the lines below it that have none, such as those of a stack trace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ctxshape.text.units.lines import LONGEST, add_line, line_spans
from ctxshape.text.units.model import Unit, nearest
from ctxshape.text.units.traces import line_needs

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL|EMERG|ALERT|PANIC)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,:]\d{1,9})?"
_DATE = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}年\d{1,2}月\d{1,2}日"
    r"|\d{1,2}[ /-][A-Z][a-z]{2}[ /-]\d{4})"
)
_START = re.compile(
    rf"(?:[\w.-]{{1,40}}\s{{0,20}}\|\s)?"  # the name of a container
    rf"[\[(<\"]?(?:"
    rf"{_DATE}[T :,]\s?(?:{_CLOCK}|\d\d:\d\d)(?:Z|\s?[+-]\d\d:?\d\d)?(?!\s*-->)"
    rf"|{_DATE}[\])]?\s+\[?{_LEVEL}\b"
    rf"|{_CLOCK}(?!\s*-->)(?=[\]\s)|,])"
    rf"|(?:[A-Z][a-z]{{2}} )?[A-Z][a-z]{{2}}\s{{1,2}}\d{{1,2}} {_CLOCK}"  # May  5 12:00:01
    rf"|{_LEVEL}(?:\s*[\]:|]|\s+[\[(:\d-])"
    rf"|[IWEF]\d{{4}} {_CLOCK}"
    rf"|\s*\d{{1,9}}\.\d{{3,9}}\]"
    rf"|\d{{1,3}}(?:\.\d{{1,3}}){{3}} \S+ \S+ \[\d\d/[A-Z]"
    rf"|(?:ts|time|timestamp|level|lvl)=\S"
    rf")"
)
_TRACE = re.compile(r"\s|at |Traceback|Caused by|\.\.\. \d|[\w.]*(?:Error|Exception)\b|[}\])]|File |goroutine |stack")
_RAISED = re.compile(
    r"(?!Caused by)(?:Traceback|Exception in|goroutine|(?:[\w.$]{1,200}: )?[\w.$/]{1,200}(?:Error|Exception)\b)"
)
_FRAME = re.compile(r"\s+(?:at |File |\S)|Caused by|\.\.\. \d")
_SPEAKER = re.compile(r"[\]\s,-]*\**([^\W\d_][\w.' -]{0,30}?)\**[:：]\s")
_MARKDOWN = re.compile(r"#{1,6} \w|```|~~~")  # at the start of a line of a page that quotes a log
_GROUP = 300  # characters of lines of a stack trace that stay together


def log_units(text: str) -> list[Unit] | None:
    r"""Returns the entries of a log; None if the text is anything else.

    An entry is a line that begins with a time, a date with a time or a level, and the lines below it up to the next one.

    >>> text = "12:00:01 INFO start\n12:00:02 ERROR no disk\n  at Disk.open\n12:00:03 INFO stop"
    >>> [text[unit.start : unit.end] for unit in log_units(text)]
    ['12:00:01 INFO start', '12:00:02 ERROR no disk\n  at Disk.open', '12:00:03 INFO stop']
    """
    if "\n" not in text:
        return None
    begin = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    if not _START.match(text, begin):
        return _trace_units(text) if _RAISED.match(text, begin) else None
    spans = line_spans(text)
    lines = [text[start:end] for start, end in spans]
    starts = [n for n, line in enumerate(lines) if n == 0 or _START.match(line)]
    begins = set(starts)
    others = [line for n, line in enumerate(lines) if n not in begins]
    if len(starts) < 2 or (len(starts) < 0.6 * len(lines) and sum(map(bool, map(_TRACE.match, others))) < 0.6 * len(others)):
        return None
    if _is_talk([lines[n] for n in starts]) or any(map(_MARKDOWN.match, others)):
        return None
    apart = [n for n in range(1, len(lines)) if n not in begins and text.count("\n", spans[n - 1][1], spans[n][0]) > 1]
    if not all(_TRACE.match(lines[n]) for n in apart):
        return None  # other blocks follow
    made: list[Unit] = []
    for first, behind in zip(starts, [*starts[1:], len(lines)], strict=True):
        _add_entry(made, text, spans[first:behind])
    return made


def _trace_units(text: str) -> list[Unit] | None:
    """Returns the entries of a text that is a stack trace, or several; None if most of its lines belong to no trace."""
    spans = line_spans(text)
    frames = [_FRAME.match(text, *span) is not None for span in spans]
    if sum(frames) < 0.4 * len(frames):
        return None
    starts = [0]
    for number in range(1, len(spans)):
        begins = _RAISED.match(text, *spans[number]) is not None and not frames[number]
        python = text.startswith("Traceback", spans[starts[-1]][0])
        # The last line of a trace of Python is that of the error.
        if begins and (not python or text.startswith("Traceback", spans[number][0])):
            starts.append(number)
    made: list[Unit] = []
    for first, behind in zip(starts, [*starts[1:], len(spans)], strict=True):
        _add_entry(made, text, spans[first:behind])
    return made


def _is_talk(lines: Sequence[str]) -> bool:
    """Returns whether the lines are those of a transcript, in which names recur behind the times."""
    names = [match.group(1) for line in lines if (match := _SPEAKER.match(line, _time_end(line)))]
    names = [name for name in names if not _is_code(name)]
    return len(names) > 0.6 * len(lines) and 1 < len(set(names)) and max(Counter(names).values()) > 1


def _is_code(name: str) -> bool:
    return re.match(rf"{_LEVEL}\b", name, re.IGNORECASE) is not None or any(c in name for c in "_/.[") or name[0].islower()


def _time_end(line: str) -> int:
    match = _START.match(line)
    return match.end() if match else 0


def _add_entry(made: list[Unit], text: str, spans: Sequence[tuple[int, int]]) -> None:
    """Adds an entry: one unit, or, if it is too long, its first line, those of errors, and groups of the others.

    All need the first line, and what stands below an error needs its line.
    """
    if spans[-1][1] - spans[0][0] <= LONGEST:
        made.append(Unit(spans[0][0], spans[-1][1], "line"))
        return
    wanted = line_needs([text[start:end] for start, end in spans])
    alone = {0}.union(*wanted)
    places: dict[int, int] = {}  # a line that others need -> its unit
    groups: list[tuple[int, int]] = []  # the lines from the first one to behind the last one
    for number in range(len(spans)):
        new = number in alone or number - 1 in alone or spans[number][1] - spans[groups[-1][0]][0] > _GROUP
        groups[-1:] = [*groups[-1:], (number, number + 1)] if new else [(groups[-1][0], number + 1)]
    units: list[tuple[int, int]] = []  # the first unit of each group, and the line whose needs it has
    for first, behind in groups:
        places[first] = add_line(made, text, (spans[first][0], spans[behind - 1][1]), "line")
        units.append((places[first], first))
    for unit, line in units:
        needs = nearest(made, [places[n] for n in wanted[line] if n in places and places[n] != unit])
        made[unit] = made[unit]._replace(needs=tuple(sorted({*made[unit].needs, *needs})))
