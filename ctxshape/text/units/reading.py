"""Reads the lines of Markdown and of plain text: the blocks that their marks begin, and how far a block goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ctxshape.text.units.blocks import Block, lines_of
from ctxshape.text.units.footnotes import FOOTNOTE
from ctxshape.text.units.markdown_lines import ATX, BOLD_QUESTION, BREAK, FENCE, RULE
from ctxshape.text.units.quotes import begins_block, is_bare, quote_depth
from ctxshape.text.units.tags import HTML_BLOCK, element_ends

_NEVER = 1 << 30


class LineReader:
    """Knows the lines of a text; `at` is the number of the next one to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = lines_of(text)
        self.at = 0
        self.unclosed = {"`": _NEVER, "~": _NEVER}  # a fence of so many marks has no end below

    @cached_property
    def element_ends(self) -> dict[int, int]:
        """Returns where each element of HTML ends, by the place where it begins."""
        return element_ends(self.text)

    def marked_kind(self, number: int) -> str | None:
        """Returns the kind of block that the marks of Markdown or HTML begin."""
        line = self.lines[number]
        if (line.indent < 4 and ATX.match(line.text)) or BOLD_QUESTION.match(line.text):
            return "heading"
        if line.text[0] == ">":
            return "bare" if is_bare(line.text) else "quote"
        if line.text[0] == "[":
            return "footnote" if FOOTNOTE.match(line.text) else None
        if line.text.startswith(("```", "~~~")) and self.fence(number):
            return "fence"
        if HTML_BLOCK.match(line.text):
            return "html"
        return "break" if BREAK.match(line.text) else None

    def begins_table(self, number: int) -> bool:
        """Returns whether a line and the one below it begin a table."""
        text = self.lines[number].text
        below = self.lines[number + 1] if number + 1 < len(self.lines) else None
        if below is None or below.apart:
            return False
        if RULE.match(below.text) and ("|" in below.text or text.startswith("|")) and not RULE.match(text):
            return True
        return text.startswith("|") and below.text.startswith("|")

    def fence(self, number: int) -> int:
        """Returns the number of lines of a fence, 0 if the line opens none that is closed."""
        line = self.lines[number]
        opening = FENCE.match(line.text)
        if opening is None:
            return 0
        mark = opening.group(1)
        if len(mark) >= self.unclosed[mark[0]]:
            return 0
        for other in range(number + 1, len(self.lines)):
            text = self.lines[other].text
            if text.startswith(mark) and not text.strip(mark[0]):
                return other + 1 - number
        self.unclosed[mark[0]] = len(mark)
        return 0

    def opens(self, block: Block) -> bool:
        """Returns whether a block ends in a colon."""
        return self.text[block.start : block.end].endswith((":", "："))

    def lines_while(self, goes_on: Callable[[int], bool]) -> int:
        """Returns the number of lines from the next one on, as long as each line below it goes on."""
        number = self.at + 1
        while number < len(self.lines) and goes_on(number):
            number += 1
        return number - self.at

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Returns the characters of lines; the indentation of the first belongs to them."""
        line = self.lines[first]
        return (line.start if line.indent else line.body), self.lines[first + count - 1].end

    def code_parts(self, first: int, count: int) -> tuple[tuple[int, int], ...]:
        """Returns the spans of the line that opens code, of the lines inside and of the line that closes it."""
        opening, closing = self.span(first, 1), self.span(first + count - 1, 1)
        inner = self.span(first + 1, count - 2) if count > 2 else (opening[1], opening[1])
        return opening, inner, closing

    def quoted(self) -> int:
        """Returns the number of lines of a quotation: those with as many marks and no block of their own."""
        depth = quote_depth(self.lines[self.at].text)

        def goes_on(number: int) -> bool:
            line = self.lines[number]
            same = quote_depth(line.text) == depth and not is_bare(line.text)
            return not line.apart and same and not begins_block(line.text)

        return self.lines_while(goes_on)
