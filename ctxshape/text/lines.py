"""The lines of a text: which begin something new, and which were only broken for their width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ctxshape.text.listing import item_lines

_LINE_END = re.compile(r"\r\n?|\n")
_OPENERS = ("|", "#")  # of a table row and of a heading
_CLOSERS = ("|", ":", "：")
_FOLIO = re.compile(
    r"\W*(?:(?:page|p\.|seite|s\.|página|pagina|pág\.|pag\.|стр\.|страница|сторінка|σελίδα|sayfa|trang|หน้า|صفحة|עמוד|第)?\s*"
    r"\d{1,4}\s*(?:页|頁|ページ|쪽|(?:of|/|von|de|di|sur|из|з|από)\s*\d{1,4})?)?\W*",
    re.IGNORECASE,
)
_FOLIO_LENGTH = 30
_GOES_ON = re.compile(r"[^\W\d_]|[,–-]")  # how a line ends that has no end of a sentence
_TITLE = re.compile(r"(\d{1,2})\s+(?![a-z])[^\W\d_].{1,58}[^\s.!?。！？…;；,，:：]$")  # "2 Cleaning the filter"
_LABELLED = re.compile(r"[^\W\d_][^:：。，；,;.!?！？]{0,19}：\s?\S")  # "甲方（出租方）：海岚置业"
_LONG_LABELLED = 60  # characters of such a line
_MOST_FOLIOS = 6  # lines between the two parts of a sentence


class Unfolded(NamedTuple):
    """A text with blanks for the line breaks inside its paragraphs, place by place, and the starts of its other lines."""

    text: str
    starts: list[int]


def unfolded(text: str) -> Unfolded:
    r"""Replaces line breaks that only end a full line by blanks. The text keeps its length.

    A line begins something new after an empty line, a colon or a table row, or if it is a heading, a table row or a list
    item. So does what is below a numbered title or a line with a label. The number of a page between two parts of a
    sentence is part of it.

    >>> unfolded("raised to\n67.\n\n- Next")
    Unfolded(text='raised to 67.\n\n- Next', starts=[14, 15])
    """
    if "\n" not in text and "\r" not in text:
        return Unfolded(text, [])
    breaks = [match.span() for match in _LINE_END.finditer(text)]
    lines = [text[start:end] for (_, start), (end, _) in zip([(0, 0), *breaks], [*breaks, (len(text), len(text))], strict=True)]
    items = item_lines(lines)
    inside = _pages(lines)
    ended = _titles(lines) | _labels(lines)
    parts, starts, done = [], [], 0
    for number, (start, end) in enumerate(breaks, 1):
        before, after = lines[number - 1].rstrip(), lines[number].lstrip()
        if number not in inside and (
            not before
            or not after
            or after.startswith(_OPENERS)
            or before.endswith(_CLOSERS)
            or number in items
            or number - 1 in ended
        ):
            starts.append(end)
        else:
            parts += [text[done:start], " " * (end - start)]
            done = end
    return Unfolded("".join([*parts, text[done:]]), starts)


def _pages(lines: Sequence[str]) -> set[int]:
    """Returns the indices of lines that go on with a sentence across the number of a page: from that line to the rest."""
    found: set[int] = set()
    index = 1
    while index < len(lines):
        begin = index
        while index < len(lines) and index - begin <= _MOST_FOLIOS and _is_folio(lines[index]):
            index += 1
        numbered = any(line.strip() for line in lines[begin:index])
        if numbered and index < len(lines) and lines[index].lstrip()[:1].islower():
            if _GOES_ON.match(lines[begin - 1].rstrip()[-1:]):
                found.update(range(begin, index + 1))
        index += 1
    return found


def _titles(lines: Sequence[str]) -> set[int]:
    """Returns the indices of lines that begin a paragraph as its numbered title, if the numbers count on."""
    found = [
        (int(title.group(1)), index)
        for index, line in enumerate(lines[:-1])
        if line[:1].isdigit() and lines[index + 1].strip() and (index == 0 or not lines[index - 1].strip())
        if (title := _TITLE.match(line.rstrip()))
    ]
    pairs = [(one, other) for (first, one), (second, other) in pairwise(found) if second == first + 1]
    return {index for pair in pairs for index in pair}


def _labels(lines: Sequence[str]) -> set[int]:
    """Returns the indices of lines with a label and a full-width colon, of at least two in a row, and of the line above.

    The last one ends a line only if it was not broken for its width.
    """
    if not any("：" in line for line in lines):
        return set()
    labelled = [len(line) < _LONG_LABELLED and _LABELLED.match(line.strip()) is not None for line in lines]
    found: set[int] = set()
    for index, pair in enumerate(pairwise(labelled)):
        if pair == (True, True):
            found.update((index - 1, index))
            after = index + 2
            if after < len(lines) and not labelled[after] and len(lines[index + 1].rstrip()) < len(lines[after].rstrip()):
                found.add(index + 1)
    return found


def _is_folio(line: str) -> bool:
    return len(line) <= _FOLIO_LENGTH and _FOLIO.fullmatch(line) is not None
