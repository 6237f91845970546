"""Transforms that remove text without information."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Annotated, ClassVar

from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.reach import Reach
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.text.boilerplate import boilerplate_kinds, may_have_boilerplate
from ctxshape.text.furniture import Furniture, furniture
from ctxshape.text.information import Script, main_script, no_words, only_links, repetition, too_few_words
from ctxshape.text.mail import SIGNATURE
from ctxshape.text.payloads import Payload, payloads
from ctxshape.text.units.model import ends_line
from ctxshape.text.words import query_words, words

_LINK_QUESTION = re.compile(
    r"\b(?:urls?|links?|web ?sites?|homepage|web (?:page|address))\b|网址|網址|链接|鏈接|連結|网站|網站", re.I
)
_LINE_BREAK = re.compile(r"(?<!\s)[^\S\n]*+\n\s*+(?![a-z])")  # a line in lower case continues the sentence above
_SENDER_QUESTION = re.compile(
    r"\b(?:who|whom|whose|contact|reach|phone|telephone|e-?mail|address|sign(?:ed|s)?|sen[dt]s?|sender|author|position|title|wrote)\b"
    r"|谁|誰|联系|电话|邮箱|地址|署名|发件|职位|作者",
    re.IGNORECASE,
)
_SHOWN = 40  # characters of removed text that a note shows


class DropEmpty(Component):
    r"""Drops documents whose text is empty or only white space, even if they have a title.

    >>> DropEmpty()(Context.of("q", ["text", " \n"])).dropped
    {'d2': 'its text is empty'}
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    def __call__(self, context: Context, /) -> Context:
        """Returns the context without empty documents."""
        kept = [document for document in context.documents if document.text.strip()]
        empty = {document.id: "its text is empty" for document in context.documents if not document.text.strip()}
        return context.keep(kept, dropped=empty)


class DropNoise(Component):
    """Cuts boilerplate out of passages and drops passages that say nothing; notes and reasons quote the removed text.

    `boilerplate` cuts sentences and lines such as cookie notices, menus, share bars, adverts, footers and login prompts. It
    also cuts tables of contents, heads and feet of pages, and in a mail the signature and the messages quoted below its text.
    It drops a passage that has nothing else, and cuts nothing that has a word of the question.

    `payloads` cuts data URIs, base64, long hashes, vectors of numbers and minified code, unless the question asks for them.

    `low_information` drops a passage that

    - is empty,
    - has no title and fewer than `min_terms` distinct words or pairs of CJK characters,
    - repeats itself: the share of distinct runs of three words is below `distinct`,
    - is a list of links, or
    - has symbols or numbers but no words; a table with labels stays.

    A passage with a word of the question stays, unless it repeats itself.

    `off_language` drops a passage whose script is neither that of the question, nor that of most passages, nor one of
    `scripts`. English passages for a Chinese question are dropped only with `scripts=()`.

    >>> shaped = DropNoise()(Context.of("Where is Paris?", ["Paris is in France. Share this on Facebook!", "Log in | Home"]))
    >>> shaped.documents[0].text, shaped.notes["d1"]
    ('Paris is in France.', "cut share bar 'Share this on Facebook!'")
    >>> shaped.dropped
    {'d2': "nothing but boilerplate: menu 'Log in | Home'"}
    """

    reaches: ClassVar[tuple[Reach, ...]] = ()

    boilerplate: bool = True
    payloads: bool = True
    low_information: bool = True
    off_language: bool = False
    min_terms: Annotated[WholeNumber, Field(ge=0)] = 2
    distinct: Annotated[float, Field(ge=0, le=1)] = 0.3
    scripts: tuple[Script, ...] = ("latin",)

    def __call__(self, context: Context, /) -> Context:
        """Returns the context without its noise."""
        asked = frozenset(query_words(context.query))
        known = self._known_scripts(context) if self.off_language else frozenset()
        documents: list[Document] = []
        dropped: dict[str, str] = {}
        notes: dict[str, str] = {}
        for given in context.documents:
            document, cut = _without_noise(context, given, asked, boilerplate=self.boilerplate, payload=self.payloads)
            seen = "; ".join(cut)
            if document is None:
                dropped[given.id] = f"nothing but boilerplate: {seen}"
            elif reason := self._reason(document, context.query, asked, known):
                dropped[given.id] = f"{reason}; besides {seen}" if cut else reason
            else:
                documents.append(document)
                notes |= {given.id: f"cut {seen}"} if cut else {}
        return context.keep(documents, dropped=dropped, notes=notes)

    def _reason(self, document: Document, query: str, asked: frozenset[str], known: frozenset[Script]) -> str | None:
        if self.off_language and (script := main_script(document.text)) and script not in known:
            return f"off-language: its script is {script}, not {' or '.join(sorted(known))}"
        if not self.low_information:
            return None
        if (reason := repetition(document.text, self.distinct)) or not document.text.strip():
            return reason or "its text is empty"
        reason = no_words(document.text) or (None if document.title else too_few_words(document.text, self.min_terms))
        if not reason and not _LINK_QUESTION.search(query):
            reason = only_links(document.text)
        return reason if reason and asked.isdisjoint(words(document.text)) else None

    def _known_scripts(self, context: Context) -> frozenset[Script]:
        """Returns the accepted scripts: that of the question, that of most passages, and `scripts`."""
        found = Counter(script for document in context.documents if (script := main_script(document.text)))
        most = [script for script, count in found.items() if count * 2 > found.total()]
        asked = main_script(context.query)
        return frozenset([*self.scripts, *most, *([asked] if asked else [])])


