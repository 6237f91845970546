"""Lines of a text, and the parts of a line that is too long to be kept as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ctxshape.text.sentences import sentences

LONGEST = 600  # characters of a line, row or record that is kept as a whole
_LINE = re.compile(r"[^\r\n]*[^\s]")
_WINDOW = re.compile(r"\s*+(.{1,300}(?=\s|$)|.{300}\S*)", re.DOTALL)


def line_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    r"""Returns the spans of the lines that are not blank, with their indentation and without white space at the end.

    >>> line_spans("a:\r\n  b \n\nc")
    [(0, 2), (4, 7), (10, 11)]
    """
    return [match.span() for match in _LINE.finditer(text, start, len(text) if end is None else end)]


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the sentences of a long line, each cut at white space where it is longer than 300 characters."""
    for first, last in sentences(text[start:end]):
        for match in _WINDOW.finditer(text, start + first, start + last):
            yield match.span(1)
