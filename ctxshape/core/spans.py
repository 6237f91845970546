"""Cuts shaped documents into pieces that know their spans in the originals, and joins pieces again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ctxshape.core._across import across_originals
from ctxshape.core._joining import PAYLOAD, gaps_between, opening_of
from ctxshape.core.types import Context, Document, Span
from ctxshape.text.omission import OMISSION
from ctxshape.text.sentences import sentences
from ctxshape.text.units.document import units
from ctxshape.text.units.model import Kind, Unit

_BLANK = re.compile(r"\s*")
_SKIPPED = re.compile(rf"(?:\s|{re.escape(OMISSION)})*")

Cut = Callable[[str], Sequence[Unit]]


class Piece(NamedTuple):
    """A unit of a document, or a part of one.

    - `text`: the characters `start` to `end` of the document's text.
    - `kind`, `block`: as in `ctxshape.text.units.model.Unit`; a block belongs to one document.
    - `needs`: the indices, among the pieces of the document, of those that have to come along.
    - `spans`: the places in the originals.
    - `goes_on`, `unfinished`: it begins or ends inside of a sentence that was too long.
    """

    text: str
    start: int
    end: int
    kind: Kind
    block: int
    needs: tuple[int, ...]
    spans: tuple[Span, ...]
    goes_on: bool = False
    unfinished: bool = False

    def part(self, start: int, end: int) -> Piece:
        """Returns the characters `start` to `end` of the piece. The span of a quote follows, those of a rewrite stay."""
        spans = self.spans
        if len(spans) == 1 and spans[0].end - spans[0].start == len(self.text):
            spans = (Span(document=spans[0].document, start=spans[0].start + start, end=spans[0].start + end),)
        return self._replace(text=self.text[start:end], start=self.start + start, end=self.start + end, spans=spans)


def pieces(context: Context, document: Document, cut: Cut = units) -> list[Piece]:
    """Returns the pieces of a document in the order of its text.

    The pieces of a quote are the units of its originals, as far as they lie in its spans. So a row of a table stays a row
    when the table's other rows are gone. Each has exactly one span and equals the text of that span. The pieces of a
    rewrite are the units of its own text, and each has all of the document's spans. `cut` returns the units of a text.
    """
    places = _places(context, document)
    if places is None:
        found = cut(document.text)
        return [
            Piece(document.text[u.start : u.end], *u[:3], u.block, u.needs, document.spans, u.goes_on, _is_unfinished(found, n))
            for n, u in enumerate(found)
        ]
    made: list[Piece] = []
    index_of: dict[tuple[str, int], list[int]] = {}  # a unit of an original -> its pieces
    own: list[tuple[str, Unit]] = []
    blocks: dict[tuple[str, int], int] = {}
    for span, place in zip(context.spans_of(document), places, strict=True):
        source = context.sources[span.document].text
        found = cut(source)
        for number, unit, start, end in _inside(found, source, span):
            index_of.setdefault((span.document, number), []).append(len(made))
            block = blocks.setdefault((span.document, unit.block), len(blocks))
            own.append((span.document, unit))
            shown = start + place - span.start
            origin = (Span(document=span.document, start=start, end=end),)
            torn = unit.goes_on or start > unit.start, end < unit.end or _is_unfinished(found, number)
            made.append(Piece(source[start:end], shown, shown + end - start, unit.kind, block, (), origin, *torn))
    whole = [
        piece._replace(needs=tuple(sorted(i for n in unit.needs for i in index_of.get((id, n), ()))))
        for piece, (id, unit) in zip(made, own, strict=True)
    ]
    if len({id for id, _ in own}) < 2:
        return whole
    cuts = {id: (context.sources[id].text, cut(context.sources[id].text)) for id in {id for id, _ in own}}
    hidden = [[n for n in unit.needs if (id, n) not in index_of] for id, unit in own]
    lacking = [[_text_of(n, *cuts[id]) for n in numbers] for numbers, (id, _) in zip(hidden, own, strict=True)]
    return across_originals(document.text, whole, lacking)


def _is_unfinished(cut: Sequence[Unit], number: int) -> bool:
    return number + 1 < len(cut) and cut[number + 1].goes_on


def _text_of(number: int, source: str, cut: Sequence[Unit]) -> str:
    return source[cut[number].start : cut[number].end]


def _inside(cut: Sequence[Unit], source: str, span: Span) -> Iterator[tuple[int, Unit, int, int]]:
    """Yields each unit inside a span, clipped to it without outer white space, with its number."""
    first = max(bisect_right(cut, span.start, key=lambda unit: unit.start) - 1, 0)
    for number in range(first, len(cut)):
        unit = cut[number]
        if unit.start >= span.end:
            return
        start, end = max(unit.start, span.start), min(unit.end, span.end)
        if (start, end) != (unit.start, unit.end):
            text = source[start:end]
            start, end = end - len(text.lstrip()), end - len(text) + len(text.rstrip())
        if start < end:
            yield number, unit, start, end


def sentence_spans(span: Span, sources: Mapping[str, Document]) -> list[Span]:
    """Returns the spans of the sentences inside a span of an original document."""
    cuts = sentences(span.text_in(sources))
    return [Span(document=span.document, start=span.start + start, end=span.start + end) for start, end in cuts]


def is_quote(context: Context, document: Document) -> bool:
    """Returns whether the document's text is its spans verbatim, with white space and omission marks between them."""
    return _places(context, document) is not None


