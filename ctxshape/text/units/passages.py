"""Makes units of sentences, quoted lines and footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ctxshape.text.detection import language_named, language_of
from ctxshape.text.sentences import sentences as sentence_places
from ctxshape.text.units.binding import Binder
from ctxshape.text.units.blocks import Block
from ctxshape.text.units.footnotes import FOOTNOTE, bind_footnotes
from ctxshape.text.units.lists import opening_end
from ctxshape.text.units.quotes import marks_of, names_author, quote_depth, quoted_groups, without_marks

_LONG_ITEM = 160  # characters; a longer item is cut into its sentences
_LONGEST_OPENING = 300  # characters of the sentence that comes with the others of an item
_WHOLE_NOTE = 400  # characters; a shorter footnote is one unit
_TELLING = 60  # characters of which the language can be told
_JOINER = "\u2060"  # no letter, no blank: what it hides stays with the word before
_LATIN = language_named("en").script
_OPENS = (":", "：")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")


class Passages(Binder):
    """Cuts passages into sentences, and adds those of quotations and footnotes with what they need."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text_language = language_of(text)
        self.opening: int | None = None  # a line that opens the next block
        self.caption: int | None = None
        self.authors: dict[int, list[int]] = {}  # who wrote what is quoted, by the depth of the quotation
        self.introduction: list[int] = []  # a quoted line that introduces what is quoted next
        self.openings: dict[int, int] = {}  # the first unit of each <blockquote>, by its place
        self.notes: dict[str, list[int]] = {}  # the units of footnotes

    def quotation(self, block: Block) -> list[int]:
        """Returns the first unit of the <blockquote> that holds a block."""
        opening = self.openings.get(block.level) if block.kind == "paragraph" else None
        return [] if opening is None else [opening]

    def open_quotation(self, block: Block, first: int) -> None:
        """Remembers the first unit of a <blockquote>, and makes the others of its block need it."""
        if block.kind == "paragraph" and block.level and block.level not in self.openings:
            self.openings[block.level] = first
            self.made[first] = self.made[first]._replace(kind="label")
            self.wanted[first + 1 :] = [[first, *own] for own in self.wanted[first + 1 :]]

    def quote(self, block: Block) -> None:
        """Adds quoted sentences. Each begins with the marks of its line, or needs them, and needs who wrote it."""
        for depth in [depth for depth in self.authors if depth > block.level]:
            del self.authors[depth]
        above = [] if self.opening is None else [self.opening]
        if self.introduction and self.introduction[-1] == len(self.made) - 1:
            above = self.introduction
        if above and names_author(self.shown(above[-1])) and quote_depth(self.shown(above[0])) < block.level:
            self.authors[block.level] = above
            if len(above) == 1:
                self.made[above[0]] = self.made[above[0]]._replace(kind="label")
        wanted = [*self.authors.get(block.level, above), *self.around()]
        hidden = without_marks(self.text[block.start : block.end])
        places = [(block.start + a, block.start + b) for a, b in sentence_places(hidden, self._language(hidden))]
        self.introduction = []
        for group in quoted_groups(self.text, block.start, places):
            self.introduction = self._quoted_group(group, wanted)
            self.block += 1
        if not self.introduction or not self.shown(self.introduction[-1]).endswith(_OPENS):
            self.introduction = []
        self.opening = self.caption = None

    def _quoted_group(self, group: Sequence[tuple[int, int]], wanted: Sequence[int]) -> list[int]:
        """Adds the sentences of a line and returns the last one, with the marks of the line if it does not hold them."""
        start, end = group[0]
        if len(group) == 1:
            return [self.add(start, end, "item", wanted)]
        label, inner = marks_of(self.text, start)
        first = self.add(start, label, "label", [len(self.made) + 1, *wanted])
        others = [self.add(a, b, "sentence", [first, *wanted]) for a, b in [(inner, end), *group[1:]]]
        return [first, others[-1]]

    def footnote(self, block: Block) -> None:
        """Adds a footnote with its label: one unit, or the label and sentences that need it."""
        match = FOOTNOTE.match(self.text, block.start)
        places = [(block.start, block.end)]
        if block.end - block.start > _WHOLE_NOTE and match:
            places = [match.span(), *self.sentences(match.end(), block.end)]
        first = self.add(*places[0], "item" if len(places) == 1 else "label", [len(self.made) + 1] * (len(places) > 1))
        others = [self.add(start, end, "sentence", [first]) for start, end in places[1:]]
        self.notes.setdefault(match[1] if match else "", [first, *others])
        self.opening = self.caption = None

    def _language(self, part: str) -> str:
        if len(part) < _TELLING and part.isascii() and self.text_language.script == _LATIN:
            return self.text_language.code
        own = language_of(part)  # a short part may not tell
        return own.code if len(part) >= _TELLING or own.script != self.text_language.script else self.text_language.code

    def sentences(self, start: int, end: int) -> list[tuple[int, int]]:
        """Returns the sentences of a part of the text. A tag belongs to the text behind it, or before it if it closes."""
        part = self.text[start:end]
        language = self._language(part)
        if "<" not in part or _TAG.search(part) is None:
            return [(start + a, start + b) for a, b in sentence_places(part, language)]
        hidden = _TAG.sub(lambda tag: (_JOINER if tag.group().startswith("</") else " ") * len(tag.group()), part)
        places, before = [], 0
        for _, stop in sentence_places(hidden, language):
            gap = part[before:stop]
            places.append((start + before + len(gap) - len(gap.lstrip()), start + stop))
            before = stop
        return [*places[:-1], (places[-1][0], end)] if places else [(start, end)]

    def item_places(self, start: int, end: int) -> tuple[list[tuple[int, int]], bool]:
        """Returns the parts of an item, and whether the second one goes on with the first words of a long sentence."""
        places = [(start, end)] if end - start <= _LONG_ITEM else self.sentences(start, end)
        stop = places[0][1]
        cut = start + opening_end(self.text[start:stop]) if stop - start > _LONGEST_OPENING else start
        if cut == start:
            return [(start, stop), *places[1:]], False
        rest = self.text[cut:stop]
        shown = self.text[start:cut].rstrip()
        return [(start, start + len(shown)), (stop - len(rest.lstrip()), stop), *places[1:]], True

    def bind_notes(self) -> None:
        """Binds footnotes and what refers to them."""
        if self.notes:
            bind_footnotes(self.text, self.made, self.wanted, self.notes)