def _without_noise(
    context: Context, document: Document, asked: frozenset[str], *, boilerplate: bool, payload: bool
) -> tuple[Document | None, Sequence[str]]:
    """Returns the document without boilerplate and payloads, None if nothing else remains, and remarks on what was cut."""
    text, query = document.text, context.query
    blocks = (
        [block for block in furniture(text) if _may_go(text[block.start : block.end], block.kind, query, asked)]
        if boilerplate
        else []
    )
    elided = payloads(text, query) if payload else []
    lines_too = boilerplate and may_have_boilerplate(text)
    if not blocks and not elided and not lines_too:
        return document, ()
    marked = _outermost([*blocks, *elided])
    lines = [part for piece in analysis_of(context).pieces(document) for line in _lines(piece) for part in _split(line, marked)]
    kinds: Sequence[str | None] = [kind for _, kind in lines]
    if lines_too:
        found = boilerplate_kinds([line.text for line, _ in lines], asked)
        kinds = [kind or other for kind, other in zip(kinds, found, strict=True)]
    cut = [(kind, line.text) for (line, known), kind in zip(lines, kinds, strict=True) if kind and not known]
    remarks = [*_sizes(elided), *_seen([(block.kind, text[block.start : block.end]) for block in blocks]), *_seen(cut)]
    if not remarks:
        return document, ()
    kept = [index for index, kind in enumerate(kinds) if not kind]
    return analysis_of(context).with_only(document, kept, [line for line, _ in lines]) if kept else None, remarks


def _may_go(text: str, kind: str, query: str, asked: frozenset[str]) -> bool:
    """Returns whether a block holds no word of the question. A signature may also answer who wrote, and how to reach them."""
    if kind == SIGNATURE and _SENDER_QUESTION.search(query):
        return False
    return asked.isdisjoint(words(text))


def _outermost(found: Sequence[Furniture | Payload]) -> list[tuple[int, int, str]]:
    """Returns the spans in order, without those that begin inside another one."""
    spans: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(found):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end, kind))
    return spans


def _split(line: Piece, marked: Sequence[tuple[int, int, str]]) -> Iterator[tuple[Piece, str | None]]:
    """Yields the parts of a line inside the marked spans, with their kinds, and those outside, without white space."""
    place = line.start
    for start, end, kind in marked[max(bisect_right(marked, line.start, key=itemgetter(0)) - 1, 0) :]:
        if start >= line.end:
            break
        if end > place:
            yield from _part(line, place, start, None)
            yield from _part(line, max(place, start), min(end, line.end), kind)
            place = min(end, line.end)
    yield from _part(line, place, line.end, None)


def _part(line: Piece, start: int, end: int, kind: str | None) -> Iterator[tuple[Piece, str | None]]:
    text = line.text[start - line.start : end - line.start] if start < end else ""
    if bare := text.strip():
        begin = start - line.start + text.index(bare[0])
        yield (line if len(bare) == len(line.text) else line.part(begin, begin + len(bare))), kind


def _lines(piece: Piece) -> Iterator[Piece]:
    """Yields the lines of a piece, because a menu without a full stop is one "sentence" with the line below it."""
    breaks = list(_LINE_BREAK.finditer(piece.text))
    if not breaks:
        yield piece
        return
    starts, ends = [0, *(found.end() for found in breaks)], [*(found.start() for found in breaks), len(piece.text)]
    for start, end in zip(starts, ends, strict=True):
        line = piece.part(start, end)
        yield line if ends_line(piece.kind) else line._replace(kind="heading")  # on a line of its own, and in no list


def _sizes(elided: Sequence[Payload]) -> list[str]:
    """Returns a remark for each kind of payload that was cut: its characters in all."""
    sizes: Counter[str] = Counter()
    for start, end, kind in elided:
        sizes[kind] += end - start
    return [f"{kind} of {size:,} characters" for kind, size in sizes.items()]


def _seen(cut: Sequence[tuple[str, str]]) -> list[str]:
    """Returns a remark for each kind of boilerplate that was cut: its first text and the number of others."""
    by_kind: dict[str, list[str]] = {}
    for kind, text in cut:
        by_kind.setdefault(kind, []).append(text)
    return [f"{kind} {_shown(t[0])!r}{f' and {len(t) - 1} more' if len(t) > 1 else ''}" for kind, t in by_kind.items()]


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
