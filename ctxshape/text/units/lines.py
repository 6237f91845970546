"""Lines of a text, and the parts of a line that is too long to be kept as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ctxshape.text.sentences import sentences
from ctxshape.text.units.model import Kind, Unit

LONGEST = 600  # characters of a line, row or record that is kept as a whole
_LINE = re.compile(r"[^\r\n]++")
_WINDOW = re.compile(r"\s*+(.{1,300}(?=\s|$)|.{300}\S*)", re.DOTALL)


def line_spans(text: str) -> list[tuple[int, int]]:
    r"""Returns the spans of the lines that are not blank, with their indentation and without white space at the end.

    >>> line_spans("a:\r\n  b \n\nc")
    [(0, 2), (4, 7), (10, 11)]
    """
    found = ((match.start(), match.start() + len(match.group().rstrip())) for match in _LINE.finditer(text))
    return [(start, end) for start, end in found if start < end]


def has_blank_line(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Returns whether a blank line lies between two lines."""
    return any(text.count("\n", before[1], after[0]) > 1 for before, after in pairwise(spans))


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the sentences of a long line, each cut at white space where it is longer than 300 characters."""
    for first, last in sentences(text[start:end]):
        for match in _WINDOW.finditer(text, start + first, start + last):
            yield match.span(1)


def add_line(made: list[Unit], text: str, span: tuple[int, int], kind: Kind, needs: Sequence[int] = ()) -> int:
    """Adds the unit of a line, or the units of the parts of a long one, and returns the index of the first.

    `needs` are sorted. Each further part needs the first, too.
    """
    first, (start, end) = len(made), span
    if end - start <= LONGEST:
        made.append(Unit(start, end, kind, tuple(needs)))
        return first
    for number, (a, b) in enumerate(parts(text, start, end)):
        made.append(Unit(start, b, kind, tuple(needs)) if number == 0 else Unit(a, b, "sentence", (*needs, first)))
    return first
