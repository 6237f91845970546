"""Finds in a shown text what it quotes, by its spans alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ctxshape.core.types import Document, Span
from ctxshape.text.omission import OMISSION


class Excerpt(NamedTuple):
    """Characters `start` to `end` of a shown text, which are `begin` to `stop` of a source."""

    start: int
    end: int
    source: str
    begin: int
    stop: int


class Fault(NamedTuple):
    """A broken promise: the rule, the document, and what is wrong, with the shown text."""

    rule: str
    document: str
    detail: str


def excerpts(document: Document, spans: Sequence[Span], sources: Mapping[str, Document]) -> tuple[list[Excerpt], list[Fault]]:
    r"""Returns what a document quotes, in its order, and the faults of quoting.

    A span of a source that overlaps another one may name a second place of text that is shown once.

    >>> source = Document(id="a", text="One is odd.\nTwo is even.")
    >>> spans = [Span(document="a", start=0, end=11), Span(document="a", start=12, end=24)]
    >>> excerpts(Document(id="a", text="One is odd.\nTwo is even."), spans, {"a": source})
    ([Excerpt(start=0, end=24, source='a', begin=0, stop=24)], [])
    >>> excerpts(Document(id="a", text="One is odd. Two is even."), spans, {"a": source})[0]
    [Excerpt(start=0, end=11, source='a', begin=0, stop=11), Excerpt(start=12, end=24, source='a', begin=12, stop=24)]
    >>> excerpts(Document(id="a", text="One is old."), spans[:1], {"a": source})[1]
    [Fault(rule='verbatim', document='a', detail="'One is odd.' is not shown as it is")]
    """
    text, found, faults, cursor = document.text, list[Excerpt](), list[Fault](), 0
    for span in spans:
        quoted = sources[span.document].text[span.start : span.end]
        place = _place(text, quoted, cursor)
        if place is None and (core := quoted.strip()) != quoted:
            trimmed = len(quoted) - len(quoted.lstrip())
            span = Span(document=span.document, start=span.start + trimmed, end=span.start + trimmed + len(core))
            quoted, place = core, _place(text, core, cursor)
        if not quoted:
            continue
        if place is None:
            if not _seen(text[:cursor], quoted):
                faults.append(Fault("verbatim", document.id, f"{quoted[:80]!r} is not shown as it is"))
            continue
        cursor = place + len(quoted)
        made = Excerpt(place, cursor, span.document, span.start, span.end)
        if not quoted.strip():
            continue
        if found and _runs_on(found[-1], made, text, sources):
            made = Excerpt(found[-1].start, made.end, made.source, found.pop().begin, made.stop)
        found.append(made)
    if not faults:
        faults += _invented(document, found)
    return [_bare(one, text) for one in found], faults


def _bare(one: Excerpt, text: str) -> Excerpt:
    """Returns the excerpt without the white space around it, so that it begins and ends inside of parts."""
    shown = text[one.start : one.end]
    before, behind = len(shown) - len(shown.lstrip()), len(shown) - len(shown.rstrip())
    return Excerpt(one.start + before, one.end - behind, one.source, one.begin + before, one.stop - behind)


def _place(text: str, quoted: str, cursor: int) -> int | None:
    """Returns the next place of a quotation, unless a word stands before it."""
    if OMISSION not in quoted:
        text = text.replace(OMISSION, " " * len(OMISSION))  # so that a bracket of the mark is not taken for a quoted one
    place = text.find(quoted, cursor)
    return None if place < 0 or any(map(str.isalnum, text[cursor:place])) else place


def _seen(shown: str, quoted: str) -> bool:
    return "".join(quoted.split()) in "".join(shown.split())


def _runs_on(before: Excerpt, after: Excerpt, text: str, sources: Mapping[str, Document]) -> bool:
    """Returns whether both are one excerpt: what lies between them is shown as it is in the source."""
    if before.source != after.source or before.stop > after.begin:
        return False
    return sources[after.source].text[before.stop : after.begin] == text[before.end : after.start]


def _invented(document: Document, found: Sequence[Excerpt]) -> list[Fault]:
    """Returns a fault for each word that no source has."""
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(document.text)]
    gaps = (document.text[end:start] for end, start in zip(ends, starts, strict=True))
    return [Fault("invented", document.id, f"{gap[:80]!r} is in no span") for gap in gaps if any(map(str.isalnum, gap))]
