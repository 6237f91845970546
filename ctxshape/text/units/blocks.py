"""The blocks of a text, and its lines: what a parser of Markdown, HTML or plain text finds."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_LINE = re.compile(r"[^\r\n]+")
_TAB = 4  # columns
_BREAKS = ("\n", "\r\n", "\r", "")


class Line(NamedTuple):
    """A line with text: it begins at `start`, and its text is `text`, from `body` to `end`.

    - `indent`: the columns before the text.
    - `apart`: a blank line stands before it, or it is the first one.
    """

    start: int
    body: int
    end: int
    indent: int
    apart: bool
    text: str


def lines_of(text: str, start: int = 0, end: int | None = None) -> list[Line]:
    r"""Returns the lines of a text, or of a part of it, that are not blank; a line ends in \n, \r\n or \r.

    >>> [(line.body, line.end, line.indent, line.apart) for line in lines_of("One\r\n  two\n\nthree")]
    [(0, 3, 0, True), (7, 10, 2, False), (12, 17, 0, True)]
    """
    found: list[Line] = []
    before: int | None = None  # the end of the line before, with its white space
    for match in _LINE.finditer(text, start, len(text) if end is None else end):
        body = match.group().strip("\ufeff \t\f\v\u3000\xa0")
        if not body or body.isspace():
            continue
        first = match.start() + match.group().index(body)
        apart = before is None or text[before : match.start()] not in _BREAKS
        indent = len(text[match.start() : first].lstrip("\ufeff").expandtabs(_TAB))
        found.append(Line(match.start(), first, first + len(body), indent, apart, body))
        before = match.end()
    return found


class Block(NamedTuple):
    """A part of a text with one structure: the characters `start` to `end`.

    - `level`: of a heading, 1 for the highest; of a quotation, how many marks its lines begin with;
      of a paragraph of HTML, the place of the <blockquote> that holds it.
    - `depth`: how many items of lists hold it; an item counts itself.
    - `parts`: the spans of a table's rows, or those of code: the line that opens it, its lines, the line that closes it.
    - `heads`: how many rows of a table are its head; with `closed`, its first and last part are tags around the rows.
    - `language`: of code.
    - `apart`: a blank line stands before it.
    - `region`: tells apart the <nav>, <header>, <footer> and <aside> that hold it; 0 if none does.
    - `style`: of an item: its mark with "#" for the number, or "" if it has none.
    """

    kind: Literal["heading", "paragraph", "question", "answer", "item", "clause", "table", "code", "html", "quote", "footnote"]
    start: int
    end: int
    level: int = 0
    depth: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    heads: int = 0
    closed: bool = False
    language: str = ""
    apart: bool = True
    style: str = ""
    region: int = 0