def _places(context: Context, document: Document) -> list[int] | None:
    """Returns where each span of a document begins in its text; None if the text is not its spans."""
    spans = context.spans_of(document)
    if document.kind != "quote" or not all(span.document in context.sources for span in spans):
        return None
    if not document.spans:
        original = context.sources.get(document.id)
        return [0] if original is not None and original.text == document.text else None
    text, place, places = document.text, 0, list[int]()
    for span in spans:
        quoted = span.text_in(context.sources)
        bare = quoted.strip()
        ends = (_BLANK.match(text, place).end(), _SKIPPED.match(text, place).end())  # type: ignore[union-attr]
        # A mark is skipped first, since a piece "[" would match its bracket, unless the original has a mark there itself.
        for skipped in ends if bare.startswith(OMISSION) else ends[::-1]:
            if text.startswith(bare, skipped):
                break
        else:
            return None
        places.append(skipped - (len(quoted) - len(quoted.lstrip())))
        place = skipped + len(bare)
    return places if _SKIPPED.fullmatch(text, place) else None


def assemble(document: Document, cut: Sequence[Piece], kept: Sequence[int], *, verbatim: bool) -> Document:
    """Returns the document with only the kept pieces. A `verbatim` document gets their spans.

    `cut` holds all pieces of the document, `kept` the indices of some in rising order. White space between neighbours
    stays as it was. An omission mark shows where something was left out; a structure that has to parse keeps its own
    separators instead, and the mark follows it.
    """
    if len(kept) == len(cut) and not _hides_payload(document.text, cut):
        return document
    gaps = gaps_between(document.text, cut, kept)
    opening = opening_of(cut[kept[0]]) if kept else ""
    text = opening + "".join(part for index, gap in zip(kept, gaps, strict=True) for part in (cut[index].text, gap))
    if not verbatim:
        return document.model_copy(update={"text": text, "kind": "rewrite"})
    spans = [_with_separator(cut[index], gap) for index, gap in zip(kept, gaps, strict=True)]
    return document.model_copy(update={"text": text, "spans": tuple(spans)})


def kept_note(cut: Sequence[Piece], kept: int) -> str:
    """Returns the note of a document of which only `kept` pieces stay.

    >>> kept_note([Piece("One.", 0, 4, "sentence", 0, (), ()), Piece("Two.", 5, 9, "sentence", 0, (), ())], 1)
    'kept 1 of 2 sentences'
    """
    noun = "sentences" if all(piece.kind in ("sentence", "heading") for piece in cut) else "pieces"
    return f"kept {kept} of {len(cut)} {noun}"


def _hides_payload(text: str, cut: Sequence[Piece]) -> bool:
    """Returns whether there is text that no piece covers, such as a data URI."""
    ends = [0, *(piece.end for piece in cut)]
    starts = [*(piece.start for piece in cut), len(text)]
    return any(PAYLOAD.search(text, end, start) for end, start in zip(ends, starts, strict=True))


def _with_separator(piece: Piece, gap: str) -> Span:
    """Returns the span of a piece with the separator behind it that the text shows, such as the comma of a record."""
    span, shown = piece.spans[0], gap.rstrip()
    return span if not shown or OMISSION in shown else span.model_copy(update={"end": span.end + len(shown)})
