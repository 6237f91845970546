"""Recognises the structure of a text by a few rules of its own, which know less than the library and err on the silent side."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from ctxshape.testing.faithful.files import python_tree
from ctxshape.testing.faithful.outline import Outline, Part

_ENDS = tuple(".:;!?。：；！？,，")
_BARS = re.compile(r"^\s*\|", re.MULTILINE)
_LONGEST = 200  # characters of a heading
_DELIMITERS = ";|\t,"
_LINE = re.compile(r"[^\n]*")
_CODE = re.compile(r"^(?:def |class |import |from \w+ import |@\w|[A-Za-z_]\w* = )", re.MULTILINE)
_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_OTHER = re.compile(r"#{1,6}\s|\s*(?:```|~~~)")
_HEADING = re.compile(r"(#{1,6})\s+\S")
_ITEM = re.compile(r"\s*(?:[-*•]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
_LOG = re.compile(r"\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d")
_DATA = re.compile(  # a line of JSON
    r"""\s*(?:\{\s*["}]|[{}\[\]][{}\[\],\s]*$|"[^"\n]*"\s*:|(?:"[^"\n]*"|-?\d+(?:\.\d+)?),\s*$)"""
)
_LABEL = re.compile(r"((?:[A-Z][\w.'-]*)(?: [A-Z0-9][\w.'-]*){0,2}:\s|[\u4e00-\u9fff]{1,6}：)\s*\S")


def recognise(text: str) -> Outline:
    r"""Returns the outline of a text: a file of JSON or Python, or lines, tables, items and paragraphs.

    >>> [(part.kind, part.owners) for part in recognise("# Fees\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nA child\npays.").parts]
    [('heading', ()), ('row', (0,)), ('row', (0, 1)), ('row', (0, 1, 2)), ('paragraph', (0,))]
    """
    language = _language(text)
    if language in ("json", "python", "delimited"):
        return Outline(language=language)
    lines = [match.span() for match in _LINE.finditer(text) if match.group().strip()]
    made = _Recognised(text, lines)
    if language == "jsonl":
        made.add_lines(len(lines), "line")
    while made.at < len(lines):
        made.next_block()
    return Outline(made.parts, language)


def _language(text: str) -> str:
    core = text.strip()
    if core[:1] in ("{", "["):
        if _is_json(core):
            return "json"
        lines = [line for line in core.split("\n") if line.strip()]
        if len(lines) > 1 and all(line.strip()[:1] in "{[" and _is_json(line) for line in lines):
            return "jsonl"
    if not _BARS.search(core) and _is_delimited(core):
        return "delimited"
    return "python" if len(_CODE.findall(text)) > 1 and python_tree(text) is not None else ""


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _is_delimited(text: str) -> bool:
    """Returns whether all rows have as many cells, three at least, between delimiters of one kind."""
    for delimiter in _DELIMITERS:
        if text.count(delimiter) > 3:
            with suppress(csv.Error):
                widths = {len(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row}
                if len(widths) == 1 and min(widths) > 2 and "\n" in text:
                    return True
    return False


class _Recognised:
    """The parts of the lines that have been read, and the place of the next line."""

    def __init__(self, text: str, lines: Sequence[tuple[int, int]]) -> None:
        self.text, self.lines, self.at = text, lines, 0
        self.parts: list[Part] = []
        self.headings: list[int] = []
        self.tables = 0
        self.turns = _speakers([text[a:b] for a, b in lines])

    def line(self, number: int) -> str:
        """Returns a line that is not blank, by its number; an empty text behind the last."""
        return self.text[slice(*self.lines[number])] if number < len(self.lines) else ""

    def add(self, count: int, kind: str, **more: object) -> int:
        """Makes one part of the next lines, which belongs to the last heading; returns its index."""
        line = self.line(self.at)
        start = self.lines[self.at][0] + len(line) - len(line.lstrip())
        end = self.lines[self.at + count - 1][1]
        end -= len(self.text[start:end]) - len(self.text[start:end].rstrip())
        owners = (*self.headings[-1:], *more.pop("owners", ()))  # type: ignore[misc]
        self.parts.append(Part(start, end, kind, owners=owners, **more))  # type: ignore[arg-type]
        self.at += count
        return len(self.parts) - 1

    def add_lines(self, count: int, kind: str) -> None:
        """Makes a part of each of the next lines."""
        for _ in range(count):
            self.add(1, kind, form="line")

    def next_block(self) -> None:
        """Reads the next heading, table, fence, turn, log line or item, or else a paragraph."""
        line, following = self.line(self.at), self.line(self.at + 1)
        if len(line) < _LONGEST and (heading := _HEADING.match(line)):
            level = len(heading.group(1))
            self.headings = [one for one in self.headings if self.parts[one].level < level]
            self.headings.append(self.add(1, "heading", form="line", role="heading", level=level))
        elif _FENCE.match(line):
            ends = (n for n in range(self.at + 1, len(self.lines)) if _FENCE.match(self.line(n)))
            self.add_lines(next(ends, self.at) + 1 - self.at, "code")
        elif "|" in line and "|" in following and _RULE.match(following):
            self._table()
        elif label := _LABEL.match(line) if self.turns else None:
            self.add(self._paragraph(), "turn", form="labelled", label=len(label.group(1).rstrip()), cut=True)
        elif (_LOG.match(line) and _LOG.match(following)) or (_LOG.match(line) and self.parts and self.parts[-1].kind == "log"):
            self.add_lines(1, "log")
        elif _DATA.match(line):
            self.add(1, "line", form="line", cut=True)  # in a prose text, where the library may not see it
        elif self._mark(self.at, bool(self.parts) and self.parts[-1].kind == "item"):
            self.add(self._paragraph(), "item", form="labelled", cut=True)
        elif rows := self._delimited_lines():
            for _ in range(rows):
                self.add(1, "line", form="line", cut=True)
        else:
            self.add(self._paragraph(), "paragraph", cut=True)

    def _delimited_lines(self) -> int:
        """Returns the number of next lines that have as many delimiters, two at least; 0 if they are fewer than three."""
        for delimiter in _DELIMITERS:
            count, number = self.line(self.at).count(delimiter), self.at
            while count > 1 and self.line(number).count(delimiter) == count:
                number += 1
            if number - self.at > 2:
                return number - self.at
        return 0

    def _table(self) -> None:
        self.tables += 1
        head = self.add(1, "row", form="line", role="head", level=0, table=self.tables)
        rule = self.add(1, "row", form="line", role="rule", level=0, table=self.tables, owners=(head,))
        while "|" in self.line(self.at) and not self._is_apart(self.at):
            self.add(1, "row", form="line", table=self.tables, owners=(head, rule))

    def _paragraph(self) -> int:
        """Returns the number of lines up to the next blank line or the next line with a mark."""
        number, in_list = self.at + 1, _ITEM.match(self.line(self.at)) is not None
        while number < len(self.lines) and not self._is_apart(number):
            line = self.line(number)
            if (
                self._mark(number, in_list)
                or _OTHER.match(line)
                or _DATA.match(line)
                or "|" in line
                or (self.turns and _LABEL.match(line))
            ):
                break
            number += 1
        return number - self.at

    def _mark(self, number: int, in_list: bool) -> re.Match[str] | None:
        """Returns the mark that begins a line, unless it may be a number that a line break has put there."""
        mark = _ITEM.match(self.line(number))
        if mark is None or number == 0 or not any(map(str.isalnum, mark.group())) or self._is_apart(number):
            return mark
        return mark if in_list or self.line(number - 1).rstrip().endswith(_ENDS) else None

    def _is_apart(self, number: int) -> bool:
        return "\n" in self.text[self.lines[number - 1][1] + 1 : self.lines[number][0]]


def _speakers(lines: Sequence[str]) -> bool:
    """Returns whether most lines begin with a name that others begin with, too."""
    names = Counter(match.group(1) for line in lines if (match := _LABEL.match(line)))
    return len(lines) > 3 and len(names) > 1 and sum(n for n in names.values() if n > 1) > 0.6 * len(lines)
