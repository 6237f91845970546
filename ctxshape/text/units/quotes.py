"""Quoted lines, as in a reply to a mail or in Markdown: each unit keeps its ">", and the line that names the author."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.listing import LIST_MARK

_MARKS = re.compile(r"[ \t]*>(?:[ \t]?>)*[ \t]?")
_LINE = re.compile(r"[^\r\n]+")
_BLOCK_MARK = re.compile(r"[|#]|```|~~~|\[!")
_AUTHOR = re.compile(
    r"\b(?:wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|kirjoitti|написала?|пише)\b"
    r"|写道|寫道|書きました"
)
_LONGEST = 250  # characters of a line that names an author


def quote_depth(line: str) -> int:
    """Returns how many marks of a quotation a line begins with.

    >>> quote_depth("> > Yes."), quote_depth(">> Yes."), quote_depth("Yes > no")
    (2, 2, 0)
    """
    marks = _MARKS.match(line)
    return marks.group().count(">") if marks else 0


def is_bare(line: str) -> bool:
    """Returns whether a line has nothing behind the marks of a quotation."""
    marks = _MARKS.match(line)
    return marks is not None and not line[marks.end() :].strip()


def begins_block(line: str) -> bool:
    """Returns whether a quoted line begins an item, a row, a heading or a fence."""
    marks = _MARKS.match(line)
    inner = line[marks.end() if marks else 0 :]
    return bool(LIST_MARK.match(inner) or _BLOCK_MARK.match(inner))


def names_author(line: str) -> bool:
    """Returns whether a line says who wrote what is quoted below it.

    >>> names_author("On 3 May 2024, Ida wrote:"), names_author("Three rules hold:")
    (True, False)
    """
    return len(line) <= _LONGEST and line.rstrip("* ").endswith((":", "：")) and _AUTHOR.search(line) is not None


def without_marks(part: str) -> str:
    """Returns quoted lines with blanks in place of their marks, as long as before."""
    return _LINE.sub(lambda line: _MARKS.sub(lambda marks: " " * len(marks.group()), line.group(), count=1), part)


def quoted_groups(text: str, start: int, places: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Returns the sentences of a quoted part that begins at `start`, a group for each that begins a line.

    The first of a group begins with the marks of its line; the others of the group begin inside of a line.
    """
    groups: list[list[tuple[int, int]]] = []
    for begin, end in places:
        line = max(text.rfind("\n", start, begin), text.rfind("\r", start, begin), start - 1) + 1
        if not groups or (_MARKS.match(text, line, begin) and not text[line:begin].strip("> \t")):
            first = line + len(text[line:begin]) - len(text[line:begin].lstrip())
            groups.append([(first if not groups or ">" in text[line:begin] else begin, end)])
        else:
            groups[-1].append((begin, end))
    return groups


def marks_of(text: str, start: int) -> tuple[int, int]:
    """Returns the end of the marks that a quoted line begins with, and the place of the text behind them."""
    marks = _MARKS.match(text, start)
    if marks is None:
        return start, start
    return start + len(marks.group().rstrip()), marks.end()
