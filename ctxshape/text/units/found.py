"""The output of a search in files, and messages of compilers and linters: path, line number, text."""

from __future__ import annotations

import re

from ctxshape.text.units.lines import add_line, line_spans
from ctxshape.text.units.model import Unit

_PATH = r"(?:[A-Za-z]:[\\/])?(?:[^\s:]*[/\\][^\s:]*|[\w.+-]+\.[A-Za-z]\w{0,7}|Makefile|Dockerfile)"
_HIT = re.compile(rf"(?P<path>{_PATH}?)(?::\d+(?::\d+)?[:\s]|-\d+-|\(\d+(?:,\d+)?\):?\s)|(?P<only>{_PATH}):(?!//)")
_NUMBERED = re.compile(r"\d+[:-]")
_PATH_ALONE = re.compile(rf"(?=.*[/.]){_PATH}")
_LONGEST_PATH = 400  # characters
_BETWEEN = re.compile(r"--|Binary file .*|grep: .*")


def found_units(text: str) -> list[Unit] | None:
    r"""Returns the lines of the output of a search, each with its path; None if the text is anything else.

    A path above its lines comes along with each of them.

    >>> text = "src/a.py:3:limit = 5\nsrc/a.py-4-\nsrc/b.py:9:limit = 7"
    >>> [text[unit.start : unit.end] for unit in found_units(text)]
    ['src/a.py:3:limit = 5', 'src/a.py-4-', 'src/b.py:9:limit = 7']
    """
    if "\n" not in text:
        return None
    begin = len(text) - len(text.lstrip("\r\n"))
    start = text[begin : begin + _LONGEST_PATH].split("\n", 1)[0].rstrip()
    if not (_HIT.match(start) or _PATH_ALONE.fullmatch(start)):
        return None
    spans = line_spans(text)
    made: list[Unit] = []
    path: int | None = None
    for number, span in enumerate(spans):
        line = text[span[0] : min(span[1], span[0] + _LONGEST_PATH)]
        if _HIT.match(line) or _BETWEEN.fullmatch(line):
            path = None
            add_line(made, text, span, "line")
        elif path is not None and _NUMBERED.match(line):
            add_line(made, text, span, "line", (path,))
        elif _PATH_ALONE.fullmatch(line) and number + 1 < len(spans) and _NUMBERED.match(text, spans[number + 1][0]):
            path = add_line(made, text, span, "line")
        else:
            return None
    return made if len(spans) > 1 else None
