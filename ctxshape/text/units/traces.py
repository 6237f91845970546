"""Finds the lines of a log entry or of a stack trace that say what went wrong; the others need them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

_TRACEBACK = "Traceback (most recent call last)"
_RAISED = re.compile(
    r"\s*(?:Caused by: |Suppressed: |(?:Uncaught |Unhandled |Exception in thread \S{1,80} |panic: |\[?error\]?: )?"
    r"[\w.$/]{0,200}(?:Error|Exception|Exit|Interrupt|Fault|Panic)\b|panic: )"
)
_CAUSE = re.compile(r"\s*Caused by: ")
_DEEP = re.compile(r"\s+(?:at |File |from |#?\d+[: ]|\.\.\. \d)")


def line_needs(lines: Sequence[str]) -> list[tuple[int, ...]]:
    """Returns, for each line of an entry, the indices of those that it needs, the most important first.

    A frame needs the error above it, in Python below it, and all need the first line. The first line and an error need the
    causes. A line of code needs the frame above it.

    >>> line_needs(["ERROR", "Traceback (most recent call last):", '  File "a.py", line 1, in f', "    g()", "OSError: full"])
    [(4,), (4, 0), (4, 0), (4, 0, 2), (0,)]
    >>> line_needs(["a.b.PayError: rejected", "  at C.d(C.java:4)", "Caused by: x.TimeoutError: late", "  at E.f(E.java:9)"])
    [(2,), (0,), (0,), (2, 0)]
    """
    errors = _errors(lines)
    known = set(errors)
    causes = [n for n in errors if _CAUSE.match(lines[n])]
    found: list[tuple[int, ...]] = []
    traceback = -1
    for number, line in enumerate(lines):
        if line.startswith(_TRACEBACK):
            traceback = number
        after = bisect_left(errors, number)
        above = [n for n in errors[:after][-1:] if n > traceback]
        if number == 0:
            wanted = [*errors[:1], *causes[-1:]]
        elif number in known:
            wanted = [0, *above] if _CAUSE.match(line) else [0, *causes[-1:]]
        else:
            wanted = [*(above or errors[after : after + 1]), 0]
        if number > 1 and line[:1].isspace() and not _DEEP.match(line) and _DEEP.match(lines[number - 1]):
            wanted.append(number - 1)
        found.append(tuple(n for n in dict.fromkeys(wanted) if n != number))
    return found


def _errors(lines: Sequence[str]) -> list[int]:
    found: list[int] = []
    in_python = False
    for number, line in enumerate(lines):
        if line.startswith(_TRACEBACK):
            in_python = True
        elif _RAISED.match(line) and not _DEEP.match(line):
            found.append(number)
        elif in_python and not line[:1].isspace() and lines[number - 1][:1].isspace():
            found.append(number)  # the last line of a traceback names the error, whatever it is called
            in_python = False
    return found
