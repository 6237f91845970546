"""Finds the blocks of Markdown and of plain text with headings, lists and tables.

markdown-it-py takes 7 s for 1 MB of Markdown and 10 s for lines of one letter; this scanner reads lines and takes a tenth. The
tests compare both. It also reads what CommonMark does not: tables without a head, lists with "•" or "(a)" or "第三条", text
that is indented but no code, and blocks that a splitter of passages has cut in two.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

from ctxshape.text.listing import LIST_MARK
from ctxshape.text.units.blocks import Block, Line
from ctxshape.text.units.headings import QUESTION_LEVEL
from ctxshape.text.units.lists import MarkStyle, item_style, opens_clause
from ctxshape.text.units.markdown_lines import (
    ANSWER_LABEL,
    BREAK,
    FENCE,
    PLAIN_LETTERS,
    QUESTION_LABEL,
    RULE,
    item_numbers,
    underlines,
)
from ctxshape.text.units.quotes import quote_depth
from ctxshape.text.units.reading import LineReader
from ctxshape.text.units.tags import html_block_end

_MOST_HEADS = 4  # rows above the rule of a table
_ENDS_LIST = (".", "。", "！", "？")
_NOTE_INDENT = 2  # columns before the further paragraphs of a footnote


class _Item(NamedTuple):
    """An item of a list that is open: the columns before its mark, the style of the mark and its number."""

    indent: int
    style: str
    number: str


def markdown_blocks(text: str) -> list[Block]:
    """Returns the blocks of a text in their order. Every line with a letter or digit is in one of them."""
    return _Scanner(text).blocks()


class _Scanner(LineReader):
    """Reads a text line by line; `at` is the number of the next line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.items = item_numbers(self.lines)
        self.found: list[Block] = []
        self.open: list[_Item] = []
        self.seen_at, self.seen = -1, cast(str | None, None)  # the kind of block that the next line is known to begin

    def blocks(self) -> list[Block]:
        front = self._front_matter()
        if front:
            self._add("code", front, language="yaml", parts=self.code_parts(0, front))
        while self.at < len(self.lines):
            self._next()
        return self.found

    def _front_matter(self) -> int:
        """Returns the number of lines of fields between two lines of "---" at the start of the text."""
        lines = self.lines[:200]
        if len(lines) < 3 or lines[0].text != "---" or lines[1].apart or not re.match(r"[\w-]+\s*:(?:\s|$)", lines[1].text):
            return 0
        return next((n + 1 for n, line in enumerate(lines[1:], 1) if line.text in ("---", "...")), 0)

    def _next(self) -> None:
        line = self.lines[self.at]
        kind = self.seen if self.seen_at == self.at else self._kind(self.at, None)
        if kind not in ("item", "clause"):
            self._leave_items(line, kind)
        if kind in ("heading", "quote", "footnote"):
            self._marked(kind, line)
        elif kind == "fence":
            count = self.fence(self.at)
            mark = FENCE.match(line.text)
            language = mark.group(2).lower() if mark else ""
            self._add("code", count, language=language, parts=self.code_parts(self.at, count), depth=len(self.open))
        elif kind == "table":
            self._table()
        elif kind == "html":
            end = html_block_end(self.text, line.body, self.element_ends)
            self._add("html", self.lines_while(lambda n: self.lines[n].start < end))
        elif kind in ("break", "bare"):
            self.at += 1
        elif kind in ("item", "clause"):
            self._item(line, "item" if kind == "item" else "clause")
        elif kind == "indented":
            count = self.lines_while(lambda n: self._kind(n, None) == "indented" or not self.lines[n].apart)
            span = self.span(self.at, count)
            self._add("code", count, parts=((span[0], span[0]), span, (span[1], span[1])), depth=len(self.open))
        else:
            self._paragraph(kind or "paragraph")

    def _marked(self, kind: str, line: Line) -> None:
        if kind == "heading":
            self._add(kind, 1, level=len(line.text) - len(line.text.lstrip("#")) or QUESTION_LEVEL)
        elif kind == "quote":
            self._add(kind, self.quoted(), level=quote_depth(line.text), depth=len(self.open))
        else:
            self._add(kind, self._footnote())

    def _kind(self, number: int, above: Line | None) -> str | None:
        """Returns the kind of block that a line begins; None for a paragraph. `above` is the line of a block before it."""
        line = self.lines[number]
        first = line.text[0]
        if first in PLAIN_LETTERS and number not in self.items and "|" not in line.text and (line.indent < 4 or not line.apart):
            return None  # most lines
        kind = self._labelled_kind(number, above)
        if kind is None and first in "#`~<-*_>[":
            kind = self.marked_kind(number)
        if kind is None and "|" in line.text and self.begins_table(number):
            kind = "table"
        if kind is None and line.apart and line.indent >= 4 and above is None and not self.open:
            kind = "indented"
        return kind

    def _labelled_kind(self, number: int, above: Line | None) -> str | None:
        """Returns the kind of block that a mark or label begins: an item, a clause, a question or an answer."""
        text = self.lines[number].text
        is_item = number in self.items and LIST_MARK.match(text) is not None and not BREAK.match(text)
        if QUESTION_LABEL.match(text) and (not is_item or text[0] == "Q"):
            return "question"
        asked = bool(self.found) and self.found[-1].kind == "question"
        if ANSWER_LABEL.match(text) and (asked or (above is not None and not is_item)):
            return "answer"
        if is_item:
            return "item"
        return "clause" if opens_clause(text, above and self.lines[number - 1].text, above.text if above else "") else None

    def _footnote(self) -> int:
        """Returns the number of lines of a footnote: the lines below it, and indented ones behind blank lines."""
        line = self.lines[self.at]
        return self.lines_while(
            lambda n: self.lines[n].indent >= _NOTE_INDENT if self.lines[n].apart else self._kind(n, line) is None
        )

    def _leave_items(self, line: Line, kind: str | None) -> None:
        """Closes the items that a block does not belong to: it stands no further right than their marks."""
        if kind in ("heading", "html", "break"):
            self.open = []
        below = bool(self.found) and self.found[-1].kind in ("item", "clause")
        if kind == "fence" and below and (not line.apart or self.opens(self.found[-1])):
            return  # the code of a step often stands at the margin
        while self.open and line.indent <= self.open[-1].indent:
            self.open.pop()

    def _item(self, line: Line, kind: Literal["item", "clause"]) -> None:
        style = item_style(line.text, [item.style for item in self.open])
        while self.open and line.indent < self.open[-1].indent - 1:
            self.open.pop()
        if self.open and line.indent <= self.open[-1].indent + 1:
            self._place_beside(line, style)
        self.open.append(_Item(line.indent, style.text, style.number))
        count = 1 if self._ends_list(line) else self._lines_until_block(line)
        self._add(kind, count, depth=len(self.open), style=style.text)

    def _ends_list(self, line: Line) -> bool:
        """Returns whether an item of one line is the last of its list, and the text below begins a sentence at the margin."""
        if not line.text.endswith(_ENDS_LIST) or self.at + 1 == len(self.lines):
            return False
        below = self.lines[self.at + 1]
        if below.apart or below.indent > line.indent or (below.text[0].isascii() and not below.text[0].isupper()):
            return False
        number = self.at + 1
        while number < len(self.lines) and not self.lines[number].apart:
            if number in self.items:
                return False
            number += 1
        return True

    def _place_beside(self, line: Line, style: MarkStyle) -> None:
        """Closes the open items that an item with the same indentation does not stand below."""
        near = [number for number, item in enumerate(self.open) if item.style == style.text and line.indent <= item.indent + 1]
        same = near[0] if near else None
        above = self.open[-1]
        if same is not None:
            del self.open[same:]
        elif style.begins or not style.number:
            # Marks of another style are nested if they begin a list, such as (a) below 7.2.
            if above.number or self.opens(self.found[-1]):
                return
        elif above.number and style.number.startswith(f"{above.number}."):
            return
        while self.open and line.indent <= self.open[-1].indent + 1 and same is None:
            self.open.pop()

    def _lines_until_block(self, line: Line) -> int:
        def goes_on(number: int) -> bool:
            if self.lines[number].apart:
                return False
            self.seen_at, self.seen = number, self._kind(number, line)
            return self.seen is None

        return self.lines_while(goes_on)

    def _paragraph(self, kind: str) -> None:
        line = self.lines[self.at]
        below = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else None
        if below and not below.apart and underlines(below.text, line.text) and kind == "paragraph" and not self.open:
            self._add("heading", 2, level="=-~".find(below.text[0]) + 1 or 4)
            return
        count = self._lines_until_block(line)
        self._add(kind, count, depth=len(self.open))

    def _table(self) -> None:
        barred = self.lines[self.at].text.startswith("|")
        count = self.lines_while(
            lambda n: (
                not self.lines[n].apart and "|" in self.lines[n].text and (not barred or self.lines[n].text.startswith("|"))
            )
        )
        near = range(1, min(_MOST_HEADS + 1, count))
        head = next((n + 1 for n in near if RULE.match(self.lines[self.at + n].text)), 1)  # the rule is a part of the head
        rows = (self.span(self.at, head), *(self.span(self.at + n, 1) for n in range(head, count)))
        self._add("table", count, parts=rows, heads=1, depth=len(self.open))

    def _add(self, kind: str, count: int, **more: object) -> None:
        start, end = self.span(self.at, count)
        apart = self.lines[self.at].apart
        self.found.append(Block(kind, start, end, apart=apart, **more))  # type: ignore[arg-type]
        self.at += count
