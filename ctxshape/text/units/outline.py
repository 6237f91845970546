"""Makes units of the blocks of a text, each with the units that it needs: headings, openings, parents, table heads."""

from __future__ import annotations

from collections.abc import Sequence

from ctxshape.text.units.binding import ItemList, Section
from ctxshape.text.units.blocks import Block
from ctxshape.text.units.code_blocks import fence_units, region_units
from ctxshape.text.units.groups import html_owners, markdown_owners
from ctxshape.text.units.headings import QUESTION_LEVEL, bare, is_caption, short_heading_level
from ctxshape.text.units.model import Kind, Unit
from ctxshape.text.units.passages import Passages

_WHOLE_CODE = 400  # characters; a shorter block of code is one unit
_OPENS = (":", "：")
_ASKS = ("?", "？")


def outline_units(text: str, blocks: Sequence[Block]) -> list[Unit]:
    """Returns the units of a text whose blocks are known, in order and without overlap."""
    return _Outline(text, blocks).units()


def _is_plain(block: Block, region: int) -> bool:
    return block.kind in ("paragraph", "quote") and not block.depth and block.region == region


class _Outline(Passages):
    """Reads blocks in their order; collects units, and for each the units that it wants, the most important first."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        super().__init__(text)
        self.blocks = blocks
        self.inner: int | None = None  # an item that opens those below it at the same depth
        self.last_question = max((n for n, block in enumerate(blocks) if block.kind == "question"), default=-1)
        self.region = 0  # of the page that is being read
        self.outer: list[Section] = []  # the sections around it
        self.run_end = 0  # of the paragraphs that are being read

    def units(self) -> list[Unit]:
        index = 0
        while index < len(self.blocks):
            self._enter(self.blocks[index].region)
            index += self._region(index) or self._read(index)
        self._enter(0)
        self.close_lists(0)
        self.bind_notes()
        return self.finished()

    def _enter(self, region: int) -> None:
        """Goes on in the page, or in its navigation, margin or foot, which need nothing of each other."""
        if region == self.region:
            return
        self.close_lists(0)
        self.items = []
        self.opening = self.caption = self.inner = None
        if self.region:
            self.close_sections(0)
        else:
            self.outer, self.sections = self.sections, []
        if not region:
            self.sections, self.outer = self.outer, []
        self.region = region

    # Blocks

    def _read(self, index: int) -> int:
        """Reads a block and returns 1, the number of blocks that it has read."""
        block = self.blocks[index]
        following = self._following(index)
        kind = block.kind
        level = block.level if kind == "heading" else 0
        plain = kind == "paragraph" and block.depth == block.region == block.level == 0
        if plain and following is not None and not self._is_opened(block):
            level = short_heading_level(self.text[block.start : block.end])
        elif kind == "item" and self._is_lone(index):
            level = short_heading_level(self.text[block.start : block.end])
        elif kind == "question":
            level = QUESTION_LEVEL
        if kind not in ("item", "clause") or level:
            self.close_lists(0 if level else block.depth)
            self.leave_items(0 if level else block.depth)
        self.block += 1
        if kind == "paragraph" and block.apart and index > self.last_question and self.blocks[index - 1].kind == "answer":
            self.close_sections(QUESTION_LEVEL)  # between two questions a paragraph goes on with the answer
        readers = {"table": self._table, "code": self._code, "quote": self.quote, "footnote": self.footnote}
        readers["item"] = readers["clause"] = self._item
        if level:
            self._heading(block, level)
        elif kind in readers:
            readers[kind](block)
        else:
            self._paragraph(block, following)
        return 1

    def _following(self, index: int) -> Block | None:
        """Returns the next block, unless it stands in another part of the page or in a <blockquote>."""
        block, following = self.blocks[index], self.blocks[index + 1] if index + 1 < len(self.blocks) else None
        if following is None or following.region != block.region:
            return None
        quoted = "paragraph" == following.kind and following.level != block.level
        return None if quoted else following

    def _is_opened(self, block: Block) -> bool:
        return self.opening is not None and self.shown(self.opening).endswith(_OPENS) and not block.apart

    def _is_lone(self, index: int) -> bool:
        """Returns whether a numbered item has no other beside it, so that it may be a heading."""
        block = self.blocks[index]
        if block.depth != 1 or block.style[:1] in "-*+•‣▪·–" or self.opening is not None or index + 1 == len(self.blocks):
            return False
        beside = (*self.blocks[max(index - 1, 0) : index], *self.blocks[index + 1 : index + 2])
        return not any(other.kind == "item" and other.style == block.style for other in beside)

    def _heading(self, block: Block, level: int) -> None:
        self.close_sections(level)
        unit = self.add(block.start, block.end, "heading", self.around())
        self.sections.append(Section(level, unit))
        self.opening = self.caption = None

    def _paragraph(self, block: Block, following: Block | None) -> None:
        labelled = block.kind == "answer"
        wanted = [*self.quotation(block), *self.around()]
        chain = [] if self.opening is None else [self.opening]  # lines that the next sentence completes
        first = before = None
        places = self.sentences(block.start, block.end)
        opener: Kind = "sentence" if not labelled else "item" if len(places) == 1 else "label"
        for start, end in places:
            label: list[int] = [first] if first is not None and labelled else []
            before = self.add(start, end, opener if first is None else "sentence", [*label, *chain, *wanted])
            first = before if first is None else first
            shown = self.text[max(start, end - 20) : end]
            chain = [before, *chain] if bare(shown).endswith(_OPENS) else [before] if shown.endswith(_ASKS) else []
        if first is not None:
            self.open_quotation(block, first)
        self.opening = before if before is not None and self._opens(before, block, following) else None
        self.caption = before if before is not None and before == first and is_caption(self.shown(before)) else None
        if following is not None and following.kind == "code" and self.opening is not None and first == before:
            self.caption = None

    def _opens(self, unit: int, block: Block, following: Block | None) -> bool:
        """Returns whether the next block needs a sentence: it ends in a colon, or stands directly above a list or table."""
        if bare(self.shown(unit)[-20:]).endswith(_OPENS):
            return True
        return (
            following is not None
            and following.kind in ("item", "table")
            and not following.apart
            and block.depth < following.depth + 1
        )

    def _item(self, block: Block) -> None:
        depth = max(block.depth, 1)
        same = len(self.lists) >= depth and self.lists[depth - 1].style == block.style
        self.close_lists(depth - (not same))
        self.leave_items(depth - 1)
        while len(self.lists) < depth:
            self.lists.append(ItemList(block.style, self.opening if not self.lists else None, []))
        self.block -= 1 if self.lists[-1].items else 0  # the items of a list are one block
        wanted = self.around()
        beside = self.lists[-1].items[-1:]
        if beside and beside[0] == len(self.made) - 1 and self.shown(beside[0]).endswith(_OPENS):
            self.inner = beside[0]  # "- Sunday" below "- Days of rest:", though at the same depth
        elif not beside:
            self.inner = None
        wanted = wanted if self.inner is None else [self.inner, *wanted]
        places, torn = self.item_places(block.start, block.end)
        first = self.add(*places[0], "item" if len(places) == 1 else "label", wanted)
        for start, end in places[1:]:
            self.add(start, end, "sentence", [first, *wanted])
        if torn:
            self.made[first + 1] = self.made[first + 1]._replace(goes_on=True)
        self.lists[-1].items.append(first)
        self.items.append((depth, first))
        self.opening = self.caption = None

    def _table(self, block: Block) -> None:
        wanted = [one for one in (self.caption, self.opening) if one is not None] + self.around()
        rows = list(block.parts)
        frame: list[int] = []
        first = len(self.made)
        if block.closed:
            frame = [first, first + len(rows) - 1]
        begin = block.closed + block.heads  # of the rows below the head
        heads = list(range(first + block.closed, first + begin))
        body = [self.text[start:end] for start, end in rows[begin : len(rows) - block.closed]]
        owners = [*[()] * begin, *(html_owners(body) if block.closed else markdown_owners(body)), *[()] * block.closed]
        for number, (start, end) in enumerate(rows):
            kind: Kind = "row"
            if block.closed and number in (0, len(rows) - 1):
                kind = "close" if number else "open"
            groups = [first + begin + one for one in owners[number]]
            self.add(start, end, kind, [*groups, *(one for one in (*heads, *frame) if one != first + number), *wanted])
        self.opening = self.caption = None

    def _code(self, block: Block) -> None:
        opening = self.opening
        wanted = ([opening] if opening is not None else []) + self.around()
        self.opening = self.caption = None
        if block.end - block.start <= _WHOLE_CODE and block.parts[0] != (block.start, block.start):
            unit = self.add(block.start, block.end, "code", wanted)
            for partner in (opening, self.items[-1][1] if self.items else None):
                if partner is not None:
                    self.wanted[partner].insert(0, unit)  # "Run this:" and a step say nothing without the code
            return
        found = fence_units(self.text, block)
        if found is None:
            self._paragraph(block, None)
        else:
            self._adopt(found, wanted)

    def _region(self, index: int) -> int:
        """Reads a run of paragraphs that has another form, such as a log; returns the number of its blocks, or 0."""
        first = index >= self.run_end
        if first:
            self.run_end = index
            region = self.blocks[index].region
            while self.run_end < len(self.blocks) and _is_plain(self.blocks[self.run_end], region):
                self.run_end += 1
            last = self.blocks[self.run_end - 1]
            if (
                self.run_end - index > 1
                and self.run_end < len(self.blocks)
                and self.text[last.start : last.end].endswith(_OPENS)
            ):
                self.run_end -= 1  # it opens the block below
        if not _is_plain(self.blocks[index], self.region):
            return 0
        for stop in (self.run_end, index + 1) if first and self.run_end > index + 1 else (index + 1,):
            found = region_units(self.text, self.blocks[index].start, self.blocks[stop - 1].end)
            if found:
                self.close_lists(0)
                self.items = []
                self.block += 1
                near = [one for one in (self.caption, self.opening) if one is not None]
                self.opening = self.caption = None
                self._adopt(found, [*near, *self.around()])
                return stop - index
        return 0

    def _adopt(self, found: Sequence[Unit], wanted: Sequence[int]) -> None:
        """Takes the units that another cutter has made, with their needs before those of this place."""
        count, block = len(self.made), self.block
        for unit in found:
            self.made.append(unit._replace(needs=(), block=unit.block + block))
            self.wanted.append([*(need + count for need in unit.needs), *wanted])
            self.block = max(self.block, unit.block + block)
