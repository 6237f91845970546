"""Transforms that remove text without information."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from ctxshape.core.analysis import analysis_of
from ctxshape.core.component import Component
from ctxshape.core.reach import Reach
from ctxshape.core.spans import Piece
from ctxshape.core.types import Context, Document
from ctxshape.core.validation import WholeNumber
from ctxshape.text.boilerplate import boilerplate_kinds, may_have_boilerplate
from ctxshape.text.information import Script, main_script, no_words, only_links, repetition, too_few_words
from ctxshape.text.words import query_words, words

_LINK_QUESTION = re.compile(
    r"\b(?:urls?|links?|web ?sites?|homepage|web (?:page|address))\b|网址|網址|链接|鏈接|連結|网站|網站", re.I
)
_LINE_BREAK = re.compile(r"(?<!\s)[^\S\n]*+\n\s*+(?![a-z])")  # a line in lower case continues the sentence above
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
    drops a passage that has nothing else.

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
            document, cut = _without_boilerplate(context, given, asked) if self.boilerplate else (given, ())
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


def _without_boilerplate(context: Context, document: Document, asked: frozenset[str]) -> tuple[Document | None, Sequence[str]]:
    """Returns the document without its boilerplate, None if nothing else remains, and remarks on what was cut."""
    if not may_have_boilerplate(document.text):
        return document, ()
    lines = [line for piece in analysis_of(context).pieces(document) for line in _lines(piece)]
    found = boilerplate_kinds([line.text for line in lines], asked)
    cut = _seen([(kind, line.text) for line, kind in zip(lines, found, strict=True) if kind])
    if not cut:
        return document, cut
    kept = [index for index, kind in enumerate(found) if not kind]
    return analysis_of(context).with_only(document, kept, lines) if kept else None, cut


def _lines(piece: Piece) -> Iterator[Piece]:
    """Yields the lines of a sentence, because a menu without a full stop is one "sentence" with the line below it."""
    breaks = list(_LINE_BREAK.finditer(piece.text))
    if not breaks:
        yield piece
        return
    starts, ends = [0, *(found.end() for found in breaks)], [*(found.start() for found in breaks), len(piece.text)]
    for start, end in zip(starts, ends, strict=True):
        yield piece.part(start, end)._replace(kind="line")


def _seen(cut: Sequence[tuple[str, str]]) -> list[str]:
    """Returns a remark for each kind of boilerplate that was cut: its first text and the number of others."""
    by_kind: dict[str, list[str]] = {}
    for kind, text in cut:
        by_kind.setdefault(kind, []).append(text)
    return [f"{kind} {_shown(t[0])!r}{f' and {len(t) - 1} more' if len(t) > 1 else ''}" for kind, t in by_kind.items()]


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
