"""Finds the blocks of HTML: headings, paragraphs, items, tables, code. Scripts and style sheets are no text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.units.blocks import Block
from ctxshape.text.units.html_tables import table_rows
from ctxshape.text.units.tags import TAG, Tag, is_block, is_raw, tags_of

_LANGUAGE = re.compile(r"\b(?:lang(?:uage)?|highlight|brush)[-: ]+([\w+#.-]+)", re.IGNORECASE)
_LANDMARKS = ("nav", "header", "footer", "aside")
_DEEPEST = 9  # depth of a list
_GLUED = 80  # characters of tags that belong to the text beside them


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
        self.quotes: list[int] = []  # the places of the quotations that are open
        self.landmarks: list[tuple[str, int]] = []  # those that are open: their name and their place

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
            if tag.name == "!" or is_raw(tag.name):
                self._flush()
                self._loose(tag.start)
                if tag.name == "!":
                    self._add(Block("html", tag.start, tag.end))  # a comment stays by itself
            elif is_block(tag.name) or tag.name == "!doctype":
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

    def _add(self, block: Block) -> None:
        """Adds a block to its landmark. The headings of a <header> belong to what stands below it."""
        name, place = self.landmarks[-1] if self.landmarks else ("", 0)
        region = 0 if name == "header" and block.kind == "heading" else place
        level = self.quotes[-1] if self.quotes and block.kind == "paragraph" else block.level
        self.found.append(block._replace(region=region, level=level))

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
            self._add(Block("html", start, start + length))
            self.glue = None

    def _flush(self) -> None:
        if self.run is None:
            return
        start, end = self.run
        self.run = None
        depth = self._depth()
        if self.heading:
            self._add(Block("heading", start, end, level=self.heading))
        elif self.item:
            self._add(Block("item", start, end, depth=max(depth, 1), style="-"))
            self.item = False
        else:
            self._add(Block("paragraph", start, end, depth=depth))

    def _extend(self, tag: Tag) -> None:
        """Adds a tag to the block before it if only tags stand between them."""
        last = self.found[-1]
        if last.kind != "html" and tag.end - last.end <= _GLUED and not TAG.sub("", self.text[last.end : tag.end]).strip():
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

    def _depth(self) -> int:
        return min(len(self.lists), _DEEPEST)

    def _enter(self, tag: Tag) -> None:
        """Follows the element that a tag opens or closes."""
        name = tag.name
        if name in _LANDMARKS:
            self._enter_landmark(tag)
        elif name == "blockquote":
            self.quotes = [*self.quotes[:_DEEPEST], tag.end] if not tag.closes else self.quotes[:-1]
        elif name in ("ul", "ol", "menu", "dl"):
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

    def _enter_landmark(self, tag: Tag) -> None:
        open_names = [name for name, _ in self.landmarks]
        self.lists, self.item, self.heading = [], False, 0
        if not tag.closes:
            del self.landmarks[_DEEPEST:]  # of a page with unclosed tags
            self.landmarks.append((tag.name, tag.end))
        elif tag.name in open_names:
            del self.landmarks[len(open_names) - 1 - open_names[::-1].index(tag.name) :]

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
        self._add(block)
        return last + 1 - number

    def _code(self, tags: Sequence[Tag]) -> Block:
        opening, closing = tags[0], tags[-1]
        if len(tags) > 2 and tags[1].name == "code" and not self.text[opening.end : tags[1].start].strip():
            opening = opening._replace(end=tags[1].end)
            closing = closing._replace(start=tags[-2].start) if tags[-2].name == "code" else closing
        language = _LANGUAGE.search(self.text, opening.start, opening.end)
        parts = (opening.start, opening.end), (opening.end, closing.start), (closing.start, closing.end)
        name = language.group(1).lower() if language else ""
        return Block("code", opening.start, closing.end, parts=parts, language=name, depth=self._depth())

    def _table(self, tags: Sequence[Tag]) -> Block | None:
        found = table_rows(self.text, [(tag.start, tag.end, tag.name, tag.closes) for tag in tags])
        if found is None:
            return None
        rows, heads = found
        return Block("table", rows[0][0], rows[-1][1], parts=tuple(rows), heads=heads, closed=True, depth=self._depth())
