"""Finds the blocks of HTML: headings, paragraphs, items, tables, code. Scripts and style sheets are no text.

lxml gives only the line of an element, selectolax no place at all, and html.parser is slow and reads a broken page to its end
again and again. So tags are found here, with their exact places, and what they mean is kept to a few rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ctxshape.text.units.blocks import Block
from ctxshape.text.units.html_tables import table_rows

_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|head|header|hgroup|hr|html|legend|li|link|main|menu|meta|nav|ol|option|p|pre|section|select|summary|table|tbody|td|"
    "tfoot|th|thead|title|tr|ul"
)
_RAW = "script|style|noscript|template|svg|math|textarea|iframe|object"
# The start of a line, or of a text, that is HTML.
HTML_BLOCK = re.compile(rf"<(?:!doctype\b|!--|/?(?:{_BLOCKS}|{_RAW})(?=[\s/>]))", re.IGNORECASE)
_BLOCK_NAME = re.compile(rf"(?:{_BLOCKS})$")
_RAW_NAME = re.compile(rf"(?:{_RAW})$")
# Neither form reads past the next "<", so the time is linear in a text of unclosed tags.
_TAG = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})(?:(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>|[^<>]*+>)|<!--|<![^<>]*>|<\?[^<>]*>"
)
_LANGUAGE = re.compile(r"\b(?:lang(?:uage)?|highlight|brush)[-: ]+([\w+#.-]+)", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\r?\n[^\S\n]*\r?\n")
_GLUED = 80  # characters of tags that belong to the text beside them


class Tag(NamedTuple):
    """A tag at the characters `start` to `end`: its name in lower case, and whether it closes an element."""

    start: int
    end: int
    name: str
    closes: bool


def html_block_end(text: str, start: int) -> int:
    r"""Returns where the HTML ends that begins at a place: behind the element, or else before the next blank line.

    >>> html_block_end("<ul>\n<li>a</li>\n</ul>\n\nText.", 0)
    21
    """
    depth = 0
    first = None
    for tag in tags_of(text, start, len(text)):
        if first is None:
            first = tag
            if tag.start != start or tag.closes or tag.name in ("br", "hr", "meta", "link"):
                break
            if tag.name in ("!doctype", "html"):
                return len(text)
        if tag.name == first.name:
            depth += -1 if tag.closes else 1
            if depth == 0:
                return tag.end
    blank = _BLANK_LINE.search(text, start)
    return blank.start() if blank else len(text)


def tags_of(text: str, start: int, end: int) -> Iterator[Tag]:
    """Yields the tags of a part of a text. A comment and a script are one tag each."""
    place, unclosed = start, set[str]()
    while match := _TAG.search(text, place, end):
        place = match.end()
        name = (match.group(2) or "").lower()
        closing = "-->" if match.group() == "<!--" else f"</{name}" if not match.group(1) and _RAW_NAME.match(name) else ""
        if closing and closing not in unclosed:
            found = re.compile(re.escape(closing) + (r"[^<>]*>" if name else ""), re.IGNORECASE).search(text, place, end)
            if found:
                place = found.end()
            else:
                unclosed.add(closing)
        yield Tag(
            match.start(),
            place,
            name or ("!doctype" if match.group()[:9].lower() == "<!doctype" else "!"),
            bool(match.group(1)),
        )


def html_blocks(text: str, start: int, end: int) -> list[Block]:
    """Returns the blocks of a part of a text that is HTML. Tags belong to the block beside them."""
    return _Reader(text, start, end).blocks()


class _Reader:
    """Reads tags in their order. `run` is the part of a block that has been read, `glue` the tags before the next one."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.tags = list(tags_of(text, start, end))
        self.found: list[Block] = []
        self.run: list[int] | None = None
        self.glue: int | None = None
        self.lists: list[str] = []
        self.heading = 0
        self.item = False  # the next block opens an item

    def blocks(self) -> list[Block]:
        place, number = self.start, 0
        while number < len(self.tags):
            tag = self.tags[number]
            self._text(place, tag.start)
            place = tag.end
            count = 0
            if tag.name in ("table", "pre") and not tag.closes:
                count = self._whole(number)
            if count:
                number += count
                place = self.tags[number - 1].end
                continue
            if tag.name == "!" or _RAW_NAME.match(tag.name):
                self._flush()
                self._loose(tag.start)
            elif _BLOCK_NAME.match(tag.name) or tag.name == "!doctype":
                self._block_tag(tag)
            elif self.run is not None:
                self.run[1] = tag.end
            elif tag.closes and self.found and self.glue is None:
                self._extend(tag)
            elif self.glue is None:
                self.glue = tag.start
            number += 1
        self._text(place, self.end)
        self._flush()
        self._loose(self.end)
        return self.found

    def _text(self, start: int, end: int) -> None:
        text = self.text[start:end]
        body = text.strip()
        if not body:
            return
        first = start + text.index(body)
        if self.run is None:
            if self.glue is not None and first - self.glue > _GLUED:
                self._loose(first)
            self.run = [first if self.glue is None else self.glue, 0]
            self.glue = None
        self.run[1] = first + len(body)

    def _loose(self, end: int) -> None:
        """Makes a block of tags that stand too far from any text."""
        if self.glue is not None:
            start = self.glue
            length = len(self.text[start:end].rstrip())
            self.found.append(Block("html", start, start + length))
            self.glue = None

    def _flush(self) -> None:
        if self.run is None:
            return
        start, end = self.run
        self.run = None
        depth = len(self.lists)
        if self.heading:
            self.found.append(Block("heading", start, end, level=self.heading))
        elif self.item:
            self.found.append(Block("item", start, end, depth=max(depth, 1), style="-"))
            self.item = False
        else:
            self.found.append(Block("paragraph", start, end, depth=depth))

    def _extend(self, tag: Tag) -> None:
        """Adds a tag to the block before it if only tags stand between them."""
        last = self.found[-1]
        if last.kind != "html" and tag.end - last.end <= _GLUED and not _TAG.sub("", self.text[last.end : tag.end]).strip():
            self.found[-1] = last._replace(end=tag.end)
        else:
            self.glue = tag.start

    def _block_tag(self, tag: Tag) -> None:
        if tag.closes or tag.name in ("br", "hr"):
            if self.run is not None:
                self.run[1] = tag.end
                self._flush()
            elif self.glue is None and self.found:
                self._extend(tag)
            elif self.glue is None:
                self.glue = tag.start
        else:
            self._flush()
            if self.glue is not None and tag.end - self.glue > _GLUED:
                self._loose(tag.start)
            self.glue = tag.start if self.glue is None else self.glue
        self._enter(tag)

    def _enter(self, tag: Tag) -> None:
        """Follows the element that a tag opens or closes."""
        name = tag.name
        if name in ("ul", "ol", "menu", "dl"):
            if not tag.closes:
                self.lists.append(name)
            elif self.lists:
                self.lists.pop()
            self.item = False
        elif name in ("li", "dt"):
            self.item = not tag.closes
        elif name == "title" or name == "summary" or (name[0] == "h" and name[1:].isdigit()):
            self.heading = 0 if tag.closes else int(name[1:]) if name[0] == "h" else 1 if name == "title" else 15
            self.item = False if self.heading else self.item
        elif name in ("body", "html", "td", "th", "tr"):
            self.item = False

    def _whole(self, number: int) -> int:
        """Makes one block of a table of data or of code; returns the number of its tags, 0 if it is none."""
        tag = self.tags[number]
        depth, last = 0, 0
        for other in range(number, len(self.tags)):
            if self.tags[other].name == tag.name:
                depth += -1 if self.tags[other].closes else 1
                if depth == 0:
                    last = other
                    break
                if depth > 1:
                    return 0  # a table in a table lays out a page
        if not last:
            return 0
        inner = self.tags[number : last + 1]
        block = self._code(inner) if tag.name == "pre" else self._table(inner)
        if block is None:
            return 0
        self._flush()
        self._loose(tag.start)
        self.found.append(block)
        return last + 1 - number

    def _code(self, tags: Sequence[Tag]) -> Block:
        opening, closing = tags[0], tags[-1]
        if len(tags) > 2 and tags[1].name == "code" and not self.text[opening.end : tags[1].start].strip():
            opening = opening._replace(end=tags[1].end)
            closing = closing._replace(start=tags[-2].start) if tags[-2].name == "code" else closing
        language = _LANGUAGE.search(self.text, opening.start, opening.end)
        parts = (opening.start, opening.end), (opening.end, closing.start), (closing.start, closing.end)
        name = language.group(1).lower() if language else ""
        return Block("code", opening.start, closing.end, parts=parts, language=name, depth=len(self.lists))

    def _table(self, tags: Sequence[Tag]) -> Block | None:
        found = table_rows(self.text, [(tag.start, tag.end, tag.name, tag.closes) for tag in tags])
        if found is None:
            return None
        rows, heads = found
        return Block("table", rows[0][0], rows[-1][1], parts=tuple(rows), heads=heads, closed=True, depth=len(self.lists))
