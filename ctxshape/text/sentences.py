"""The boundaries of sentences in all languages that `ctxshape.text.languages` or sentencex describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ctxshape.text.boundaries import END_MARKS, boundaries
from ctxshape.text.detection import language_named, language_of
from ctxshape.text.enumerations import cuts_in_enumerations
from ctxshape.text.lines import unfolded
from ctxshape.text.listing import BARE_LIST_MARK
from ctxshape.text.omission import OMISSION
from ctxshape.text.words import CJK

_PAIRS = {"（": "）", "“": "”", "「": "」", "『": "』", "《": "》", "【": "】"}
_INNER_END = re.compile(rf"[{END_MARKS}](?:[^\w\s]{{0,5}}\s|\[)")  # without it nothing depends on the language
_BEFORE_DIGIT = re.compile(f"(?:[。！？｡]|(?<=[{CJK}])[!?])[”」』]*(?=[0-9])")  # where sentencex finds no boundary
_HAS_LETTER = re.compile(r"[^\W_]")
_LINE_END = re.compile(r"\r\n?|\n")
_ONE_SENTENCE = re.compile(r"\w[\w ,'’\"“”()%$&/–-]*+[.?!]?+ *+", re.ASCII)  # has no mark inside that could end a sentence
_LEFT_OUT = re.compile(rf"(?<!\S){re.escape(OMISSION)}(?!\S)")
_CLOSING = re.compile(r"((?:\*{1,3}|_{1,3}|\[\^[^\]\s]{1,40}\])+)(?:\s+|$)")
_LONG = 300  # columns, two for a CJK character; a longer "sentence" is mostly a log or a form without marks
_CJK = re.compile(f"[{CJK}]")
_FIRST_WORD = re.compile(f"[{CJK}]|[^\\s{CJK}]+")


def sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Returns the start and end of each sentence of `text`, in order, without the white space between them.

    sentencex finds the boundaries. It knows about 300 languages; `language` is an ISO 639-1 code, found from the text if
    not given. Then some boundaries are corrected:

    - A line break inside a sentence does not end it. A list item is a sentence and keeps its mark.
    - A dot of an abbreviation, an initial, an ordinal or a decimal does not end a sentence.
    - A closing quote or bracket stays with what it closes. A quotation is not cut, unless it is longer than 300 columns.
    - A full-width semicolon ends a sentence, and so does "。" before a digit. In Thai a blank between clauses does.
    - An enumeration in running text is not cut: "（一）定制商品；（二）软件。"
    - A sentence of more than 300 columns, such as a log without marks, is cut at line ends, except at those where a line
      was broken for its width.
    - The mark of an omission belongs to no sentence.

    >>> text = "Pi is 3.14. 他说：“走吧！”然后离开；没有回来。"
    >>> [text[start:end] for start, end in sentences(text)]
    ['Pi is 3.14.', '他说：“走吧！”', '然后离开；', '没有回来。']
    """
    if OMISSION not in text:
        return _sentences(text, language)
    places = [(0, 0), *(match.span() for match in _LEFT_OUT.finditer(text)), (len(text), len(text))]
    parts = [(start, end) for (_, start), (end, _) in pairwise(places)]
    return [(start + a, start + b) for start, end in parts for a, b in _sentences(text[start:end], language)]


def _sentences(text: str, language: str | None) -> list[tuple[int, int]]:
    if not text.strip():
        return []
    if _ONE_SENTENCE.fullmatch(text):
        return [_trim(text, 0, len(text))]
    flat, starts = unfolded(text)
    cuts = {0, *starts}
    if _INNER_END.search(text) or not text.isascii():
        facts = language_named(language) if language else language_of(text)
        for start, end in pairwise([0, *starts, len(text)]):
            cuts.update(start + cut for cut in boundaries(flat[start:end], facts))
        if not text.isascii():
            cuts.update(_mark_cuts(text))
    ordered = sorted(cuts)
    if len(cuts) > len(starts) + 1 and (inner := cuts_in_enumerations(text, ordered, {0, *starts})):
        ordered = [cut for cut in ordered if cut not in inner]
    spans = [_trim(text, start, end) for start, end in pairwise([*ordered, len(text)])]
    whole = _with_marks(text, [span for span in spans if span[0] < span[1]])
    return [part for span in _with_closing(text, list(whole)) for part in _lines_of(text, *span)]


def _with_closing(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Moves marks of emphasis and of footnotes that stand directly behind a sentence to its end ("**Why?** So.")."""
    before = spans[0]
    for start, end in spans[1:]:
        closing = _CLOSING.match(text, start, end) if text[start] in "*_[" and start == before[1] else None
        if closing:
            before = before[0], closing.end(1)
            start = closing.end()
        if start < end:
            yield before
            before = start, end
    yield before


def _mark_cuts(text: str) -> Iterator[int]:
    """Yields the ends of full-width semicolons and of end marks before a digit, outside quotations and brackets."""
    before_digit = {match.end() for match in _BEFORE_DIGIT.finditer(text)}
    if "；" not in text and not before_digit:
        return
    closing: list[str] = []
    for place, char in enumerate(text):
        if place in before_digit and not closing:
            yield place
        if char in _PAIRS:
            closing.append(_PAIRS[char])
        elif closing and char == closing[-1]:
            closing.pop()
        elif char == "\n":
            closing.clear()  # an unclosed quotation ends with its line
        elif char == "；" and not closing:
            yield place + 1


def _lines_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the span, or its parts if it is long and has lines that ended before they were full."""
    if 2 * (end - start) <= _LONG or text.find("\n", start, end) < 0 or _columns(text[start:end]) <= _LONG:
        yield start, end
        return
    lines = [_trim(text, *line) for line in _split(text, start, end)]
    lines = [line for line in lines if line[0] < line[1]]
    widths = [_columns(text[a:b]) for a, b in lines]
    begin, widest = start, max(widths)
    for (_, stop), (following, last), width in zip(lines, lines[1:], widths, strict=False):
        first = _FIRST_WORD.match(text, following, last)
        blank = not _CJK.match(text, following)
        # A line broken for its width is full: the next word would not have fitted into the widest line.
        if first and width + blank + _columns(first.group()) <= widest:
            yield begin, stop
            begin = following
    yield begin, end


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _LINE_END.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _columns(text: str) -> int:
    return len(text) + len(_CJK.findall(text))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _with_marks(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Joins a span that is only a list mark ("2.") to the next one, and a span without a letter to the one before."""
    begin: int | None = None
    stop = 0
    for start, end in spans:
        if begin is not None and not BARE_LIST_MARK.match(text, begin, stop) and _HAS_LETTER.search(text, start, end):
            yield begin, stop
            begin = None
        begin, stop = start if begin is None else begin, end
    if begin is not None:
        yield begin, stop
