"""Sessions in a shell, and stack traces: a command with its output, an error with its frames."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ctxshape.text.units.lines import line_spans
from ctxshape.text.units.model import Unit, nearest

_WHOLE = 400  # characters of a command with its output, or of a trace, that are one unit
_PROMPT = re.compile(
    r"(?:\([\w.-]+\) ?)?(?:\[?[\w.-]+@[\w.-]+[: ][^\n$#%>]{0,80}[$#%]\s|[$%] (?=[a-z./~_]|[A-Z_]+=)"
    r"|PS [A-Z]:\\[^>\n]{0,120}> ?|[A-Z]:\\[^>\n]{0,120}>"
    r"|>>> |In \[\d+\]: |(?:sqlite|mysql|ghci|redis[^>\n]{0,40}|irb[^>\n]{0,30}|\w{1,20}=[#>])> ?)(?=\S)"
)
_COMMAND = re.compile(  # a lone one: "$ amounts are in thousands" is none
    r"\S+ (?:sudo |time )?(?:[a-z][\w.-]* (?:[a-z-]+ )?-{1,2}[a-z]|[\w~.-]*/[\w./-]+"
    r"|(?:pip3?|npm|git|docker|kubectl|cargo|apt|brew|curl|python3?|cd|ls|cat|make|echo)\b)"
)
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")
_MORE = re.compile(r"\.\.\.(?: |$)|>(?: |$)|   \.\.\.: ")
_TRACEBACK = re.compile(r"\s*Traceback \(most recent call last\):")
_FRAME = re.compile(
    r"\s*(?:File \"[^\"\n]*\", line \d+|at [^\n]*(?:\)|:\d+)\s*$|\.\.\. \d+ (?:more|common frames omitted)|from [^\n]*:\d+:in "
    r"|#\d+ +(?:0x)?\w)"
)
_CAUSE = re.compile(r"\s*(?:Caused by: |During handling of the above|The above exception was|Suppressed: )")
_ERROR = re.compile(
    r"\s*(?:Exception in thread|(?:Uncaught |Unhandled )?[\w.$]*(?:Error|Exception|Warning|Interrupt|Exit|Fault|Panic)\b)"
)
_Span = tuple[int, int]


def session_units(text: str) -> list[Unit] | None:
    r"""Returns the commands of a session in a shell with their output, or None if the text is none.

    >>> text = "$ echo a\na\n$ false\n$ echo b\nb"
    >>> [text[unit.start : unit.end] for unit in session_units(text)]
    ['$ echo a\na', '$ false', '$ echo b\nb']
    """
    if "\n" not in text.strip() or not _PROMPT.match(text.lstrip()):
        return None
    lines = line_spans(text)
    prompts = [n for n, (start, end) in enumerate(lines) if _PROMPT.match(text[start:end].lstrip())]
    if len(prompts) < 2 and not _COMMAND.match(text.lstrip()):
        return None
    if text.lstrip().startswith(">>> ") and _has_other_blocks(text):
        return None
    units: list[Unit] = []
    for begin, stop in zip(prompts, [*prompts[1:], len(lines)], strict=True):
        start, end = lines[begin][0], lines[stop - 1][1]
        if end - start <= _WHOLE:
            units.append(Unit(start, end, "line"))
            continue
        first = begin + 1
        while first < stop and (_MORE.match(text[slice(*lines[first])]) or text[: lines[first - 1][1]].endswith("\\")):
            first += 1
        command = len(units)
        units.append(Unit(start, lines[first - 1][1], "line"))
        units += [Unit(a, b, "line", (command,)) for a, b in lines[first:stop]]
    return units


def _has_other_blocks(text: str) -> bool:
    """Returns whether a part behind a blank line begins without a prompt, as the prose between examples of Python does."""
    return any(not _PROMPT.match(block.lstrip()) for block in _BLANK.split(text.strip()))


def trace_units(text: str) -> list[Unit] | None:
    """Returns the error and the frames of a stack trace, or None if the text is none.

    A short trace is one unit. In a longer one each frame needs the error, and the error the frame where it was raised.
    """
    if "\n" not in text.strip() or not (_TRACEBACK.match(text) or "at " in text or ":in " in text or "#0" in text):
        return None
    lines = line_spans(text)
    frames = [_FRAME.match(text[start:end]) is not None for start, end in lines]
    if len(lines) < 3 or not any(frames) or frames[0]:
        return None
    python = _TRACEBACK.match(text) is not None
    known = [
        f or _CAUSE.match(text[a:b]) or _is_code_below(text, lines, frames, n)
        for n, ((a, b), f) in enumerate(zip(lines, frames, strict=True))
    ]
    if not (python or _ERROR.match(text[slice(*lines[0])])) or sum(map(bool, known)) < (0.4 if python else 0.6) * len(lines):
        return None
    start, end = lines[0][0], lines[-1][1]
    if end - start <= _WHOLE:
        return [Unit(start, end, "line")]
    return _python_trace(text, lines, frames) if python else _other_trace(text, lines)


def _is_code_below(text: str, lines: Sequence[_Span], frames: Sequence[bool], number: int) -> bool:
    """Returns whether a line shows the code of the frame above it."""
    return number > 0 and frames[number - 1] and text[lines[number][0]].isspace()


def _python_trace(text: str, lines: Sequence[_Span], frames: Sequence[bool]) -> list[Unit]:
    groups = list(_groups(text, lines, frames))
    errors = [n for n, (start, _) in enumerate(groups) if not text[start].isspace() and not _TRACEBACK.match(text, start)]
    units = [Unit(*span, "line") for span in groups]
    head = 0
    for number, (start, _) in enumerate(groups):
        if _TRACEBACK.match(text, start):
            head = number
            continue
        error = errors[after] if (after := bisect_left(errors, number)) < len(errors) else None
        wanted = [head] if error is None or error == number else [error, head]
        if error == number and number > head + 1:
            wanted.append(number - 1)
        units[number] = units[number]._replace(needs=nearest(units, [n for n in wanted if n != number]))
    return units


def _groups(text: str, lines: Sequence[_Span], frames: Sequence[bool]) -> Iterator[_Span]:
    """Yields each frame with its code, and each other line."""
    start: int | None = None
    end = 0
    for number, (begin, stop) in enumerate(lines):
        if start is not None and not (text[begin].isspace() and not frames[number]):
            yield start, end
            start = None
        start = begin if start is None else start
        end = stop
    if start is not None:
        yield start, end


def _other_trace(text: str, lines: Sequence[_Span]) -> list[Unit]:
    units: list[Unit] = []
    cause: int | None = None
    for number, (start, end) in enumerate(lines):
        if number and _CAUSE.match(text, start):
            cause = number
            units.append(Unit(start, end, "line", nearest([*units, Unit(start, end)], [0])))
        else:
            wanted = [n for n in (cause, 0) if n is not None and n != number]
            units.append(Unit(start, end, "line", nearest(units, wanted)))
    return units
